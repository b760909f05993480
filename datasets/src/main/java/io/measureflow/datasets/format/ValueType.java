package io.measureflow.datasets.format;

/** The types of typed columns that loaders can read. */
public enum ValueType {
  INT8,
  INT16,
  INT32,
  INT64,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
  FLOAT16,
  FLOAT32,
  FLOAT64,
  BOOLEAN,
  TEXT;

  /** Returns an integer type. */
  public static ValueType integer(int bits, boolean signed) {
    return switch (bits) {
      case 8 -> signed ? INT8 : UINT8;
      case 16 -> signed ? INT16 : UINT16;
      case 32 -> signed ? INT32 : UINT32;
      case 64 -> signed ? INT64 : UINT64;
      default -> throw new IllegalArgumentException("an integer of " + bits + " bits");
    };
  }
}
