package io.measureflow.simd.image;

import io.measureflow.api.program.Window;
import java.util.Arrays;

/** Pools of planes [H, W, B]: a channel of all images. */
public final class Pools {

  private final ImageKernels kernels;
  private final Window window;
  private final int batch;

  /**
   * @param batch B
   */
  public Pools(ImageKernels kernels, Window window, int batch) {
    this.kernels = kernels;
    this.window = window;
    this.batch = batch;
  }

  /** What is done with a window of a plane. */
  @FunctionalInterface
  private interface Body {

    /**
     * @param places where its pixels are
     * @param count the number of its pixels that are no border
     * @param place where its result is
     */
    void run(int[] places, int count, int place);
  }

  private void windows(int plane, Body body) {
    int[] places = new int[window.kernelSize()];
    int place = plane * window.places() * batch;
    for (int i = 0; i < window.outputHeight(); i++) {
      int top = i * window.strideHeight() - window.paddingHeight();
      int bottom = Math.min(window.height(), top + window.kernelHeight());
      for (int j = 0; j < window.outputWidth(); j++) {
        int left = j * window.strideWidth() - window.paddingWidth();
        int right = Math.min(window.width(), left + window.kernelWidth());
        int count = 0;
        for (int y = Math.max(0, top); y < bottom; y++) {
          int row = (plane * window.height() + y) * window.width();
          for (int x = Math.max(0, left); x < right; x++) {
            places[count++] = (row + x) * batch;
          }
        }
        body.run(places, count, place);
        place += batch;
      }
    }
  }

  private void clear(int plane, float[] out) {
    int size = window.pixels() * batch;
    Arrays.fill(out, plane * size, (plane + 1) * size, 0);
  }

  /** Takes the largest element of each window of a plane; a NaN is larger than any number. */
  public void max(float[] a, int plane, float[] out) {
    windows(plane, (places, count, place) -> kernels.max(a, places, count, batch, out, place));
  }

  /** Adds the gradient of each window of a plane to the first of its largest elements. */
  public void maxGradient(float[] a, float[] g, int plane, float[] out) {
    clear(plane, out);
    windows(
        plane,
        (places, count, place) -> kernels.maxGradient(a, places, count, batch, g, place, out));
  }

  /** Takes the mean of each window of a plane, whose zeros in the border count. */
  public void average(float[] a, int plane, float[] out) {
    float weight = 1.0f / window.kernelSize();
    windows(
        plane,
        (places, count, place) -> {
          Arrays.fill(out, place, place + batch, 0);
          for (int k = 0; k < count; k++) {
            add(a, places[k], 1, out, place);
          }
          for (int b = place; b < place + batch; b++) {
            out[b] *= weight;
          }
        });
  }

  /** Shares the gradient of each window of a plane out to its pixels. */
  public void averageAdjoint(float[] g, int plane, float[] out) {
    float weight = 1.0f / window.kernelSize();
    clear(plane, out);
    windows(
        plane,
        (places, count, place) -> {
          for (int k = 0; k < count; k++) {
            add(g, place, weight, out, places[k]);
          }
        });
  }

  private void add(float[] a, int from, float weight, float[] out, int to) {
    for (int b = 0; b < batch; b++) {
      out[to + b] += weight * a[from + b];
    }
  }
}
