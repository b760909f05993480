package io.measureflow.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.program.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * The safetensors format (github.com/huggingface/safetensors): an 8-byte little-endian header
 * length, a JSON header that maps each tensor's name to its type, shape and offsets, and the raw
 * little-endian tensors, row-major.
 *
 * <p>A file is validated in full before its content is used: the length of the header against the
 * file and a fixed limit, the offsets against type and shape, and all of them against each other.
 */
public final class Safetensors {

  /** The longest header that the format allows. */
  static final int MAX_HEADER_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final int LENGTH_BYTES = 8;
  private static final int CHUNK_BYTES = 1 << 18;

  private Safetensors() {}

  /**
   * The content of a file.
   *
   * @param metadata the strings of {@code __metadata__}
   * @param tensors the tensors by name, in the order of the header
   */
  public record Content(
      SequencedMap<String, String> metadata, SequencedMap<String, Tensor> tensors) {

    /** Copies the maps; the tensors are shared. */
    public Content {
      metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
      tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
    }
  }

  /** The element types of the format; those without a type in memory can only be skipped. */
  private enum Dtype {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    U64(8),
    I32(4),
    U32(4),
    I16(2),
    U16(2),
    I8(1),
    U8(1),
    BOOL(1),
    F8_E4M3(1),
    F8_E5M2(1);

    final int bytes;

    Dtype(int bytes) {
      this.bytes = bytes;
    }
  }

  private record Entry(String name, Dtype dtype, List<Long> shape, long begin, long end) {}

  /**
   * Reads a whole file.
   *
   * @throws InvalidRequestException if there is no such file or it is malformed; the message names
   *     the file, the tensor or position, what was expected and what was found
   */
  public static Content read(Path file) {
    return read(file, name -> true);
  }

  /**
   * Reads the wanted tensors; F16 and BF16 are widened to FLOAT32. Of the others only the header is
   * checked.
   *
   * @throws InvalidRequestException as {@link #read(Path)}
   */
  public static Content read(Path file, Predicate<String> wanted) {
    if (!Files.isRegularFile(file)) {
      throw InvalidRequestException.of(
          file.toString(),
          "a safetensors file",
          Files.isDirectory(file) ? "a folder" : "nothing of that name",
          "Check the path.");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long headerBytes = headerLength(file, channel);
      ObjectNode header = header(file, channel, (int) headerBytes);
      long base = LENGTH_BYTES + headerBytes;
      var metadata = metadata(file, header);
      List<Entry> entries = entries(file, header);
      requireContiguous(file, entries, channel.size() - base);
      var tensors = new LinkedHashMap<String, Tensor>();
      // One for all tensors: a file may hold a great many small ones.
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
      for (Entry entry : entries) {
        if (wanted.test(entry.name())) {
          tensors.put(entry.name(), tensor(file, channel, base, entry, buffer));
        }
      }
      return new Content(metadata, tensors);
    } catch (IOException e) {
      throw new RunFailedException(file + ": could not be read: " + AtomicFile.reason(e), e);
    }
  }

