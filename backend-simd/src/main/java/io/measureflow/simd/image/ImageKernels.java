package io.measureflow.simd.image;

/**
 * The loops of convolutions and pools. Images are [C, H, W, B]: the elements of one pixel of all
 * images are next to each other, and vectors hold some of them. Copies of images are outside the
 * heap, where their addresses are.
 */
public interface ImageKernels {

  /** The largest number of rows of a tile. */
  int ROWS = 6;

  /** The distance between the weights of two elements, a power of two. */
  int WEIGHTS = 8;

  /** Returns the number of elements of a vector. */
  int lanes();

  /**
   * out_rj = begin_rj + sum_k w_kr x_kj over ascending k, for two vectors of j.
   *
   * @param rows the number of r, at most {@link #ROWS}
   * @param depth the number of k
   * @param offsets where the elements k are, in bytes behind {@code x}
   * @param weights the weights, {@link #WEIGHTS} for each k, on the heap: that is faster
   * @param begin what sums begin with, rows {@code step} apart
   * @param out the sums, rows {@code stride} apart
   */
  void correlate(
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
      int stride);

  /**
   * sums_ej = sums_ej + sum_k x_ek g_kj over ascending k, for two vectors of j.
   *
   * @param elements the number of e, at most {@link #ROWS}
   * @param depth the number of k
   * @param offsets where the elements e are, in bytes behind {@code x}
   * @param first the first of them
   * @param g two vectors for each k
   * @param sums the sums, rows {@code stride} apart
   */
  void gradient(
      int elements,
      int depth,
      long[] offsets,
      int first,
      long x,
      long g,
      float[] sums,
      int at,
      int stride);

  /** Squares the elements of whole vectors. */
  void square(long at, int vectors);

  /** Copies {@code count} runs of two vectors each, {@code step} elements apart, to an address. */
  void copyRuns(float[] source, int from, int step, int count, long to);

  /** Writes zeros to whole vectors. */
  void clear(long to, int vectors);

  /**
   * out_j = f_j sums_j, or that added to out_j, for two vectors of j, where f is {@code scale}
   * times the factor at the place of out.
   *
   * @param factor empty for ones
   */
  void combine(
      float[] sums, int from, float[] factor, float scale, boolean accumulate, float[] out, int to);

  /**
   * Takes the largest of some elements for each j; a NaN is larger than any number.
   *
   * @param places where the elements j begin, of which there are {@code count}
   */
  void max(float[] a, int[] places, int count, int length, float[] out, int to);

  /**
   * Adds g_j to the first of the largest of some elements, for each j.
   *
   * @param places where the elements j begin in a and in out
   */
  void maxGradient(
      float[] a, int[] places, int count, int length, float[] g, int from, float[] out);

  /** Returns the kernels that use the Vector API. */
  static ImageKernels vector() {
    return new VectorImageKernels();
  }

  /** Returns the kernels without vectors. */
  static ImageKernels scalar() {
    return new ScalarImageKernels();
  }

  /** Returns whether a is larger than b; a NaN is larger than any number. */
  static boolean isLarger(float a, float b) {
    return a > b || (Float.isNaN(a) && !Float.isNaN(b));
  }

  /**
   * Adds a number to the first of the largest of some elements.
   *
   * @param places where the elements are, but for {@code offset}, in a and in out
   */
  static void addToFirst(
      float[] a, int[] places, int count, int offset, float number, float[] out) {
    int first = places[0] + offset;
    for (int k = 1; k < count; k++) {
      int next = places[k] + offset;
      first = isLarger(a[next], a[first]) ? next : first;
    }
    out[first] += number;
  }
}
