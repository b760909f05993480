package io.measureflow.simd.kernels;

import io.measureflow.simd.image.ImageKernels;
import io.measureflow.simd.product.ProductKernels;

/**
 * The loops whose speed depends on explicit vectors. {@link KernelChoice} decides between two
 * implementations, {@link VectorKernels} and {@link ScalarKernels}.
 *
 * <p>Every kernel is a fixed function of its arguments: the order of its sums depends only on the
 * lengths and the vector width, never on the thread or the stage of compilation. (Hence no kernel
 * uses the Vector API's reduction over lanes, whose order is unspecified.) Offsets and lengths
 * count elements. An output may be the same array as an input only at the same offset.
 */
public interface Kernels {

  /** The longest run summed in float precision; longer sums combine such runs. */
  int SUM_RUN = 4096;

  /** The limit up to which sines and cosines are vectorized; beyond it each is computed singly. */
  float NEAR = 1e5f;

  /** Returns a description for logs and provenance. */
  String description();

  /** Returns the kernels of matrix products. */
  ProductKernels products();

  /** Returns the kernels of convolutions and pools. */
  ImageKernels images();

  /**
   * Multiplies a row vector by the transpose of a matrix: out_j = sum_k x_k b_jk, or sum_k x_k
   * (b_jk)^2, for {@code rows} rows j. The bits of a result do not depend on the other rows
   * requested.
   *
   * @param inner the length of x and of the rows of b, which have no gaps between them
   * @param squared whether the elements of b are squared first
   */
  void dotRows(
      float[] x,
      int xOffset,
      int inner,
      float[] b,
      int bOffset,
      int rows,
      boolean squared,
      float[] out,
      int outOffset);

  /**
   * Multiplies a row vector by a matrix: out_j = sum_k x_k b_kj over ascending k, for {@code
   * columns} columns j.
   *
   * @param inner the length of x and the number of rows of b
   * @param stride the distance between rows of b
   */
  void combineRows(
      float[] x,
      int xOffset,
      int inner,
      float[] b,
      int bOffset,
      int stride,
      int columns,
      float[] out,
      int outOffset);

  /** Writes each of {@code count} elements {@code times} times in succession. */
  void repeatEach(float[] source, int from, int count, int times, float[] target, int to);

  /** a_i := a_i (scale x_i + shift). */
  void multiplyByAffine(
      float[] a, int aOffset, float[] x, int xOffset, int count, float scale, float shift);

  /** theta_i := theta_i - step g_i. */
  void descend(float[] theta, int offset, float[] g, int gOffset, int count, float step);

  /**
   * out_i = a_i b_i from {@code offset} on, 0 if that is subnormal; it may be 0 below 2 {@link
   * Float#MIN_NORMAL}. Either operand may be {@code out} itself.
   */
  void multiplyElementwise(float[] a, float[] b, int offset, int count, float[] out);

  /**
   * a_i := 0 where |a_i| is less than a power of two. Multiplications with subnormal operands or
   * results take more than a hundred cycles.
   *
   * @param least the power of two, at least {@link Float#MIN_NORMAL}
   */
  void flush(float[] a, int offset, int count, float least);

  /** Returns the sum of {@code count} elements, at most {@value #SUM_RUN}. */
  float sum(float[] a, int offset, int count);

  /** Returns the sum of {@code count} products a_i b_i, at most {@value #SUM_RUN}. */
  float sumOfProducts(float[] a, float[] b, int offset, int count);

  /**
   * out_j = the sum of {@code rows} elements a_j, {@code stride} apart, over ascending rows; or
   * that sum added to out_j.
   */
  void sumRows(
      float[] a,
      int offset,
      int stride,
      int rows,
      float[] out,
      int outOffset,
      int count,
      boolean accumulate);

  /** Returns the sum of (a_i - b_i)^2 over {@code count} elements, at most {@value #SUM_RUN}. */
  float squaredDistance(float[] a, float[] b, int offset, int count);

  /**
   * out_i = exp(a_i), relative error below 2e-7. Results below the smallest normal number may be 0.
   */
  void exp(float[] a, int offset, int count, float[] out);

  /** out_i = 1 for a_i &gt; 0, 0 for a_i &lt; 0, else 1/2: the first derivative of relu. */
  void heaviside(float[] a, int offset, int count, float[] out);

  /** out_i = a_i where c_i &gt; 0, else b_i. Any operand may be {@code out} itself. */
  void select(float[] c, float[] a, float[] b, int offset, int count, float[] out);

  /** out_i = a_i where c_i &gt; 0, else 0. Either operand may be {@code out} itself. */
  void keepWherePositive(float[] c, float[] a, int offset, int count, float[] out);

  /** out_i = x a_i + y b_i. Either operand may be {@code out} itself. */
  void combine(float x, float[] a, float y, float[] b, int offset, int count, float[] out);

  /** out_i = log(a_i), relative error below 2e-7: minus infinity at 0, NaN below. */
  void log(float[] a, int offset, int count, float[] out);

  /**
   * out_i = log(1 + a_i), relative error below 2e-7 also for small a_i: minus infinity at -1, NaN
   * below.
   */
  void log1p(float[] a, int offset, int count, float[] out);

  /**
   * out_i = sin(a_i), relative error below 2e-7, also near the multiples of pi: up to {@value
   * #NEAR} by vectors, beyond by {@link Math#sin}. NaN for infinities.
   */
  void sin(float[] a, int offset, int count, float[] out);

  /** out_i = cos(a_i), as accurate as {@link #sin}. */
  void cos(float[] a, int offset, int count, float[] out);

  /** out_i = erf(a_i), relative error below 4e-7. Method: {@link ErrorFunction}. */
  void erf(float[] a, int offset, int count, float[] out);

  /**
   * Gaussian moments of relu: for m = mean_i, v = variance_i, s = sqrt(v) and t = m/s,
   *
   * <pre>G_0 = m Phi(t) + s phi(t),  G_1 = Phi(t),  G_2 = phi(t)/s,  G_3 = -t phi(t)/s^2,
   * G_4 = (t^2 - 1) phi(t)/s^3,</pre>
   *
   * and for v = 0 their limits max(m, 0), {@link #heaviside}, 0, 0 and 0. For every finite m and v
   * at least 0 no result is NaN. Where v and phi(t) are normal numbers (|t| up to 13) the relative
   * error is below 2e-6, also in the far left tail, but for G_4 near its zeros t = 1 and -1, where
   * it is that small relative to phi(t)/s^3; further out, and where they would be subnormal,
   * results may be 0. Method: {@link GaussianTail}.
   *
   * @param out one array per order from 0 to 4, indexed like the input. An unused order may have
   *     the array of a lower one, which is written later; skipping it would cost more, as vectors
   *     would stay live across branches
   */
  void reluMoments(float[] mean, float[] variance, int offset, int count, float[][] out);

  /** Returns the kernels for this JVM, by {@link KernelChoice}. */
  static Kernels best() {
    return KernelChoice.here().kernels();
  }
}
