package io.measureflow.datasets.table;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetConverter.Converted;
import io.measureflow.api.data.DatasetConverter.Part;
import io.measureflow.api.data.DatasetConverter.Request;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFile.Batches;
import io.measureflow.datasets.format.TableFile.Cells;
import io.measureflow.datasets.format.TableFile.Column;
import io.measureflow.datasets.format.ValueType;
import io.measureflow.datasets.image.DigitsProvider;
import io.measureflow.datasets.image.IdxProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every format returns the rows from which a file was written. */
class TableConverterTest {

  private static final int ROWS = 300;
  private static final List<String> NUMBERS =
      List.of("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64");
  private static final List<String> NAMES = List.of("b", "a, \"quoted\"", "c\nline", "1", "é");

  @TempDir Path folder;

  /** The bits of the numbers of the table, by column and row. */
  private final long[][] bits = new long[NUMBERS.size()][ROWS];

  private final boolean[][] gaps = new boolean[NUMBERS.size()][ROWS];
  private final String[] labels = new String[ROWS];
  private final float[] truths = new float[ROWS];

  static Stream<String> formats() {
    return new TableConverter().formats().stream();
  }

  static Stream<Arguments> pairs() {
    return formats().flatMap(from -> formats().map(to -> Arguments.of(from, to)));
  }

  /** Returns the name of the loader of a format. */
  private static String loader(String format) {
    return switch (format) {
      case "csv.gz" -> "csv";
      case "arrows" -> "arrow";
      default -> format;
    };
  }

  private Request request(String loader, Path source, Path to, String format) {
    DatasetRequest request = Fixtures.request(loader, source);
    return new Request(
        request,
        () -> {
          throw new AssertionError("tables are not loaded");
        },
        Part.TRAIN,
        to,
        format,
        false);
  }

