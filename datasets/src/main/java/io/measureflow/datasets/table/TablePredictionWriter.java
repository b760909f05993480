package io.measureflow.datasets.table;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableFormats;
import io.measureflow.datasets.format.TableFormats.Writable;
import io.measureflow.datasets.format.ValueType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes predictions in every format of {@link TableFormats}, with columns of their source beside
 * them if asked.
 */
public final class TablePredictionWriter implements PredictionWriter {

  private final TableFormats formats;

  /** Creates a writer for all installed formats. */
  public TablePredictionWriter() {
    this(TableFormats.installed());
  }

  /** Creates a writer for these formats. */
  public TablePredictionWriter(TableFormats formats) {
    this.formats = formats;
  }

  @Override
  public PredictionWriter using(Extensions extensions) {
    return new TablePredictionWriter(TableFormats.of(extensions));
  }

  @Override
  public List<String> extensions() {
    return formats.extensions();
  }

  @Override
  public Rows open(Request request) {
    Writable format =
        request
            .extension()
            .map(formats::writing)
            .orElseGet(() -> formats.writing(request.file()))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "No format with this extension: "
                            + request.extension().orElse(request.file().toString())));
    if (request.columns().isEmpty()) {
      throw new IllegalArgumentException("Predictions: expected 1 column or more, found none");
    }
    Optional<KeptColumns> kept =
        request
            .kept()
            .filter(columns -> !columns.columns().isEmpty())
            .map(columns -> KeptColumns.open(new TableProvider(formats), columns, format));
    try {
      requireDifferent(request, kept);
      return new PredictionRows(new OutputTable(format, request.file()), request.columns(), kept);
    } catch (RuntimeException | Error e) {
      kept.ifPresent(KeptColumns::close);
      throw e;
    }
  }

  private static void requireDifferent(Request request, Optional<KeptColumns> kept) {
    var names = new HashSet<String>();
    Stream.concat(
            kept.stream().flatMap(columns -> columns.fields().stream()).map(Field::name),
            request.columns().stream().map(Column::name))
        .forEach(
            name -> {
              if (!names.add(name)) {
                throw InvalidRequestException.of(
                    "columns of " + request.file(),
                    "a different name for each",
                    "\"" + name + "\" twice",
                    "Leave one of them out.");
              }
            });
  }

  private static final class PredictionRows implements Rows {

    private final OutputTable output;
    private final List<Column> columns;

    /** What the indices of a column stand for. */
    private final List<Optional<ClassNames>> names;

    private final Optional<KeptColumns> kept;

    /** The predictions, and the same after the columns that are kept. */
    private final TableCells.Window[] predicted;

    private final Cells[] cells;
    private @Nullable ElementType type;
    private boolean ended;

    PredictionRows(OutputTable output, List<Column> columns, Optional<KeptColumns> kept) {
      this.output = output;
      this.columns = columns;
      this.kept = kept;
      names = columns.stream().map(PredictionRows::names).toList();
      predicted = TableCells.windows(columns.size());
      cells =
          Stream.concat(
                  kept.stream().flatMap(before -> Arrays.stream(before.cells())),
                  Arrays.stream(predicted))
              .toArray(Cells[]::new);
    }

    private static Optional<ClassNames> names(Column column) {
      return switch (column) {
        case Numbers numbers -> Optional.empty();
        case Texts texts -> Optional.of(new ClassNames(texts.values()));
      };
    }

    @Override
    public void append(Tensor batch, int rows) {
      Shape shape = batch.shape();
      if (shape.rank() != 2 || shape.dimension(1) != columns.size() || rows > shape.dimension(0)) {
        throw new IllegalArgumentException(
            "Predictions: expected "
                + rows
                + " rows or more of "
                + columns.size()
                + " columns, found "
                + shape);
      }
      checkOpen();
      begin(batch.type());
      if (batch.type() != type || type == ElementType.INT32) {
        throw new IllegalArgumentException(
            "Predictions: expected batches of reals of one type, found " + batch.type());
      }
      show(batch);
      if (kept.isEmpty()) {
        output.append(cells, rows);
        return;
      }
      // A source may have batches of one row.
      for (int from = 0; from < rows; ) {
        int count = Math.min(rows - from, kept.get().available());
        kept.get().take(count);
        for (TableCells.Window column : predicted) {
          column.moveTo(from);
        }
        output.append(cells, count);
        from += count;
      }
    }

    private void show(Tensor batch) {
      Cells[] numbers = TableCells.of(batch);
      for (int j = 0; j < numbers.length; j++) {
        predicted[j].show(
            names.get(j).isPresent() ? names.get(j).get().cells(batch, j) : numbers[j]);
      }
    }

    /** Starts the table; the first batch decides the types that are open. */
    private void begin(ElementType first) {
      if (type == null) {
        type = first;
        output.begin(
            Stream.concat(
                    kept.stream().flatMap(before -> before.fields().stream()),
                    IntStream.range(0, columns.size()).mapToObj(j -> field(j, first)))
                .toList());
      }
    }

    private Field field(int column, ElementType batch) {
      ValueType type =
          switch (columns.get(column)) {
            case Numbers(String name, Optional<ElementType> asked) ->
                asked.orElse(batch) == ElementType.FLOAT64 ? ValueType.FLOAT64 : ValueType.FLOAT32;
            case Texts texts -> names.get(column).orElseThrow().type();
          };
      return new Field(columns.get(column).name(), type, false, true);
    }

    @Override
    public void commit() {
      checkOpen();
      ended = true;
      begin(ElementType.FLOAT32);
      kept.ifPresent(KeptColumns::requireEnd);
      output.commit();
    }

    private void checkOpen() {
      if (ended) {
        throw new IllegalStateException("The predictions in " + output.file() + " are complete.");
      }
    }

    @Override
    public void close() {
      ended = true;
      try (output) {
        kept.ifPresent(KeptColumns::close);
      }
    }
  }
}
