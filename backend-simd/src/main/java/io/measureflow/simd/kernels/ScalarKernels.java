package io.measureflow.simd.kernels;

import io.measureflow.simd.image.ImageKernels;
import io.measureflow.simd.product.ProductKernels;
import java.util.Arrays;

/** Plain loops, for a JVM without the Vector API, and the reference for the vector kernels. */
public final class ScalarKernels implements Kernels {

  @Override
  public ProductKernels products() {
    return ProductKernels.scalar();
  }

  @Override
  public ImageKernels images() {
    return ImageKernels.scalar();
  }

  @Override
  public String description() {
    return "scalar loops";
  }

  @Override
  public void dotRows(
      float[] x,
      int xOffset,
      int inner,
      float[] b,
      int bOffset,
      int rows,
      boolean squared,
      float[] out,
      int outOffset) {
    for (int j = 0; j < rows; j++) {
      int row = bOffset + j * inner;
      out[outOffset + j] =
          squared ? dotSquared(x, xOffset, inner, b, row) : dot(x, xOffset, inner, b, row);
    }
  }

  // Four sums each, as a processor can add several times during the latency of one addition.

  private static float dot(float[] x, int xOffset, int inner, float[] b, int bOffset) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int k = 0;
    for (; k <= inner - 4; k += 4) {
      s0 += x[xOffset + k] * b[bOffset + k];
      s1 += x[xOffset + k + 1] * b[bOffset + k + 1];
      s2 += x[xOffset + k + 2] * b[bOffset + k + 2];
      s3 += x[xOffset + k + 3] * b[bOffset + k + 3];
    }
    float sum = s0 + s1 + (s2 + s3);
    for (; k < inner; k++) {
      sum += x[xOffset + k] * b[bOffset + k];
    }
    return sum;
  }

  private static float dotSquared(float[] x, int xOffset, int inner, float[] b, int bOffset) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int k = 0;
    for (; k <= inner - 4; k += 4) {
      s0 += x[xOffset + k] * (b[bOffset + k] * b[bOffset + k]);
      s1 += x[xOffset + k + 1] * (b[bOffset + k + 1] * b[bOffset + k + 1]);
      s2 += x[xOffset + k + 2] * (b[bOffset + k + 2] * b[bOffset + k + 2]);
      s3 += x[xOffset + k + 3] * (b[bOffset + k + 3] * b[bOffset + k + 3]);
    }
    float sum = s0 + s1 + (s2 + s3);
    for (; k < inner; k++) {
      sum += x[xOffset + k] * (b[bOffset + k] * b[bOffset + k]);
    }
    return sum;
  }

  @Override
  public void combineRows(
      float[] x,
      int xOffset,
      int inner,
      float[] b,
      int bOffset,
      int stride,
      int columns,
      float[] out,
      int outOffset) {
    Arrays.fill(out, outOffset, outOffset + columns, 0);
    for (int k = 0; k < inner; k++) {
      float factor = x[xOffset + k];
      int row = bOffset + k * stride;
      for (int j = 0; j < columns; j++) {
        out[outOffset + j] += factor * b[row + j];
      }
    }
  }

  @Override
  public void repeatEach(float[] source, int from, int count, int times, float[] target, int to) {
    for (int i = 0; i < count; i++) {
      Arrays.fill(target, to + i * times, to + (i + 1) * times, source[from + i]);
    }
  }

  @Override
  public void multiplyByAffine(
      float[] a, int aOffset, float[] x, int xOffset, int count, float scale, float shift) {
    for (int i = 0; i < count; i++) {
      a[aOffset + i] *= scale * x[xOffset + i] + shift;
    }
  }

  @Override
  public void descend(float[] theta, int offset, float[] g, int gOffset, int count, float step) {
    for (int i = 0; i < count; i++) {
      theta[offset + i] -= step * g[gOffset + i];
    }
  }

  @Override
  public void multiplyElementwise(float[] a, float[] b, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      float product = a[i] * b[i];
      out[i] = Math.abs(product) < Float.MIN_NORMAL ? 0 : product;
    }
  }

  @Override
  public void flush(float[] a, int offset, int count, float least) {
    for (int i = offset; i < offset + count; i++) {
      a[i] = Math.abs(a[i]) < least ? 0 : a[i];
    }
  }

  @Override
  public float sum(float[] a, int offset, int count) {
    double sum = 0;
    for (int i = offset; i < offset + count; i++) {
      sum += a[i];
    }
    return (float) sum;
  }

  @Override
  public float sumOfProducts(float[] a, float[] b, int offset, int count) {
    double sum = 0;
    for (int i = offset; i < offset + count; i++) {
      sum += (double) a[i] * b[i];
    }
    return (float) sum;
  }

  @Override
  public void sumRows(
      float[] a,
      int offset,
      int stride,
      int rows,
      float[] out,
      int outOffset,
      int count,
      boolean accumulate) {
    for (int j = 0; j < count; j++) {
      float sum = 0;
      for (int row = 0; row < rows; row++) {
        sum += a[offset + row * stride + j];
      }
      out[outOffset + j] = accumulate ? out[outOffset + j] + sum : sum;
    }
  }

  @Override
  public float squaredDistance(float[] a, float[] b, int offset, int count) {
    double sum = 0;
    for (int i = offset; i < offset + count; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
    }
    return (float) sum;
  }

  @Override
  public void exp(float[] a, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = (float) Math.exp(a[i]);
    }
  }

  @Override
  public void heaviside(float[] a, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = heaviside(a[i]);
    }
  }

  private static float heaviside(float a) {
    return a > 0 ? 1 : a < 0 ? 0 : 0.5f;
  }

  @Override
  public void select(float[] c, float[] a, float[] b, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = c[i] > 0 ? a[i] : b[i];
    }
  }

  @Override
  public void keepWherePositive(float[] c, float[] a, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = c[i] > 0 ? a[i] : 0;
    }
  }

  @Override
  public void combine(float x, float[] a, float y, float[] b, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = x * a[i] + y * b[i];
    }
  }

  @Override
  public void log(float[] a, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = (float) Math.log(a[i]);
    }
  }

  @Override
  public void log1p(float[] a, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = (float) Math.log1p(a[i]);
    }
  }

  @Override
  public void sin(float[] a, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = (float) Math.sin(a[i]);
    }
  }

  @Override
  public void cos(float[] a, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = (float) Math.cos(a[i]);
    }
  }

  @Override
  public void erf(float[] a, int offset, int count, float[] out) {
    for (int i = offset; i < offset + count; i++) {
      out[i] = (float) ErrorFunction.of(a[i]);
    }
  }

  @Override
  public void reluMoments(float[] mean, float[] variance, int offset, int count, float[][] out) {
    float[] g0 = out[0];
    float[] g1 = out[1];
    float[] g2 = out[2];
    float[] g3 = out[3];
    float[] g4 = out[4];
    for (int i = offset; i < offset + count; i++) {
      double m = mean[i];
      double s = Math.sqrt(variance[i]);
      boolean point = s == 0;
      double t = point ? 0 : m / s;
      double a = Math.abs(t);
      double phi = a < GaussianTail.END ? GaussianTail.PHI_0 * Math.exp(-0.5 * t * t) : 0;
      double tail = phi * GaussianTail.millsRatio(a);
      float jump = heaviside(mean[i]);
      g4[i] = point ? 0 : (float) ((t * t - 1) * phi / s / s / s);
      g3[i] = point ? 0 : (float) (-t * phi / s / s);
      g2[i] = point ? 0 : (float) (phi / s);
      g1[i] = point ? jump : (float) (t > 0 ? 1 - tail : tail);
      g0[i] = (float) (Math.max(m, 0) + s * phi * GaussianTail.complement(a));
    }
  }
}