  private Path convert(String loader, Path source, String format, String name) {
    Path to = folder.resolve(name + "." + format);
    new TableConverter().convert(request(loader, source, to, format));
    return to;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  /** Returns a value of a type, as bits, that csv stores exactly in 64 bits. */
  private static long value(String type, SplittableRandom random) {
    return switch (type) {
      case "i8" -> (byte) random.nextInt();
      case "i16" -> (short) random.nextInt();
      case "i32" -> random.nextInt();
      case "i64" -> random.nextLong(-999_999_999_999_999_999L, 1_000_000_000_000_000_000L);
      case "u8" -> random.nextInt(1 << 8);
      case "u16" -> random.nextInt(1 << 16);
      case "u32" -> random.nextLong(1L << 32);
      case "u64" -> random.nextLong(1_000_000_000_000_000_000L);
      case "f16" ->
          Float.floatToIntBits(Float.float16ToFloat((short) random.nextInt(0x7c00))) & 0xffffffffL;
      case "f32" -> finite(random);
      case "f64" -> Double.doubleToLongBits(random.nextGaussian() * 1e10);
      default -> throw new AssertionError(type);
    };
  }

  /** Any float, including numbers near the smallest and the largest. */
  private static long finite(SplittableRandom random) {
    float value = Float.NaN;
    while (!Float.isFinite(value)) {
      value = random.nextInt(8) == 0 ? -0f : Float.intBitsToFloat(random.nextInt());
    }
    return Float.floatToIntBits(value) & 0xffffffffL;
  }

  private static double number(String type, long bits) {
    return switch (type) {
      case "f16", "f32" -> Float.intBitsToFloat((int) bits);
      case "f64" -> Double.longBitsToDouble(bits);
      default -> bits;
    };
  }

  private static void set(FieldVector vector, int row, long bits) {
    switch (vector) {
      case TinyIntVector v -> v.setSafe(row, (int) bits);
      case SmallIntVector v -> v.setSafe(row, (int) bits);
      case IntVector v -> v.setSafe(row, (int) bits);
      case BigIntVector v -> v.setSafe(row, bits);
      case UInt1Vector v -> v.setSafe(row, (int) bits);
      case UInt2Vector v -> v.setSafe(row, (int) bits);
      case UInt4Vector v -> v.setSafe(row, (int) bits);
      case UInt8Vector v -> v.setSafe(row, bits);
      case Float2Vector v -> v.setSafe(row, Float.floatToFloat16(Float.intBitsToFloat((int) bits)));
      case Float4Vector v -> v.setSafe(row, Float.intBitsToFloat((int) bits));
      case Float8Vector v -> v.setSafe(row, Double.longBitsToDouble(bits));
      default -> throw new AssertionError(vector);
    }
  }

  private static FieldVector vector(String name, BufferAllocator allocator) {
    return switch (name) {
      case "i8" -> new TinyIntVector(name, allocator);
      case "i16" -> new SmallIntVector(name, allocator);
      case "i32" -> new IntVector(name, allocator);
      case "i64" -> new BigIntVector(name, allocator);
      case "u8" -> new UInt1Vector(name, allocator);
      case "u16" -> new UInt2Vector(name, allocator);
      case "u32" -> new UInt4Vector(name, allocator);
      case "u64" -> new UInt8Vector(name, allocator);
      case "f16" -> new Float2Vector(name, allocator);
      case "f32" -> new Float4Vector(name, allocator);
      case "f64" -> new Float8Vector(name, allocator);
      default -> throw new AssertionError(name);
    };
  }

  /** Every type, with gaps; labels and a note that need quotes; truth values; a date. */
  private Path table() throws IOException {
    var random = new SplittableRandom(5);
    Path file = folder.resolve("source.arrow");
    try (OutputStream out = Files.newOutputStream(file);
        BufferAllocator allocator = new RootAllocator()) {
      var vectors = new ArrayList<FieldVector>();
      NUMBERS.forEach(name -> vectors.add(vector(name, allocator)));
      var truth = new BitVector("truth", allocator);
      var note = new VarCharVector("note, of any kind", allocator);
      var label = new VarCharVector("label", allocator);
      var day = new DateDayVector("day", allocator);
      vectors.addAll(List.of(truth, note, label, day));
      try (var root = new VectorSchemaRoot(vectors);
          var writer = new ArrowFileWriter(root, null, Channels.newChannel(out))) {
        for (int row = 0; row < ROWS; row++) {
          for (int j = 0; j < NUMBERS.size(); j++) {
            gaps[j][row] = random.nextInt(5) == 0;
            if (gaps[j][row]) {
              vectors.get(j).setNull(row);
            } else {
              bits[j][row] = value(NUMBERS.get(j), random);
              set(vectors.get(j), row, bits[j][row]);
            }
          }
          labels[row] = NAMES.get(random.nextInt(NAMES.size()));
          label.setSafe(row, labels[row].getBytes(StandardCharsets.UTF_8));
          truths[row] = Float.NaN;
          if (random.nextBoolean()) {
            truths[row] = random.nextInt(2);
            truth.setSafe(row, (int) truths[row]);
          }
          if (random.nextBoolean()) {
            note.setSafe(row, (" x" + row + "\" ,").getBytes(StandardCharsets.UTF_8));
          }
          day.setSafe(row, row);
        }
        root.setRowCount(ROWS);
        writer.start();
        writer.writeBatch();
        writer.end();
      }
    }
    return file;
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void everyPairOfFormatsKeepsEveryValue(String from, String to) throws IOException {
    Path first = convert("arrow", table(), from, "first");
    Path second = convert(loader(from), first, to, "second");
    DatasetRequest request =
        Fixtures.request(loader(to), second).withColumns(Columns.DEFAULT.withMissing(Missing.MEAN));
    try (Dataset data = new TableProvider().load(request)) {
      int width = NUMBERS.size() + 1;
      assertEquals(
          Stream.concat(NUMBERS.stream(), Stream.of("truth")).toList(), data.schema().features());
      assertEquals(
          NAMES.stream().sorted().toList(), ((Target.Classes) data.schema().target()).names());
      assertEquals(ROWS, data.train().rows());
      float[] found = Fixtures.floats(data.train(), width, Fixtures.inOrder(data.train()));
      int[] classes = Fixtures.classes(data.train());
      List<String> sorted = NAMES.stream().sorted().toList();
      for (int row = 0; row < ROWS; row++) {
        assertEquals(labels[row], sorted.get(classes[row]));
        for (int j = 0; j < NUMBERS.size(); j++) {
          String where = NUMBERS.get(j) + " in row " + row;
          float expected = gaps[j][row] ? Float.NaN : (float) number(NUMBERS.get(j), bits[j][row]);
          assertEquals(
              Float.floatToIntBits(expected), Float.floatToIntBits(found[row * width + j]), where);
        }
        assertEquals(truths[row], found[row * width + NUMBERS.size()], 0f);
      }
    }
    // Exact to the last bit, even for 64 bits; types are kept as far as csv has them.
    try (TableFile file =
        new TableProvider()
            .openToConvert(Fixtures.request(loader(to), second), Optional.of(second))) {
      boolean typed = !from.startsWith("csv") && !to.startsWith("csv");
      assertEquals(
          Stream.concat(NUMBERS.stream(), Stream.of("truth", "note, of any kind", "label"))
              .toList(),
          file.columns().stream().map(Column::name).toList());
      for (int j = 0; j < NUMBERS.size(); j++) {
        assertEquals(type(NUMBERS.get(j), typed), file.columns().get(j).values().orElseThrow());
      }
      assertEquals(ValueType.BOOLEAN, file.columns().get(NUMBERS.size()).values().orElseThrow());
      assertSameBits(file);
    }
    assertEquals(List.of("first." + from, "second." + to, "source.arrow"), files());
  }

  private static ValueType type(String name, boolean typed) {
    boolean real = name.startsWith("f");
    if (!typed) {
      return real ? ValueType.FLOAT64 : ValueType.INT64;
    }
    int size = Integer.parseInt(name.substring(1));
    return switch (name) {
      case "f16" -> ValueType.FLOAT16;
      case "f32" -> ValueType.FLOAT32;
      case "f64" -> ValueType.FLOAT64;
      default -> ValueType.integer(size, name.startsWith("i"));
    };
  }

  private void assertSameBits(TableFile file) throws IOException {
    TablePlan plan = TablePlan.toConvert(file, Columns.DEFAULT);
    int row = 0;
    try (Batches batches = file.read(plan.selection())) {
      while (batches.next()) {
        for (int i = 0; i < batches.rows(); i++) {
          for (int j = 0; j < NUMBERS.size(); j++) {
            Cells cells = batches.cells(j);
            assertEquals(gaps[j][row], cells.isMissing(i), NUMBERS.get(j) + " in row " + row);
            if (!gaps[j][row]) {
              String name = NUMBERS.get(j);
              if (name.startsWith("f")) {
                assertEquals(
                    Double.doubleToLongBits(number(name, bits[j][row])),
                    Double.doubleToLongBits(
                        name.equals("f64") ? cells.number(i) : (float) cells.number(i)));
              } else {
                assertEquals(bits[j][row], cells.integer(i));
              }
            }
          }
          assertEquals(labels[row], batches.cells(NUMBERS.size() + 2).text(i));
          row++;
        }
      }
    }
    assertEquals(ROWS, row);
  }

  @Test
  void columnsThatNoLoaderReadsAreNamed() throws IOException {
    Converted converted =
        new TableConverter()
            .convert(request("arrow", table(), folder.resolve("y.parquet"), "parquet"));
    assertEquals(ROWS, converted.rows());
    assertEquals(NUMBERS.size() + 3, converted.columns());
    assertEquals(List.of("day"), converted.leftOut().stream().map(SourceColumn::name).toList());
  }

  /** More rows than a batch, a row group and a page of levels, with and without gaps. */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"parquet", "arrow", "arrows"})
  void manyRowsKeepTheirOrder(String format) throws IOException {
    int rows = 600_001;
    var text = new StringBuilder("x,gap,label\n");
    for (int i = 0; i < rows; i++) {
      text.append(i).append(',').append(i % 3 == 1 ? "" : String.valueOf(-i)).append(',');
      text.append(i % 7).append('\n');
    }
    Path csv = Files.writeString(folder.resolve("t.csv"), text);
    Path file = convert("csv", csv, format, "y");
    DatasetRequest request =
        Fixtures.in64(Fixtures.request(loader(format), file))
            .withColumns(Columns.DEFAULT.withMissing(Missing.MEAN));
    try (Dataset data = new TableProvider().load(request)) {
      double[] found = Fixtures.features(data.train(), 2);
      int[] classes = Fixtures.classes(data.train());
      assertEquals(rows, classes.length);
      for (int i = 0; i < rows; i++) {
        assertEquals(i, found[2 * i]);
        assertEquals(i % 3 == 1 ? Double.NaN : -i, found[2 * i + 1] + 0.0);
        assertEquals(i % 7, classes[i]);
      }
    }
    Path back = convert(loader(format), file, "csv", "back");
    assertEquals(text.toString(), Files.readString(back));
  }

