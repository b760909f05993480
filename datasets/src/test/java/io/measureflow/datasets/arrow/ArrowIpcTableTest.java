package io.measureflow.datasets.arrow;

import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.table.TableProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files written by pyarrow; {@code src/test/python/make_arrow.py} says what is in them. */
class ArrowIpcTableTest {

  private static final int ROWS = 300;

  @TempDir Path folder;

  private static Path file(String name) {
    return Path.of("src", "test", "resources", "arrow", name);
  }

  private static DatasetRequest in64(String name) {
    return Fixtures.in64(request("arrow", file(name)))
        .withColumns(Columns.DEFAULT.withMissing(Missing.MEAN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "types-none.arrow",
        "types-lz4.arrow",
        "types-zstd.arrow",
        "types-none.arrows",
        "types-lz4.arrows",
        "types-zstd.arrows"
      })
  void everyCompressionHoldsTheSameTable(String name) {
    try (Dataset data = new TableProvider().load(in64(name))) {
      List<String> features = List.of("i", "x", "d", "n", "q", "truth");
      assertEquals(features, data.schema().features());
      double[] found = Fixtures.features(data.train(), features.size());
      double[] expected = new double[ROWS * features.size()];
      int[] classes = new int[ROWS];
      for (int i = 0; i < ROWS; i++) {
        double[] row = {
          i % 7, i % 5 == 0 ? Double.NaN : i / 8.0, i / 4.0, i % 3, i % 4 / 2.0, i % 2 == 0 ? 1 : 0
        };
        System.arraycopy(row, 0, expected, i * row.length, row.length);
        classes[i] = i % 3;
      }
      assertArrayEquals(expected, found, 0.0);
      assertArrayEquals(classes, Fixtures.classes(data.train()));
      assertEquals(
          List.of("at", "__index_level_0__"),
          data.columns().stream()
              .filter(column -> column.role() == SourceColumn.Role.LEFT_OUT)
              .map(SourceColumn::name)
              .toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"delta.arrow", "delta.arrows"})
  void aDictionaryMayGrow(String name) {
    try (Dataset data = new TableProvider().load(in64(name))) {
      assertEquals(new Target.Classes(List.of("a", "b", "c", "d")), data.schema().target());
      assertArrayEquals(new int[] {0, 1, 2, 0, 3, 1}, Fixtures.classes(data.train()));
      assertArrayEquals(new double[] {0, 1, 2, 0, 3, 1}, Fixtures.features(data.train(), 1), 0.0);
    }
  }

  @Test
  void decimalsAreIntegersOrReals() {
    try (Dataset data = new TableProvider().load(Fixtures.labelled(in64("types-lz4.arrow"), "n"))) {
      assertEquals(new Target.Classes(List.of("0", "1", "2")), data.schema().target());
    }
    try (Dataset data = new TableProvider().load(Fixtures.labelled(in64("types-lz4.arrow"), "d"))) {
      assertEquals(new Target.Real(List.of("d")), data.schema().target());
    }
  }

  @Test
  void theIndexOfPandasMayBeTheLabel() {
    try (Dataset data =
        new TableProvider()
            .load(Fixtures.labelled(in64("types-zstd.arrow"), "__index_level_0__"))) {
      assertEquals(SourceColumn.Role.LABEL, data.columns().get(7).role());
    }
  }

  /** What is announced is believed by no one: damage ends in an error that names the file. */
  @ParameterizedTest
  @ValueSource(strings = {"types-lz4.arrow", "types-zstd.arrow"})
  void damagedCompressedDataAreRefused(String name) throws IOException {
    byte[] whole = Files.readAllBytes(file(name));
    int refused = 0;
    for (int at = 8; at < whole.length; at += 37) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) 0x55;
      Path file = Files.write(folder.resolve("damaged.arrow"), damaged);
      DatasetRequest request = Fixtures.in64(request("arrow", file));
      try (Dataset data = new TableProvider().load(request)) {
        assertEquals(ROWS, data.train().rows());
      } catch (InvalidRequestException e) {
        Fixtures.assertMentions(e, "damaged.arrow");
        refused++;
      }
    }
    assertEquals(true, refused > 0);
    assertThrows(
        InvalidRequestException.class,
        () -> new TableProvider().load(request("arrow", folder.resolve("none.arrow"))));
  }
}
