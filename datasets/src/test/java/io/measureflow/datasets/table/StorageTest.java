package io.measureflow.datasets.table;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.image.DigitsProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows in memory, in a mapped cache and in their own file are identical. */
class StorageTest {

  private static final int BATCHES = 7;
  private static final int BATCH_ROWS = 100;

  @TempDir Path folder;

  private Storage storage(Storage.Kind kind, int window) {
    return new Storage(
        kind,
        Optional.of(folder.resolve("cache")),
        window == 0 ? OptionalInt.empty() : OptionalInt.of(window));
  }

  /** Seven record batches: two features with gaps, text, a text class, a number. */
  private Path arrow() throws IOException {
    var random = new SplittableRandom(3);
    Path file = folder.resolve("t.arrow");
    try (OutputStream out = Files.newOutputStream(file);
        BufferAllocator allocator = new RootAllocator();
        var x = new Float8Vector("x", allocator);
        var y = new Float4Vector("y", allocator);
        var label = new VarCharVector("label", allocator);
        var target = new Float8Vector("target", allocator);
        var root = new VectorSchemaRoot(List.<FieldVector>of(x, y, label, target));
        var writer = new ArrowFileWriter(root, null, Channels.newChannel(out))) {
      writer.start();
      for (int batch = 0; batch < BATCHES; batch++) {
        root.clear();
        for (int i = 0; i < BATCH_ROWS - batch; i++) {
          if (random.nextInt(10) == 0) {
            x.setNull(i);
          } else {
            x.setSafe(i, random.nextGaussian());
          }
          y.setSafe(i, (float) random.nextGaussian());
          String name = List.of("b", "a", "c").get(random.nextInt(3));
          label.setSafe(i, name.getBytes(StandardCharsets.UTF_8));
          target.setSafe(i, random.nextDouble());
        }
        root.setRowCount(BATCH_ROWS - batch);
        writer.writeBatch();
      }
      writer.end();
    }
    return file;
  }

  private static double[] targets(Table table, int width, ElementType type) {
    Tensor batch =
        Tensor.zeros(width == 0 ? Shape.of(table.rows()) : Shape.of(table.rows(), width), type);
    table.targets(Fixtures.inOrder(table), 0, batch);
    return batch.toDoubles();
  }