  /**
   * Writes a file atomically (see {@link AtomicFile}); equal arguments give equal bytes.
   *
   * @param tensors FLOAT32 or FLOAT64, written in the order of the map
   */
  public static void write(
      Path file, SequencedMap<String, Tensor> tensors, SequencedMap<String, String> metadata) {
    byte[] header = header(tensors, metadata);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer start =
              ByteBuffer.allocate(LENGTH_BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
          AtomicFile.writeFully(channel, start.putLong(header.length).put(header).flip());
          ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
          for (Tensor tensor : tensors.values()) {
            writeElements(channel, tensor, buffer);
          }
        });
  }

  private static byte[] header(
      SequencedMap<String, Tensor> tensors, SequencedMap<String, String> metadata) {
    ObjectNode header = Json.object();
    if (!metadata.isEmpty()) {
      ObjectNode strings = header.putObject(METADATA);
      metadata.forEach(strings::put);
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
      Tensor tensor = named.getValue();
      ObjectNode entry = header.putObject(named.getKey());
      entry.put("dtype", dtype(named.getKey(), tensor.type()).name());
      ArrayNode shape = entry.putArray("shape");
      tensor.shape().dimensions().forEach(shape::add);
      long end = offset + tensor.memory().byteSize();
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    String json = Json.write(header);
    // Padded with spaces to a multiple of 8, so that tensors of even size are aligned in the file.
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    return (json + " ".repeat(Math.floorMod(-length, LENGTH_BYTES)))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Dtype dtype(String name, ElementType type) {
    return switch (type) {
      case FLOAT32 -> Dtype.F32;
      case FLOAT64 -> Dtype.F64;
      case INT32 ->
          throw new IllegalArgumentException(
              "Tensor " + name + ": expected FLOAT32 or FLOAT64, found INT32");
    };
  }

  private static void writeElements(FileChannel channel, Tensor tensor, ByteBuffer buffer)
      throws IOException {
    MemorySegment chunk = MemorySegment.ofBuffer(buffer.clear());
    int width = tensor.type().bytes();
    long size = tensor.shape().size();
    for (long from = 0; from < size; from += CHUNK_BYTES / width) {
      long count = Math.min((long) CHUNK_BYTES / width, size - from);
      copy(tensor.memory(), from * width, tensor.type(), true, chunk, 0, count);
      AtomicFile.writeFully(channel, buffer.clear().limit((int) (count * width)));
    }
  }

  /** Copies elements between the byte orders of the machine and the file. */
  private static void copy(
      MemorySegment source,
      long from,
      ElementType type,
      boolean toFile,
      MemorySegment target,
      long to,
      long count) {
    ValueLayout host =
        switch (type) {
          case FLOAT32 -> ValueLayout.JAVA_FLOAT_UNALIGNED;
          case FLOAT64 -> ValueLayout.JAVA_DOUBLE_UNALIGNED;
          case INT32 -> ValueLayout.JAVA_INT_UNALIGNED;
        };
    ValueLayout little = host.withOrder(ByteOrder.LITTLE_ENDIAN);
    MemorySegment.copy(
        source, toFile ? host : little, from, target, toFile ? little : host, to, count);
  }

  private static long headerLength(Path file, FileChannel channel) throws IOException {
    long fileBytes = channel.size();
    if (fileBytes < LENGTH_BYTES) {
      throw InvalidRequestException.of(
          file.toString(),
          "a safetensors file, at least 8 bytes long",
          fileBytes + " bytes",
          "The file is truncated; write it again.");
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(file, channel, length, 0);
    long headerBytes = length.flip().getLong();
    long limit = Math.min(MAX_HEADER_BYTES, fileBytes - LENGTH_BYTES);
    if (headerBytes < 2 || headerBytes > limit) {
      throw InvalidRequestException.of(
          file + ", header length (bytes 0 to 7)",
          "2 to " + limit + " (the file has " + fileBytes + " bytes)",
          Long.toUnsignedString(headerBytes),
          "The file is truncated or no safetensors file; write it again.");
    }
    return headerBytes;
  }

  private static ObjectNode header(Path file, FileChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    readFully(file, channel, buffer, LENGTH_BYTES);
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(buffer.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidRequestException(
          file
              + ", header: expected UTF-8, found bytes that are not, at byte "
              + (LENGTH_BYTES + buffer.position())
              + ". The file is damaged; write it again.",
          e);
    }
    return Json.parseObject(text, file + ", header");
  }

  private static SequencedMap<String, String> metadata(Path file, ObjectNode header) {
    var metadata = new LinkedHashMap<String, String>();
    JsonNode node = header.path(METADATA);
    if (node.isMissingNode()) {
      return metadata;
    }
    if (!(node instanceof ObjectNode strings)) {
      throw InvalidRequestException.of(
          file + ", " + METADATA,
          "an object of strings",
          Json.shortened(node),
          "Write the file again.");
    }
    strings
        .properties()
        .forEach(
            field ->
                metadata.put(
                    field.getKey(),
                    Json.text(field.getValue(), file + ", " + METADATA + "." + field.getKey())));
    return metadata;
  }

  private static List<Entry> entries(Path file, ObjectNode header) {
    var entries = new ArrayList<Entry>();
    header
        .properties()
        .forEach(
            field -> {
              if (!field.getKey().equals(METADATA)) {
                entries.add(entry(file, field.getKey(), field.getValue()));
              }
            });
    return entries;
  }

  private static Entry entry(Path file, String name, JsonNode node) {
    String where = file + ", tensor " + name;
    JsonNode shapeNode = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!shapeNode.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw InvalidRequestException.of(
          where,
          "an object with dtype, shape and two data_offsets",
          Json.shortened(node),
          "Write the file again.");
    }
    Dtype dtype = dtype(where, Json.text(node.path("dtype"), where + ", dtype"));
    var shape = new ArrayList<Long>();
    long bytes = dtype.bytes;
    try {
      for (JsonNode dimension : shapeNode) {
        shape.add(size(dimension, where + ", shape"));
        bytes = Math.multiplyExact(bytes, shape.getLast());
      }
    } catch (ArithmeticException e) {
      throw new InvalidRequestException(
          where
              + ": expected a shape of fewer than 2^63 bytes, found "
              + shapeNode
              + ". The file is damaged; write it again.",
          e);
    }
    long begin = size(offsets.get(0), where + ", data_offsets");
    long end = size(offsets.get(1), where + ", data_offsets");
    if (end < begin || end - begin != bytes) {
      throw InvalidRequestException.of(
          where + ", data_offsets",
          bytes + " bytes for shape " + shapeNode + " of " + dtype,
          "[" + begin + ", " + end + "]",
          "The file is damaged; write it again.");
    }
    return new Entry(name, dtype, shape, begin, end);
  }

  private static Dtype dtype(String where, String name) {
    for (Dtype dtype : Dtype.values()) {
      if (dtype.name().equals(name)) {
        return dtype;
      }
    }
    throw InvalidRequestException.of(
        where + ", dtype", "F32 or F64", "'" + name + "'", "Save the tensor as F32 or F64.");
  }

  private static long size(JsonNode node, String where) {
    if (node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0) {
      return node.longValue();
    }
    throw InvalidRequestException.of(
        where,
        "whole numbers from 0 to 2^63 - 1",
        Json.shortened(node),
        "The file is damaged; write it again.");
  }

  /**
   * Checks that the tensors lie end to end and fill the file: no overlaps, no gaps, nothing hidden.
   */
  private static void requireContiguous(Path file, List<Entry> entries, long dataBytes) {
    var byPlace = new ArrayList<>(entries);
    byPlace.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    for (Entry entry : byPlace) {
      if (entry.end() > dataBytes) {
        throw InvalidRequestException.of(
            file + ", tensor " + entry.name(),
            "at least " + entry.end() + " bytes of tensors after the header",
            dataBytes + " bytes",
            "The file is truncated; write or copy it again.");
      }
      if (entry.begin() != covered) {
        throw InvalidRequestException.of(
            file + ", tensor " + entry.name() + ", data_offsets",
            "a beginning at " + covered + ", where the tensor before it ends",
            String.valueOf(entry.begin()),
            "Tensors must not overlap or leave gaps; write the file again.");
      }
      covered = entry.end();
    }
    if (covered != dataBytes) {
      throw InvalidRequestException.of(
          file.toString(),
          covered + " bytes of tensors after the header",
          dataBytes + " bytes",
          "The file has bytes that belong to no tensor; write it again.");
    }
  }

  /**
   * @param buffer what tensors are read through, in pieces of its size
   */
  private static Tensor tensor(
      Path file, FileChannel channel, long base, Entry entry, ByteBuffer buffer)
      throws IOException {
    String where = file + ", tensor " + entry.name();
    Shape shape = shape(where, entry.shape());
    return switch (entry.dtype()) {
      case F32 -> elements(file, channel, base + entry.begin(), shape, ElementType.FLOAT32, buffer);
      case F64 -> elements(file, channel, base + entry.begin(), shape, ElementType.FLOAT64, buffer);
      case F16, BF16 -> widened(file, channel, base + entry.begin(), shape, entry.dtype());
      case I64, U64, I32, U32, I16, U16, I8, U8, BOOL, F8_E4M3, F8_E5M2 ->
          throw InvalidRequestException.of(
              where + ", dtype",
              "F32 or F64",
              entry.dtype().name(),
              "Save the tensor as F32 or F64.");
    };
  }

  private static Shape shape(String where, List<Long> dimensions) {
    try {
      return new Shape(dimensions.stream().map(Math::toIntExact).toList());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidRequestException(
          where
              + ": expected at most "
              + Shape.MAX_RANK
              + " dimensions and 2^31 - 1 elements, found shape "
              + dimensions
              + ". Save a smaller tensor.",
          e);
    }
  }

  private static Tensor elements(
      Path file,
      FileChannel channel,
      long position,
      Shape shape,
      ElementType type,
      ByteBuffer buffer)
      throws IOException {
    Tensor tensor = Tensor.zeros(shape, type);
    MemorySegment chunk = MemorySegment.ofBuffer(buffer.clear());
    int width = type.bytes();
    long size = shape.size();
    for (long from = 0; from < size; from += CHUNK_BYTES / width) {
      long count = Math.min((long) CHUNK_BYTES / width, size - from);
      buffer.clear().limit((int) (count * width));
      readFully(file, channel, buffer, position + from * width);
      copy(chunk, 0, type, false, tensor.memory(), from * width, count);
    }
    return tensor;
  }

  private static Tensor widened(
      Path file, FileChannel channel, long position, Shape shape, Dtype dtype) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.multiplyExact(shape.size(), dtype.bytes));
    readFully(file, channel, buffer, position);
    buffer.flip().order(ByteOrder.LITTLE_ENDIAN);
    float[] elements = new float[shape.size()];
    for (int i = 0; i < elements.length; i++) {
      short bits = buffer.getShort();
      elements[i] =
          dtype == Dtype.F16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
    }
    return Tensor.of(shape, elements);
  }

  private static void readFully(Path file, FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw InvalidRequestException.of(
            file + ", byte " + at,
            buffer.remaining() + " more bytes",
            "the end of the file",
            "The file was cut while it was read; write it again.");
      }
      at += read;
    }
  }
}