  @Test
  void integersOf64BitsKeepThemAll() throws IOException {
    long[] values = {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE, (1L << 53) + 1};
    Path arrow = folder.resolve("t.arrow");
    try (OutputStream out = Files.newOutputStream(arrow);
        BufferAllocator allocator = new RootAllocator();
        var signed = new BigIntVector("signed", allocator);
        var unsigned = new UInt8Vector("unsigned", allocator);
        var root = new VectorSchemaRoot(List.<FieldVector>of(signed, unsigned));
        var writer = new ArrowFileWriter(root, null, Channels.newChannel(out))) {
      for (int i = 0; i < values.length; i++) {
        signed.setSafe(i, values[i]);
        unsigned.setSafe(i, values[i]);
      }
      root.setRowCount(values.length);
      writer.start();
      writer.writeBatch();
      writer.end();
    }
    Path back = convert("parquet", convert("arrow", arrow, "parquet", "y"), "arrows", "z");
    try (TableFile file =
            new TableProvider().openToConvert(Fixtures.request("arrow", back), Optional.of(back));
        Batches batches = file.read(TablePlan.toConvert(file, Columns.DEFAULT).selection())) {
      assertTrue(batches.next());
      for (int j = 0; j < 2; j++) {
        Cells cells = batches.cells(j);
        assertArrayEquals(
            values, IntStream.range(0, values.length).mapToLong(cells::integer).toArray());
      }
    }
    assertEquals(
        """
        signed,unsigned
        -9223372036854775808,9223372036854775808
        -1,18446744073709551615
        0,0
        9223372036854775807,9223372036854775807
        9007199254740993,9007199254740993
        """,
        Files.readString(convert("arrow", back, "csv", "w")));
  }

