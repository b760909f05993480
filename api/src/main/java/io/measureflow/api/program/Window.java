package io.measureflow.api.program;

/**
 * The windows that a kernel of a convolution or a pool takes of an image, over a border of zeros.
 * The meaning of the numbers is that of torch.nn.Conv2d with dilation 1.
 *
 * @param height the height of the image
 * @param width the width of the image
 * @param kernelHeight the height of a window
 * @param kernelWidth the width of a window
 * @param strideHeight the rows from one window to the one below
 * @param strideWidth the columns from one window to the one at its right
 * @param paddingHeight the rows of the border above and below the image
 * @param paddingWidth the columns of the border at the left and at the right
 */
public record Window(
    int height,
    int width,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a length is less than 1, a padding negative, or the kernel
   *     larger than the image with its border
   */
  public Window {
    least("height", height, 1);
    least("width", width, 1);
    least("kernel height", kernelHeight, 1);
    least("kernel width", kernelWidth, 1);
    least("stride", strideHeight, 1);
    least("stride", strideWidth, 1);
    least("padding", paddingHeight, 0);
    least("padding", paddingWidth, 0);
    fits("height", kernelHeight, height, paddingHeight);
    fits("width", kernelWidth, width, paddingWidth);
  }

  private static void least(String what, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "Window: expected a " + what + " of at least " + least + ", found " + value);
    }
  }

  private static void fits(String what, int kernel, int image, int padding) {
    if (kernel > image + 2L * padding) {
      throw new IllegalArgumentException(
          "Window: expected a kernel of at most the image's "
              + what
              + " "
              + image
              + " and twice the padding "
              + padding
              + ", found "
              + kernel);
    }
  }

  /** Returns the number of windows one below the other. */
  public int outputHeight() {
    return (height + 2 * paddingHeight - kernelHeight) / strideHeight + 1;
  }

  /** Returns the number of windows side by side. */
  public int outputWidth() {
    return (width + 2 * paddingWidth - kernelWidth) / strideWidth + 1;
  }

  /** Returns the number of pixels of the image. */
  public int pixels() {
    return Math.multiplyExact(height, width);
  }

  /** Returns the number of windows. */
  public int places() {
    return Math.multiplyExact(outputHeight(), outputWidth());
  }

  /** Returns the number of pixels of a window. */
  public int kernelSize() {
    return Math.multiplyExact(kernelHeight, kernelWidth);
  }

  @Override
  public String toString() {
    return "%dx%d of %dx%d, stride %dx%d, padding %dx%d"
        .formatted(
            kernelHeight,
            kernelWidth,
            height,
            width,
            strideHeight,
            strideWidth,
            paddingHeight,
            paddingWidth);
  }
}