  private static void assertSameRows(Dataset expected, Dataset found, int features, int targets) {
    assertEquals(expected.schema(), found.schema());
    assertEquals(expected.fingerprint(), found.fingerprint());
    assertEquals(expected.preprocessing(), found.preprocessing());
    assertEquals(expected.test().isPresent(), found.test().isPresent());
    ElementType type = targets == 0 ? ElementType.INT32 : ElementType.FLOAT64;
    List<Table> a = Stream.concat(Stream.of(expected.train()), expected.test().stream()).toList();
    List<Table> b = Stream.concat(Stream.of(found.train()), found.test().stream()).toList();
    for (int i = 0; i < a.size(); i++) {
      assertEquals(a.get(i).rows(), b.get(i).rows());
      assertArrayEquals(
          Fixtures.features(a.get(i), features), Fixtures.features(b.get(i), features), 0.0);
      assertArrayEquals(targets(a.get(i), targets, type), targets(b.get(i), targets, type), 0.0);
      // In any order, from any position.
      int[] order = {a.get(i).rows() - 1, 0, a.get(i).rows() / 2, 0, 0, 1, 2};
      Tensor some = Tensor.zeros(Shape.of(5, features), ElementType.FLOAT32);
      Tensor same = Tensor.zeros(Shape.of(5, features), ElementType.FLOAT32);
      a.get(i).features(order, 2, some);
      b.get(i).features(order, 2, same);
      assertArrayEquals(some.toFloats(), same.toFloats());
      a.get(i).features(order, 0, some);
      b.get(i).features(order, 0, same);
      assertArrayEquals(some.toFloats(), same.toFloats());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CACHE, MEAN, FLOAT32",
    "CACHE, DROP, FLOAT64",
    "STREAM, MEAN, FLOAT64",
    "STREAM, DROP, FLOAT32"
  })
  void classesAreTheSameWhereverTheRowsLie(Storage.Kind kind, Missing missing, Precision precision)
      throws IOException {
    DatasetRequest request =
        request("arrow", arrow())
            .withPrecision(precision)
            .withColumns(Columns.DEFAULT.withMissing(missing))
            .withTest(arrow());
    try (Dataset memory = new TableProvider().load(request);
        Dataset other = new TableProvider().load(request.withStorage(storage(kind, 0)))) {
      assertSameRows(memory, other, 3, 0);
      assertEquals(kind != Storage.Kind.STREAM, other.train().inMemory());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Storage.Kind.class,
      names = {"CACHE", "STREAM"})
  void realTargetsAreTheSameWhereverTheRowsLie(Storage.Kind kind) throws IOException {
    DatasetRequest request =
        request("arrow", arrow())
            .withPrecision(Precision.FLOAT64)
            .withColumns(
                Columns.DEFAULT
                    .withMissing(Missing.MEAN)
                    .withLabels("target", "y")
                    .withMostCategories(0));
    try (Dataset memory = new TableProvider().load(request);
        Dataset other = new TableProvider().load(request.withStorage(storage(kind, 150)))) {
      assertSameRows(memory, other, 1, 2);
    }
    DatasetRequest predict = request.withUse(Use.PREDICT);
    try (Dataset memory = new TableProvider().load(predict);
        Dataset other = new TableProvider().load(predict.withStorage(storage(kind, 150)))) {
      assertArrayEquals(
          Fixtures.features(memory.train(), 1), Fixtures.features(other.train(), 1), 0.0);
      assertThrows(
          IllegalStateException.class, () -> targets(other.train(), 2, ElementType.FLOAT64));
    }
  }

  @Test
  void rowsInOnePieceAreOneTensor() throws IOException {
    DatasetRequest request =
        request("arrow", arrow()).withColumns(Columns.DEFAULT.withMissing(Missing.MEAN));
    try (Dataset memory = new TableProvider().load(request);
        Dataset stream =
            new TableProvider().load(request.withStorage(storage(Storage.Kind.STREAM, 0)))) {
      Tensor whole = memory.train().whole().orElseThrow();
      assertEquals(Shape.of(memory.train().rows(), 3), whole.shape());
      assertEquals(ElementType.FLOAT32, whole.type());
      assertArrayEquals(Fixtures.features(stream.train(), 3), whole.toDoubles(), 0.0);
      assertTrue(stream.train().whole().isEmpty());
    }
  }

  @Test
  void everyLoaderCanBeMapped() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,b\n2,a\n3,b\n");
    DatasetRequest table = Fixtures.in64(request("csv", csv));
    try (Dataset memory = new TableProvider().load(table);
        Dataset mapped =
            new TableProvider().load(table.withStorage(storage(Storage.Kind.CACHE, 0)))) {
      assertSameRows(memory, mapped, 1, 0);
    }
    DatasetRequest digits = DatasetRequest.of("digits", Optional.empty());
    var provider = new DigitsProvider(300, 100, 1);
    try (Dataset memory = provider.load(digits);
        Dataset mapped = provider.load(digits.withStorage(storage(Storage.Kind.CACHE, 64)))) {
      assertSameRows(memory, mapped, 784, 0);
      assertTrue(mapped.train().blocks() > 4);
      assertEquals(64, mapped.train().window());
      assertEquals(300, mapped.train().blockStart(mapped.train().blocks()));
    }
  }

  @Test
  void aCacheIsMadeOnceAndAgainForOtherBytesOrOptions() throws IOException {
    Path cache = folder.resolve("cache");
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,b\n2,a\n");
    DatasetRequest request =
        Fixtures.in64(request("csv", csv)).withStorage(storage(Storage.Kind.CACHE, 0));
    new TableProvider().load(request).close();
    List<String> first = files(cache);
    assertEquals(1, first.size());
    var made = Files.getLastModifiedTime(cache.resolve(first.getFirst()));
    new TableProvider().load(request).close();
    assertEquals(first, files(cache));
    assertEquals(made, Files.getLastModifiedTime(cache.resolve(first.getFirst())));
    new TableProvider().load(request.withScaling(Optional.of(Scaling.UNIT))).close();
    assertEquals(2, files(cache).size());
    Files.writeString(csv, "x,label\n1,b\n2,a\n9,a\n");
    try (Dataset changed = new TableProvider().load(request)) {
      assertEquals(3, changed.train().rows());
    }
    assertEquals(3, files(cache).size());
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void aSourceThatIsRefusedLeavesNoCache() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,b\n?,a\n");
    DatasetRequest request =
        Fixtures.strict(request("csv", csv)).withStorage(storage(Storage.Kind.CACHE, 0));
    assertMentions(
        assertThrows(InvalidRequestException.class, () -> new TableProvider().load(request)),
        "row 3",
        "?");
    assertEquals(List.of(), files(folder.resolve("cache")));
  }

