package io.measureflow.simd.image;

/**
 * Lines of planes [H, W, B] of some channels.
 *
 * @param channels the number of planes
 * @param height H
 * @param width W
 * @param batch B
 */
record Lines(int channels, int height, int width, int batch) {

  /** The elements of a cache line, or of some of them. */
  private static final int STEP = 16;

  /**
   * Reads some lines of some images in the order in which they lie, so that they are in the cache
   * when they are read, or written, slice by slice: processors foresee this order only.
   *
   * @param top the first line, which may be above
   * @param lines the number of lines, which may end below
   * @return a number that depends on what has been read
   */
  float touch(float[] elements, int top, int lines, int first, int images) {
    float sum = 0;
    int from = Math.max(0, top);
    int end = Math.min(height, top + lines);
    for (int channel = 0; channel < channels; channel++) {
      int start = (channel * height + from) * width * batch;
      int length = (end - from) * width * batch;
      if (images == batch) {
        for (int i = start; i < start + length; i += STEP) {
          sum += elements[i];
        }
      } else {
        for (int pixel = start + first; pixel < start + length; pixel += batch) {
          for (int i = pixel; i < pixel + images; i += STEP) {
            sum += elements[i];
          }
        }
      }
    }
    return sum;
  }
}
