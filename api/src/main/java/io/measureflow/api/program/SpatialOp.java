package io.measureflow.api.program;

import java.util.List;

/**
 * Operations on images. A batch of B images is a matrix with one row for each pixel of each image
 * and one column for each channel, [H W B, C]. The images of one pixel stand next to each other:
 * pixel (y, x) of image b is row (y W + x) B + b. What is computed for each pixel alone thus is an
 * ordinary operation on rows, and B images of C channels lie as one image of B C channels.
 *
 * <p>A backend that has the batch innermost in memory, [C, H, W, B], computes a pixel of many
 * images by whole vectors, whatever the stride of a window, and turns images into rows with the
 * batch innermost at no cost.
 */
public sealed interface SpatialOp extends Op {

  /** Returns the windows of the images. */
  Window window();

  /**
   * The windows of all images, one in each row, ordered by channel, then row, then column, as
   * torch.nn.functional.unfold orders them; zeros outside of the image: [H W B, C] to [H' W' B, C
   * kh kw]. A convolution is a product with these rows, and the adjoint of this is {@link
   * PatchesAdjoint}.
   */
  record Patches(Value a, Window window) implements SpatialOp {
    /** Checks that the rows are whole images. */
    public Patches {
      Check.matrix("Patches", a);
      images("Patches", a, window.pixels());
    }

    /** Returns B. */
    public int batch() {
      return a.shape().dimension(0) / window.pixels();
    }

    /** Returns C. */
    public int channels() {
      return a.shape().dimension(1);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(
          Shape.of(
              Math.multiplyExact(batch(), window.places()),
              Math.multiplyExact(channels(), window.kernelSize())));
    }
  }

  /**
   * Each pixel receives the sum of its elements in all windows: [H' W' B, C kh kw] to [H W B, C].
   */
  record PatchesAdjoint(Value a, Window window) implements SpatialOp {
    /** Checks that the rows are the windows of whole images. */
    public PatchesAdjoint {
      Check.matrix("PatchesAdjoint", a);
      images("PatchesAdjoint", a, window.places());
      Check.that(
          a.shape().dimension(1) % window.kernelSize() == 0,
          "PatchesAdjoint",
          "rows of a multiple of " + window.kernelSize() + " elements, the size of a window",
          a.shape());
    }

    /** Returns B. */
    public int batch() {
      return a.shape().dimension(0) / window.places();
    }

    /** Returns C. */
    public int channels() {
      return a.shape().dimension(1) / window.kernelSize();
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(Math.multiplyExact(batch(), window.pixels()), channels()));
    }
  }

  /**
   * The largest element of each window and channel: [H W B, C] to [H' W' B, C]. The border does not
   * count; a NaN is larger than any number.
   */
  record MaxPool(Value a, Window window) implements SpatialOp {
    /** Checks that the rows are whole images, and that no window lies in the border alone. */
    public MaxPool {
      Check.matrix("MaxPool", a);
      images("MaxPool", a, window.pixels());
      pool("MaxPool", window);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(pooled(a, window));
    }
  }

  /**
   * The gradient of {@link MaxPool} in its operand: each element of g [H' W' B, C] goes to the
   * first of the largest elements of its window, in row-major order.
   */
  record MaxPoolGradient(Value a, Value g, Window window) implements SpatialOp {
    /** Checks the gradient against the result. */
    public MaxPoolGradient {
      Check.matrix("MaxPoolGradient", a);
      Check.matrix("MaxPoolGradient", g);
      images("MaxPoolGradient", a, window.pixels());
      pool("MaxPoolGradient", window);
      Check.that(
          g.shape().equals(pooled(a, window)),
          "MaxPoolGradient",
          "a gradient of shape " + pooled(a, window),
          g);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a, g);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(a.shape());
    }
  }

  /**
   * The mean of each window and channel, whose zeros in the border count: [H W B, C] to [H' W' B,
   * C]; torch.nn.AvgPool2d.
   */
  record AveragePool(Value a, Window window) implements SpatialOp {
    /** Checks that the rows are whole images, and that no window lies in the border alone. */
    public AveragePool {
      Check.matrix("AveragePool", a);
      images("AveragePool", a, window.pixels());
      pool("AveragePool", window);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(pooled(a, window));
    }
  }

  /** The adjoint of {@link AveragePool}: [H' W' B, C] to [H W B, C]. */
  record AveragePoolAdjoint(Value a, Window window) implements SpatialOp {
    /** Checks that the rows are the windows of whole images. */
    public AveragePoolAdjoint {
      Check.matrix("AveragePoolAdjoint", a);
      images("AveragePoolAdjoint", a, window.places());
      pool("AveragePoolAdjoint", window);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      int batch = a.shape().dimension(0) / window.places();
      return List.of(Shape.of(Math.multiplyExact(batch, window.pixels()), a.shape().dimension(1)));
    }
  }

  private static Shape pooled(Value a, Window window) {
    int batch = a.shape().dimension(0) / window.pixels();
    return Shape.of(Math.multiplyExact(batch, window.places()), a.shape().dimension(1));
  }

  private static void images(String op, Value a, int rows) {
    Check.that(a.shape().dimension(0) % rows == 0, op, "whole images of " + rows + " rows each", a);
  }

  private static void pool(String op, Window window) {
    Check.that(
        window.paddingHeight() <= window.kernelHeight() / 2
            && window.paddingWidth() <= window.kernelWidth() / 2,
        op,
        "a padding of at most half the kernel",
        window);
  }
}
