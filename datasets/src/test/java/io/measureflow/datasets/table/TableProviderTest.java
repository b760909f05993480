package io.measureflow.datasets.table;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.gzip;
import static io.measureflow.datasets.testing.Fixtures.request;
import static io.measureflow.datasets.testing.Fixtures.strict;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableProviderTest {

  @TempDir Path folder;

  private static Dataset load(DatasetRequest request) {
    return new TableProvider().load(request);
  }

  private Path write(String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private DatasetRequest csv(String text) {
    return Fixtures.in64(request("csv", write("table.csv", text.getBytes(StandardCharsets.UTF_8))));
  }

  private static InvalidRequestException refused(DatasetRequest request) {
    return assertThrows(InvalidRequestException.class, () -> load(request).close());
  }

  private static List<String> classNames(Dataset data) {
    return switch (data.schema().target()) {
      case Target.Classes(List<String> names) -> names;
      case Target.Real real -> throw new AssertionError(real);
      case Target.None none -> throw new AssertionError(none);
    };
  }

  @Test
  void numericColumnsAreFeaturesToTheLastBit() {
    String text = "a,name,label,b\r\n0.1,\"x, \"\"y\"\"\",1,-2.5e-3\r\n1e300,z,0, 7 \r\n";
    try (Dataset data = load(strict(csv(text)))) {
      assertEquals(List.of("a", "b"), data.schema().features());
      assertEquals(2, data.schema().featureCount());
      assertArrayEquals(
          new double[] {0.1, -2.5e-3, 1e300, 7}, Fixtures.features(data.train(), 2), 0.0);
      assertEquals(List.of("0", "1"), classNames(data));
      assertArrayEquals(new int[] {1, 0}, Fixtures.classes(data.train()));
      assertTrue(data.test().isEmpty());
      assertTrue(data.schema().image().isEmpty());
    }
  }

  @Test
  void manyRowsKeepTheirOrder() {
    int rows = 5_000;
    String text =
        "x,y,label\n"
            + IntStream.range(0, rows)
                .mapToObj(i -> i + "," + i / 7.0 + "," + i % 3)
                .collect(Collectors.joining("\n"));
    try (Dataset data = load(csv(text))) {
      double[] features = Fixtures.features(data.train(), 2);
      assertEquals(2 * rows, features.length);
      for (int i = 0; i < rows; i++) {
        assertEquals(i, features[2 * i], 0.0);
        assertEquals(i / 7.0, features[2 * i + 1], 0.0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 2 1        | 0 1 2          | 0 2 1",
        "3 1 1        | 0 1 2 3        | 3 1 1",
        "7 -2 07      | -2 7           | 1 0 1",
        "2024 1999 5  | 5 1999 2024    | 2 1 0",
        "red blue red | blue red       | 1 0 1",
        "1 x 2        | 1 2 x          | 0 2 1",
      })
  void integersAndTextBecomeClasses(String labels, String names, String numbers) {
    String text =
        "x,label\n"
            + Arrays.stream(labels.split(" "))
                .map(label -> "1," + label + "\n")
                .collect(Collectors.joining());
    try (Dataset data = load(csv(text))) {
      assertEquals(List.of(names.split(" ")), classNames(data));
      assertArrayEquals(
          Arrays.stream(numbers.split(" ")).mapToInt(Integer::parseInt).toArray(),
          Fixtures.classes(data.train()));
    }
  }

  @Test
  void decimalLabelsBecomeRealTargets() {
    String text = "price,x\n1.5,1\n3,2\n-1e-3,3\n";
    try (Dataset data = load(Fixtures.labelled(csv(text), "price"))) {
      assertEquals(new Target.Real(List.of("price")), data.schema().target());
      assertArrayEquals(new double[] {1.5, 3, -1e-3}, Fixtures.reals(data.train()), 0.0);
      assertEquals(List.of("x"), data.schema().features());
    }
  }

  @Test
  void rowsToPredictForNeedNoLabel() {
    for (String text : List.of("x,y\n1,2\n3,4\n", "x,label,y\n1,,2\n3,NaN,4\n")) {
      try (Dataset data = load(Fixtures.toPredict(csv(text)))) {
        assertEquals(List.of("x", "y"), data.schema().features());
        assertEquals(new Target.None(), data.schema().target());
        assertArrayEquals(new double[] {1, 2, 3, 4}, Fixtures.features(data.train(), 2), 0.0);
        assertThrows(IllegalStateException.class, () -> Fixtures.classes(data.train()));
      }
    }
  }

  @Test
  void aTestFileTakesItsClassesFromTheTrainingRows() {
    DatasetRequest train = csv("x,label\n1,c\n2,a\n3,b\n");
    Path test = write("test.csv", "x,label\n9,c\n8,b\n".getBytes(StandardCharsets.UTF_8));
    try (Dataset data = load(Fixtures.withTest(train, test))) {
      assertEquals(List.of("a", "b", "c"), classNames(data));
      assertArrayEquals(new int[] {2, 1}, Fixtures.classes(data.test().orElseThrow()));
      assertArrayEquals(new double[] {9, 8}, Fixtures.features(data.test().orElseThrow(), 1), 0.0);
    }
    Path unknown = write("test.csv", "x,label\n9,c\n8,d\n".getBytes(StandardCharsets.UTF_8));
    assertMentions(
        refused(Fixtures.withTest(train, unknown)), "test.csv", "row 3", "\"label\"", "found d");
    Path other = write("test.csv", "z,label\n9,c\n".getBytes(StandardCharsets.UTF_8));
    assertMentions(refused(Fixtures.withTest(train, other)), "test.csv", "\"x\"", "z, label");
  }

  @Test
  void gzipByteOrderMarkAndABlankLastLineAreRead() {
    byte[] text = "\uFEFFlabel,x\n1,2\n0,3\n\n".getBytes(StandardCharsets.UTF_8);
    Path file = write("table.csv.gz", gzip(text));
    try (Dataset data = load(request("csv", file))) {
      assertArrayEquals(new double[] {2, 3}, Fixtures.features(data.train(), 1), 0.0);
      assertArrayEquals(new int[] {1, 0}, Fixtures.classes(data.train()));
    }
    byte[] whole = gzip(text);
    for (int length = 2; length < whole.length; length++) {
      write("table.csv.gz", Arrays.copyOf(whole, length));
      assertMentions(refused(request("csv", file)), "table.csv.gz");
    }
  }

  @Test
  void unitScalingTakesValuesForBytes() {
    DatasetRequest request = csv("x,label\n255,0\n51,1\n");
    try (Dataset data = load(Fixtures.scaled(request, Scaling.UNIT))) {
      assertArrayEquals(new double[] {1, 0.2}, Fixtures.features(data.train(), 1), 0.0);
    }
    assertMentions(
        refused(Fixtures.scaled(csv("x,label\n255,0\n256,1\n"), Scaling.UNIT)),
        "row 3",
        "\"x\"",
        "255");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                            | header",
        "x,label                       | at least one row",
        "x,label;                      | at least one row",
        "x,label;1,0;,1                | row 3 \"x\" empty",
        "x,label;,0;1,1                | row 2 \"x\" empty",
        "x,label;1,0;2                 | row 3 2 cells",
        "x,label;1,0;2,1,3             | row 3 2 cells",
        "x,label;1,0;NaN,1             | row 3 \"x\" NaN",
        "x,label;nan,0;1,1             | row 2 \"x\" nan",
        "x,label;1,0;-Infinity,1       | row 3 \"x\" -Infinity",
        "x,label;1,0;1e999,1           | row 3 \"x\" Infinity",
        "x,label;1,0;?,1               | row 3 \"x\" ?",
        "x,y,label;1,?,0;1,2,1         | row 2 \"y\" ? --missing",
        "x,y,label;1,2,0;1,a,1         | row 3 \"y\" number --categories",
        "x,label;1,0;1d,1              | row 3 \"x\" 1d",
        "x,label;1,0;0x1p3,1           | row 3 \"x\" 0x1p3",
        "x,label;1,0;2,                | row 3 \"label\" nothing",
        "x,label;1,0.5;2,nan           | row 3 \"label\" nan",
        "x,y;1,2                       | label x, y --label",
        "x,x,label;1,2,0               | row 1 \"x\" twice",
        "x,,label;1,2,0                | row 1 column 2",
        "5,3,1;1,2,0                   | label 0, 1, 2 no header",
        "name,label;abc,0              | column of numbers",
        "x,label;1,0;\"2,1             | row 3 quote closes",
        "x,label;1,0;2,\"a;3,b         | row 3 quote closes",
      })
  void whatDoesNotFitIsNamed(String text, String mentions) {
    assertMentions(refused(strict(csv(text.replace(';', '\n')))), mentions.split(" "));
    assertMentions(refused(strict(csv(text.replace(";", "\r\n")))), "table.csv");
  }

  @Test
  void numbersBeyondFloat32AreRefusedInFloat32() {
    Path file = write("table.csv", "x,label\n1,0\n1e39,1\n".getBytes(StandardCharsets.UTF_8));
    assertMentions(refused(request("csv", file)), "row 3", "\"x\"", "float32");
  }

  @Test
  void bytesThatAreNoTextAreRefused() {
    Path file = write("table.csv", new byte[] {'x', ',', (byte) 0xff, '\n', '1', ',', '2'});
    assertMentions(refused(request("csv", file)), "table.csv", "UTF-8");
  }

  @Test
  void missingFilesAreNamed() {
    assertMentions(refused(DatasetRequest.of("csv", Optional.empty())), "--data");
    assertMentions(refused(request("arrow", folder.resolve("no.arrow"))), "no.arrow", "nothing");
    assertMentions(refused(request("csv", folder)), folder.toString(), "something else");
  }

  @Test
  void theFingerprintDependsOnBytesAndLabel() {
    try (Dataset a = load(csv("x,y,label\n1,2,0\n"));
        Dataset b = load(csv("x,y,label\n1,3,0\n"));
        Dataset c = load(Fixtures.labelled(csv("x,y,label\n1,3,0\n"), "y"))) {
      assertEquals(64, a.fingerprint().length());
      assertNotEquals(a.fingerprint(), b.fingerprint());
      assertNotEquals(b.fingerprint(), c.fingerprint());
    }
  }

  private Path arrow(String name, boolean stream, List<FieldVector> vectors, int rows) {
    return arrow(name, stream, vectors, rows, new DictionaryProvider.MapDictionaryProvider());
  }

  private Path arrow(
      String name,
      boolean stream,
      List<FieldVector> vectors,
      int rows,
      DictionaryProvider dictionaries) {
    Path file = folder.resolve(name);
    vectors.forEach(vector -> vector.setValueCount(rows));
    try (OutputStream out = Files.newOutputStream(file);
        var root = new VectorSchemaRoot(vectors);
        ArrowWriter writer =
            stream
                ? new ArrowStreamWriter(root, dictionaries, out)
                : new ArrowFileWriter(root, dictionaries, Channels.newChannel(out))) {
      root.setRowCount(rows);
      writer.start();
      writer.writeBatch();
      writer.writeBatch();
      writer.end();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return file;
  }

  /** Two batches of two rows: x real, name text, big 64-bit, byte and huge unsigned, label. */
  private Path arrowTable(String name, boolean stream) {
    try (BufferAllocator allocator = new RootAllocator()) {
      var x = new Float8Vector("x", allocator);
      x.setSafe(0, 0.1);
      x.setSafe(1, -3e200);
      var text = new VarCharVector("name", allocator);
      text.setSafe(0, "a".getBytes(StandardCharsets.UTF_8));
      text.setSafe(1, "b".getBytes(StandardCharsets.UTF_8));
      var big = new BigIntVector("big", allocator);
      big.setSafe(0, -5);
      big.setSafe(1, 1L << 40);
      var small = new UInt1Vector("small", allocator);
      small.setSafe(0, 200);
      small.setSafe(1, 255);
      var huge = new UInt8Vector("huge", allocator);
      huge.setSafe(0, 1);
      huge.setSafe(1, -1L);
      var label = new IntVector("label", allocator);
      label.setSafe(0, 2);
      label.setSafe(1, 0);
      return arrow(name, stream, List.of(x, text, big, small, huge, label), 2);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void arrowFilesAndStreamsAreRead(boolean stream) {
    Path file = arrowTable("table.arrow", stream);
    try (Dataset data = load(strict(Fixtures.in64(request("arrow", file))))) {
      assertEquals(List.of("x", "big", "small", "huge"), data.schema().features());
      double[] batch = {0.1, -5, 200, 1, -3e200, 0x1p40, 255, 0x1p64};
      double[] twice = Arrays.copyOf(batch, 16);
      System.arraycopy(batch, 0, twice, 8, 8);
      assertArrayEquals(twice, Fixtures.features(data.train(), 4), 0.0);
      assertArrayEquals(new int[] {2, 0, 2, 0}, Fixtures.classes(data.train()));
    }
  }

  @Test
  void dictionaryLabelsAreDecodedAndNeverFeatures() {
    try (BufferAllocator allocator = new RootAllocator();
        var values = new VarCharVector("values", allocator);
        var plain = new VarCharVector("label", allocator)) {
      values.setSafe(0, "zebra".getBytes(StandardCharsets.UTF_8));
      values.setSafe(1, "ape".getBytes(StandardCharsets.UTF_8));
      values.setValueCount(2);
      plain.setSafe(0, "ape".getBytes(StandardCharsets.UTF_8));
      plain.setSafe(1, "zebra".getBytes(StandardCharsets.UTF_8));
      plain.setValueCount(2);
      var dictionary = new Dictionary(values, new DictionaryEncoding(1, false, null));
      var x = new Float8Vector("x", allocator);
      x.setSafe(0, 1);
      x.setSafe(1, 2);
      var encoded = (FieldVector) DictionaryEncoder.encode(plain, dictionary);
      Path file =
          arrow(
              "table.arrow",
              true,
              List.of(x, encoded),
              2,
              new DictionaryProvider.MapDictionaryProvider(dictionary));
      try (Dataset data = load(request("arrow", file))) {
        assertEquals(List.of("ape", "zebra"), classNames(data));
        assertArrayEquals(new int[] {0, 1, 0, 1}, Fixtures.classes(data.train()));
      }
      try (Dataset data =
          load(Fixtures.toPredict(Fixtures.labelled(request("arrow", file), "-")))) {
        assertEquals(List.of("x"), data.schema().features());
      }
    }
  }

  @Test
  void nullsAndNanInArrowAreNamed() {
    try (BufferAllocator allocator = new RootAllocator()) {
      var x = new Float8Vector("x", allocator);
      x.setSafe(0, 1);
      x.setNull(1);
      assertMentions(
          refused(
              strict(Fixtures.toPredict(request("arrow", arrow("n.arrow", true, List.of(x), 2))))),
          "row 2",
          "\"x\"",
          "null");
      var y = new Float8Vector("y", allocator);
      y.setSafe(0, 1);
      y.setSafe(1, Double.NaN);
      assertMentions(
          refused(
              strict(Fixtures.toPredict(request("arrow", arrow("n.arrow", false, List.of(y), 2))))),
          "row 2",
          "\"y\"",
          "NaN");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyTruncationOfArrowIsRefusedOrWhole(boolean stream) throws IOException {
    byte[] whole = Files.readAllBytes(arrowTable("whole.arrow", stream));
    for (int length = 0; length < whole.length; length++) {
      Path file = write("cut.arrow", Arrays.copyOf(whole, length));
      // A stream may end between two messages.
      readOrRefuse(file, stream);
    }
  }

  private static void readOrRefuse(Path file, boolean mayBeRead) {
    try (Dataset data = load(Fixtures.in64(request("arrow", file)))) {
      assertTrue(mayBeRead, () -> "read: " + file);
      assertTrue(data.train().rows() > 0);
    } catch (InvalidRequestException e) {
      assertMentions(e, file.toString());
    }
  }

  @Test
  void aStreamThatAnnouncesMoreThanItHoldsIsRefused() {
    assertMentions(
        refused(
            request(
                "arrow",
                write("lie.arrow", new byte[] {-1, -1, -1, -1, -1, -1, -1, 0x7f, 0, 0, 0, 0}))),
        "lie.arrow",
        "2147483647 bytes");
  }

  @Test
  void sharedTablesAreReadOrRefused() {
    Path iris = Fixtures.shared("tabular/iris.csv");
    assertMentions(
        refused(request("csv", iris)), "iris.csv", "label"); // Its header names no columns.
    Path digits = Fixtures.shared("digits/digits.csv.gz");
    assertMentions(refused(request("csv", digits)), "digits.csv.gz", "no header");
    for (String bad :
        List.of(
            "bad/clusterfuzz-testcase-minimized-arrow-ipc-file-fuzz-5480145071243264.arrow",
            "bad/clusterfuzz-testcase-minimized-arrow-ipc-file-fuzz-5577412021190656.arrow",
            "bad/PARQUET-1481.parquet")) {
      assertMentions(refused(request("arrow", Fixtures.shared(bad))), "malformed");
    }
    for (String primitive :
        List.of("tabular/generated_primitive.arrow", "tabular/generated_primitive.arrows")) {
      assertMentions(
          refused(strict(Fixtures.toPredict(request("arrow", Fixtures.shared(primitive))))),
          "null");
    }
  }
}
