package io.measureflow.simd.operations;

import io.measureflow.lowering.Split;
import io.measureflow.simd.kernels.Kernels;
import java.util.Arrays;

/** An operand that is repeated by broadcasting, written out band by band. */
public final class Repeat {

  /** Runs shorter than this are not worth a call each. */
  private static final int SHORT = 32;

  private final float[] operand;

  /** The elements by which it advances per outer index; 0 if it repeats. */
  private final int outer;

  /** The elements by which it advances per index of the bands; 0 if it repeats. */
  private final int row;

  private final boolean varies;

  private Repeat(float[] operand, int outer, int row, boolean varies) {
    this.operand = operand;
    this.outer = outer;
    this.row = row;
    this.varies = varies;
  }

  /** Returns whether the operand advances inside of an index of the bands. */
  public boolean varies() {
    return varies;
  }

  /**
   * Returns how an operand repeats.
   *
   * @param own how it is shared out, extent 1 if each band reads all of it
   * @param split how the result is shared out
   */
  public static Repeat of(float[] operand, Split own, Split split) {
    return new Repeat(
        operand,
        own.outer() == 1 ? 0 : own.extent() * own.inner(),
        own.extent() == 1 ? 0 : own.inner(),
        own.inner() > 1 || split.inner() == 1);
  }

  /** Returns the element that index {@code i} of the bands reads, if it reads one alone. */
  public int at(int o, int i) {
    return o * outer + i * row;
  }

  /** Writes the operand to the elements of {@code out} from index {@code from} to {@code to}. */
  public void write(Kernels kernels, Split split, int o, int from, int to, float[] out) {
    int inner = split.inner();
    int target = (o * split.extent() + from) * inner;
    int source = at(o, from);
    if (inner == 1) {
      if (row == 0) {
        Arrays.fill(out, target, target + to - from, operand[source]);
      } else {
        System.arraycopy(operand, source, out, target, to - from);
      }
      return;
    }
    if (!varies && row == 1 && inner <= SHORT) {
      kernels.repeatEach(operand, source, to - from, inner, out, target);
      return;
    }
    for (int i = from; i < to; i++) {
      if (!varies) {
        Arrays.fill(out, target, target + inner, operand[source]);
      } else if (inner > SHORT) {
        System.arraycopy(operand, source, out, target, inner);
      } else {
        for (int j = 0; j < inner; j++) {
          out[target + j] = operand[source + j];
        }
      }
      source += row;
      target += inner;
    }
  }
}
