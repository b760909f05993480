package io.measureflow.simd.image;

import io.measureflow.api.program.Window;
import io.measureflow.simd.operations.Maxima;
import java.util.Arrays;

/** Pools of planes: images of one channel, one after the other. */
public final class Pools {

  private final Window window;

  public Pools(Window window) {
    this.window = window;
  }

  /** Takes the largest element of each window of a plane; a NaN is larger than any number. */
  public void max(float[] a, int plane, float[] out) {
    int at = plane * window.places();
    for (int i = 0; i < window.outputHeight(); i++) {
      for (int j = 0; j < window.outputWidth(); j++) {
        out[at++] = a[first(a, plane, i, j)];
      }
    }
  }

  /** Adds the gradient of each window of a plane to the first of its largest elements. */
  public void maxGradient(float[] a, float[] g, int plane, float[] out) {
    int pixels = window.pixels();
    Arrays.fill(out, plane * pixels, (plane + 1) * pixels, 0);
    int at = plane * window.places();
    for (int i = 0; i < window.outputHeight(); i++) {
      for (int j = 0; j < window.outputWidth(); j++) {
        out[first(a, plane, i, j)] += g[at++];
      }
    }
  }

  /** Returns the place of the first of the largest elements of a window. */
  private int first(float[] a, int plane, int i, int j) {
    int top = Math.max(0, top(i));
    int left = Math.max(0, left(j));
    int bottom = bottom(i);
    int right = right(j);
    int row = plane * window.pixels() + top * window.width();
    int best = row + left;
    float largest = a[best];
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        float value = a[row + x];
        if (Maxima.isLarger(value, largest)) {
          best = row + x;
          largest = value;
        }
      }
      row += window.width();
    }
    return best;
  }

  /** Takes the mean of each window of a plane, whose zeros in the border count. */
  public void average(float[] a, int plane, float[] out) {
    float weight = 1.0f / window.kernelSize();
    int at = plane * window.places();
    for (int i = 0; i < window.outputHeight(); i++) {
      for (int j = 0; j < window.outputWidth(); j++) {
        float sum = 0;
        for (int y = Math.max(0, top(i)); y < bottom(i); y++) {
          int row = plane * window.pixels() + y * window.width();
          for (int x = Math.max(0, left(j)); x < right(j); x++) {
            sum += a[row + x];
          }
        }
        out[at++] = sum * weight;
      }
    }
  }

  /** Shares the gradient of each window of a plane out to its pixels. */
  public void averageAdjoint(float[] g, int plane, float[] out) {
    float weight = 1.0f / window.kernelSize();
    int pixels = window.pixels();
    Arrays.fill(out, plane * pixels, (plane + 1) * pixels, 0);
    int at = plane * window.places();
    for (int i = 0; i < window.outputHeight(); i++) {
      for (int j = 0; j < window.outputWidth(); j++) {
        float share = g[at++] * weight;
        for (int y = Math.max(0, top(i)); y < bottom(i); y++) {
          int row = plane * pixels + y * window.width();
          for (int x = Math.max(0, left(j)); x < right(j); x++) {
            out[row + x] += share;
          }
        }
      }
    }
  }

  private int top(int i) {
    return i * window.strideHeight() - window.paddingHeight();
  }

  private int bottom(int i) {
    return Math.min(window.height(), top(i) + window.kernelHeight());
  }

  private int left(int j) {
    return j * window.strideWidth() - window.paddingWidth();
  }

  private int right(int j) {
    return Math.min(window.width(), left(j) + window.kernelWidth());
  }
}
