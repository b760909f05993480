package io.measureflow.datasets.image;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.io.SourceFiles;
import io.measureflow.datasets.store.ArrowMemory.Column;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/**
 * An IDX file of bytes: two zero bytes, type 8 (unsigned byte), the number of dimensions, each
 * dimension as a big-endian int, the elements. Gzip is detected by content.
 *
 * <p>Sizes in the header are checked against the file before they are used. Positions in messages
 * count decompressed bytes.
 */
final class IdxFile {

  private static final int UNSIGNED_BYTE = 8;
  private static final int BUFFER = 1 << 16;

  /** The largest ratio of a deflate stream (RFC 1951: 258 bytes in 2 bits). */
  private static final long MOST_INFLATION = 1032;

  /** A compressed file that claims more is decompressed twice, first only to count its bytes. */
  private static final long TRUSTED_SIZE = 1 << 28;

  private final Path path;
  private final byte[] stored;
  private final boolean compressed;

  private IdxFile(Path path, byte[] stored) {
    this.path = path;
    this.stored = stored;
    compressed = SourceFiles.isGzip(stored);
  }

  /** Reads the raw bytes of a file. */
  static IdxFile open(Path path) {
    try {
      long size = Files.size(path);
      if (size > Integer.MAX_VALUE - 16) {
        throw InvalidRequestException.of(
            path.toString(), "less than 2 GiB", size + " bytes", "Compress or split the file.");
      }
      return new IdxFile(path, Files.readAllBytes(path));
    } catch (IOException e) {
      throw SourceFiles.unreadable(path, e);
    }
  }

  Path path() {
    return path;
  }

  /** Returns the bytes as stored on disk. */
  byte[] stored() {
    return stored;
  }

  /** Creates the error for a file with unexpected content. */
  InvalidRequestException malformed(long position, String expected, String found) {
    return InvalidRequestException.of(
        path + (compressed ? ", decompressed" : "") + ", byte " + position,
        expected,
        found,
        "Get the file again from its source.");
  }

  private InputStream content() throws IOException {
    var bytes = new ByteArrayInputStream(stored);
    return compressed ? new GZIPInputStream(bytes, BUFFER) : bytes;
  }

  private static int headerBytes(int rank) {
    return 4 + 4 * rank;
  }

  /** Reads the dimensions, outermost first, and checks that the file is long enough for them. */
  int[] header(int rank) {
    byte[] start = read(0, headerBytes(rank), "a header of " + headerBytes(rank) + " bytes");
    byte[] magic = {0, 0, UNSIGNED_BYTE, (byte) rank};
    for (int i = 0; i < magic.length; i++) {
      if (start[i] != magic[i]) {
        HexFormat hex = HexFormat.ofDelimiter(" ");
        throw malformed(
            i,
            "an IDX file of bytes in " + rank + " dimension(s), beginning " + hex.formatHex(magic),
            hex.formatHex(start, 0, 4));
      }
    }
    int[] sizes = new int[rank];
    long size = 1;
    for (int axis = 0; axis < rank; axis++) {
      int position = 4 + 4 * axis;
      sizes[axis] = ByteBuffer.wrap(start).getInt(position);
      if (sizes[axis] < 1) {
        throw malformed(
            position, "a dimension of 1 or more", Integer.toUnsignedString(sizes[axis]));
      }
      if (size > Integer.MAX_VALUE) {
        break;
      }
      size *= sizes[axis];
    }
    checkLength(headerBytes(rank) + size);
    return sizes;
  }

  private void checkLength(long expected) {
    long most =
        !compressed
            ? stored.length
            : expected > TRUSTED_SIZE && expected <= MOST_INFLATION * stored.length
                ? count(expected)
                : MOST_INFLATION * stored.length;
    if (most < expected || (!compressed && most > expected)) {
      throw malformed(
          Math.min(most, expected),
          expected + " bytes, as the header says",
          (compressed ? "at most " : "") + most + " bytes");
    }
  }

  /** Counts the decompressed bytes, up to {@code limit}. */
  private long count(long limit) {
    byte[] buffer = new byte[BUFFER];
    long count = 0;
    try (InputStream in = content()) {
      int n = 0;
      while (count < limit && n >= 0) {
        count += n;
        n = in.read(buffer);
      }
    } catch (IOException e) {
      throw damaged(count, e);
    }
    return count;
  }

  /** Reads bytes {@code from} to {@code from + length - 1}. */
  private byte[] read(int from, int length, String what) {
    try (InputStream in = content()) {
      in.skipNBytes(from);
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw malformed(from + bytes.length, what, "the end of the file");
      }
      return bytes;
    } catch (IOException e) {
      throw damaged(from, e);
    }
  }

  private InvalidRequestException damaged(long position, IOException cause) {
    return malformed(
        position, "more data", "none that can be read (" + AtomicFile.reason(cause) + ")");
  }

  private void checkEnd(InputStream in, long end) throws IOException {
    if (in.read() >= 0) {
      throw malformed(end, "the end of the file, as the header says", "more data");
    }
  }

  /** The largest label of the file. */
  int largestLabel() {
    int rows = header(1)[0];
    int largest = 0;
    for (byte label : read(headerBytes(1), rows, rows + " labels")) {
      largest = Math.max(largest, Byte.toUnsignedInt(label));
    }
    return largest;
  }

  /** Reads one label for each row and checks that it is below {@code classes}. */
  void readLabels(Column column, int classes) {
    int first = headerBytes(1);
    byte[] labels;
    try (InputStream in = content()) {
      in.skipNBytes(first);
      labels = in.readNBytes(column.rows());
      if (labels.length < column.rows()) {
        throw malformed(first + labels.length, column.rows() + " labels", "the end of the file");
      }
      checkEnd(in, first + labels.length);
    } catch (IOException e) {
      throw damaged(first, e);
    }
    int[] numbers = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      numbers[i] = Byte.toUnsignedInt(labels[i]);
      if (numbers[i] >= classes) {
        throw malformed(
            first + i, "a label from 0 to " + (classes - 1), String.valueOf(numbers[i]));
      }
    }
    column.memory().copyFrom(MemorySegment.ofArray(numbers));
  }

  /** Fills the memory with bytes of images. */
  void readPixels(MemorySegment pixels) {
    int first = headerBytes(3);
    long size = pixels.byteSize();
    byte[] block = new byte[(int) Math.min(size, BUFFER)];
    long position = 0;
    try (InputStream in = content()) {
      in.skipNBytes(first);
      while (position < size) {
        int n = in.read(block, 0, (int) Math.min(block.length, size - position));
        if (n < 0) {
          throw malformed(first + position, size + " pixels", "the end of the file");
        }
        MemorySegment.copy(block, 0, pixels, ValueLayout.JAVA_BYTE, position, n);
        position += n;
      }
      checkEnd(in, first + size);
    } catch (IOException e) {
      throw damaged(first + position, e);
    }
  }
}
