package io.measureflow.datasets.csv;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Header;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.table.TableProvider;
import io.measureflow.datasets.testing.Fixtures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Separated values as spreadsheets, pandas and R write them. */
class CsvTableTest {

  @TempDir Path folder;

  private Path write(String text, Charset charset) {
    try {
      return Files.write(folder.resolve("t.csv"), text.getBytes(charset));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path write(String text) {
    return write(text, StandardCharsets.UTF_8);
  }

  private static DatasetRequest in64(Path file, Columns columns) {
    return Fixtures.in64(request("csv", file)).withColumns(columns);
  }

  private static Dataset load(Path file, Columns columns) {
    return new TableProvider().load(in64(file, columns));
  }

  private static void assertHolds(Path file, Columns columns, String features, double... values) {
    try (Dataset data = load(file, columns)) {
      assertEquals(List.of(features.split(" ")), data.schema().features());
      assertArrayEquals(values, Fixtures.features(data.train(), data.schema().featureCount()), 0.0);
    }
  }

  private String refused(String text) {
    return refused(write(text), Columns.DEFAULT);
  }

  private static String refused(Path file, Columns columns) {
    return String.valueOf(
        assertThrows(InvalidRequestException.class, () -> load(file, columns).close())
            .getMessage());
  }

  private List<String> remarks(Path file, Columns columns) {
    try {
      return CsvTable.open(file, columns).remarks();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t", "|"})
  void separatorsAreFound(String separator) {
    Path file = write("a,b,label\n1.5,-2,x\n3,4e2,y\n".replace(",", separator));
    assertHolds(file, Columns.DEFAULT, "a b", 1.5, -2, 3, 400);
    List<String> remarks = remarks(file, Columns.DEFAULT);
    assertEquals(separator.equals(",") ? 0 : 1, remarks.size());
    // Said by whoever asks, nothing is inferred.
    assertEquals(List.of(), remarks(file, Columns.DEFAULT.withSeparator(separator.charAt(0))));
  }

  @Test
  void otherSeparatorsAreNamed() {
    Path file = write("a b label\n1 2 x\n3 4 y\n");
    assertHolds(file, Columns.DEFAULT.withSeparator(' '), "a b", 1, 2, 3, 4);
    assertMentions(
        new InvalidRequestException(refused(file, Columns.DEFAULT.withSeparator(';'))), "label");
  }

  @Test
  void quotedSeparatorsAndLinesAreNoEnds() {
    Path file = write("a;\"b,c\";label\n1;2;\"x,\n\"\"y\"\";z\"\n3;4;w\n");
    try (Dataset data = load(file, Columns.DEFAULT)) {
      assertEquals(List.of("a", "b,c"), data.schema().features());
      assertEquals(new Target.Classes(List.of("w", "x,\n\"y\";z")), data.schema().target());
      assertArrayEquals(new double[] {1, 2, 3, 4}, Fixtures.features(data.train(), 2), 0.0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "a;b;label|0,5;1,25e1;x|-,5;3;y          # 0.5 12.5 -0.5 3     # decimal comma",
        "a;b;label|1.234,5;1.000;x|2,5;3;y       # 1234.5 1000 2.5 3   # decimal comma",
        "a;b;label|1,234;7;x|1,500;3;y           # 1.234 7 1.5 3       # decimal comma",
        "a,b,label|\"1,234.5\",2,x|\"12,345\",3,y # 1234.5 2 12345 3    # between thousands",
        "a,b,label|\"1,234,567\",2,x|8,3,y       # 1234567 2 8 3       # between thousands",
      })
  void numbersAreReadAsTheyAreWritten(String text, String values, String remark) {
    Path file = write(text.replace('|', '\n'));
    assertHolds(file, Columns.DEFAULT, "a b", numbers(values));
    List<String> remarks = remarks(file, Columns.DEFAULT);
    assertEquals(1, remarks.stream().filter(line -> line.contains(remark)).count(), "" + remarks);
  }

  private static double[] numbers(String text) {
    return Arrays.stream(text.strip().split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  @Test
  void commasInNumbersAmongPointsAreNotGuessed() {
    assertMentions(
        new InvalidRequestException(refused("a;b;label\n1.5;2;x\n2,5;3;y\n")), "\"a\"", "2,5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
  void byteOrderMarksAreNoText(String charset) {
    Path file = write("\uFEFF\"a\",\"b\",\"label\"\n1,2,x\n", Charset.forName(charset));
    assertHolds(file, Columns.DEFAULT, "a b", 1, 2);
  }

  @Test
  void bytesThatAreNoUtf8AreNamedWithTheWayOut() {
    Path file = write("größe,label\n1,x\n", StandardCharsets.ISO_8859_1);
    assertMentions(
        new InvalidRequestException(refused(file, Columns.DEFAULT)), "t.csv", "UTF-8", "iconv");
  }

  @ParameterizedTest
  @CsvSource({"PAR1, parquet", "ARROW1, arrow"})
  void aFileOfAnotherFormatNamesIt(String start, String format) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(start.getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(new byte[] {0, 0, (byte) 0xff, (byte) 0xc1, '\n', 1, (byte) 0xfe});
    Path file = Files.write(folder.resolve("t.csv"), bytes.toByteArray());
    assertMentions(
        new InvalidRequestException(refused(file, Columns.DEFAULT)), "t.csv", "dataset " + format);
  }

  @Test
  void blankLinesAreSkipped() {
    assertHolds(
        write("\na,b,label\n\n1,2,x\n  \n\r\n3,4,y\n\n\n"), Columns.DEFAULT, "a b", 1, 2, 3, 4);
    assertMentions(
        new InvalidRequestException(refused("a,label\n\n1,x\n\nz,y\n")), "row 5", "\"a\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NA", "N/A", "n/a", "<NA>", "#N/A", "null", "NULL", "None", "NaN", "nan", "-", "--", "?", ""
      })
  void wordsForNoValueAreMissing(String word) {
    Path file = write("a,b,label\n" + word + ",2,x\n3,4,y\n");
    assertHolds(file, Columns.DEFAULT.withMissing(Missing.MEAN), "a b", Double.NaN, 2, 3, 4);
    assertHolds(file, Columns.DEFAULT.withMissing(Missing.DROP), "a b", 3, 4);
    assertHolds(file, Columns.DEFAULT, "a b", Double.NaN, 2, 3, 4);
    assertMentions(
        new InvalidRequestException(refused(file, Columns.DEFAULT.withMissing(Missing.REFUSE))),
        "row 2",
        "\"a\"",
        "--missing");
  }

  @Test
  void aQuoteThatNothingClosesIsRefusedWhereItOpens() {
    String rows =
        IntStream.range(0, 60)
            .mapToObj(i -> i + "," + (i == 19 ? "\"oak" : "oak"))
            .collect(Collectors.joining("\n"));
    assertMentions(
        new InvalidRequestException(refused("a,label\n" + rows + "\n")), "row 21", "quote");
    assertMentions(
        new InvalidRequestException(refused("a,label\n1,\"x\"\"\n2,y\n")), "row 2", "quote");
  }

  @Test
  void compressedDataThatAreCutOffOrDamagedAreNamed() throws IOException {
    byte[] whole = Fixtures.gzip("a,label\n1,x\n2,y\n".getBytes(StandardCharsets.UTF_8));
    Path cut = Files.write(folder.resolve("cut.csv.gz"), Arrays.copyOf(whole, whole.length - 12));
    assertMentions(
        new InvalidRequestException(refused(cut, Columns.DEFAULT)),
        "cut.csv.gz",
        "the file ends too early");
    byte[] other = whole.clone();
    other[whole.length - 6] ^= 1; // Of the checksum.
    Path damaged = Files.write(folder.resolve("other.csv.gz"), other);
    assertMentions(
        new InvalidRequestException(refused(damaged, Columns.DEFAULT)),
        "other.csv.gz",
        "damaged compressed data");
  }

  /** Wherever one read ends and the next begins, it is between two quotes in one of the files. */
  @ParameterizedTest
  @ValueSource(strings = {"", "x"})
  void doubledQuotesAcrossReadsCloseAndOpen(String before) {
    String quotes = "\"\"".repeat(100_000);
    assertMentions(
        new InvalidRequestException(
            refused("a,label\n1,\"" + before + quotes + "\"\n2,\"oak\n3,y\n")),
        "row 3",
        "quote that opens");
  }

  @Test
  void quotesInsideOfACellDoNotOpen() {
    assertMentions(
        new InvalidRequestException(refused("a,label\n1,5\"\"\n2,y\n3,\"oak\n4,y\n")),
        "row 4",
        "quote that opens");
  }

  @Test
  void aFirstRowLikeTheOthersIsData() {
    Path file = write("0.2,0.4,oak\n1.2,-0.4,pine\n3.6,1,oak\n");
    Columns last = Columns.DEFAULT.withLabels("-1");
    assertHolds(file, last, "0 1", 0.2, 0.4, 1.2, -0.4, 3.6, 1);
    assertMentions(new InvalidRequestException(remarks(file, last).getFirst()), "--header true");
    try (Dataset data = load(file, last.withHeader(Header.TRUE))) {
      assertEquals(2, data.train().rows());
    }
    // Names that are numbers, as of years, may be meant.
    Path years = write("2019,2020,label\n1,2,x\n3,4,y\n");
    assertHolds(years, Columns.DEFAULT, "2019 2020", 1, 2, 3, 4);
    assertMentions(
        new InvalidRequestException(remarks(years, Columns.DEFAULT).getFirst()), "--header false");
    // A text that no other row has is a name.
    assertEquals(List.of(), remarks(write("a,b,label\n1,2,b\n3,4,y\n"), Columns.DEFAULT));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        ",a,label|0,5,x|1,6,y|2,7,x                  # a             # Unnamed: 0",
        "'\"\",a,label|\"1\",5,x|\"2\",6,y|\"3\",7,x' # a             # Unnamed: 0",
        "Unnamed: 0,a,label|0,5,x|1,6,y|2,7,x        # a             # Unnamed: 0",
        ",a,label|3,5,x|7,6,y|12,7,x                 # a             # Unnamed: 0",
        ",a,label|3,5,x|1,6,y|2,7,x                  # Unnamed: 0,a  # ''",
        "id,a,label|0,5,x|1,6,y|2,7,x                # id,a          # ''",
        "a,label,|5,x,|6,y,|7,x,                     # a             # Unnamed: 2",
      })
  void aColumnWithoutANameThatCountsRowsIsLeftOut(String text, String features, String leftOut) {
    try (Dataset data = load(write(text.replace('|', '\n')), Columns.DEFAULT)) {
      assertEquals(List.of(features.split(",")), data.schema().features());
      assertEquals(
          leftOut,
          data.columns().stream()
              .filter(column -> column.role() == SourceColumn.Role.LEFT_OUT)
              .map(SourceColumn::name)
              .collect(Collectors.joining(",")));
    }
  }

  @Test
  void truthValuesAreFeatures() {
    assertHolds(write("a,b,label\nTrue,1,x\nfalse,2,y\n"), Columns.DEFAULT, "a b", 1, 1, 0, 2);
    assertMentions(
        new InvalidRequestException(
            refused("a,label\n" + "true,x\n".repeat(CsvTable.LOOK_AHEAD) + "perhaps,y\n")),
        "row " + (CsvTable.LOOK_AHEAD + 2),
        "true or false",
        "perhaps");
  }

  @Test
  void moreColumnsThanTheParserUsuallyAllows() {
    int width = 20_000;
    var names = new ArrayList<String>();
    for (int i = 0; i < width; i++) {
      names.add("g" + i);
    }
    String header = String.join(",", names) + ",label\n";
    String row = names.stream().map(name -> name.substring(1)).collect(Collectors.joining(","));
    Path file = write(header + row + ",x\n" + row + ",y\n");
    try (Dataset data = load(file, Columns.DEFAULT)) {
      assertEquals(names, data.schema().features());
      double[] found = Fixtures.features(data.train(), width);
      for (int i = 0; i < found.length; i++) {
        assertEquals(i % width, found[i], 0.0);
      }
    }
  }

  @Test
  void testRowsAreMatchedByName() throws IOException {
    Path train = Files.writeString(folder.resolve("train.csv"), "a,b,label\n1,2,x\n3,4,y\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "c;label;b;a\n9;y;5;6\n9;x;7;8\n");
    try (Dataset data =
        new TableProvider().load(in64(train, Columns.DEFAULT.withLabels("-1")).withTest(test))) {
      assertArrayEquals(
          new double[] {6, 5, 8, 7}, Fixtures.features(data.test().orElseThrow(), 2), 0.0);
      assertArrayEquals(new int[] {1, 0}, Fixtures.classes(data.test().orElseThrow()));
    }
  }
}
