package io.measureflow.simd.image;

import static io.measureflow.simd.product.PanelMemory.ALL;
import static io.measureflow.simd.product.PanelMemory.ORDER;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Convolutions and pools by the Vector API. */
final class VectorImageKernels implements ImageKernels {

  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = S.length();
  private static final long BYTES = 4L * LANES;

  /** What counters never are; not a constant, or C2 would know. */
  private static int never = Integer.MIN_VALUE;

  VectorImageKernels() {}

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void correlate(
      int rows,
      int depth,
      long[] offsets,
      float[] weights,
      int from,
      long x,
      float[] begin,
      int at,
      int step,
      float[] out,
      int to,
      int stride) {
    int no = never;
    switch (rows) {
      case 1 ->
          VectorImageTiles.correlate1(
              depth, offsets, weights, from, x, begin, at, step, out, to, stride, no);
      case 2 ->
          VectorImageTiles.correlate2(
              depth, offsets, weights, from, x, begin, at, step, out, to, stride, no);
      case 3 ->
          VectorImageTiles.correlate3(
              depth, offsets, weights, from, x, begin, at, step, out, to, stride, no);
      case 4 ->
          VectorImageTiles.correlate4(
              depth, offsets, weights, from, x, begin, at, step, out, to, stride, no);
      case 5 ->
          VectorImageTiles.correlate5(
              depth, offsets, weights, from, x, begin, at, step, out, to, stride, no);
      case 6 ->
          VectorImageTiles.correlate6(
              depth, offsets, weights, from, x, begin, at, step, out, to, stride, no);
      default ->
          throw new IllegalArgumentException("expected at most 6 rows of a tile, found " + rows);
    }
  }

  @Override
  public void gradient(
      int elements,
      int depth,
      long[] offsets,
      int first,
      long x,
      long g,
      float[] sums,
      int at,
      int stride) {
    int no = never;
    long x0 = x + offsets[first];
    switch (elements) {
      case 1 -> VectorImageTiles.gradient1(depth, x0, g, sums, at, stride, no);
      case 2 ->
          VectorImageTiles.gradient2(depth, x0, x + offsets[first + 1], g, sums, at, stride, no);
      case 3 ->
          VectorImageTiles.gradient3(
              depth, x0, x + offsets[first + 1], x + offsets[first + 2], g, sums, at, stride, no);
      case 4 ->
          VectorImageTiles.gradient4(
              depth,
              x0,
              x + offsets[first + 1],
              x + offsets[first + 2],
              x + offsets[first + 3],
              g,
              sums,
              at,
              stride,
              no);
      case 5 ->
          VectorImageTiles.gradient5(
              depth,
              x0,
              x + offsets[first + 1],
              x + offsets[first + 2],
              x + offsets[first + 3],
              x + offsets[first + 4],
              g,
              sums,
              at,
              stride,
              no);
      case 6 ->
          VectorImageTiles.gradient6(
              depth,
              x0,
              x + offsets[first + 1],
              x + offsets[first + 2],
              x + offsets[first + 3],
              x + offsets[first + 4],
              x + offsets[first + 5],
              g,
              sums,
              at,
              stride,
              no);
      default ->
          throw new IllegalArgumentException(
              "expected at most 6 elements of a tile, found " + elements);
    }
  }

  @Override
  public void square(long at, int vectors) {
    for (int i = 0; i < vectors; i++) {
      FloatVector x = FloatVector.fromMemorySegment(S, ALL, at + i * BYTES, ORDER);
      x.mul(x).intoMemorySegment(ALL, at + i * BYTES, ORDER);
    }
  }

  @Override
  public void copyRuns(float[] source, int from, int step, int count, long to) {
    for (int i = 0; i < count; i++) {
      int p = from + i * step;
      long q = to + i * (2 * BYTES);
      FloatVector.fromArray(S, source, p).intoMemorySegment(ALL, q, ORDER);
      FloatVector.fromArray(S, source, p + LANES).intoMemorySegment(ALL, q + BYTES, ORDER);
    }
  }

  @Override
  public void clear(long to, int vectors) {
    FloatVector zero = FloatVector.zero(S);
    for (int i = 0; i < vectors; i++) {
      zero.intoMemorySegment(ALL, to + i * BYTES, ORDER);
    }
  }

  @Override
  public void combine(
      float[] sums,
      int from,
      float[] factor,
      float scale,
      boolean accumulate,
      float[] out,
      int to) {
    for (int j = 0; j < 2 * LANES; j += LANES) {
      FloatVector sum = FloatVector.fromArray(S, sums, from + j);
      if (factor.length > 0) {
        sum = sum.mul(FloatVector.fromArray(S, factor, to + j).mul(scale));
      }
      if (accumulate) {
        sum = sum.add(FloatVector.fromArray(S, out, to + j));
      }
      sum.intoArray(out, to + j);
    }
  }

  @Override
  public void max(float[] a, int[] places, int count, int length, float[] out, int to) {
    int vectors = S.loopBound(length);
    for (int j = 0; j < vectors; j += LANES) {
      FloatVector largest = FloatVector.fromArray(S, a, places[0] + j);
      for (int k = 1; k < count; k++) {
        largest = largest.max(FloatVector.fromArray(S, a, places[k] + j));
      }
      largest.intoArray(out, to + j);
    }
    for (int j = vectors; j < length; j++) {
      float largest = a[places[0] + j];
      for (int k = 1; k < count; k++) {
        largest = Math.max(largest, a[places[k] + j]);
      }
      out[to + j] = largest;
    }
  }

  @Override
  public void maxGradient(
      float[] a, int[] places, int count, int length, float[] g, int from, float[] out) {
    int vectors = S.loopBound(length);
    for (int j = 0; j < vectors; j += LANES) {
      FloatVector largest = FloatVector.fromArray(S, a, places[0] + j);
      FloatVector first = FloatVector.zero(S);
      for (int k = 1; k < count; k++) {
        FloatVector next = FloatVector.fromArray(S, a, places[k] + j);
        VectorMask<Float> isLarger =
            next.compare(VectorOperators.GT, largest)
                .or(next.test(VectorOperators.IS_NAN).andNot(largest.test(VectorOperators.IS_NAN)));
        largest = largest.blend(next, isLarger);
        first = first.blend((float) k, isLarger);
      }
      FloatVector gradient = FloatVector.fromArray(S, g, from + j);
      FloatVector zero = FloatVector.zero(S);
      for (int k = 0; k < count; k++) {
        FloatVector share = zero.blend(gradient, first.compare(VectorOperators.EQ, (float) k));
        share.add(FloatVector.fromArray(S, out, places[k] + j)).intoArray(out, places[k] + j);
      }
    }
    for (int j = vectors; j < length; j++) {
      ImageKernels.addToFirst(a, places, count, j, g[from + j], out);
    }
  }
}
