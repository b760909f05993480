package io.measureflow.simd;

import io.measureflow.api.program.Shape;
import java.util.Arrays;

/**
 * How two operands broadcast to a result, in as few loops as the shapes allow: dimensions of length
 * 1 are dropped, and neighbours along which both operands either advance or repeat are joined.
 *
 * @param outer the length of the outermost loop
 * @param middle the length of the middle loop
 * @param inner the length of the innermost loop, contiguous in the result
 * @param a the strides of the first operand
 * @param b the strides of the second operand
 */
record Broadcast(int outer, int middle, int inner, Strides a, Strides b) {

  /** Runs shorter than this are not worth a call each. */
  private static final int SHORT = 32;

  /** The number of elements by which an operand advances per iteration; 0 if it is repeated. */
  record Strides(int outer, int middle, boolean varies) {}

  /**
   * Returns the loops over {@code out} for operands of these shapes, which must broadcast to it.
   */
  static Broadcast of(Shape out, Shape a, Shape b) {
    int rank = Shape.MAX_RANK;
    int[] length = {1, 1, 1};
    int[] aStrides = new int[rank];
    int[] bStrides = new int[rank];
    int loop = rank;
    int aStride = 1;
    int bStride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      int dimension = out.aligned(axis, rank);
      if (dimension == 1) {
        continue;
      }
      int aOwn = a.aligned(axis, rank) == 1 ? 0 : aStride;
      int bOwn = b.aligned(axis, rank) == 1 ? 0 : bStride;
      boolean continues =
          loop < rank
              && aOwn == aStrides[loop] * length[loop]
              && bOwn == bStrides[loop] * length[loop];
      if (continues) {
        length[loop] *= dimension;
      } else {
        loop--;
        length[loop] = dimension;
        aStrides[loop] = aOwn;
        bStrides[loop] = bOwn;
      }
      aStride *= a.aligned(axis, rank);
      bStride *= b.aligned(axis, rank);
    }
    return new Broadcast(
        length[0],
        length[1],
        length[2],
        new Strides(aStrides[0], aStrides[1], aStrides[2] != 0),
        new Strides(bStrides[0], bStrides[1], bStrides[2] != 0));
  }

  /**
   * Returns a copy with the innermost loop split equally, if possible, into runs of bounded length.
   */
  Broadcast withRunsUpTo(int most) {
    int parts = Math.ceilDiv(inner, most);
    if (middle != 1 || parts <= 1 || inner % parts != 0) {
      return this;
    }
    int part = inner / parts;
    return new Broadcast(
        outer,
        parts,
        part,
        new Strides(a.outer, a.varies ? part : 0, a.varies),
        new Strides(b.outer, b.varies ? part : 0, b.varies));
  }

  /** Returns the number of runs of {@code inner} elements. */
  int runs() {
    return outer * middle;
  }

  /** Returns the offset of a run in an operand. */
  int offset(Strides strides, int run) {
    return run / middle * strides.outer + run % middle * strides.middle;
  }

  /**
   * Writes the runs {@code from} (inclusive) to {@code to} (exclusive) of {@code out} with an
   * operand repeated by broadcasting.
   *
   * @param strides the strides of the operand: {@link #a} or {@link #b}
   */
  void repeat(Kernels kernels, float[] operand, Strides strides, int from, int to, float[] out) {
    if (!strides.varies && strides.middle == 1 && inner <= SHORT) {
      repeatElements(kernels, operand, strides, from, to, out);
      return;
    }
    int second = from % middle;
    int start = from / middle * strides.outer;
    int source = offset(strides, from);
    int target = from * inner;
    for (int run = from; run < to; run++) {
      if (strides.varies) {
        copy(operand, source, out, target);
      } else {
        Arrays.fill(out, target, target + inner, operand[source]);
      }
      target += inner;
      source += strides.middle;
      second++;
      if (second == middle) {
        second = 0;
        start += strides.outer;
        source = start;
      }
    }
  }

  /** Repeats as {@link #repeat}, for runs that each repeat the operand's next element. */
  private void repeatElements(
      Kernels kernels, float[] operand, Strides strides, int from, int to, float[] out) {
    for (int run = from; run < to; ) {
      int end = Math.min(to, (run / middle + 1) * middle);
      kernels.repeatEach(operand, offset(strides, run), end - run, inner, out, run * inner);
      run = end;
    }
  }

  private void copy(float[] operand, int source, float[] out, int target) {
    if (inner > SHORT) {
      System.arraycopy(operand, source, out, target, inner);
      return;
    }
    for (int i = 0; i < inner; i++) {
      out[target + i] = operand[source + i];
    }
  }
}
