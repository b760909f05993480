package io.measureflow.datasets.csv;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.io.SourceFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** The records of a file; whatever cannot be read is one error. Empty lines are no records. */
final class CsvRecords implements AutoCloseable {

  private static final int BUFFER = 1 << 16;
  private static final int MOST_COLUMNS = 1 << 24;
  private static final int MOST_CHARACTERS = 1 << 28;

  private final Path file;
  private final char separator;
  private final CsvReader<CsvRecord> reader;
  private final Iterator<CsvRecord> records;
  private long last;

  CsvRecords(Path file, char separator) throws IOException {
    this.file = file;
    this.separator = separator;
    try {
      reader =
          CsvReader.builder()
              .fieldSeparator(separator)
              .skipEmptyLines(true)
              .allowUnclosedQuote(false)
              .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
              .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
              .build(
                  CsvRecordHandler.builder()
                      .maxFields(MOST_COLUMNS)
                      .maxRecordSize(MOST_CHARACTERS)
                      .build(),
                  text(file));
      records = reader.iterator();
    } catch (IOException e) {
      throw damaged(file, e);
    }
  }

  boolean hasNext() {
    try {
      return records.hasNext();
    } catch (UncheckedIOException | CsvParseException e) {
      throw damaged(e);
    }
  }

  CsvRecord next() {
    try {
      CsvRecord record = records.next();
      last = record.getStartingLineNumber();
      return record;
    } catch (UncheckedIOException | CsvParseException e) {
      throw damaged(e);
    }
  }

  private InvalidRequestException damaged(RuntimeException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    if (cause instanceof CharacterCodingException) {
      Optional<String> other = otherFormat(file);
      if (other.isPresent()) {
        return InvalidRequestException.of(
            file.toString(),
            "a table as text",
            "the beginning of a file of the format " + other.get(),
            "Choose the dataset " + other.get() + ".");
      }
      return new InvalidRequestException(
          file
              + ", after row "
              + last
              + ": expected text in UTF-8, found bytes that are none. Save the file as UTF-8, for"
              + " example with iconv -f latin1 -t utf-8.",
          cause);
    }
    if (cause instanceof CsvParseException) {
      try {
        long row = unclosedQuote();
        if (row > 0) {
          return new InvalidRequestException(
              file
                  + ", row "
                  + row
                  + ": expected a quote that ends the cell, found a quote that opens in this row"
                  + " and none that closes it. Correct the row, or leave it out.",
              cause);
        }
      } catch (IOException another) {
        cause.addSuppressed(another);
      }
    }
    return damaged(file, cause);
  }

  /**
   * The line of the quote that opens last and that nothing closes, or 0. Quotes inside of a cell
   * that does not begin with one mean nothing.
   */
  private long unclosedQuote() throws IOException {
    try (Reader text = text(file)) {
      char[] buffer = new char[BUFFER];
      boolean quoted = false;
      boolean closed = false; // By the character before, which may end an earlier read.
      boolean begun = false;
      long line = 1;
      long opened = 0;
      for (int n = text.read(buffer); n >= 0; n = text.read(buffer)) {
        for (int i = 0; i < n; i++) {
          char c = buffer[i];
          if (c == '\n') {
            line++;
          }
          if (quoted) {
            closed = c == '"';
            quoted = !closed;
          } else if (c == '"' && (!begun || closed)) {
            // A doubled quote closes and opens again.
            opened = begun ? opened : line;
            quoted = true;
            begun = true;
          } else {
            closed = false;
            begun = c != separator && c != '\n' && c != '\r';
          }
        }
      }
      return quoted ? opened : 0;
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** The error of a file that cannot be read. */
  static InvalidRequestException damaged(Path file, Throwable cause) {
    return new InvalidRequestException(
        file
            + ": expected a table as text in UTF-8, plain or gzip, found something that cannot be"
            + " read ("
            + AtomicFile.reason(cause)
            + "). Check how the file was written.",
        cause);
  }

  /** The text of a file, without a byte order mark. */
  static Reader text(Path file) throws IOException {
    InputStream in = content(file);
    try {
      Charset charset = StandardCharsets.UTF_8;
      in.mark(3);
      byte[] start = in.readNBytes(3);
      in.reset();
      if (startsWith(start, 0xef, 0xbb, 0xbf)) {
        in.skipNBytes(3);
      } else if (startsWith(start, 0xff, 0xfe)) {
        in.skipNBytes(2);
        charset = StandardCharsets.UTF_16LE;
      } else if (startsWith(start, 0xfe, 0xff)) {
        in.skipNBytes(2);
        charset = StandardCharsets.UTF_16BE;
      }
      // The decoder of a reader that is made from a charset would replace malformed bytes.
      return new InputStreamReader(in, charset.newDecoder());
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** The format of tables that a file begins like, if it is another one. */
  private static Optional<String> otherFormat(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(6);
      return startsWith(start, 'P', 'A', 'R', '1')
          ? Optional.of("parquet")
          : startsWith(start, 'A', 'R', 'R', 'O', 'W', '1')
              ? Optional.of("arrow")
              : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // Then what is known already is said.
    }
  }

  private static boolean startsWith(byte[] bytes, int... expected) {
    for (int i = 0; i < expected.length; i++) {
      if (i >= bytes.length || bytes[i] != (byte) expected[i]) {
        return false;
      }
    }
    return true;
  }

  private static InputStream content(Path file) throws IOException {
    var in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      in.mark(2);
      byte[] start = in.readNBytes(2);
      in.reset();
      return SourceFiles.isGzip(start)
          ? new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER)
          : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }
}
