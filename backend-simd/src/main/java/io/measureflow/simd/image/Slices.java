package io.measureflow.simd.image;

/**
 * How a computation on images is shared out, whatever the number of threads: parts of a band of
 * lines of a group of images, which are computed slice by slice, the images of two vectors.
 */
final class Slices {

  /** Bands of fewer lines are worth the rows that they share, up to so many of them. */
  private static final int BANDS = 8;

  /** With fewer bands the images are shared out, too. */
  private static final int PARTS = 12;

  private final int batch;
  private final int width;
  private final int lines;
  private final int linesPerBand;
  private final int bands;
  private final int slices;
  private final int slicesPerGroup;
  private final int groups;

  /**
   * @param batch the number of images
   * @param width the number of images of a slice
   * @param lines the lines of an image
   * @param least the number of lines that a band has, if there are as many
   * @param most the largest number of lines of a band
   */
  Slices(int batch, int width, int lines, int least, int most) {
    this.batch = batch;
    this.width = Math.min(batch, width);
    this.lines = lines;
    int wanted = Math.max(least, Math.ceilDiv(lines, BANDS));
    linesPerBand = Math.min(lines, Math.max(1, Math.min(wanted, most)));
    bands = Math.ceilDiv(lines, linesPerBand);
    slices = Math.ceilDiv(batch, this.width);
    slicesPerGroup = Math.ceilDiv(slices, Math.min(slices, Math.ceilDiv(PARTS, bands)));
    groups = Math.ceilDiv(slices, slicesPerGroup);
  }

  /** Returns the number of parts. */
  int count() {
    return groups * bands;
  }

  /** Returns the largest number of images of a slice. */
  int width() {
    return width;
  }

  int linesPerBand() {
    return linesPerBand;
  }

  int firstLine(int part) {
    return part / groups * linesPerBand;
  }

  int lines(int part) {
    return Math.min(linesPerBand, lines - firstLine(part));
  }

  int firstSlice(int part) {
    return part % groups * slicesPerGroup;
  }

  /** Returns the slice behind the last one of a part. */
  int endSlice(int part) {
    return Math.min(slices, firstSlice(part) + slicesPerGroup);
  }

  int firstImage(int slice) {
    return slice * width;
  }

  int images(int slice) {
    return Math.min(width, batch - firstImage(slice));
  }

  /** Returns the number of images of a part. */
  int imagesOfPart(int part) {
    return Math.min(batch, endSlice(part) * width) - firstImage(firstSlice(part));
  }

  /** Returns the number of images of the last slice. */
  int imagesOfLast() {
    return images(slices - 1);
  }
}
