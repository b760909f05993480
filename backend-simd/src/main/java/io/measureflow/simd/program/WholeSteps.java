package io.measureflow.simd.program;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.operations.Determinants;
import io.measureflow.simd.operations.Images;
import io.measureflow.simd.operations.Indexing;
import io.measureflow.simd.operations.Losses;
import io.measureflow.simd.operations.Maxima;
import io.measureflow.simd.operations.Permutation;
import io.measureflow.simd.operations.RandomNumbers;
import io.measureflow.simd.threads.WorkerPool;
import java.util.Arrays;

/** Operations that are computed as a whole. */
public final class WholeSteps {

  /** The elements per task of copies. */
  private static final int COPY_CHUNK = 16384;

  /** The elements per task of loops with an exponential. */
  private static final int COSTLY_CHUNK = 2048;

  private final Kernels kernels;
  private final WorkerPool pool;
  private final LoweredProgram lowered;
  private final ProgramMemory memory;

  public WholeSteps(
      Kernels kernels, WorkerPool pool, LoweredProgram lowered, ProgramMemory memory) {
    this.kernels = kernels;
    this.pool = pool;
    this.lowered = lowered;
    this.memory = memory;
  }

  /** A loop over the indices from one (inclusive) to another (exclusive). */
  @FunctionalInterface
  private interface Range {
    void run(int from, int to);
  }

  private static final Command NOTHING = () -> {};

  /** Returns the command of an operation. */
  public Command of(Instruction instruction) {
    Value out = instruction.outputs().getFirst();
    return switch (instruction.op()) {
      case Op.Constant op -> {
        Arrays.fill(constant(out), (float) op.value());
        yield NOTHING;
      }
      case Op.Literal op -> {
        float[] elements = constant(out);
        for (int i = 0; i < elements.length; i++) {
          elements[i] = op.values().get(i).floatValue();
        }
        yield NOTHING;
      }
      case Op.Reshape op -> {
        float[] a = memory.real(op.a());
        float[] copy = memory.result(out);
        var order = lowered.order(op.a());
        var target = lowered.order(out);
        if (!target.isPlain()) {
          yield Permutation.of(pool, a, out.shape(), target.axes(), copy);
        }
        yield order.isPlain()
            ? shared(
                copy.length,
                COPY_CHUNK,
                (from, to) -> System.arraycopy(a, from, copy, from, to - from))
            : Permutation.of(pool, a, lowered.stored(op.a()), order.inverse().axes(), copy);
      }
      case Op.Permute op -> {
        var order = lowered.order(op.a()).axes();
        var target = lowered.order(out).axes();
        var axes = target.stream().map(axis -> order.indexOf(op.axes().get(axis))).toList();
        yield Permutation.of(
            pool, memory.real(op.a()), lowered.stored(op.a()), axes, memory.result(out));
      }
      case Op.LogDeterminant op -> {
        Shape shape = op.a().shape();
        yield Determinants.logarithms(
            pool, memory.real(op.a()), shape.dimension(0), shape.dimension(1), memory.result(out));
      }
      case Op.InverseTranspose op -> {
        Shape shape = op.a().shape();
        yield Determinants.inverseTransposes(
            pool, memory.real(op.a()), shape.dimension(0), shape.dimension(1), memory.result(out));
      }
      case Op.Softmax op -> {
        float[] a = memory.real(op.a());
        float[] result = memory.result(out);
        int width = op.a().shape().dimension(op.a().shape().rank() - 1);
        yield shared(
            result.length == 0 ? 0 : result.length / width,
            Math.max(1, COSTLY_CHUNK / Math.max(1, width)),
            (from, to) -> Losses.softmax(kernels, a, width, from, to, result));
      }
      case Op.SquaredError op -> squaredError(op, memory.result(out));
      case Op.CorrectCount op -> {
        float[] logits = memory.real(op.logits());
        int[] labels = memory.integer(op.labels());
        int width = op.logits().shape().dimension(1);
        float[] result = memory.result(out);
        yield () -> {
          Losses.checkLabels(labels, width);
          result[0] = Losses.correctCount(logits, labels, width);
        };
      }
      case Op.AppendOnes op -> {
        float[] result = constant(out);
        int width = op.a().shape().dimension(1);
        Arrays.fill(result, 1);
        yield columns(op.a(), 0, width, result, width + 1, 0);
      }
      case Op.SliceColumns op -> {
        int width = op.to() - op.from();
        yield columns(op.a(), op.from(), width, memory.result(out), width, 0);
      }
      case Op.PadColumns op -> {
        int width = op.a().shape().dimension(1);
        yield columns(
            op.a(), 0, width, constant(out), op.before() + width + op.after(), op.before());
      }
      case Op.MaxTo op ->
          Maxima.of(pool, memory.real(op.a()), op.a().shape(), memory.result(out), op.shape());
      case Op.FirstMaximum op ->
          Maxima.first(pool, memory.real(op.a()), op.a().shape(), memory.result(out), op.shape());
      case Op.OneHot op ->
          Indexing.oneHot(memory.integer(op.labels()), op.classes(), memory.result(out));
      case Op.Gather op -> {
        float[] a = memory.real(op.a());
        int[] indices = memory.integer(op.indices());
        Shape shape = op.a().shape();
        yield Indexing.gather(
            pool, a, shape.dimension(0), shape.dimension(1), indices, memory.result(out));
      }
      case Op.ScatterAdd op -> {
        float[] a = memory.real(op.a());
        int[] indices = memory.integer(op.indices());
        int width = op.a().shape().dimension(1);
        yield Indexing.scatterAdd(pool, a, width, indices, memory.result(out), op.rows());
      }
      case Op.Random op -> {
        var order = lowered.order(out);
        float[] result = memory.result(out);
        float[] step = memory.real(op.step());
        if (order.isPlain()) {
          yield RandomNumbers.of(kernels, pool, op, step, result);
        }
        // A number depends on its place in the value, wherever it lies.
        float[] plain = new float[result.length];
        Command draw = RandomNumbers.of(kernels, pool, op, step, plain);
        Command move = Permutation.of(pool, plain, out.shape(), order.axes(), result);
        yield () -> {
          draw.run();
          move.run();
        };
      }
      case SpatialOp op -> spatial(op, out);
      case Op.MatMul _,
          Op.VarianceProduct _,
          Op.Elementwise _,
          Op.SumTo _,
          Op.SoftmaxCrossEntropy _,
          Op.SoftmaxCrossEntropyGradient _,
          Op.Update _ ->
          throw new IllegalArgumentException(
              "expected an operation that is lowered as a whole, found " + instruction);
    };
  }

