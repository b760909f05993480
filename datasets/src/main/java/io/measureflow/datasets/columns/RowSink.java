package io.measureflow.datasets.columns;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFile.Batches;
import io.measureflow.datasets.format.TableFile.Cells;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Receives the rows of a table one by one, checked and scaled. */
public interface RowSink {

  /**
   * Starts a new row.
   *
   * @param values features of this row and of others; NaN for a missing value that is to be filled
   * @param at the position of the first feature of this row
   */
  void row(double[] values, int at);

  /** Sets the label of the row to a class or a number, as a string. */
  void label(String text, long line);

  /** Sets one of the real targets of the row. */
  void target(int index, double value);

  /** Converts cells to rows for all formats: missing values, finiteness, ranges. */
  final class Feed {

    /** Stands for all blocks. */
    public static final int ALL = -1;

    /** The most rows, and the most numbers, that are transposed at a time. */
    private static final int MOST_ROWS = 1 << 10;

    private static final int MOST_NUMBERS = 1 << 18;

    private final TablePlan plan;
    private final Missing missing;
    private final boolean unit;
    private final boolean single;
    private final int width;
    private final InputReader[] readers;
    private long dropped;

    public Feed(TablePlan plan, DatasetRequest request) {
      this.plan = plan;
      missing = request.columns().missing();
      unit = isUnit(request);
      single = request.precision() == Precision.FLOAT32;
      width = plan.width();
      readers =
          plan.inputs().stream()
              .map(
                  input ->
                      InputReader.of(
                          input, plan.columns().get(input.column()).kind(), missing.fills()))
              .toArray(InputReader[]::new);
    }

    /** Returns whether values, but those of categories, are divided by 255. */
    public static boolean isUnit(DatasetRequest request) {
      return request.scaling().orElse(Scaling.NONE) == Scaling.UNIT;
    }

    /** Returns the number of rows that were dropped. */
    public long dropped() {
      return dropped;
    }

    /** Returns what was read that the plan does not know, one line for each column. */
    public List<String> remarks() {
      return IntStream.range(0, readers.length)
          .mapToObj(
              i -> readers[i].remark(plan.columns().get(plan.inputs().get(i).column()).name()))
          .flatMap(Optional::stream)
          .toList();
    }

    /**
     * Passes all rows of a file, or of one block, to a sink.
     *
     * @param block the index of the block, or {@link #ALL}
     * @throws InvalidRequestException if the file cannot be read, or a cell is invalid
     */
    public void drain(TableFile file, int block, RowSink sink) {
      try (Batches batches =
          block == ALL ? file.read(plan.selection()) : file.readBlock(plan.selection(), block)) {
        drain(batches, sink);
      } catch (MeasureFlowException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        throw file.malformed(e);
      }
    }

    private void drain(Batches batches, RowSink sink) throws IOException {
      long first = 0;
      int slice = Math.clamp(MOST_NUMBERS / Math.max(1, width), 1, MOST_ROWS);
      double[] values = new double[0];
      var inputs = new Cells[readers.length];
      var labels = new Cells[plan.labelled() ? plan.labels().size() : 0];
      while (batches.next()) {
        for (int j = 0; j < inputs.length; j++) {
          inputs[j] = batches.cells(plan.inputs().get(j).column());
        }
        for (int j = 0; j < labels.length; j++) {
          labels[j] = batches.cells(plan.labels().get(j));
        }
        int rows = batches.rows();
        for (int from = 0; from < rows; from += slice) {
          int count = Math.min(slice, rows - from);
          if (values.length < count * width) {
            values = new double[count * width];
          }
          // Column by column, as they are stored; then row by row.
          for (int j = 0, at = 0; j < inputs.length; at += plan.inputs().get(j).width(), j++) {
            readers[j].read(inputs[j], from, count, values, at, width);
          }
          for (int i = 0; i < count; i++) {
            row(batches, inputs, labels, from + i, first, values, i * width, sink);
          }
        }
        first += rows;
      }
    }

    private void row(
        Batches batches,
        Cells[] inputs,
        Cells[] labels,
        int row,
        long first,
        double[] values,
        int at,
        RowSink sink) {
      boolean good = true;
      for (int j = at; j < at + width; j++) {
        good &= Math.abs(single ? (float) values[j] : values[j]) < Double.POSITIVE_INFINITY;
      }
      if (missing == Missing.DROP && ((!good && hasNaN(values, at)) || lacks(labels, row))) {
        dropped++;
        return;
      }
      long line = batches.line(row, first);
      if (unit || !good) {
        for (int i = 0, j = at; i < inputs.length; i++) {
          for (int end = j + plan.inputs().get(i).width(); j < end; j++) {
            values[j] = checked(inputs[i], plan.inputs().get(i), values[j], row, line);
          }
        }
      }
      sink.row(values, at);
      for (int j = 0; j < labels.length; j++) {
        label(labels[j], j, row, line, sink);
      }
    }

    private boolean hasNaN(double[] values, int at) {
      for (int j = at; j < at + width; j++) {
        if (Double.isNaN(values[j])) {
          return true;
        }
      }
      return false;
    }

    private boolean lacks(Cells[] labels, int row) {
      for (Cells cells : labels) {
        if (cells.isMissing(row) || (plan.real() && Double.isNaN(cells.number(row)))) {
          return true;
        }
      }
      return false;
    }

    private double checked(Cells cells, Input input, double value, int row, long line) {
      if (Double.isNaN(value)) {
        if (missing.fills()) {
          return Double.NaN;
        }
        throw badCell(
            input,
            line,
            switch (input) {
              case Input.Numbers numbers -> "a finite number";
              case Input.Dates dates -> "a date";
              case Input.Categories categories -> "a value";
            },
            found(cells, row));
      }
      if (!Double.isFinite(single ? (float) value : value)) {
        String found = found(cells, row);
        throw badCell(
            input,
            line,
            input instanceof Input.Dates
                ? IsoDate.EXPECTED
                : "a finite number" + (Double.isFinite(value) ? " in the range of float32" : ""),
            Double.isFinite(value)
                    || input instanceof Input.Dates
                    || found.toLowerCase(Locale.ROOT).contains("inf")
                ? found
                : found + ", which reads as " + value);
      }
      if (!unit || input instanceof Input.Categories) {
        return value;
      }
      if (value < 0 || value > 255) {
        throw badCell(
            input, line, "a number from 0 to 255, for scaling to [0, 1]", String.valueOf(value));
      }
      return value / 255;
    }

    private InvalidRequestException badCell(Input input, long line, String expected, String found) {
      return TableFile.badCell(
          plan.path(), line, plan.columns().get(input.column()).name(), expected, found);
    }

    private void label(Cells cells, int index, int row, long line, RowSink sink) {
      if (cells.isMissing(row)) {
        throw TableFile.noLabel(plan.path(), line, plan.labelNames().get(index), found(cells, row));
      }
      if (!plan.real()) {
        sink.label(cells.text(row), line);
        return;
      }
      double value = cells.number(row);
      if (!Double.isFinite(single ? (float) value : value)) {
        throw TableFile.badCell(
            plan.path(),
            line,
            plan.labelNames().get(index),
            "a label that is a finite number",
            found(cells, row));
      }
      sink.target(index, value);
    }

    private static String found(Cells cells, int row) {
      String text = cells.text(row);
      return text.isEmpty() ? "nothing (an empty cell or null)" : text;
    }
  }
}
