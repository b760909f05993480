package io.measureflow.api.backend;

import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A row-major tensor in host memory, the type that goes to a backend and comes back from it. It
 * does not own its memory, which lives as long as the array or scope behind the segment.
 *
 * @param shape the shape
 * @param type how each element is stored
 * @param memory exactly {@code shape.size() * type.bytes()} bytes, aligned to the element size
 */
public record Tensor(Shape shape, ElementType type, MemorySegment memory) {

  private static final int SHOWN = 8;

  /**
   * @throws IllegalArgumentException if the size of the memory does not match shape and type
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

  /** Creates a tensor of zeros on the heap. */
  public static Tensor zeros(Shape shape, ElementType type) {
    return switch (type) {
      case FLOAT32 -> of(shape, new float[shape.size()]);
      case FLOAT64 -> of(shape, new double[shape.size()]);
      case INT32 -> of(shape, new int[shape.size()]);
    };
  }

  /** Wraps an array without a copy. */
  public static Tensor of(Shape shape, float[] elements) {
    return new Tensor(shape, ElementType.FLOAT32, MemorySegment.ofArray(elements));
  }

  /** Wraps an array without a copy. */
  public static Tensor of(Shape shape, double[] elements) {
    return new Tensor(shape, ElementType.FLOAT64, MemorySegment.ofArray(elements));
  }

  /** Wraps an array without a copy. */
  public static Tensor of(Shape shape, int[] elements) {
    return new Tensor(shape, ElementType.INT32, MemorySegment.ofArray(elements));
  }

  /** Returns the element at a row-major position, widened to double. */
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

  /**
   * Sets all elements, row-major, converted to this tensor's element type.
   *
   * @throws IllegalArgumentException if the number of elements differs
   */
  public void copyFrom(float[] elements) {
    if (type == ElementType.FLOAT32 && elements.length == shape.size()) {
      MemorySegment.copy(elements, 0, memory, ValueLayout.JAVA_FLOAT, 0, elements.length);
    } else {
      copyFrom(of(shape, elements));
    }
  }

  /** Copies to the heap, converted to another element type. */
  public Tensor to(ElementType target) {
    Tensor copy = zeros(shape, target);
    copy.copyFrom(this);
    return copy;
  }

  /** Shape, type and the first elements, for display. */
  @Override
  public String toString() {
    int shown = Math.min(SHOWN, shape.size());
    var text = new StringBuilder("Tensor").append(shape).append(' ').append(type).append(" [");
    for (int i = 0; i < shown; i++) {
      text.append(i == 0 ? "" : ", ");
      text.append(
          switch (type) {
            case FLOAT32 -> String.valueOf((float) get(i));
            case FLOAT64 -> String.valueOf(get(i));
            case INT32 -> String.valueOf((int) get(i));
          });
    }
    return text.append(shown < shape.size() ? ", ...]" : "]").toString();
  }

  /** Returns the elements as a new array of doubles. */
  public double[] toDoubles() {
    double[] elements = new double[shape.size()];
    of(shape, elements).copyFrom(this);
    return elements;
  }

  /** Returns the elements as a new array of floats. */
  public float[] toFloats() {
    float[] elements = new float[shape.size()];
    of(shape, elements).copyFrom(this);
    return elements;
  }
}
