package io.measureflow.api.backend;

import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;

/**
 * Rows of bytes that stand for numbers, as those of images do: the byte b, from 0 to 255, for b /
 * divisor. A quarter of the memory of the same rows in float32.
 *
 * @param shape [N, d]
 * @param memory exactly N d bytes, row-major
 * @param divisor what each byte is divided by, for example 255 for numbers from 0 to 1
 */
public record ByteRows(Shape shape, MemorySegment memory, double divisor) {

  /**
   * @throws IllegalArgumentException if the shape is no matrix's, the memory has another size, or
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

  /** What a byte, from 0 to 255, stands for in a precision: the quotient, rounded once. */
  public double number(int value, Precision precision) {
    return switch (precision) {
      case FLOAT32 -> value / (float) divisor;
      case FLOAT64 -> value / divisor;
    };
  }
}
