package io.measureflow.datasets.parquet;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.labelled;
import static io.measureflow.datasets.testing.Fixtures.request;
import static io.measureflow.datasets.testing.Fixtures.strict;
import static io.measureflow.datasets.testing.Fixtures.toPredict;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.datasets.format.Field;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableOutput;
import io.measureflow.datasets.format.TableWriter;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.io.PandasMetadata;
import io.measureflow.datasets.table.TableProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files written by pyarrow; {@code src/test/python/make_parquet.py} describes their content. */
class ParquetTableTest {

  private static final List<String> NUMERIC =
      List.of("i8", "u8", "u32", "i64", "u64", "truth", "half", "a.b", "price", "f64");

  @TempDir Path folder;

  private static Path file(String name) {
    return Path.of("src", "test", "resources", "parquet", name + ".parquet");
  }

  private static Dataset load(DatasetRequest request) {
    return new TableProvider().load(request);
  }

  private static DatasetRequest in64(String name) {
    return Fixtures.in64(request("parquet", file(name)));
  }

  private static InvalidRequestException refused(DatasetRequest request) {
    return assertThrows(InvalidRequestException.class, () -> load(request).close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4", "pages2"})
  void numbersAreFeaturesToTheLastBit(String variant) {
    double[] expected = {
      -128, 0, 1, -0x1p53, 1, 1, 1.5, 0.1f, 1, 0.1,
      127, 255, 0x1p32 - 1, 5, 0x1p64, 0, -2, -1.5, 2, -1e300,
      0, 7, 3, 0x1p40, 0x1p63, 1, 0.25, 3e38f, 3, Double.MIN_VALUE
    };
    try (Dataset data = load(strict(in64("types-" + variant)))) {
      assertEquals(NUMERIC, data.schema().features());
      assertArrayEquals(expected, Fixtures.features(data.train(), NUMERIC.size()), 0.0);
      assertEquals(new Target.Classes(List.of("0", "1", "2")), data.schema().target());
      assertArrayEquals(new int[] {2, 0, 1}, Fixtures.classes(data.train()));
      assertEquals("parquet", data.name());
      assertFalse(data.fingerprint().isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text  | a b                                           | 1 0 1",
        "truth | false true                                    | 1 0 1",
        "u32   | 1 3 4294967295                                | 0 2 1",
        "i64   | -9007199254740992 5 1099511627776             | 0 1 2",
      })
  void labelsAreTextsTruthValuesOrIntegers(String label, String classes, String numbers) {
    try (Dataset data = load(labelled(in64("types-none"), label))) {
      assertEquals(new Target.Classes(List.of(classes.split(" "))), data.schema().target());
      assertArrayEquals(
          Arrays.stream(numbers.split(" ")).mapToInt(Integer::parseInt).toArray(),
          Fixtures.classes(data.train()));
      assertFalse(data.schema().features().contains(label));
      assertTrue(data.schema().features().contains("label"));
    }
  }

  @Test
  void smallIntegersKeepTheirNumbers() {
    try (Dataset data = load(labelled(in64("types-none"), "u8"))) {
      assertArrayEquals(new int[] {0, 255, 7}, Fixtures.classes(data.train()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"decimals", "decimals-int"})
  void decimalsAreNumbersAndTheIndexOfPandasIsNone(String name) {
    double nan = Double.NaN;
    DatasetRequest request = in64(name).withColumns(Columns.DEFAULT.withMissing(Missing.MEAN));
    try (Dataset data = load(request)) {
      assertEquals(List.of("d5", "d12", "d36", "d0"), data.schema().features());
      assertArrayEquals(
          new double[] {1.25, 123456789.001, 1e20, 3, nan, -2.5, -1e-10, 1, -0.01, nan, 0, 3},
          Fixtures.features(data.train(), 4),
          0.0);
      assertEquals(
          List.of("at timestamp", "time time", "__index_level_0__ " + PandasMetadata.INDEX),
          data.columns().stream()
              .filter(column -> column.role() == SourceColumn.Role.LEFT_OUT)
              .map(column -> column.name() + " " + column.type())
              .toList());
    }
    try (Dataset data = load(labelled(request, "d0"))) {
      assertEquals(new Target.Classes(List.of("0", "1", "2", "3")), data.schema().target());
      assertArrayEquals(new int[] {3, 1, 3}, Fixtures.classes(data.train()));
    }
  }

  /** The memory that a reader takes for a column does not depend on its usual batch. */
  @Test
  void manyColumnsOfFewRowsAreRead() {
    int width = 3000;
    var fields = new ArrayList<Field>();
    Cells[] cells = new Cells[width];
    for (int j = 0; j < width; j++) {
      fields.add(new Field("g" + j, ValueType.FLOAT32, false, false));
      cells[j] = constant(j);
    }
    Path file = folder.resolve("wide.parquet");
    try (AtomicFile output = AtomicFile.open(file);
        TableWriter writer =
            new ParquetFormat().create(new TableOutput(file, "parquet", output), fields)) {
      writer.append(cells, 3);
      writer.finish();
      output.commit();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    try (Dataset data = load(toPredict(Fixtures.in64(request("parquet", file))))) {
      double[] found = Fixtures.features(data.train(), width);
      assertEquals(3 * width, found.length);
      for (int i = 0; i < found.length; i++) {
        assertEquals(i % width, found[i], 0.0);
      }
    }
  }

  private static Cells constant(double value) {
    return new Cells() {
      @Override
      public boolean isMissing(int row) {
        return false;
      }

      @Override
      public double number(int row) {
        return value;
      }

      @Override
      public String text(int row) {
        return String.valueOf(value);
      }
    };
  }

  @Test
  void realLabelsAreRealTargets() {
    try (Dataset data = load(labelled(in64("types-snappy"), "a.b"))) {
      assertEquals(new Target.Real(List.of("a.b")), data.schema().target());
      assertArrayEquals(new double[] {0.1f, -1.5, 3e38f}, Fixtures.reals(data.train()), 0.0);
    }
  }

  @Test
  void rowsToPredictForNeedNoLabel() {
    try (Dataset data = load(toPredict(in64("types-snappy")))) {
      assertEquals(NUMERIC, data.schema().features());
      assertEquals(new Target.None(), data.schema().target());
    }
    try (Dataset data = load(toPredict(labelled(in64("types-snappy"), "i8")))) {
      assertFalse(data.schema().features().contains("i8"));
      assertTrue(data.schema().features().contains("label"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"day", "list", "group"})
  void otherLabelsAreNamed(String label) {
    assertMentions(
        refused(labelled(in64("types-none"), label)), "types-none.parquet", "\"" + label + "\"");
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertMentions(
        refused(labelled(in64("types-none"), "class")),
        "types-none.parquet",
        "a label column \"class\"",
        "i8, u8, text");
    assertMentions(refused(strict(in64("nulls"))), "nulls.parquet", "row 2", "\"x\"", "null");
    assertMentions(refused(labelled(strict(in64("nulls")), "x")), "nulls.parquet", "\"x\"", "null");
    assertMentions(refused(strict(in64("nan"))), "nan.parquet", "row 2", "\"x\"", "NaN");
    assertMentions(refused(in64("no-rows")), "no-rows.parquet", "at least one row");
    assertMentions(refused(in64("types-brotli")), "types-brotli.parquet", "rotli", "snappy");
    assertMentions(refused(request("parquet", file("types-none"))), "row 2", "\"f64\"", "float32");
  }

  @Test
  void somethingElseIsNoParquetFile() throws IOException {
    for (String content : List.of("", "PAR1", "x,label\n1,0\n", "PAR1PAR1PAR1")) {
      Path file = Files.writeString(folder.resolve("x.parquet"), content);
      assertMentions(refused(request("parquet", file)), "x.parquet", "expected a Parquet file");
    }
    assertMentions(refused(request("parquet", folder.resolve("none.parquet"))), "found nothing");
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file("types-snappy"));
    for (int length = 0; length < whole.length; length += 7) {
      Path file = Files.write(folder.resolve("cut.parquet"), Arrays.copyOf(whole, length));
      assertMentions(refused(request("parquet", file)), "cut.parquet");
    }
  }

  @Test
  void theSharedTableIsRead() {
    Path table = Fixtures.shared("tabular/alltypes_plain.parquet");
    var features =
        List.of(
            "id",
            "tinyint_col",
            "smallint_col",
            "int_col",
            "bigint_col",
            "float_col",
            "double_col");
    int[] ids = {4, 5, 6, 7, 2, 3, 0, 1};
    double[] expected = new double[7 * ids.length];
    for (int row = 0; row < ids.length; row++) {
      double[] odd = {ids[row], 1, 1, 1, 10, 1.1f, 10.1};
      double[] even = {ids[row], 0, 0, 0, 0, 0, 0};
      System.arraycopy(row % 2 == 1 ? odd : even, 0, expected, 7 * row, 7);
    }
    DatasetRequest request = strict(Fixtures.in64(request("parquet", table)));
    try (Dataset data = load(labelled(request, "bool_col"))) {
      assertEquals(features, data.schema().features());
      assertArrayEquals(expected, Fixtures.features(data.train(), 7), 0.0);
      assertEquals(new Target.Classes(List.of("false", "true")), data.schema().target());
      assertArrayEquals(new int[] {1, 0, 1, 0, 1, 0, 1, 0}, Fixtures.classes(data.train()));
    }
    try (Dataset data = load(labelled(request, "date_string_col"))) {
      assertEquals(
          new Target.Classes(List.of("01/01/09", "02/01/09", "03/01/09", "04/01/09")),
          data.schema().target());
    }
    assertMentions(
        refused(labelled(request, "timestamp_col")), "\"timestamp_col\"", "found timestamp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PARQUET-1481.parquet", "ARROW-GH-45185.parquet"})
  void sharedBadFilesAreRefused(String name) {
    Path bad = Fixtures.shared("bad/" + name);
    assertMentions(refused(toPredict(request("parquet", bad))), name);
    assertMentions(refused(request("parquet", bad)), name);
  }
}
