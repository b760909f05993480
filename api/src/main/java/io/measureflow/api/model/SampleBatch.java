package io.measureflow.api.model;

import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A batch of B samples of one shape within a program: rows [d], sequences [T, d] or images [C, H,
 * W]. A layer reads it, and gives its output, in the form that suits its computation; a change of
 * form is written once, where it is needed.
 */
public final class SampleBatch {

  /** How the elements lie. */
  private enum Form {
    /** A sample in each row, in row-major order: [B, elements]. */
    ROWS,
    /** A pixel of an image in each row, the images innermost: [H W B, C]. */
    PIXELS
  }

  private final ProgramBuilder program;
  private final Value value;
  private final Form form;
  private final Shape sample;
  private final int size;

  private SampleBatch(ProgramBuilder program, Value value, Form form, Shape sample, int size) {
    this.program = program;
    this.value = value;
    this.form = form;
    this.sample = sample;
    this.size = size;
  }

  /**
   * Creates a batch from samples in rows.
   *
   * @param rows [B, elements of a sample], each in row-major order; or a matrix of as many elements
   *     in this order, such as [B T, d]
   * @param sample the shape of a sample
   */
  public static SampleBatch ofRows(ProgramBuilder program, Value rows, Shape sample) {
    int elements = rows.shape().size();
    if (sample.size() == 0 || elements % sample.size() != 0) {
      throw new IllegalArgumentException(
          "Batch: expected whole samples of shape " + sample + ", found " + rows);
    }
    int batch = elements / sample.size();
    Value flat = program.reshape(rows, Shape.of(batch, sample.size()));
    return new SampleBatch(program, flat, Form.ROWS, sample, batch);
  }

  /**
   * Creates a batch of images from their pixels.
   *
   * @param pixels [H W B, C], row after row, the images of one pixel next to each other
   * @param height H
   * @param width W
   */
  public static SampleBatch ofPixels(ProgramBuilder program, Value pixels, int height, int width) {
    int area = Math.multiplyExact(height, width);
    if (pixels.shape().rank() != 2 || pixels.shape().dimension(0) % area != 0) {
      throw new IllegalArgumentException(
          "Batch: expected the pixels of images of " + height + "x" + width + ", found " + pixels);
    }
    return new SampleBatch(
        program,
        pixels,
        Form.PIXELS,
        Shape.of(pixels.shape().dimension(1), height, width),
        pixels.shape().dimension(0) / area);
  }

  /** Returns the shape of a sample. */
  public Shape sample() {
    return sample;
  }

  /** Returns B, the number of samples. */
  public int size() {
    return size;
  }

  /** Returns the samples as rows, [B, elements], each in row-major order. */
  public Value rows() {
    if (form == Form.ROWS) {
      return value;
    }
    int channels = sample.dimension(0);
    int area = sample.size() / channels;
    Value byImage =
        program.permute(program.reshape(value, Shape.of(area, size, channels)), 1, 2, 0);
    return program.reshape(byImage, Shape.of(size, sample.size()));
  }

  /** Returns the last axis of each sample in rows: [B, d], [B T, d] or [B C H, W]. */
  public Value lastAxis() {
    int last = sample.dimension(sample.rank() - 1);
    return program.reshape(rows(), Shape.of(size * (sample.size() / last), last));
  }

  /**
   * Returns the pixels of images in rows, [H W B, C], as {@link #ofPixels} takes them.
   *
   * @throws IllegalArgumentException if the samples are not images
   */
  public Value pixels() {
    if (form == Form.PIXELS) {
      return value;
    }
    if (sample.rank() != 3) {
      throw new IllegalArgumentException(
          "Batch: expected images [C, H, W], found samples of shape " + sample);
    }
    int channels = sample.dimension(0);
    int area = sample.size() / channels;
    Value byPixel =
        program.permute(program.reshape(value, Shape.of(size, channels, area)), 2, 0, 1);
    return program.reshape(byPixel, Shape.of(area * size, channels));
  }

  /**
   * Returns the result of an elementwise function, which is applied to the elements as they lie.
   *
   * @param function returns a value of the same shape
   */
  public SampleBatch map(UnaryOperator<Value> function) {
    Value mapped = function.apply(value);
    if (!mapped.shape().equals(value.shape())) {
      throw new IllegalArgumentException(
          "Batch: expected a result of shape " + value.shape() + ", found " + mapped);
    }
    return new SampleBatch(program, mapped, form, sample, size);
  }

  /** Returns the elementwise sum with a batch of the same shape. */
  public SampleBatch add(SampleBatch other) {
    if (!other.sample.equals(sample) || other.size != size) {
      throw new IllegalArgumentException(
          "Batch: expected samples of one shape, found " + sample + " and " + other.sample);
    }
    if (form == Form.PIXELS || other.form == Form.PIXELS) {
      return new SampleBatch(
          program, program.add(pixels(), other.pixels()), Form.PIXELS, sample, size);
    }
    return new SampleBatch(program, program.add(value, other.value), Form.ROWS, sample, size);
  }

  /** Returns the same elements, in row-major order, under another shape of a sample. */
  public SampleBatch reshape(Integer... dimensions) {
    return ofRows(program, rows(), new Shape(List.of(dimensions)));
  }

  @Override
  public String toString() {
    return size + " samples of shape " + sample;
  }
}
