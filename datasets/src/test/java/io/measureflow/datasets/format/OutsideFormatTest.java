package io.measureflow.datasets.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetConverter.Part;
import io.measureflow.api.data.DatasetConverter.Request;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Registry;
import io.measureflow.datasets.csv.CsvFormat;
import io.measureflow.datasets.table.TableConverter;
import io.measureflow.datasets.table.TablePredictionWriter;
import io.measureflow.datasets.table.TableProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All features of tables work for an external format. */
class OutsideFormatTest {

  private static final TableFormats FORMATS =
      TableFormats.of(
          Registry.of(TableFormat.KIND, List.of(new CsvFormat(), new FixedWidthFormat())));

  @TempDir Path folder;

  private static String lines(String... rows) {
    return Stream.of(rows)
        .map(
            row ->
                Stream.of(row.split(",", -1))
                        .map(cell -> "%-28s".formatted(cell))
                        .collect(Collectors.joining())
                    + "\n")
        .collect(Collectors.joining());
  }

  private DatasetRequest request(String... rows) throws IOException {
    Path file = Files.writeString(folder.resolve("t.fwf"), lines(rows));
    return Fixtures.in64(Fixtures.request("fixed", file));
  }

  private static Dataset load(DatasetRequest request) {
    return new TableProvider(FORMATS).load(request);
  }

  @Test
  void loadsFeaturesAndClasses() throws IOException {
    DatasetRequest request = request("x,label,y", "1.5,b,-2", "0.1,a,3e-7");
    for (Storage.Kind kind : List.of(Storage.Kind.MEMORY, Storage.Kind.CACHE)) {
      var storage = new Storage(kind, Optional.of(folder.resolve("cache")), OptionalInt.empty());
      try (Dataset data = load(request.withStorage(storage))) {
        assertEquals("fixed", data.name());
        assertEquals(List.of("x", "y"), data.schema().features());
        assertEquals(new Target.Classes(List.of("a", "b")), data.schema().target());
        assertArrayEquals(new double[] {1.5, -2, 0.1, 3e-7}, Fixtures.features(data.train(), 2));
        assertArrayEquals(new int[] {1, 0}, Fixtures.classes(data.train()));
      }
    }
  }

  @Test
  void missingValuesAreTreatedAsElsewhere() throws IOException {
    DatasetRequest request = request("x,label", "1,b", ",a", "3,a");
    Fixtures.assertMentions(
        assertThrows(InvalidRequestException.class, () -> load(Fixtures.strict(request)).close()),
        "t.fwf, row 2, column \"x\"",
        "expected a finite number, found nothing");
    try (Dataset data = load(request.withColumns(Columns.DEFAULT.withMissing(Missing.DROP)))) {
      assertArrayEquals(new double[] {1, 3}, Fixtures.features(data.train(), 1));
    }
  }

  @Test
  void aCellThatIsNoNumberIsAnErrorOfTheFile() throws IOException {
    Fixtures.assertMentions(
        assertThrows(
            InvalidRequestException.class, () -> load(request("x,label", "1,b", "1e,a")).close()),
        "t.fwf",
        "expected a table, found data that cannot be read",
        "\"1e\"");
  }

  @Test
  void itCannotBeStreamed() throws IOException {
    var storage = new Storage(Storage.Kind.STREAM, Optional.empty(), OptionalInt.empty());
    DatasetRequest request = request("x,label", "1,b").withStorage(storage);
    Fixtures.assertMentions(
        assertThrows(InvalidRequestException.class, () -> load(request).close()),
        "t.fwf",
        "--storage cache");
  }

  private Path convert(DatasetRequest source, String name, String format) {
    Path file = folder.resolve(name);
    new TableConverter(FORMATS)
        .convert(
            new Request(
                source,
                () -> {
                  throw new AssertionError("tables are not loaded");
                },
                Part.TRAIN,
                file,
                format,
                false));
    return file;
  }

  @Test
  void convertsFromAndTo() throws IOException {
    Path csv = convert(request("x,label", "1.5,b", ",a"), "t.csv", "csv");
    assertEquals("x,label\n1.5,b\n,a\n", Files.readString(csv));
    Path back = convert(Fixtures.request("csv", csv), "back.fwf", "fwf");
    assertEquals(lines("x,label", "1.5,b", ",a"), Files.readString(back));
  }

  @Test
  void takesPredictions() throws IOException {
    var writer = new TablePredictionWriter(FORMATS);
    Path file = folder.resolve("y.fwf");
    assertTrue(writer.writes(file));
    try (var rows = writer.open(file, List.of("y0", "y1"))) {
      rows.append(Tensor.of(Shape.of(2, 2), new float[] {0.5f, -2, 1e10f, 3}), 2);
      rows.commit();
    }
    assertEquals(lines("y0,y1", "0.5,-2.0", "1.0E10,3.0"), Files.readString(file));
  }
}
