package io.measureflow.datasets.table;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetConverter;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.datasets.columns.Input;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFile.Batches;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableFile.Column;
import io.measureflow.datasets.format.TableFormats;
import io.measureflow.datasets.format.TableFormats.Writable;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.io.SourceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Writes any dataset in every format of {@link TableFormats}, in memory for a few rows. */
public final class TableConverter implements DatasetConverter {

  private static final int MOST_BATCH_ROWS = 1 << 10;
  private static final int BATCH_NUMBERS = 1 << 20;

  private final TableFormats formats;
  private final TableProvider tables;

  /** Creates a converter for all installed formats. */
  public TableConverter() {
    this(TableFormats.installed());
  }

  /** Creates a converter for these formats. */
  public TableConverter(TableFormats formats) {
    this.formats = formats;
    tables = new TableProvider(formats);
  }

  @Override
  public DatasetConverter using(Extensions extensions) {
    return new TableConverter(TableFormats.of(extensions));
  }

  @Override
  public List<String> formats() {
    return formats.extensions();
  }

  @Override
  public Converted convert(Request request) {
    Writable format =
        formats
            .writing(request.format())
            .orElseThrow(
                () -> new IllegalArgumentException("No such format here: " + request.format()));
    refuseExisting(request);
    DatasetRequest source = request.source();
    if (!tables.reads(source.name())) {
      try (Dataset dataset = request.loader().get()) {
        return convert(request, format, dataset);
      }
    }
    Optional<Path> path =
        switch (request.part()) {
          case TRAIN -> source.data();
          case TEST -> source.test();
        };
    if (request.part() == Part.TEST && path.isEmpty()) {
      throw noTestRows(source.name(), "A table is one part: name its file with --data.");
    }
    try (TableFile file = tables.openToConvert(source, path)) {
      return convert(request, format, file);
    } catch (IOException e) {
      throw SourceFiles.unreadable(path.orElseThrow(), e);
    }
  }

  private static InvalidRequestException noTestRows(String name, String remedy) {
    return InvalidRequestException.of("Dataset " + name, "test rows", "none", remedy);
  }

  private static void refuseExisting(Request request) {
    boolean exists = Files.exists(request.file(), LinkOption.NOFOLLOW_LINKS);
    boolean replaceable = Files.isRegularFile(request.file()) || !Files.exists(request.file());
    if (exists && replaceable && !request.overwrite()) {
      throw new InvalidRequestException(
          request.file() + " exists. Choose another name, or pass --overwrite.");
    }
  }

  // ---- tables ----

  private static Converted convert(Request request, Writable format, TableFile file) {
    List<Column> columns = file.columns();
    TablePlan plan = TablePlan.toConvert(file, request.source().columns());
    var fields = new ArrayList<Field>();
    for (Input input : plan.inputs()) {
      int i = input.column();
      Column column = columns.get(i);
      fields.add(
          new Field(
              column.name(),
              column.values().orElseThrow(),
              column.nullable(),
              plan.labels().contains(i)));
    }
    if (fields.isEmpty()) {
      throw InvalidRequestException.of(
          file.path().toString(),
          "at least one column of numbers, text or truth values",
          "none",
          "Check how the file was written.");
    }
    long rows;
    try (var output = new OutputTable(format, request.file())) {
      output.begin(fields);
      rows = drain(file, plan, output);
      output.commit();
    }
    List<SourceColumn> leftOut =
        plan.sourceColumns().stream()
            .filter(column -> column.role() == SourceColumn.Role.LEFT_OUT)
            .toList();
    return new Converted(rows, fields.size(), leftOut);
  }

  private static long drain(TableFile file, TablePlan plan, OutputTable output) {
    long rows = 0;
    var cells = new Cells[plan.inputs().size()];
    try (Batches batches = file.read(plan.selection())) {
      while (batches.next()) {
        for (int j = 0; j < cells.length; j++) {
          cells[j] = batches.cells(plan.inputs().get(j).column());
        }
        output.append(cells, batches.rows());
        rows += batches.rows();
      }
      return rows;
    } catch (MeasureFlowException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw file.malformed(e);
    }
  }

  // ---- other datasets ----

  private static Converted convert(Request request, Writable format, Dataset dataset) {
    Table table =
        switch (request.part()) {
          case TRAIN -> dataset.train();
          case TEST ->
              dataset.test().orElseThrow(() -> noTestRows(dataset.name(), "Choose --part train."));
        };
    Schema schema = dataset.schema();
    int width = schema.featureCount();
    boolean bytes = schema.image().isPresent() && holdsBytes(table, width);
    var classes =
        new ClassNames(
            schema.target() instanceof Target.Classes(List<String> names) ? names : List.of());
    List<Field> fields =
        Stream.concat(features(schema, bytes), labels(schema.target(), classes).stream()).toList();
    try (var output = new OutputTable(format, request.file())) {
      output.begin(fields);
      int[] order = IntStream.range(0, table.rows()).toArray();
      int most = Math.clamp(BATCH_NUMBERS / width, 1, MOST_BATCH_ROWS);
      for (int from = 0; from < order.length; from += most) {
        int rows = Math.min(most, order.length - from);
        Tensor batch = Tensor.zeros(Shape.of(rows, width), ElementType.FLOAT32);
        table.features(order, from, batch);
        Cells[] cells =
            Stream.concat(
                    Arrays.stream(TableCells.of(batch)),
                    Arrays.stream(targets(table, schema.target(), classes, order, from, rows)))
                .toArray(Cells[]::new);
        output.append(cells, rows);
      }
      output.commit();
    }
    return new Converted(table.rows(), fields.size(), List.of());
  }

  private static boolean holdsBytes(Table table, int width) {
    int[] order = IntStream.range(0, table.rows()).toArray();
    int most = Math.clamp(BATCH_NUMBERS / width, 1, MOST_BATCH_ROWS);
    for (int from = 0; from < order.length; from += most) {
      int rows = Math.min(most, order.length - from);
      float[] values = new float[rows * width];
      table.features(order, from, Tensor.of(Shape.of(rows, width), values));
      for (float value : values) {
        if (!(value >= 0 && value <= 255 && value == (int) value)) {
          return false;
        }
      }
    }
    return true;
  }

  private static Stream<Field> features(Schema schema, boolean bytes) {
    ValueType type = bytes ? ValueType.UINT8 : ValueType.FLOAT32;
    String prefix = schema.image().isPresent() ? "pixel" : "x";
    List<String> names = schema.features();
    return IntStream.range(0, schema.featureCount())
        .mapToObj(j -> names.isEmpty() ? prefix + j : names.get(j))
        .map(name -> new Field(name, type, false, false));
  }

  private static List<Field> labels(Target target, ClassNames classes) {
    return switch (target) {
      case Target.Classes known -> List.of(new Field("label", classes.type(), false, true));
      case Target.Real(List<String> names) ->
          names.stream().map(name -> new Field(name, ValueType.FLOAT32, false, true)).toList();
      case Target.None none -> List.of();
    };
  }

  private static Cells[] targets(
      Table table, Target target, ClassNames classes, int[] order, int from, int rows) {
    return switch (target) {
      case Target.Classes known -> {
        Tensor batch = Tensor.zeros(Shape.of(rows), ElementType.INT32);
        table.targets(order, from, batch);
        yield new Cells[] {classes.cells(batch, 0)};
      }
      case Target.Real(List<String> names) -> {
        Tensor batch = Tensor.zeros(Shape.of(rows, names.size()), ElementType.FLOAT32);
        table.targets(order, from, batch);
        yield TableCells.of(batch);
      }
      case Target.None none -> new Cells[0];
    };
  }
}
