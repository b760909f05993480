package io.measureflow.datasets.table;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Dates;
import io.measureflow.api.data.DatasetRequest.Header;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Encoding;
import io.measureflow.api.data.Encoding.Category;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.columns.RowSink;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.columns.TableRows;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFormats;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Columns of text, categories and dates as features: of files written by pandas, compared with its
 * get_dummies ({@code src/test/python/make_categories.py}).
 */
class CategoriesTest {

  private static final Columns ALL =
      Columns.DEFAULT
          .withLabels("survived")
          .withCategories("pclass", "alone")
          .withDates(Dates.NUMBER);

  @TempDir Path folder;

  private static Path resource(String name) {
    return Path.of("src", "test", "resources", "categories", name);
  }

  private static Dataset load(DatasetRequest request) {
    return new TableProvider().load(request);
  }

  private static DatasetRequest table(String format, Columns columns) {
    String name = format.equals("arrows") ? "arrow" : format;
    return Fixtures.in64(request(name, resource("table." + format))).withColumns(columns);
  }

  private DatasetRequest csv(String text, Columns columns) {
    try {
      Path file = Files.writeString(folder.resolve("t.csv"), text.replace(';', '\n'));
      return Fixtures.in64(request("csv", file)).withColumns(columns);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static InvalidRequestException refused(DatasetRequest request) {
    return assertThrows(InvalidRequestException.class, () -> load(request).close());
  }

  private static void assertHolds(String expected, Dataset data, double tolerance)
      throws IOException {
    List<String> lines = Files.readAllLines(resource(expected));
    assertEquals(List.of(lines.getFirst().split(",")), data.schema().features());
    double[] values =
        lines.stream()
            .skip(1)
            .flatMap(line -> Arrays.stream(line.split(",", -1)))
            .mapToDouble(cell -> cell.isEmpty() ? Double.NaN : Double.parseDouble(cell))
            .toArray();
    int width = data.schema().featureCount();
    assertArrayEquals(values, Fixtures.features(data.train(), width), tolerance);
  }

  private Storage storage(Storage.Kind kind) {
    return new Storage(kind, Optional.of(folder.resolve("cache")), OptionalInt.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "csv, MEMORY",
    "csv, CACHE",
    "parquet, MEMORY",
    "parquet, CACHE",
    "parquet, STREAM",
    "arrow, MEMORY",
    "arrow, STREAM",
    "arrows, MEMORY",
    "arrows, CACHE"
  })
  void textBecomesOneFeaturePerValue(String format, Storage.Kind kind) throws IOException {
    DatasetRequest request =
        table(format, Columns.DEFAULT.withLabels("survived")).withStorage(storage(kind));
    DatasetRequest all = table(format, ALL).withStorage(storage(kind));
    Preprocessing model;
    try (Dataset data = load(request);
        Dataset wide = load(all)) {
      assertHolds("expected.csv", data, 0.0);
      assertHolds("expected-all.csv", wide, 1e-9);
      model = wide.preprocessing();
      assertEquals(data.schema().encoding(), data.preprocessing().encoding());
      assertNotEquals(data.fingerprint(), wide.fingerprint());
      assertEquals(
          new Encoding(
              List.of(
                  new Category("sex", List.of("female", "male"), 1),
                  new Category("embarked", List.of("<b>Q</b>", "C", "S", "(missing)"), 4)),
              List.of()),
          data.schema().encoding());
      assertEquals(List.of("when", "at"), model.encoding().dates());
    }
    // The rows of each of the formats, by a model made from this one.
    for (String other : List.of("csv", "parquet", "arrow", "arrows")) {
      String name = other.equals("arrows") ? "arrow" : other;
      boolean streams = kind != Storage.Kind.STREAM || List.of("parquet", "arrow").contains(other);
      DatasetRequest rows =
          Fixtures.in64(request(name, resource("rows." + other)))
              .withUse(Use.PREDICT)
              .withStorage(streams ? storage(kind) : Storage.MEMORY)
              .withPreprocessing(Optional.of(model));
      try (Dataset data = load(rows)) {
        assertHolds("expected-rows-all.csv", data, 1e-9);
      }
    }
  }

  @Test
  void aFileOfTestRowsIsEncodedAsTheTrainingRows() throws IOException {
    String train = "a,c,label;1,x,0;2,y,1;3,x,0;4,y,1";
    DatasetRequest request = csv(train, Columns.DEFAULT);
    Path test = Files.writeString(folder.resolve("u.csv"), "label,c,a\n1,z,5\n0,x,6\n");
    try (Dataset data = load(request.withTest(test))) {
      assertEquals(List.of("a", "c=x", "c=y"), data.schema().features());
      assertArrayEquals(
          new double[] {5, 0, 0, 6, 1, 0}, Fixtures.features(data.test().orElseThrow(), 3), 0.0);
    }
    Path other = Files.writeString(folder.resolve("v.csv"), "label,a\n1,5\n");
    assertMentions(refused(request.withTest(other)), "v.csv", "\"c\"", "columns label, a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow"})
  void whatTheModelDoesNotKnowIsSaidOncePerColumn(String format) throws IOException {
    Preprocessing model;
    try (Dataset data = load(table(format, ALL))) {
      model = data.preprocessing();
    }
    DatasetRequest rows =
        Fixtures.in64(request(format, resource("rows." + format)))
            .withColumns(ALL)
            .withUse(Use.PREDICT)
            .withPreprocessing(Optional.of(model));
    assertEquals(
        List.of(
            "column \"pclass\" holds values that are unknown to the model, in 1 of 7 rows: 4; they"
                + " count as none of its values",
            "column \"sex\" holds values that are unknown to the model, in 2 of 7 rows: no value,"
                + " Male; they count as none of its values",
            "column \"embarked\" holds values that are unknown to the model, in 3 of 7 rows: X, Y;"
                + " they count as none of its values"),
        remarks(rows));
    assertEquals(List.of(), remarks(table(format, ALL)));
  }

  private static List<String> remarks(DatasetRequest request) throws IOException {
    try (TableFile file = new TableProvider().openToConvert(request, request.data())) {
      TablePlan plan = TablePlan.of(file, request);
      var feed = new RowSink.Feed(plan, request);
      feed.drain(file, RowSink.Feed.ALL, new TableRows(plan, request));
      return feed.remarks();
    }
  }

  private Optional<String> leftOut(String text, Columns columns) throws IOException {
    DatasetRequest request = csv(text, columns);
    try (TableFile file =
        TableFormats.installed()
            .find("csv")
            .orElseThrow()
            .format()
            .open(request.data().orElseThrow(), columns)) {
      return TablePlan.of(file, request).leftOut();
    }
  }

  private static String column(int rows, int values) {
    return "x,c,label;"
        + IntStream.range(0, rows)
            .mapToObj(i -> i + ",v" + i % values + "," + i % 2)
            .collect(Collectors.joining(";"));
  }

  @ParameterizedTest
  @CsvSource({
    // Rows, different values, the limit, whether they become features.
    "1000, 64, 64, true",
    "1000, 65, 64, false",
    "1000, 65, 100, true",
    "19, 19, 64, true",
    "20, 10, 64, true",
    "20, 11, 64, false",
    "1000, 2, 0, false",
    "1000, 2, 1, false"
  })
  void aColumnOfManyValuesIsLeftOut(int rows, int values, int most, boolean taken)
      throws IOException {
    Columns columns = Columns.DEFAULT.withMostCategories(most);
    Optional<String> said = leftOut(column(rows, values), columns);
    assertEquals(taken, said.isEmpty(), said.toString());
    said.ifPresent(
        line -> {
          assertTrue(line.startsWith("columns left out: c (text"), line);
          assertTrue(most == 0 || line.contains(values + " different values"), line);
          assertTrue(line.contains("--categories"), line);
        });
    try (Dataset data = load(csv(column(rows, values), columns.withCategories("c")))) {
      assertEquals(1 + values, data.schema().featureCount());
    }
  }

  @Test
  void manyValuesAreCountedInBoundedMemory() throws IOException {
    assertTrue(
        leftOut(column(9000, 9000), Columns.DEFAULT)
            .orElseThrow()
            .contains("more than 4096 different values"));
    assertTrue(
        leftOut("x,c,label;1,a,0;2," + "b".repeat(2000) + ",1", Columns.DEFAULT)
            .orElseThrow()
            .contains("texts of more than 1000 characters"));
  }

  @Test
  void whatDecidesIsNamedAlone() throws IOException {
    assertEquals(
        "columns left out: c (text, 100 different values in 100 rows); --categories names columns"
            + " of text to take",
        leftOut(column(100, 100), Columns.DEFAULT.withMostCategories(1000)).orElseThrow());
    assertEquals(
        "columns left out: c (text, 100 different values); --categories names columns of text to"
            + " take, --most-categories (64) limits their values",
        leftOut(column(100, 100), Columns.DEFAULT).orElseThrow());
  }

  @Test
  void aTableWithoutFeaturesNamesTheOptionsThatTakeSome() {
    String text =
        "name,when,label;"
            + IntStream.range(0, 30)
                .mapToObj(i -> "n" + i + ",2026-11-30," + i % 2)
                .collect(Collectors.joining(";"));
    assertMentions(
        refused(csv(text, Columns.DEFAULT)),
        "none among name (text, 30 different values in 30 rows), when (dates)",
        "--categories",
        "--dates number",
        "--separator");
    try (Dataset data = load(csv(text, Columns.DEFAULT.withCategories("name")))) {
      assertEquals(30, data.schema().featureCount());
    }
    try (Dataset data = load(csv(text, Columns.DEFAULT.withDates(Dates.NUMBER)))) {
      assertEquals(1, data.schema().featureCount());
    }
  }

  /** The values of categories are no bytes. */
  @ParameterizedTest
  @ValueSource(strings = {"MEMORY", "CACHE"})
  void categoriesStayZeroAndOneWhereBytesAreScaled(Storage.Kind kind) {
    DatasetRequest request =
        csv("p,c,label;51,a,0;255,,1;0,b,1", Columns.DEFAULT).withStorage(storage(kind));
    try (Dataset data = load(Fixtures.scaled(request, DatasetRequest.Scaling.UNIT))) {
      assertArrayEquals(
          new double[] {0.2, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0},
          Fixtures.features(data.train(), 4),
          0.0);
    }
  }

  @Test
  void datesAreLeftOutUnlessAskedFor() throws IOException {
    String text =
        "x,d,label;1,2026-11-30,0;2,1970-01-02T12:00,1;3,1969-12-31 12:00:00-06:00,0;4,,1";
    String said = leftOut(text, Columns.DEFAULT).orElseThrow();
    assertEquals("columns left out: d (dates); --dates number takes dates", said);
    Columns numbers = Columns.DEFAULT.withDates(Dates.NUMBER);
    Preprocessing model;
    try (Dataset data = load(csv(text, numbers))) {
      model = data.preprocessing();
      assertEquals(List.of("d"), model.encoding().dates());
      // 2026-11-30 is day 20787: 56 years of 365 days, 14 leap days, and 333 days since January
      // 1st.
      assertArrayEquals(
          new double[] {1, 20787, 2, 1.5, 3, -0.25, 4, Double.NaN},
          Fixtures.features(data.train(), 2),
          0.0);
    }
    DatasetRequest later =
        csv("d,x;2026-02-30,1", Columns.DEFAULT)
            .withUse(Use.PREDICT)
            .withPreprocessing(Optional.of(model));
    assertMentions(refused(later), "row 2", "\"d\"", "2026-11-30", "2026-02-30");
    // Named, dates are categories; and a column that holds other text is one of text.
    try (Dataset data = load(csv(text, numbers.withCategories("d")))) {
      assertEquals(5, data.schema().featureCount());
    }
    try (Dataset data = load(csv(text + ";5,soon,1", numbers))) {
      assertEquals(6, data.schema().featureCount());
    }
  }

  @Test
  void typedDatesAreDaysAsWell() {
    DatasetRequest arrow =
        Fixtures.in64(
                request("arrow", Path.of("src", "test", "resources", "arrow", "types-none.arrow")))
            .withColumns(Columns.DEFAULT.withDates(Dates.NUMBER));
    try (Dataset data = load(arrow)) {
      int at = data.schema().features().indexOf("at");
      int width = data.schema().featureCount();
      double[] found = Fixtures.features(data.train(), width);
      for (int i = 0; i < 300; i++) {
        assertEquals(i / 86400.0, found[i * width + at], 1e-18);
      }
    }
    DatasetRequest parquet =
        Fixtures.in64(
                request(
                    "parquet", Path.of("src", "test", "resources", "parquet", "decimals.parquet")))
            .withColumns(Columns.DEFAULT.withDates(Dates.NUMBER));
    try (Dataset data = load(parquet)) {
      assertEquals(List.of("d5", "d12", "d36", "d0", "at", "time"), data.schema().features());
      double[] found = Fixtures.features(data.train(), 6);
      for (int i = 0; i < 3; i++) {
        assertEquals((i + 1) / 86400e6, found[6 * i + 4], 1e-24);
        assertEquals((i + 1) / 86400e6, found[6 * i + 5], 1e-24);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "AUTO   | c=a c=b c=(missing) | 1 0 0 0 0 1 0 1 0",
        "MEAN   | c=a c=b c=(missing) | 1 0 0 0 0 1 0 1 0",
        "DROP   | c=a c=b             | 1 0 0 1",
        "REFUSE | -                   | -"
      })
  void missingTextIsAValueOfItsOwn(Missing missing, String features, String values) {
    DatasetRequest request = csv("c,label;a,0;,1;b,0", Columns.DEFAULT.withMissing(missing));
    if (missing == Missing.REFUSE) {
      assertMentions(refused(request), "row 3", "\"c\"", "a value", "nothing");
      return;
    }
    try (Dataset data = load(request)) {
      assertEquals(List.of(features.split(" ")), data.schema().features());
      assertArrayEquals(
          Arrays.stream(values.split(" ")).mapToDouble(Double::parseDouble).toArray(),
          Fixtures.features(data.train(), data.schema().featureCount()),
          0.0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "d     | a column \"d\" of categories",
        "label | is the label",
      })
  void categoriesThatAreNoneAreNamed(String name, String mention) {
    assertMentions(refused(csv("c,label;a,0;b,1", Columns.DEFAULT.withCategories(name))), mention);
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "parquet", "arrow", "arrows"})
  void aColumnWithoutAnyValueIsOneOfGaps(String format) throws IOException {
    String name = format.equals("arrows") ? "arrow" : format;
    DatasetRequest request = Fixtures.in64(request(name, resource("nothing." + format)));
    try (Dataset data = load(request)) {
      List<String> features = data.schema().features();
      // In CSV it cannot be told from one of numbers.
      assertEquals(format.equals("csv") ? List.of("age", "sex", "x") : List.of("x"), features);
    }
    Preprocessing model =
        Preprocessing.none(
            new Schema(
                List.of("age", "sex=a", "sex=(missing)"),
                3,
                new Target.Classes(List.of("a", "b")),
                Optional.empty(),
                new Encoding(
                    List.of(new Category("sex", List.of("a", "(missing)"), 1)), List.of())));
    try (Dataset data = load(request.withUse(Use.PREDICT).withPreprocessing(Optional.of(model)))) {
      assertArrayEquals(
          new double[] {Double.NaN, 0, 1, Double.NaN, 0, 1},
          Fixtures.features(data.train(), 3),
          0.0);
    }
  }

  @Test
  void numbersThatAreNamedAreCategoriesHoweverTheyAreWritten() {
    Preprocessing model;
    try (Dataset data =
        load(csv("c,label;2,0;1,1;10,0;2.0,1;-0.5,1", Columns.DEFAULT.withCategories("c")))) {
      assertEquals(List.of("c=-0.5", "c=1", "c=10", "c=2"), data.schema().features());
      model = data.preprocessing();
    }
    try (Dataset data =
        load(
            csv("c;2.00;+1;010;3;-.5", Columns.DEFAULT)
                .withUse(Use.PREDICT)
                .withPreprocessing(Optional.of(model)))) {
      assertArrayEquals(
          new double[] {0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0},
          Fixtures.features(data.train(), 4),
          0.0);
    }
  }

  @Test
  void aColumnOfNumbersAndTextIsOneOfText() {
    String tickets =
        IntStream.range(0, 50)
            .mapToObj(i -> i + "," + (i % 3 == 2 ? "A/5 " : "") + i % 5 + "," + i % 2)
            .collect(Collectors.joining(";"));
    try (Dataset data = load(csv("x,ticket,label;" + tickets, Columns.DEFAULT))) {
      assertEquals(11, data.schema().featureCount());
      assertTrue(data.schema().features().contains("ticket=A/5 3"));
      assertTrue(data.schema().features().contains("ticket=3"));
    }
    // One text among numbers is a slip.
    assertMentions(
        refused(csv("x,label;" + "1,0;".repeat(20) + "1o,1", Columns.DEFAULT)),
        "row 22",
        "1o",
        "--categories");
  }

  @Test
  void aColumnWhoseFirstValueComesLateIsWhatItIs() {
    String rows =
        IntStream.range(0, 200)
            .mapToObj(i -> i + "," + (i == 150 ? "yes" : "") + "," + (i > 180 ? "7" : "NA") + ",0")
            .collect(Collectors.joining(";"));
    try (Dataset data = load(csv("x,c,n,label;" + rows, Columns.DEFAULT))) {
      assertEquals(List.of("x", "c=yes", "c=(missing)", "n"), data.schema().features());
      double[] found = Fixtures.features(data.train(), 4);
      assertEquals(1, found[4 * 150 + 1]);
      assertEquals(7, found[4 * 190 + 3]);
      assertTrue(Double.isNaN(found[3]));
    }
  }

  @Test
  void classesMayBeCalledAsWhatStandsForNoValue() {
    try (Dataset data = load(csv("x,label;1,+;2,-;3,?;4,None", Columns.DEFAULT))) {
      assertEquals(new Target.Classes(List.of("+", "-", "?", "None")), data.schema().target());
    }
    for (String word : List.of("", "NA", "null")) {
      assertMentions(
          refused(csv("x,label;1,a;2," + word, Columns.DEFAULT)),
          "row 3",
          "\"label\"",
          "--missing drop");
    }
    assertMentions(
        refused(csv("x,label;1,0.5;2,?", Columns.DEFAULT)), "row 3", "\"label\"", "--missing drop");
  }

  @Test
  void rowsToPredictForByAModelWithoutNamesOfTextLeaveItOut() {
    DatasetRequest request = csv("a,c;1,x;2,y", Columns.DEFAULT).withUse(Use.PREDICT);
    try (Dataset data = load(request)) {
      assertEquals(List.of("a"), data.schema().features());
      assertTrue(data.schema().encoding().isNone());
    }
  }

  @Test
  void withoutAHeaderColumnsAreFoundByTheirNumber() {
    Columns numbered = Columns.DEFAULT.withLabels("-1").withHeader(Header.FALSE);
    Preprocessing model;
    try (Dataset data = load(csv("1,x,0;2,y,1", numbered))) {
      assertEquals(List.of("0", "1=x", "1=y"), data.schema().features());
      model = data.preprocessing();
    }
    DatasetRequest rows =
        csv("3,y,1;4,z,0", numbered).withUse(Use.PREDICT).withPreprocessing(Optional.of(model));
    try (Dataset data = load(rows)) {
      assertArrayEquals(new double[] {3, 0, 1, 4, 0, 0}, Fixtures.features(data.train(), 3), 0.0);
    }
    assertFalse(model.encoding().isNone());
  }
}