  /** The type of a text column is decided by all rows, as in the loader. */
  @Test
  void csvIsTypedByAllOfItsRows() throws IOException {
    Path csv =
        Files.writeString(
            folder.resolve("t.csv"),
            """
            whole,real,zero,gap,nan,note,label
            1,1,-0,NA,NaN,x,1
            007,2.5,0,5,1,,a
            -3,1e300,1,?,-inf,z,
            """);
    try (TableFile file =
        new TableProvider().openToConvert(Fixtures.request("csv", csv), Optional.of(csv))) {
      assertEquals(
          List.of(
              ValueType.INT64,
              ValueType.FLOAT64,
              ValueType.FLOAT64,
              ValueType.INT64,
              ValueType.FLOAT64,
              ValueType.TEXT,
              ValueType.TEXT),
          file.columns().stream().map(column -> column.values().orElseThrow()).toList());
    }
    assertEquals(
        """
        whole,real,zero,gap,nan,note,label
        1,1.0,-0.0,,NaN,x,1
        7,2.5,0.0,5,1.0,,a
        -3,1.0E300,1.0,,-Infinity,z,
        """,
        Files.readString(convert("parquet", convert("csv", csv, "parquet", "y"), "csv", "z")));
  }

  /** As the numbers of tickets: with letters before some of them. */
  @Test
  void aColumnOfTextMayHoldNumbers() throws IOException {
    String text =
        """
        ticket,cabin,x,label
        A/5 21171,1,1,0
        17463,C85,2,1
        PC 17599,C123,3,1
        """;
    Path csv = Files.writeString(folder.resolve("t.csv"), text);
    Path parquet = convert("csv", csv, "parquet", "y");
    try (TableFile file =
            new TableProvider()
                .openToConvert(Fixtures.request("parquet", parquet), Optional.of(parquet));
        Batches batches = file.read(TablePlan.toConvert(file, Columns.DEFAULT).selection())) {
      assertTrue(batches.next());
      assertEquals(
          List.of("A/5 21171", "17463", "PC 17599"),
          IntStream.range(0, 3).mapToObj(batches.cells(0)::text).toList());
      assertEquals(
          List.of("1", "C85", "C123"),
          IntStream.range(0, 3).mapToObj(batches.cells(1)::text).toList());
    }
    // One text among numbers is a slip.
    Files.writeString(csv, "x,label\n" + "1,0\n".repeat(20) + "l,1\n");
    assertMentions(
        assertThrows(InvalidRequestException.class, () -> convert("csv", csv, "parquet", "z")),
        "row 22",
        "\"x\"",
        "finite number");
  }

