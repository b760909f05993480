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

/** Writes a table to a file, atomically if it is not a pipe. */
final class OutputTable implements AutoCloseable {

  private final Writable format;
  private final AtomicFile output;
  private @Nullable TableWriter writer;

  /**
   * Opens the file.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the file cannot be created
   */
  OutputTable(Writable format, Path file) {
    this.format = format;
    output = AtomicFile.open(file);
  }

  Path file() {
    return output.file();
  }

  /** Starts the table with these columns. */
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

  /** Appends rows. A failure to write is not reported as an error of the source. */
  void append(Cells[] cells, int rows) {
    try {
      writer().append(cells, rows);
    } catch (IOException e) {
      throw AtomicFile.failed(file(), e);
    }
  }

  /** Completes the table and moves the file into place. */
  void commit() {
    try {
      writer().finish();
      output.commit();
    } catch (IOException e) {
      throw AtomicFile.failed(file(), e);
    }
  }

  /** Closes the file. Without a commit, no file is left. */
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
