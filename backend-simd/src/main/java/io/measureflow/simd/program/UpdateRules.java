package io.measureflow.simd.program;

import io.measureflow.api.program.Op;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import java.util.List;

/**
 * The rules of updates over the memory of a program. The loops are so simple that the compiler
 * vectorizes them.
 */
public final class UpdateRules {

  private final Kernels kernels;
  private final ProgramMemory memory;

  public UpdateRules(Kernels kernels, ProgramMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  /**
   * Returns the rule of an update.
   *
   * @param states the elements of the states that it changes, in the order of {@link
   *     Op.Update#changed}
   * @param before receives what is computed once per run, before the rule is applied
   */
  public UpdateRule of(Op.Update update, List<float[]> states, List<Command> before) {
    float[] theta = states.getFirst();
    return switch (update) {
      case Op.Assign _ -> (c, at, count, g, from) -> System.arraycopy(g, from, theta, at, count);
      case Op.EulerStep op -> {
        float[] rate = memory.real(op.rate());
        yield (c, at, count, g, from) -> kernels.descend(theta, at, g, from, count, rate[0] * c);
      }
      case Op.MomentumStep op -> momentum(op, theta, states.get(1));
      case Op.AdamStep op -> adam(op, theta, states.get(1), states.get(2), before);
      case Op.LogNormalize op ->
          throw new IllegalArgumentException("expected an update by elements, found " + op);
    };
  }

  /** Returns the scales c of an update: one for each index of the state's first axis, or one. */
  public float[] scales(Op.Update update) {
    return switch (update) {
      case Op.EulerStep op -> memory.real(op.scale());
      case Op.MomentumStep op -> memory.real(op.scale());
      case Op.AdamStep op -> memory.real(op.scale());
      case Op.Assign _, Op.LogNormalize _ -> new float[] {1};
    };
  }

  private UpdateRule momentum(Op.MomentumStep op, float[] theta, float[] u) {
    float[] rate = memory.real(op.rate());
    float momentum = (float) op.momentum();
    boolean nesterov = op.nesterov();
    return (c, at, count, g, from) -> {
      average(u, at, momentum, g, from, c, count);
      if (nesterov) {
        kernels.descend(theta, at, g, from, count, rate[0] * c);
        kernels.descend(theta, at, u, at, count, rate[0] * momentum);
      } else {
        kernels.descend(theta, at, u, at, count, rate[0]);
      }
    };
  }

  private UpdateRule adam(
      Op.AdamStep op, float[] theta, float[] first, float[] second, List<Command> before) {
    float[] rate = memory.real(op.rate());
    float[] stepNumber = memory.real(op.stepNumber());
    float beta1 = (float) op.beta1();
    float beta2 = (float) op.beta2();
    float weight1 = (float) (1 - op.beta1());
    float weight2 = (float) (1 - op.beta2());
    float epsilon = (float) op.epsilon();
    float weightDecay = (float) op.weightDecay();
    float[] correction = new float[2];
    before.add(
        () -> {
          correction[0] = (float) (1 / (1 - Math.pow(op.beta1(), stepNumber[0])));
          correction[1] = (float) (1 / (1 - Math.pow(op.beta2(), stepNumber[0])));
        });
    return (c, at, count, g, from) -> {
      average(first, at, beta1, g, from, weight1 * c, count);
      averageSquares(second, at, beta2, g, from, c, weight2, count);
      descendScaled(
          theta,
          first,
          second,
          at,
          1 - rate[0] * weightDecay,
          rate[0] * correction[0],
          correction[1],
          epsilon,
          count);
    };
  }

  /** mean := decay mean + weight g. */
  private static void average(
      float[] mean, int at, float decay, float[] g, int from, float weight, int count) {
    for (int i = 0; i < count; i++) {
      mean[at + i] = decay * mean[at + i] + weight * g[from + i];
    }
  }

  /** mean := decay mean + weight (c g)^2. */
  private static void averageSquares(
      float[] mean, int at, float decay, float[] g, int from, float c, float weight, int count) {
    for (int i = 0; i < count; i++) {
      float scaled = c * g[from + i];
      mean[at + i] = decay * mean[at + i] + weight * (scaled * scaled);
    }
  }

  /** theta := kept theta - step first / (sqrt(correction second) + epsilon). */
  private static void descendScaled(
      float[] theta,
      float[] first,
      float[] second,
      int at,
      float kept,
      float step,
      float correction,
      float epsilon,
      int count) {
    for (int i = at; i < at + count; i++) {
      float root = (float) Math.sqrt(correction * second[i]);
      theta[i] = kept * theta[i] - step * first[i] / (root + epsilon);
    }
  }

  /** theta := theta - log sum exp(theta), the sum in double precision and in order. */
  public static void logNormalize(float[] theta) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logarithm : theta) {
      max = Math.max(max, logarithm);
    }
    double sum = 0;
    for (float logarithm : theta) {
      sum += Math.exp(logarithm - max);
    }
    double normalizer = max + Math.log(sum);
    for (int k = 0; k < theta.length; k++) {
      theta[k] = (float) (theta[k] - normalizer);
    }
  }
}
