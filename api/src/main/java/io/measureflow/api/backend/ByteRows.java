package io.measureflow.api.backend;

import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;

/**
 * Rows of bytes that stand for numbers, such as the pixels of images: a byte b, from 0 to 255,
 * stands for b / divisor. They take a quarter of the memory of float32 rows.
 *
 * @param shape [N, d]
 * @param memory exactly N d bytes, row-major
 * @param divisor the number that each byte is divided by, for example 255 for values from 0 to 1
 */
public record ByteRows(Shape shape, MemorySegment memory, double divisor) {

  /**
   * @throws IllegalArgumentException if the shape is not a matrix, the memory has another size, or
   *     the divisor is not above 0
   */
  public ByteRows {
    if (shape.rank() != 2 || memory.byteSize() != shape.size()) {
      throw new IllegalArgumentException(
          "Rows of bytes: expected [N, d] and as many bytes, found "
              + shape
              + " and "
              + memory.byteSize()
              + " bytes");
    }
    if (!(divisor > 0)) {
      throw new IllegalArgumentException(
          "Rows of bytes: expected a divisor above 0, found " + divisor);
    }
  }

  /** Converts a byte, from 0 to 255: its quotient by the divisor, rounded once to the precision. */
  public double number(int value, Precision precision) {
    return switch (precision) {
      case FLOAT32 -> value / (float) divisor;
      case FLOAT64 -> value / divisor;
    };
  }
}
