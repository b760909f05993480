package io.measureflow.datasets.table;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionWriterTest {

  @TempDir Path folder;

  private static PredictionWriter writer(Path file) {
    return ServiceLoader.load(PredictionWriter.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(writer -> writer.writes(file))
        .findFirst()
        .orElseThrow();
  }

  private List<String> files() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static final float[] FLOATS = {
    0.1f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, 1 / 3f, 16777215f, -2.5e-8f, 7
  };

  @Test
  void everythingOnOfferIsFound() {
    Set<String> names =
        ServiceLoader.load(DatasetProvider.class).stream()
            .flatMap(provider -> provider.get().descriptions().stream())
            .map(DatasetProvider.Description::name)
            .collect(Collectors.toSet());
    assertEquals(
        Set.of(
            "digits",
            "mnist",
            "fashion-mnist",
            "cifar10",
            "cifar100",
            "images",
            "csv",
            "parquet",
            "arrow"),
        names);
    assertFalse(new TablePredictionWriter().writes(Path.of("y.xlsx")));
    assertFalse(new TablePredictionWriter().writes(Path.of("csv")));
  }

  @Test
  void csvHasTheExpectedText() throws IOException {
    Path file = folder.resolve("y.csv");
    try (var rows = writer(file).open(file, columns(2))) {
      rows.append(Tensor.of(Shape.of(2, 2), new float[] {0.1f, -2, 1e10f, 3}), 2);
      rows.append(Tensor.of(Shape.of(2, 2), new float[] {5, 6, 7, 8}), 1);
      rows.commit();
    }
    assertEquals("y0,y1\n0.1,-2.0\n1.0E10,3.0\n5.0,6.0\n", Files.readString(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow"})
  void numbersComeBackToTheLastBit(String format) {
    Path file = folder.resolve("y." + format);
    try (var rows = writer(file).open(file, columns(4))) {
      rows.append(Tensor.of(Shape.of(2, 4), FLOATS), 2);
      rows.commit();
    }
    try (Dataset data = read(format, file)) {
      assertArrayEquals(FLOATS, Fixtures.floats(data.train(), 4, 0, 1), 0f);
      assertEquals(List.of("y0", "y1", "y2", "y3"), data.schema().features());
    }
    double[] doubles = new Random(1).doubles(3000, -1e10, 1e10).toArray();
    try (var rows = writer(file).open(file, columns(3))) {
      rows.append(Tensor.of(Shape.of(1000, 3), doubles), 1000);
      rows.commit();
    }
    try (Dataset data =
        new TableProvider()
            .load(Fixtures.in64(Fixtures.toPredict(Fixtures.request(format, file))))) {
      assertArrayEquals(doubles, Fixtures.features(data.train(), 3), 0.0);
    }
    assertEquals(List.of("y." + format), files());
  }

  private static Dataset read(String format, Path file) {
    return new TableProvider().load(Fixtures.toPredict(Fixtures.request(format, file)));
  }

  /** Parquet buffers rows until a group is full. */
  @ParameterizedTest
  @ValueSource(strings = {"parquet", "arrow"})
  void manyRowsKeepTheirOrder(String format) {
    Path file = folder.resolve("y." + format);
    int batch = 700;
    int batches = 600;
    try (var rows = writer(file).open(file, columns(3))) {
      double[] numbers = new double[3 * batch];
      for (int i = 0; i < batches; i++) {
        for (int j = 0; j < numbers.length; j++) {
          numbers[j] = i * numbers.length + j;
        }
        rows.append(Tensor.of(Shape.of(batch, 3), numbers), batch);
      }
      rows.commit();
    }
    try (Dataset data =
        new TableProvider()
            .load(Fixtures.in64(Fixtures.toPredict(Fixtures.request(format, file))))) {
      assertEquals(batch * batches, data.train().rows());
      double[] found = Fixtures.features(data.train(), 3);
      for (int i = 0; i < found.length; i++) {
        assertEquals(i, found[i]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "arrow"})
  void batchesOfAnotherTypeAreRefused(String format) {
    Path file = folder.resolve("y." + format);
    try (var rows = writer(file).open(file, columns(1))) {
      rows.append(Tensor.of(Shape.of(1, 1), new float[] {1}), 1);
      assertThrows(
          IllegalArgumentException.class,
          () -> rows.append(Tensor.of(Shape.of(1, 1), new double[] {1}), 1));
      assertThrows(
          IllegalArgumentException.class,
          () -> rows.append(Tensor.of(Shape.of(1, 1), new int[] {1}), 1));
    }
    assertEquals(List.of(), files());
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow"})
  void withoutCommitTheOldFileStays(String format) throws IOException {
    Path file = folder.resolve("y." + format);
    Files.writeString(file, "old");
    try (var rows = writer(file).open(file, columns(4))) {
      rows.append(Tensor.of(Shape.of(2, 4), FLOATS), 2);
      assertEquals("old", Files.readString(file));
    }
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("y." + format), files());
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow"})
  void noRowsMakeAFileOfNoRows(String format) throws IOException {
    Path file = folder.resolve("y." + format);
    try (var rows = writer(file).open(file, columns(2))) {
      rows.commit();
    }
    assertTrue(Files.size(file) > 0);
    assertMentions(
        assertThrows(InvalidRequestException.class, () -> read(format, file).close()),
        "at least one row");
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow"})
  void aFullDiskIsOneMessage(String format) throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "this system has no /dev/full");
    Path link = Files.createSymbolicLink(folder.resolve("y." + format), full);
    var error =
        assertThrows(
            RunFailedException.class,
            () -> {
              try (var rows = writer(link).open(link, columns(4))) {
                for (int i = 0; i < 5_000; i++) {
                  rows.append(Tensor.of(Shape.of(2, 4), FLOATS), 2);
                }
                rows.commit();
              }
            });
    assertMentions(error, link.toString(), "No space left");
    assertTrue(Files.exists(full) && !Files.isRegularFile(full));
    assertEquals(List.of("y." + format), files());
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path target = Files.writeString(folder.resolve("target.csv"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("y.csv"), target);
    try (var rows = writer(link).open(link, columns(1))) {
      rows.commit();
    }
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("y0\n", Files.readString(target));
  }

  @Test
  void placesThatCannotBeAreNamed() throws IOException {
    Path nowhere = folder.resolve("no").resolve("y.csv");
    assertMentions(
        assertThrows(
            InvalidRequestException.class, () -> writer(nowhere).open(nowhere, columns(1)).close()),
        nowhere.toString(),
        "folder");
    Path place = Files.createDirectory(folder.resolve("place.csv"));
    assertMentions(
        assertThrows(
            InvalidRequestException.class, () -> writer(place).open(place, columns(1)).close()),
        place.toString(),
        "a folder");
  }

  @Test
  void misuseIsRefused() {
    Path file = folder.resolve("y.csv");
    Tensor batch = Tensor.of(Shape.of(2, 4), FLOATS);
    try (var rows = writer(file).open(file, columns(4))) {
      assertThrows(IllegalArgumentException.class, () -> rows.append(batch, 3));
      rows.append(batch, 2);
      rows.commit();
      assertThrows(IllegalStateException.class, () -> rows.append(batch, 2));
      assertThrows(IllegalStateException.class, rows::commit);
    }
    assertThrows(IllegalArgumentException.class, () -> writer(file).open(file, columns(0)).close());
    assertEquals(List.of("y.csv"), files());
  }

  private static List<String> columns(int count) {
    return IntStream.range(0, count).mapToObj(j -> "y" + j).toList();
  }
}
