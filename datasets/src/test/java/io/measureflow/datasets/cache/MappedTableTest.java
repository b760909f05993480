package io.measureflow.datasets.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.datasets.table.TableProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cache file that changes while it is mapped. */
class MappedTableTest {

  @TempDir Path folder;

  private DatasetRequest request(int rows) throws IOException {
    var text = new StringBuilder("x,label\n");
    for (int i = 0; i < rows; i++) {
      text.append(i).append(",").append(i % 3).append('\n');
    }
    Path csv = Files.writeString(folder.resolve("t.csv"), text);
    return Fixtures.in64(Fixtures.request("csv", csv))
        .withTest(csv)
        .withStorage(
            new Storage(
                Storage.Kind.CACHE, Optional.of(folder.resolve("cache")), OptionalInt.empty()));
  }

  private Path file(boolean test) throws IOException {
    try (var files = Files.list(folder.resolve("cache"))) {
      return files
          .filter(file -> file.toString().endsWith("-test.arrow") == test)
          .findFirst()
          .orElseThrow();
    }
  }

  private static void truncate(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(100);
    }
  }

  /** Within the last page the system provides zeros instead of an error. */
  @ParameterizedTest
  @ValueSource(ints = {3, 200_000})
  void aTruncatedFileIsNamedAndMadeAgain(int rows) throws IOException {
    DatasetRequest request = request(rows);
    for (boolean test : new boolean[] {false, true}) {
      double[] expected;
      Path file;
      try (Dataset data = new TableProvider().load(request)) {
        Table table = test ? data.test().orElseThrow() : data.train();
        expected = Fixtures.features(table, 1);
        assertEquals(rows - 1.0, expected[rows - 1]);
        file = file(test);
        truncate(file);
        Fixtures.assertMentions(
            assertThrows(RunFailedException.class, () -> Fixtures.features(table, 1)),
            file.toString(),
            "found 100: it was truncated",
            "Run the command again, and the cache is created again",
            "--resume");
        assertThrows(RunFailedException.class, () -> Fixtures.classes(table));
      }
      assertFalse(Files.exists(file));
      try (Dataset data = new TableProvider().load(request)) {
        assertArrayEquals(expected, Fixtures.features(data.test().orElseThrow(), 1));
        assertArrayEquals(expected, Fixtures.features(data.train(), 1));
      }
    }
  }

  @Test
  void aTruncatedFileIsNamedWhenAllRowsAreAskedFor() throws IOException {
    try (Dataset data = new TableProvider().load(request(3000))) {
      Path file = file(false);
      truncate(file);
      Fixtures.assertMentions(
          assertThrows(RunFailedException.class, () -> data.train().whole()), file.toString());
    }
  }

  @Test
  void aFileThatIsDeletedStaysMapped() throws IOException {
    try (Dataset data = new TableProvider().load(request(3000))) {
      Files.delete(file(false));
      assertEquals(2999.0, Fixtures.features(data.train(), 1)[2999]);
      assertEquals(2999.0, data.train().whole().orElseThrow().get(2999));
    }
  }
}
