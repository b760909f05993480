package io.measureflow.datasets.table;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.PredictionWriter.Kept;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.Selection;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFile.Batches;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableFile.Column;
import io.measureflow.datasets.format.TableFile.Kind;
import io.measureflow.datasets.format.TableFormats.Writable;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.io.SourceFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Columns of the source of predictions, read forward beside them in bounded memory. */
final class KeptColumns implements AutoCloseable {

  private final TableFile file;
  private final List<Integer> indices;
  private final List<Field> fields;
  private final Batches batches;
  private final TableCells.Window[] cells;

  /** Rows of the current batch, and how many of them were passed on. */
  private int size;

  private int done;

  private KeptColumns(TableFile file, List<Integer> indices, List<Field> fields, Batches batches) {
    this.file = file;
    this.indices = indices;
    this.fields = fields;
    this.batches = batches;
    cells = TableCells.windows(indices.size());
  }

  /**
   * Opens the source.
   *
   * @param target the format to be written: a format without types gets the texts of its own kind
   *     unchanged
   * @throws InvalidRequestException if the source is no table or lacks a column
   */
  static KeptColumns open(TableProvider tables, Kept kept, Writable target) {
    DatasetRequest source = kept.source();
    if (!tables.reads(source.name()) || source.data().isEmpty()) {
      throw InvalidRequestException.of(
          "columns to keep",
          "a table",
          "the dataset " + source.name(),
          "Leave them out; of a folder of images, 'file' can be kept.");
    }
    try {
      TableFile file = tables.openAgain(source);
      try {
        List<Integer> indices = indices(file, kept.columns());
        boolean alike = target.format().name().equals(source.name());
        List<Field> fields =
            indices.stream().map(i -> field(file, file.columns().get(i), alike)).toList();
        var selection = new Selection(new HashSet<>(indices), Set.of());
        return new KeptColumns(file, indices, fields, file.read(selection));
      } catch (RuntimeException | IOException | Error e) {
        file.close();
        throw e;
      }
    } catch (IOException e) {
      throw SourceFiles.unreadable(source.data().get(), e);
    }
  }

  private static List<Integer> indices(TableFile file, List<String> names) {
    List<String> found = file.columns().stream().map(Column::name).toList();
    var indices = new ArrayList<Integer>();
    for (String name : names) {
      int index = found.indexOf(name);
      if (index < 0 || indices.contains(index)) {
        throw InvalidRequestException.of(
            file.path().toString(),
            index < 0 ? "a column \"" + name + "\" to keep" : "different columns to keep",
            index < 0
                ? "the columns "
                    + found.stream().limit(20).collect(Collectors.joining(", "))
                    + (found.size() > 20 ? ", ..." : "")
                : "\"" + name + "\" twice",
            "Correct the list of columns to keep.");
      }
      indices.add(index);
    }
    return indices;
  }

  private static Field field(TableFile file, Column column, boolean alike) {
    ValueType type =
        column
            .values()
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        file.path() + ", column \"" + column.name() + "\" to keep",
                        "numbers, text or truth values",
                        column.type(),
                        "Leave it out, or convert it in the source."));
    // Numbers that the source has as text, such as 007, stay as they are.
    boolean verbatim = alike && column.kind() == Kind.NUMERAL;
    return new Field(column.name(), verbatim ? ValueType.TEXT : type, column.nullable(), true);
  }

  /** Returns the columns. */
  List<Field> fields() {
    return fields;
  }

  /**
   * Returns how many rows can be taken at once, at least 1.
   *
   * @throws InvalidRequestException if there are no more
   */
  int available() {
    while (done == size) {
      if (!next()) {
        throw changed();
      }
    }
    return size - done;
  }

  /** Takes rows, at most as many as are available: {@link #cells} presents them. */
  void take(int rows) {
    for (TableCells.Window column : cells) {
      column.moveTo(done);
    }
    done += rows;
  }

  /** Returns the cells of the columns, always the same objects. */
  Cells[] cells() {
    return cells.clone();
  }

  /** Checks that all rows were taken. */
  void requireEnd() {
    if (done < size || next()) {
      throw changed();
    }
  }

  private boolean next() {
    try {
      boolean more = batches.next();
      size = more ? batches.rows() : 0;
      done = 0;
      for (int j = 0; more && j < cells.length; j++) {
        cells[j].show(batches.cells(indices.get(j)));
      }
      return more;
    } catch (MeasureFlowException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw file.malformed(e);
    }
  }

  private InvalidRequestException changed() {
    return InvalidRequestException.of(
        file.path().toString(),
        "as many rows as there are predictions",
        "another number",
        "The file changed meanwhile: predict again.");
  }

  @Override
  public void close() {
    try (file) {
      batches.close();
    } catch (IOException e) {
      throw SourceFiles.unreadable(file.path(), e);
    }
  }
}
