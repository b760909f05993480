package io.measureflow.datasets.parquet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Writes structures in the compact protocol of Apache Thrift, as far as Parquet needs it. */
final class ThriftOutput {

  private static final int TRUE = 1;
  private static final int FALSE = 2;
  private static final int I8 = 3;
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int STRUCT = 12;

  /** The size from which that of a list does not fit into its first byte. */
  private static final int LONG_LIST = 15;

  private final ByteArrayOutputStream bytes;
  private int last;

  private ThriftOutput(ByteArrayOutputStream bytes) {
    this.bytes = bytes;
  }

  /** Encodes a structure whose fields the body writes in ascending order. */
  static byte[] struct(Consumer<ThriftOutput> body) {
    var bytes = new ByteArrayOutputStream();
    struct(bytes, body);
    return bytes.toByteArray();
  }

  private static void struct(ByteArrayOutputStream bytes, Consumer<ThriftOutput> body) {
    body.accept(new ThriftOutput(bytes));
    bytes.write(0);
  }

  ThriftOutput bool(int field, boolean value) {
    header(field, value ? TRUE : FALSE);
    return this;
  }

  ThriftOutput i8(int field, int value) {
    header(field, I8);
    bytes.write(value);
    return this;
  }

  ThriftOutput i32(int field, int value) {
    header(field, I32);
    integer(value);
    return this;
  }

  ThriftOutput i64(int field, long value) {
    header(field, I64);
    integer(value);
    return this;
  }

  ThriftOutput string(int field, String value) {
    header(field, BINARY);
    string(value);
    return this;
  }

  ThriftOutput struct(int field, Consumer<ThriftOutput> body) {
    header(field, STRUCT);
    struct(bytes, body);
    return this;
  }

  ThriftOutput i32s(int field, List<Integer> values) {
    list(field, I32, values.size());
    values.forEach(this::integer);
    return this;
  }

  ThriftOutput strings(int field, List<String> values) {
    list(field, BINARY, values.size());
    values.forEach(this::string);
    return this;
  }

  <T> ThriftOutput structs(int field, List<T> values, BiConsumer<ThriftOutput, T> body) {
    list(field, STRUCT, values.size());
    values.forEach(value -> struct(bytes, out -> body.accept(out, value)));
    return this;
  }

  private void header(int field, int type) {
    if (field <= last || field - last > 15) {
      throw new IllegalArgumentException("Field " + field + " after field " + last + ".");
    }
    bytes.write((field - last) << 4 | type);
    last = field;
  }

  private void list(int field, int type, int size) {
    header(field, LIST);
    if (size < LONG_LIST) {
      bytes.write(size << 4 | type);
    } else {
      bytes.write(LONG_LIST << 4 | type);
      unsigned(size);
    }
  }

  private void string(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    unsigned(encoded.length);
    bytes.writeBytes(encoded);
  }

  /** Writes a zigzag integer: small numbers of either sign become small numbers. */
  private void integer(long value) {
    unsigned((value << 1) ^ (value >> 63));
  }

  /** Writes seven bits per byte, the lowest first. */
  private void unsigned(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }
}
