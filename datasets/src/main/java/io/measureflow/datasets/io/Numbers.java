package io.measureflow.datasets.io;

import io.measureflow.api.backend.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes numbers to memory in either precision. */
public final class Numbers {

  private Numbers() {}

  /** Sets an element, rounded to its type. */
  public static void set(MemorySegment memory, ElementType type, long index, double value) {
    switch (type) {
      case FLOAT32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
      case FLOAT64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
      case INT32 -> memory.setAtIndex(ValueLayout.JAVA_INT, index, (int) value);
    }
  }

  /** Sets several consecutive elements. */
  public static void set(
      MemorySegment memory, ElementType type, long index, double[] values, int at, int count) {
    switch (type) {
      case FLOAT32 -> {
        for (int j = 0; j < count; j++) {
          memory.setAtIndex(ValueLayout.JAVA_FLOAT, index + j, (float) values[at + j]);
        }
      }
      case FLOAT64 ->
          MemorySegment.copy(
              values, at, memory, ValueLayout.JAVA_DOUBLE, index * Double.BYTES, count);
      case INT32 -> throw new IllegalArgumentException("Features are real numbers.");
    }
  }
}
