package io.measureflow.api.backend;

import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A tensor in host memory, row-major: what goes to a backend and comes back from it. It does not
 * own its memory, which lives as long as the array or scope behind the segment.
 *
 * @param shape the shape
 * @param type how each element is stored
 * @param memory exactly {@code shape.size() * type.bytes()} bytes, aligned to the element size
 */
public record Tensor(Shape shape, ElementType type, MemorySegment memory) {

  /**
   * @throws IllegalArgumentException if the memory has another size than shape and type say
   */
  public Tensor {
    long expected = (long) shape.size() * type.bytes();
    if (memory.byteSize() != expected) {
      throw new IllegalArgumentException(
          "Tensor "
              + shape
              + " of "
              + type
              + ": expected "
              + expected
              + " bytes of memory, found "
              + memory.byteSize());
    }
  }

  /** A tensor of zeros on the heap. */
  public static Tensor zeros(Shape shape, ElementType type) {
    return switch (type) {
      case FLOAT32 -> of(shape, new float[shape.size()]);
      case FLOAT64 -> of(shape, new double[shape.size()]);
      case INT32 -> of(shape, new int[shape.size()]);
    };
  }

  /** A view of the array. */
  public static Tensor of(Shape shape, float[] elements) {
    return new Tensor(shape, ElementType.FLOAT32, MemorySegment.ofArray(elements));
  }

  /** A view of the array. */
  public static Tensor of(Shape shape, double[] elements) {
    return new Tensor(shape, ElementType.FLOAT64, MemorySegment.ofArray(elements));
  }

  /** A view of the array. */
  public static Tensor of(Shape shape, int[] elements) {
    return new Tensor(shape, ElementType.INT32, MemorySegment.ofArray(elements));
  }

  /** The element at a row-major position, widened to double. */
  public double get(long position) {
    return switch (type) {
      case FLOAT32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, position);
      case FLOAT64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, position);
      case INT32 -> memory.getAtIndex(ValueLayout.JAVA_INT, position);
    };
  }

  /** Sets the element at a row-major position, rounded to the element type. */
  public void set(long position, double value) {
    switch (type) {
      case FLOAT32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, position, (float) value);
      case FLOAT64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, position, value);
      case INT32 -> memory.setAtIndex(ValueLayout.JAVA_INT, position, (int) value);
    }
  }

  /**
   * Copies all elements of {@code source}, converted to this tensor's element type.
   *
   * @throws IllegalArgumentException if the shapes differ
   */
  public void copyFrom(Tensor source) {
    if (!shape.equals(source.shape)) {
      throw new IllegalArgumentException(
          "Tensor copy: expected shape " + shape + ", found " + source.shape);
    }
    if (type == source.type) {
      memory.copyFrom(source.memory);
    } else {
      int size = shape.size();
      for (int i = 0; i < size; i++) {
        set(i, source.get(i));
      }
    }
  }

  /** A copy on the heap with another element type. */
  public Tensor to(ElementType target) {
    Tensor copy = zeros(shape, target);
    copy.copyFrom(this);
    return copy;
  }

  /** The elements as a new array of doubles. */
  public double[] toDoubles() {
    double[] elements = new double[shape.size()];
    of(shape, elements).copyFrom(this);
    return elements;
  }

  /** The elements as a new array of floats. */
  public float[] toFloats() {
    float[] elements = new float[shape.size()];
    of(shape, elements).copyFrom(this);
    return elements;
  }
}