  @Test
  void aFileWithoutAHeaderGetsNumbersForNames() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "5,6\n7,8\n");
    Path arrow = convert("csv", csv, "arrow", "y");
    assertEquals("0,1\n5,6\n7,8\n", Files.readString(convert("arrow", arrow, "csv", "z")));
  }

  // ---- images and other datasets ----

  private static Request loaded(
      DatasetProvider provider, DatasetRequest source, Part part, Path to, String format) {
    return new Request(
        source,
        () -> provider.load(Fixtures.scaled(source, Scaling.NONE)),
        part,
        to,
        format,
        false);
  }

  private Path idx(String name, int rows, int seed) throws IOException {
    var random = new SplittableRandom(seed);
    Path data = Files.createDirectories(folder.resolve(name));
    for (String split : List.of("train", "t10k")) {
      byte[] pixels = new byte[rows * 784];
      random.nextBytes(pixels);
      byte[] classes = new byte[rows];
      for (int i = 0; i < rows; i++) {
        classes[i] = (byte) (i < 10 ? i : random.nextInt(10));
      }
      Files.write(
          data.resolve(split + "-images-idx3-ubyte"),
          Fixtures.idx(new int[] {rows, 28, 28}, pixels));
      Files.write(
          data.resolve(split + "-labels-idx1-ubyte"), Fixtures.idx(new int[] {rows}, classes));
    }
    return data;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void imagesKeepTheirPixelsAndTheNamesOfTheirClasses(String format) throws IOException {
    for (String name : List.of("mnist", "fashion-mnist")) {
      DatasetRequest source = Fixtures.request(name, idx(name, 40, 3));
      for (Part part : Part.values()) {
        Path file = folder.resolve(name + part + "." + format);
        var converted =
            new TableConverter().convert(loaded(new IdxProvider(), source, part, file, format));
        assertEquals(40, converted.rows());
        assertEquals(785, converted.columns());
        DatasetRequest table =
            Fixtures.scaled(Fixtures.request(loader(format), file), Scaling.UNIT);
        try (Dataset expected = new IdxProvider().load(source);
            Dataset found = new TableProvider().load(table)) {
          Table rows = part == Part.TRAIN ? expected.train() : expected.test().orElseThrow();
          assertArrayEquals(
              Fixtures.floats(rows, 784, Fixtures.inOrder(rows)),
              Fixtures.floats(found.train(), 784, Fixtures.inOrder(found.train())));
          assertArrayEquals(names(expected, rows).toArray(), names(found, found.train()).toArray());
          assertEquals("pixel783", found.schema().features().getLast());
        }
      }
    }
  }

  private static List<String> names(Dataset data, Table rows) {
    List<String> names = ((Target.Classes) data.schema().target()).names();
    return Arrays.stream(Fixtures.classes(rows)).mapToObj(names::get).toList();
  }

  @Test
  void bytesStayBytes() throws IOException {
    Path file = folder.resolve("y.parquet");
    new TableConverter()
        .convert(
            loaded(
                new IdxProvider(),
                Fixtures.request("mnist", idx("mnist", 20, 4)),
                Part.TRAIN,
                file,
                "parquet"));
    try (TableFile table =
        new TableProvider().openToConvert(Fixtures.request("parquet", file), Optional.of(file))) {
      assertEquals(ValueType.UINT8, table.columns().getFirst().values().orElseThrow());
      assertEquals(ValueType.INT64, table.columns().getLast().values().orElseThrow());
    }
  }

  @Test
  void drawnDigitsAreConverted() {
    Path file = folder.resolve("y.arrow");
    var provider = new DigitsProvider(30, 10, 1);
    DatasetRequest source = DatasetRequest.of("digits", Optional.empty());
    new TableConverter().convert(loaded(provider, source, Part.TEST, file, "arrow"));
    try (Dataset expected = provider.load(Fixtures.scaled(source, Scaling.NONE));
        Dataset found = new TableProvider().load(Fixtures.request("arrow", file))) {
      Table rows = expected.test().orElseThrow();
      assertArrayEquals(Fixtures.features(rows, 784), Fixtures.features(found.train(), 784), 0.0);
      assertEquals(names(expected, rows), names(found, found.train()));
    }
  }

  @Test
  void testRowsAreThoseOfTheFileOrTheDataset() throws IOException {
    Path train = Files.writeString(folder.resolve("train.csv"), "x,label\n1,2\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "x,label\n3,4\n");
    Path file = folder.resolve("y.csv");
    DatasetRequest both = Fixtures.request("csv", train).withTest(test);
    new TableConverter().convert(loaded(new TableProvider(), both, Part.TEST, file, "csv"));
    assertEquals("x,label\n3,4\n", Files.readString(file));
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () ->
                new TableConverter()
                    .convert(
                        loaded(
                            new TableProvider(),
                            Fixtures.request("csv", train),
                            Part.TEST,
                            folder.resolve("z.csv"),
                            "csv"))),
        "test rows",
        "--data");
  }

  // ---- refusals ----

  private void assertRefused(String loader, Path source, String format, String... parts)
      throws IOException {
    List<String> before = files();
    Path to = folder.resolve("refused." + format);
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> new TableConverter().convert(request(loader, source, to, format))),
        parts);
    assertEquals(before, files());
  }

  @Test
  void malformedSourcesLeaveNoFile() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,2\nfoo,4\n");
    for (String format : formats().toList()) {
      assertRefused("csv", csv, format, "t.csv, row 3, column \"x\"", "foo");
    }
    Path good = Files.writeString(folder.resolve("g.csv"), "x,y,label\n1,2,3\n4,5,6\n");
    for (String format : List.of("parquet", "arrow", "arrows")) {
      byte[] bytes = Files.readAllBytes(convert("csv", good, format, "g"));
      Path cut =
          Files.write(folder.resolve("cut." + format), Arrays.copyOf(bytes, bytes.length * 2 / 3));
      assertRefused(loader(format), cut, "csv", cut.toString());
    }
    Path damaged =
        Files.write(
            folder.resolve("d.csv.gz"),
            Fixtures.gzip("x\n1\n2\n".getBytes(StandardCharsets.UTF_8)));
    byte[] bytes = Files.readAllBytes(damaged);
    Files.write(damaged, Arrays.copyOf(bytes, bytes.length - 9));
    assertRefused("csv", damaged, "parquet", damaged.toString());
    assertRefused("csv", folder.resolve("none.csv"), "parquet", "none.csv", "nothing");
  }

  @Test
  void whatCsvCannotHoldIsRefused() throws IOException {
    Path source = folder.resolve("t.arrow");
    text(source, "code", "a", "0123");
    assertRefused("arrow", source, "csv", "refused.csv, row 3", "\"code\"", "0123", "parquet");
    text(source, "code", "", "");
    assertRefused("arrow", source, "csv.gz", "\"code\"", "first 64 rows");
    text(source, " code", "a", "b");
    assertRefused("arrow", source, "csv", "\" code\"");
    text(source, "7", "a", "b");
    assertRefused("arrow", source, "csv", "numbers alone");
    text(source, "label", "a", "0123");
    assertEquals("label\na\n0123\n", Files.readString(convert("arrow", source, "csv", "y")));
  }

  private static void text(Path file, String name, String... cells) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        BufferAllocator allocator = new RootAllocator();
        var texts = new VarCharVector(name, allocator);
        var root = new VectorSchemaRoot(List.<FieldVector>of(texts));
        var writer = new ArrowFileWriter(root, null, Channels.newChannel(out))) {
      for (int i = 0; i < cells.length; i++) {
        texts.setSafe(i, cells[i].getBytes(StandardCharsets.UTF_8));
      }
      root.setRowCount(cells.length);
      writer.start();
      writer.writeBatch();
      writer.end();
    }
  }

  @Test
  void aFileThatIsThereStaysUnlessItMayGo() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,2\n");
    Path there = Files.writeString(folder.resolve("y.csv"), "old");
    Request request = request("csv", csv, there, "csv");
    assertMentions(
        assertThrows(InvalidRequestException.class, () -> new TableConverter().convert(request)),
        "y.csv",
        "--overwrite");
    assertEquals("old", Files.readString(there));
    new TableConverter()
        .convert(new Request(request.source(), request.loader(), Part.TRAIN, there, "csv", true));
    assertEquals("x,label\n1,2\n", Files.readString(there));
    // Including the source itself.
    new TableConverter()
        .convert(
            new Request(
                Fixtures.request("csv", there), request.loader(), Part.TRAIN, there, "csv", true));
    assertEquals("x,label\n1,2\n", Files.readString(there));
    assertEquals(List.of("t.csv", "y.csv"), files());
  }

  @ParameterizedTest
  @MethodSource("formats")
  void aFullDiskIsOneMessage(String format) throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "this system has no /dev/full");
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,2\n");
    Path link = Files.createSymbolicLink(folder.resolve("y." + format), full);
    assertMentions(
        assertThrows(
            RunFailedException.class,
            () -> new TableConverter().convert(request("csv", csv, link, format))),
        link.toString(),
        "No space left");
    assertTrue(Files.exists(full) && !Files.isRegularFile(full));
    assertEquals(List.of("t.csv", "y." + format), files());
  }

  @Test
  void theNextConversionRemovesWhatAKilledOneLeft() throws IOException {
    Path csv = Files.writeString(folder.resolve("t.csv"), "x,label\n1,b\n");
    // No system assigns process ids as high as this.
    Files.writeString(folder.resolve(".o.parquet.999999999999-1.partial"), "half of it");
    convert("csv", csv, "parquet", "o");
    assertEquals(List.of("o.parquet", "t.csv"), files());
  }
}
