package io.measureflow.datasets.parquet;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import io.measureflow.api.error.InvalidRequestException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Walks through the pages of a Parquet file and checks their declared lengths against the file. The
 * Parquet reader trusts them, and searches endlessly for missing data.
 */
final class ParquetPages {

  /** The length of the magic number; at the end, the length of the footer precedes it. */
  private static final int MAGIC_BYTES = 4;

  private static final int END_BYTES = 8;

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private static final int MAX_DEPTH = 16;

  /**
   * The number of rows allowed for a file of any size. Runs of equal values take almost no space,
   * so the format itself does not bound the number of rows by the size of the file.
   */
  private static final long ROWS_OF_ANY_FILE = 1 << 20;

  private static final long ROWS_PER_BYTE = 1000;

  // Fields of the Thrift structures PageHeader, DataPageHeader and DataPageHeaderV2.
  private static final int PAGE_TYPE = 1;
  private static final int UNCOMPRESSED_SIZE = 2;
  private static final int COMPRESSED_SIZE = 3;
  private static final int DATA_PAGE = 5;
  private static final int DATA_PAGE_2 = 8;
  private static final int VALUES = 1;
  private static final int DEFINITION_LEVELS = 5;
  private static final int REPETITION_LEVELS = 6;
  private static final int IS_COMPRESSED = 7;

  // Values of the field PAGE_TYPE, and fields and types of an index.
  private static final int TYPE_DATA_PAGE_2 = 3;
  private static final int LOCATIONS = 1;
  private static final int OFFSET = 1;
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int STRUCT = 12;
  private static final int FALSE = 2;

  private final ByteBuffer bytes;
  private final long start;
  private final Set<Long> pages = new HashSet<>();
  private long pageType;
  private long levels;
  private boolean stored;
  private long uncompressed;
  private long compressed;
  private long values;

  private ParquetPages(ByteBuffer bytes, long start) {
    this.bytes = bytes;
    this.start = start;
  }