  @ParameterizedTest
  @EnumSource(Storage.Kind.class)
  void aLabelThatOnlyTestRowsHaveIsNamedWhereItStands(Storage.Kind kind) throws IOException {
    DatasetRequest request =
        request("arrow", arrow())
            .withColumns(Columns.DEFAULT.withMissing(Missing.MEAN))
            .withStorage(storage(kind, 0));
    Path test = folder.resolve("test.arrow");
    try (OutputStream out = Files.newOutputStream(test);
        BufferAllocator allocator = new RootAllocator();
        var x = new Float8Vector("x", allocator);
        var y = new Float4Vector("y", allocator);
        var target = new Float8Vector("target", allocator);
        var label = new VarCharVector("label", allocator);
        var root = new VectorSchemaRoot(List.<FieldVector>of(x, y, target, label));
        var writer = new ArrowFileWriter(root, null, Channels.newChannel(out))) {
      for (int i = 0; i < 2; i++) {
        x.setSafe(i, 1);
        y.setSafe(i, 1f);
        target.setSafe(i, 1);
        label.setSafe(i, (i == 0 ? "a" : "zebra").getBytes(StandardCharsets.UTF_8));
      }
      root.setRowCount(2);
      writer.start();
      writer.writeBatch();
      writer.end();
    }
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> {
              try (Dataset data = new TableProvider().load(request.withTest(test))) {
                Fixtures.classes(data.test().orElseThrow());
              }
            });
    assertMentions(error, "test.arrow", "row 2", "\"label\"", "3 classes", "zebra");
  }

  /** What else damage may do is for the fuzz target "cache-file". */
  @Test
  void aCacheThatWasCutIsRefusedAndSaysWhatToDo() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,y,label\n1,2,b\n2,3,a\n");
    DatasetRequest request =
        Fixtures.in64(request("csv", csv)).withStorage(storage(Storage.Kind.CACHE, 0));
    new TableProvider().load(request).close();
    Path file = folder.resolve("cache").resolve(files(folder.resolve("cache")).getFirst());
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 5, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      var e = assertThrows(InvalidRequestException.class, () -> new TableProvider().load(request));
      assertMentions(e, file.toString(), "Delete it");
    }
  }

  @Test
  void useAfterCloseIsAnExceptionAndClosingTwiceIsNot() throws IOException {
    for (Storage.Kind kind : Storage.Kind.values()) {
      Dataset data =
          new TableProvider()
              .load(
                  request("arrow", arrow())
                      .withColumns(Columns.DEFAULT.withMissing(Missing.MEAN))
                      .withStorage(storage(kind, 0)));
      Table table = data.train();
      data.close();
      data.close();
      assertThrows(IllegalStateException.class, () -> Fixtures.features(table, 3));
    }
  }

  @Test
  void aStreamKnowsItsBlocksAndKeepsFewOfThem() throws IOException {
    DatasetRequest request =
        request("arrow", arrow())
            .withColumns(Columns.DEFAULT.withMissing(Missing.MEAN))
            .withStorage(storage(Storage.Kind.STREAM, 150));
    try (Dataset data = new TableProvider().load(request)) {
      Table table = data.train();
      assertEquals(BATCHES, table.blocks());
      assertEquals(150, table.window());
      int[] starts = new int[BATCHES + 1];
      Arrays.setAll(starts, table::blockStart);
      assertArrayEquals(new int[] {0, 100, 199, 297, 394, 490, 585, 679}, starts);
    }
  }

  @Test
  void whatCannotBeStreamedIsNamed() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,b\n2,a\n");
    Storage stream = storage(Storage.Kind.STREAM, 0);
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> new TableProvider().load(request("csv", csv).withStorage(stream))),
        "t.csv",
        "Parquet",
        "--storage cache");
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () ->
                new DigitsProvider(10, 10, 1)
                    .load(DatasetRequest.of("digits", Optional.empty()).withStorage(stream))),
        "stream");
  }

  @Test
  void optionsThatDecideTheRowsDecideTheFingerprint() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,2\n2,3\n,4\n");
    DatasetRequest request = request("csv", csv);
    try (Dataset dropped =
            new TableProvider()
                .load(request.withColumns(Columns.DEFAULT.withMissing(Missing.DROP)));
        Dataset filled =
            new TableProvider()
                .load(request.withColumns(Columns.DEFAULT.withMissing(Missing.MEAN)))) {
      assertNotEquals(dropped.fingerprint(), filled.fingerprint());
      assertFalse(dropped.train().rows() == filled.train().rows());
    }
  }
}
