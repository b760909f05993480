package io.measureflow.api.backend;

import java.lang.foreign.ValueLayout;

/** How one element of a host tensor is stored, in the byte order of the machine. */
public enum ElementType {
  /** IEEE 754 binary32. */
  FLOAT32(ValueLayout.JAVA_FLOAT),
  /** IEEE 754 binary64. */
  FLOAT64(ValueLayout.JAVA_DOUBLE),
  /** 32-bit two's complement. */
  INT32(ValueLayout.JAVA_INT);

  private final ValueLayout layout;

  ElementType(ValueLayout layout) {
    this.layout = layout;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return (int) layout.byteSize();
  }

  /** Returns the memory layout of one element. */
  public ValueLayout layout() {
    return layout;
  }
}