  /**
   * Checks the footer before it is parsed: the parser would trust the length of any list in it.
   *
   * @throws IOException or a runtime exception, if the declared content is not there
   */
  static void checkFooter(FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < MAGIC_BYTES + END_BYTES) {
      throw new IOException("a file of " + size + " bytes, which has no room for a footer");
    }
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer end = map(channel, size - END_BYTES, END_BYTES, arena);
      long length = end.getInt();
      if (!end.equals(ByteBuffer.wrap(MAGIC))) {
        throw new IOException("no PAR1 at the end, byte " + (size - MAGIC_BYTES));
      }
      if (length < 1 || length > size - MAGIC_BYTES - END_BYTES) {
        throw new IOException("a footer of " + length + " bytes before byte " + (size - END_BYTES));
      }
      long start = size - END_BYTES - length;
      ByteBuffer footer = map(channel, start, length, arena);
      try {
        var pages = new ParquetPages(footer, start);
        pages.struct(0, pages.in(Part.FILE));
      } catch (RuntimeException e) {
        throw new IOException(
            "a footer that is damaged at byte " + (start + footer.position()) + ": " + e, e);
      }
    }
  }

  /** The structures of a footer that contain lists, or structures with lists. */
  private enum Part {
    FILE,
    GROUP,
    CHUNK,
    COLUMN,
    OTHER
  }

  /**
   * Reads the fields of a structure of the footer. The Parquet reader relies on the id of a field
   * alone, whatever element type a list declares: it could be the lengths of strings.
   */
  private Field in(Part part) {
    return (field, type, depth) -> {
      switch (part) {
        case FILE -> {
          switch (field) {
            case 2, 5 -> list(type, STRUCT, Part.OTHER, depth);
            case 4 -> list(type, STRUCT, Part.GROUP, depth);
            default -> skip(type, depth);
          }
        }
        case GROUP -> {
          switch (field) {
            case 1 -> list(type, STRUCT, Part.CHUNK, depth);
            case 4 -> list(type, STRUCT, Part.OTHER, depth);
            default -> skip(type, depth);
          }
        }
        case CHUNK -> {
          if (field == 3 && type == STRUCT) {
            struct(depth, in(Part.COLUMN));
          } else {
            skip(type, depth);
          }
        }
        case COLUMN -> {
          switch (field) {
            case 2 -> list(type, I32, Part.OTHER, depth);
            case 3 -> list(type, BINARY, Part.OTHER, depth);
            case 8, 13 -> list(type, STRUCT, Part.OTHER, depth);
            default -> skip(type, depth);
          }
        }
        case OTHER -> skip(type, depth);
      }
    };
  }

  /** Reads a list of elements of a certain type. */
  private void list(int type, int elements, Part part, int depth) {
    require(type, LIST);
    int start = bytes.get() & 0xff;
    require(start & 0xf, elements);
    long size = start >>> 4 == 0xf ? unsigned() : start >>> 4;
    repeat(
        size,
        ignored -> {
          if (elements == STRUCT) {
            struct(depth + 1, in(part));
          } else {
            element(elements, depth);
          }
        });
  }

  private static ByteBuffer map(FileChannel channel, long start, long length, Arena arena)
      throws IOException {
    return channel
        .map(MapMode.READ_ONLY, start, length, arena)
        .asByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Checks all pages of a file.
   *
   * @throws IOException or a runtime exception, if the declared content is not there
   */
  static void check(Path file, FileChannel channel, FileMetaData metadata) throws IOException {
    long rows = 0;
    for (RowGroup group : metadata.rowGroups()) {
      rows = Math.addExact(rows, group.numRows());
      for (ColumnChunk chunk : group.columns()) {
        requireReadable(file, chunk.metaData());
        check(channel, chunk);
      }
    }
    if (rows != metadata.numRows()) {
      throw new IOException(rows + " rows in row groups of " + metadata.numRows());
    }
    if (rows < 0 || rows > ROWS_OF_ANY_FILE + ROWS_PER_BYTE * channel.size()) {
      throw new IOException(rows + " rows in a file of " + channel.size() + " bytes");
    }
  }

  private static void check(FileChannel channel, ColumnChunk chunk) throws IOException {
    ColumnMetaData column = chunk.metaData();
    long start = chunk.chunkStartOffset();
    long length = column.totalCompressedSize();
    long end = channel.size() - END_BYTES;
    if (start < MAGIC_BYTES || start > end || length < 0 || length > end - start) {
      throw new IOException(
          length
              + " bytes of column "
              + column.pathInSchema()
              + " announced at byte "
              + start
              + " of "
              + channel.size());
    }
    if (length == 0 && column.numValues() == 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      var pages = new ParquetPages(map(channel, start, length, arena), start);
      pages.walk(column);
      checkIndex(channel, chunk, pages.pages);
    }
  }

  private static void requireReadable(Path file, ColumnMetaData column) {
    switch (column.codec()) {
      case BROTLI, LZO ->
          throw InvalidRequestException.of(
              file + ", column " + column.pathInSchema(),
              "pages without compression, or compressed with snappy, zstd, gzip, lz4 or lz4_raw",
              "compression " + column.codec().name().toLowerCase(Locale.ROOT),
              "Write the file with another compression: df.to_parquet(FILE,"
                  + " compression=\"zstd\").");
      case UNCOMPRESSED, SNAPPY, GZIP, LZ4, LZ4_RAW, ZSTD -> {}
    }
  }

  private void walk(ColumnMetaData column) throws IOException {
    long missing = column.numValues();
    while (missing > 0) {
      pages.add(start + bytes.position());
      uncompressed = -1;
      compressed = -1;
      values = 0;
      pageType = -1;
      levels = 0;
      stored = false;
      struct(0, this::header);
      if (compressed < 0
          || compressed > bytes.remaining()
          || uncompressed < 0
          || uncompressed > column.totalUncompressedSize()
          || uncompressed > mostInflation(column.codec()) * compressed
          || values < 0
          || values > missing) {
        throw new IOException(
            "a page of "
                + values
                + " values, "
                + compressed
                + " bytes and "
                + uncompressed
                + " bytes when decompressed, where column "
                + column.pathInSchema()
                + " has "
                + missing
                + ", "
                + bytes.remaining()
                + " and "
                + column.totalUncompressedSize());
      }
      int next = bytes.position() + (int) compressed;
      if (column.codec() == CompressionCodec.SNAPPY) {
        checkSnappy(next);
      }
      bytes.position(next);
      missing -= values;
    }
  }

  /**
   * Checks the uncompressed size: Snappy's native code writes as many bytes as the beginning of its
   * data says, into a buffer of the size in the page header; with a mismatch it would overflow.
   */
  private void checkSnappy(int end) throws IOException {
    long before = pageType == TYPE_DATA_PAGE_2 ? levels : 0;
    if (before < 0 || before > compressed || before > uncompressed) {
      throw new IOException("levels of " + before + " bytes in a page of " + compressed);
    }
    if (compressed == before || (pageType == TYPE_DATA_PAGE_2 && stored)) {
      return;
    }
    bytes.position(bytes.position() + (int) before);
    long announced = unsigned();
    if (bytes.position() > end || announced != uncompressed - before) {
      throw new IOException(
          announced
              + " bytes announced by the data of a page of "
              + (uncompressed - before)
              + " bytes when decompressed");
    }
  }

  /** Checks that the page index, if there is one, points to the checked pages. */
  private static void checkIndex(FileChannel channel, ColumnChunk chunk, Set<Long> pages)
      throws IOException {
    Long position = chunk.offsetIndexOffset();
    Integer length = chunk.offsetIndexLength();
    if (position == null || length == null) {
      return;
    }
    if (position < MAGIC_BYTES || length < 0 || length > channel.size() - END_BYTES - position) {
      throw new IOException(length + " bytes of an index announced at byte " + position);
    }
    if (length == 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      var index = new ParquetPages(map(channel, position, length, arena), position);
      index.struct(
          0,
          (field, type, depth) -> {
            if (field != LOCATIONS || type != LIST) {
              index.skip(type, depth);
              return;
            }
            int start = index.bytes.get() & 0xff;
            long size = start >>> 4 == 0xf ? index.unsigned() : start >>> 4;
            index.repeat(size, ignored -> index.location(start & 0xf, depth + 1, pages));
          });
    }
  }

  /** Reads one entry of the index. */
  private void location(int type, int depth, Set<Long> pages) {
    if (type != STRUCT) {
      throw new IllegalArgumentException("an index of something else than places");
    }
    struct(
        depth,
        (field, innerType, innerDepth) -> {
          if (field == OFFSET) {
            long place = integer(innerType, I64);
            if (!pages.contains(place)) {
              throw new IllegalArgumentException("no page at byte " + place + " of the index");
            }
          } else {
            skip(innerType, innerDepth);
          }
        });
  }

  /** Returns the largest expansion of one byte. */
  private static long mostInflation(CompressionCodec codec) {
    return switch (codec) {
      case UNCOMPRESSED -> 1;
      case SNAPPY -> 64; // 64 bytes for a copy in 3.
      case LZ4, LZ4_RAW -> 256; // A length in bytes of up to 255 each.
      case GZIP -> 1032; // 258 bytes in 2 bits.
      case ZSTD, BROTLI, LZO -> 1 << 15; // A block of 128 KiB in 4 bytes.
    };
  }

  private void header(int field, int type, int depth) {
    switch (field) {
      case PAGE_TYPE -> pageType = integer(type, I32);
      case UNCOMPRESSED_SIZE -> uncompressed = integer(type, I32);
      case COMPRESSED_SIZE -> compressed = integer(type, I32);
      case DATA_PAGE, DATA_PAGE_2 -> {
        require(type, STRUCT);
        struct(
            depth,
            (inner, innerType, innerDepth) -> {
              if (inner == VALUES) {
                values = integer(innerType, I32);
              } else if (field == DATA_PAGE_2
                  && (inner == DEFINITION_LEVELS || inner == REPETITION_LEVELS)) {
                levels = Math.addExact(levels, integer(innerType, I32));
              } else {
                stored |= field == DATA_PAGE_2 && inner == IS_COMPRESSED && innerType == FALSE;
                skip(innerType, innerDepth);
              }
            });
      }
      default -> skip(type, depth);
    }
  }

  /**
   * Requires a type: the Parquet reader would skip a field of another type and continue elsewhere.
   */
  private static void require(int type, int expected) {
    if (type != expected) {
      throw new IllegalArgumentException("a field of Thrift type " + type + ", not " + expected);
    }
  }

  private long integer(int type, int expected) {
    require(type, expected);
    return integer();
  }

  // ---- the compact protocol of Thrift ----

  /** Reads or skips the value of a field. */
  @FunctionalInterface
  private interface Field {
    void read(int field, int type, int depth);
  }

  private void struct(int depth, Field reader) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("structures nested too deeply");
    }
    int field = 0;
    for (int start = bytes.get() & 0xff; start != 0; start = bytes.get() & 0xff) {
      int step = start >>> 4;
      field = step == 0 ? (int) integer() : field + step;
      reader.read(field, start & 0xf, depth + 1);
    }
  }

  private void skip(int type, int depth) {
    switch (type) {
      case 1, 2 -> {} // The type is the truth value.
      case 3 -> advance(1);
      case 4, 5, 6 -> unsigned();
      case 7 -> advance(Double.BYTES);
      case 8 -> advance(unsigned());
      case 9, 10 -> {
        int start = bytes.get() & 0xff;
        long size = start >>> 4 == 0xf ? unsigned() : start >>> 4;
        repeat(size, ignored -> element(start & 0xf, depth));
      }
      case 11 -> {
        long size = unsigned();
        if (size != 0) {
          int types = bytes.get() & 0xff;
          repeat(
              size,
              ignored -> {
                element(types >>> 4, depth);
                element(types & 0xf, depth);
              });
        }
      }
      case 12 -> struct(depth, this::ignore);
      default -> throw new IllegalArgumentException("no Thrift type " + type);
    }
  }

  private void ignore(int field, int type, int depth) {
    skip(type, depth);
  }

  private void repeat(long size, IntConsumer body) {
    // Every element takes at least one byte.
    if (size < 0 || size > bytes.remaining()) {
      throw new IllegalArgumentException(size + " elements in " + bytes.remaining() + " bytes");
    }
    for (int i = 0; i < size; i++) {
      body.accept(i);
    }
  }

  /** Reads an element; in a list a boolean takes a byte. */
  private void element(int type, int depth) {
    if (type == 1 || type == 2) {
      advance(1);
    } else if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("lists nested too deeply");
    } else {
      skip(type, depth + 1);
    }
  }

  private void advance(long count) {
    if (count < 0 || count > bytes.remaining()) {
      throw new IllegalArgumentException(count + " bytes announced of " + bytes.remaining());
    }
    bytes.position(bytes.position() + (int) count);
  }

  private long integer() {
    long zigzag = unsigned();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  private long unsigned() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = bytes.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("an integer of more than 64 bits");
  }
}
