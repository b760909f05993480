package io.measureflow.api.backend;

import java.util.Locale;

/** The precision of real numbers in which a backend computes and keeps its states. */
public enum Precision {
  /** IEEE 754 binary32. */
  FLOAT32(ElementType.FLOAT32),
  /** IEEE 754 binary64. */
  FLOAT64(ElementType.FLOAT64);

  private final ElementType elementType;

  Precision(ElementType elementType) {
    this.elementType = elementType;
  }

  /** Returns how a real number of this precision is stored on the host. */
  public ElementType elementType() {
    return elementType;
  }

  /** Returns the name in configurations: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
