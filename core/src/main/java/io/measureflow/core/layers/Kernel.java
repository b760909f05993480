package io.measureflow.core.layers;

import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Window;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The kernel of a convolution or a pool, apart from the size of the image.
 *
 * @param kernel height and width
 * @param stride rows and columns from one window to the next
 * @param padding rows and columns of the border
 */
public record Kernel(List<Integer> kernel, List<Integer> stride, List<Integer> padding) {

  static final String KERNEL = "kernel";
  static final String STRIDE = "stride";
  static final String PADDING = "padding";

  /** The keys of a description. */
  static final Set<String> KEYS = Set.of(KERNEL, STRIDE, PADDING);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one of the lists has not two numbers, or a number is too
   *     small
   */
  public Kernel {
    kernel = List.copyOf(kernel);
    stride = List.copyOf(stride);
    padding = List.copyOf(padding);
    check(KERNEL, kernel, 1);
    check(STRIDE, stride, 1);
    check(PADDING, padding, 0);
  }

  private static void check(String what, List<Integer> numbers, int least) {
    if (numbers.size() != 2 || numbers.stream().anyMatch(n -> n < least)) {
      throw new IllegalArgumentException(
          "Layer "
              + what
              + ": expected two numbers of at least "
              + least
              + ", height and width, found "
              + numbers);
    }
  }

  /** Returns a square kernel with stride 1 that keeps the size of the image if it is odd. */
  public static Kernel square(int size) {
    return new Kernel(List.of(size, size), List.of(1, 1), List.of(size / 2, size / 2));
  }

  /** Reads a kernel; its stride is 1 where none is said, or the kernel itself. */
  static Kernel read(LayerAttributes attributes, boolean apart) {
    List<Integer> kernel = attributes.integers(KERNEL, 2, 1);
    return new Kernel(
        kernel,
        attributes.has(STRIDE) ? attributes.integers(STRIDE, 2, 1) : apart ? kernel : List.of(1, 1),
        attributes.has(PADDING) ? attributes.integers(PADDING, 2, 0) : List.of(0, 0));
  }

  void addTo(Map<String, Object> attributes) {
    attributes.put(KERNEL, kernel);
    attributes.put(STRIDE, stride);
    attributes.put(PADDING, padding);
  }

  /** Returns the number of pixels of a window. */
  int size() {
    return Math.multiplyExact(kernel.getFirst(), kernel.getLast());
  }

  /** Returns the windows of images [C, H, W]. */
  Window window(Shape images) {
    return new Window(
        images.dimension(1),
        images.dimension(2),
        kernel.getFirst(),
        kernel.getLast(),
        stride.getFirst(),
        stride.getLast(),
        padding.getFirst(),
        padding.getLast());
  }

  /** Returns the kernel as in short forms: {@code 5x5}. */
  String shortForm() {
    return kernel.getFirst() + "x" + kernel.getLast();
  }

  @Override
  public String toString() {
    return shortForm();
  }
}
