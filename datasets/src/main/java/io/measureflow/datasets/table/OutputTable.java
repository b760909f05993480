package io.measureflow.datasets.table;

import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableFormats;
import io.measureflow.datasets.format.TableFormats.Writable;
import io.measureflow.datasets.format.TableOutput;
import io.measureflow.datasets.format.TableWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table that is written to a file, which appears when it is complete. */
final class OutputTable implements AutoCloseable {

  private final Writable format;
  private final AtomicFile output;
  private @Nullable TableWriter writer;

  /**
   * Begins the file.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if there cannot be such a file
   */
  OutputTable(Writable format, Path file) {
    this.format = format;
    output = AtomicFile.open(file);
  }

  Path file() {
    return output.file();
  }

  /** Begins the table; its columns are known from now on. */
  void begin(List<Field> fields) {
    try {
      writer = format.format().create(new TableOutput(file(), format.extension(), output), fields);
    } catch (MeasureFlowException e) {
      throw e;
    } catch (IOException e) {
      throw AtomicFile.failed(file(), e);
    } catch (RuntimeException | LinkageError e) {
      throw TableFormats.failed(format.format(), "write " + file(), e);
    }
  }

  private TableWriter writer() {
    TableWriter begun = writer;
    if (begun == null) {
      throw new IllegalStateException("The columns of " + file() + " are not known yet.");
    }
    return begun;
  }

  /** Appends rows. Whatever cannot be written is no fault of what is read. */
  void append(Cells[] cells, int rows) {
    try {
      writer().append(cells, rows);
    } catch (IOException e) {
      throw AtomicFile.failed(file(), e);
    }
  }

  /** Ends the table and puts the file in its place. */
  void commit() {
    try {
      writer().finish();
      output.commit();
    } catch (IOException e) {
      throw AtomicFile.failed(file(), e);
    }
  }

  /** Without a commit, nothing is left. */
  @Override
  public void close() {
    try (output) {
      if (writer != null) {
        writer.close();
      }
    } catch (IOException e) {
      throw AtomicFile.failed(file(), e);
    }
  }
}
