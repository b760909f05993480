package io.measureflow.simd;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Value;
import java.util.HashMap;
import java.util.Map;

/** Commands for softmax, losses and metrics. */
final class LossCommands {

  /** The elements of losses per task: each row is processed separately. */
  private static final int LOSS_CHUNK = 640;

  private final Kernels kernels;
  private final CommandList commands;
  private final ValueMemory memory;

  /** The exponentials, by logits, that the loss keeps for its gradient. */
  private final Map<Value, float[]> exponentials = new HashMap<>();

  LossCommands(Kernels kernels, CommandList commands, ValueMemory memory) {
    this.kernels = kernels;
    this.commands = commands;
    this.memory = memory;
  }

  void softmax(Op.Softmax op, float[] out) {
    float[] a = memory.real(op.a());
    int width = op.a().shape().dimension(op.a().shape().rank() - 1);
    commands.rowLoop(
        out.length == 0 ? 0 : out.length / width,
        width,
        CommandList.COSTLY_CHUNK,
        (from, to) -> Losses.softmax(kernels, a, width, from, to, out));
  }

  void crossEntropy(Op.SoftmaxCrossEntropy op, float[] out) {
    float[] logits = memory.real(op.logits());
    int[] labels = memory.integer(op.labels());
    int width = op.logits().shape().dimension(1);
    float[] exponentials = new float[logits.length];
    this.exponentials.put(op.logits(), exponentials);
    double[] rowLoss = new double[labels.length];
    commands.add(() -> Losses.checkLabels(labels, width));
    commands.rowLoop(
        labels.length,
        width,
        LOSS_CHUNK,
        (from, to) ->
            Losses.crossEntropy(kernels, logits, labels, width, from, to, exponentials, rowLoss));
    commands.add(() -> out[0] = Losses.mean(rowLoss));
  }

  void crossEntropyGradient(Op.SoftmaxCrossEntropyGradient op, float[] out) {
    float[] logits = memory.real(op.logits());
    int[] labels = memory.integer(op.labels());
    int width = op.logits().shape().dimension(1);
    float[] known = exponentials.get(op.logits());
    commands.add(() -> Losses.checkLabels(labels, width));
    commands.rowLoop(
        labels.length,
        width,
        CommandList.COSTLY_CHUNK,
        (from, to) -> {
          if (known == null) {
            Losses.exponentials(kernels, logits, width, from, to, out);
          }
          Losses.crossEntropyGradient(
              kernels, known == null ? out : known, labels, width, from, to, out);
        });
  }

  void squaredError(Op.SquaredError op, float[] out) {
    float[] prediction = memory.real(op.prediction());
    float[] target = memory.real(op.target());
    int rows = op.prediction().shape().dimension(0);
    double[] partial = new double[Math.ceilDiv(prediction.length, Kernels.SUM_RUN)];
    commands.loop(
        partial.length,
        1,
        (from, to) -> {
          for (int part = from; part < to; part++) {
            int start = part * Kernels.SUM_RUN;
            int count = Math.min(Kernels.SUM_RUN, prediction.length - start);
            partial[part] = kernels.squaredDistance(prediction, target, start, count);
          }
        });
    commands.add(
        () -> {
          double sum = 0;
          for (double part : partial) {
            sum += part;
          }
          out[0] = rows == 0 ? 0 : (float) (sum / (2.0 * rows));
        });
  }

  void correctCount(Op.CorrectCount op, float[] out) {
    float[] logits = memory.real(op.logits());
    int[] labels = memory.integer(op.labels());
    int width = op.logits().shape().dimension(1);
    commands.add(
        () -> {
          Losses.checkLabels(labels, width);
          out[0] = Losses.correctCount(logits, labels, width);
        });
  }
}