  private Command spatial(SpatialOp spatial, Value out) {
    int channels = out.shape().dimension(1);
    int pixels = spatial.window().pixels();
    return switch (spatial) {
      case SpatialOp.Patches op ->
          images(op, op.batch(), op.channels()).patches(memory.real(op.a()), memory.result(out));
      case SpatialOp.PatchesAdjoint op ->
          images(op, op.batch(), op.channels())
              .patchesAdjoint(memory.real(op.a()), memory.result(out));
      case SpatialOp.MaxPool op ->
          images(op, op.a().shape().dimension(0) / pixels, channels)
              .maxPool(memory.real(op.a()), memory.result(out));
      case SpatialOp.MaxPoolGradient op ->
          images(op, op.a().shape().dimension(0) / pixels, channels)
              .maxPoolGradient(memory.real(op.a()), memory.real(op.g()), memory.result(out));
      case SpatialOp.AveragePool op ->
          images(op, op.a().shape().dimension(0) / pixels, channels)
              .averagePool(memory.real(op.a()), memory.result(out));
      case SpatialOp.AveragePoolAdjoint op ->
          images(op, out.shape().dimension(0) / pixels, channels)
              .averagePoolAdjoint(memory.real(op.a()), memory.result(out));
    };
  }

  private Images images(SpatialOp op, int batch, int channels) {
    return new Images(pool, op.window(), batch, channels);
  }

  /** Returns memory that nothing else uses, as parts of it are written once. */
  private float[] constant(Value value) {
    return memory.alone(value);
  }

  private Command shared(int size, int chunk, Range body) {
    if (size == 0) {
      return NOTHING;
    }
    if (size <= chunk) {
      return () -> body.run(0, size);
    }
    WorkerPool.Tasks tasks =
        task -> body.run(task * chunk, (int) Math.min(size, (task + 1L) * chunk));
    int count = Math.ceilDiv(size, chunk);
    return () -> pool.run(count, tasks);
  }

  /** Copies {@code width} columns from column {@code from} of a to column {@code to} of out. */
  private Command columns(Value a, int from, int width, float[] out, int outWidth, int to) {
    float[] source = memory.real(a);
    int rows = a.shape().dimension(0);
    int sourceWidth = a.shape().dimension(1);
    if (width == 0) {
      return NOTHING;
    }
    return shared(
        rows,
        Math.max(1, COPY_CHUNK / width),
        (fromRow, toRow) -> {
          for (int row = fromRow; row < toRow; row++) {
            System.arraycopy(source, row * sourceWidth + from, out, row * outWidth + to, width);
          }
        });
  }

  private Command squaredError(Op.SquaredError op, float[] out) {
    float[] prediction = memory.real(op.prediction());
    float[] target = memory.real(op.target());
    int rows = op.prediction().shape().dimension(0);
    int size = op.prediction().shape().size();
    double[] partial = new double[Math.ceilDiv(size, Kernels.SUM_RUN)];
    Command parts =
        shared(
            partial.length,
            1,
            (from, to) -> {
              for (int part = from; part < to; part++) {
                int start = part * Kernels.SUM_RUN;
                int count = Math.min(Kernels.SUM_RUN, size - start);
                partial[part] = kernels.squaredDistance(prediction, target, start, count);
              }
            });
    return () -> {
      parts.run();
      double sum = 0;
      for (double part : partial) {
        sum += part;
      }
      out[0] = rows == 0 ? 0 : (float) (sum / (2.0 * rows));
    };
  }
}
