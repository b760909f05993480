package io.measureflow.datasets.table;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Columns;
import io.measureflow.api.data.DatasetRequest.Header;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.DatasetRequest.Use;
import io.measureflow.api.data.Encoding;
import io.measureflow.api.data.Link;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.columns.RowSink;
import io.measureflow.datasets.columns.TableLabels;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.columns.TableRows;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How the columns of a table become features and targets. */
class ColumnsTest {

  @TempDir Path folder;

  private DatasetRequest csv(String text, Columns columns) {
    try {
      return Fixtures.in64(
              request("csv", Files.writeString(folder.resolve("t.csv"), text.replace(';', '\n'))))
          .withColumns(columns);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Dataset load(DatasetRequest request) {
    return new TableProvider().load(request);
  }

  private static InvalidRequestException refused(DatasetRequest request) {
    return assertThrows(InvalidRequestException.class, () -> load(request).close());
  }

  private static double[] reals(Table table, int width) {
    Tensor batch = Tensor.zeros(Shape.of(table.rows(), width), ElementType.FLOAT64);
    table.targets(Fixtures.inOrder(table), 0, batch);
    return batch.toDoubles();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TRUE  | label | 1,2,label;3,4,0;5,6,1 | 3 4 5 6       | 0 1",
        "AUTO  | -1    | 1,2,0;3,4,1           | 1 2 3 4       | 0 1",
        "AUTO  | 0     | 1,2,0;3,4,1           | 2 0 4 1       | 1 3",
        "FALSE | 2     | 1,2,0;3,4,1           | 1 2 3 4       | 0 1",
        "FALSE | 1     | 0,a,7;3,b,4           | 0 7 3 4       | 0 1",
        "AUTO  | -2    | x,y,z;3,1,0;4,0,1     | 3 0 4 1       | 1 0",
        "AUTO  | 2     | 0,1,2;3,4,1;5,6,0     | 3 4 5 6       | 1 0",
        "TRUE  | 4     | 150,4,setosa;1,1,2;3,0,4 | 1 2 3 4    | 1 0",
      })
  void labelsAreFoundByNameOrNumber(
      Header header, String label, String text, String features, String classes) {
    Columns columns = Columns.DEFAULT.withHeader(header).withLabels(label);
    try (Dataset data = load(csv(text, columns))) {
      assertArrayEquals(numbers(features), Fixtures.features(data.train(), 2), 0.0);
      String[] names = names(data);
      int[] found = Fixtures.classes(data.train());
      double[] expected = numbers(classes.contains("a") ? "0 1" : classes);
      for (int i = 0; i < found.length; i++) {
        String name = names[found[i]];
        assertTrue(
            name.matches("[ab]") ? found[i] == i : Double.parseDouble(name) == expected[i], name);
      }
    }
  }

  private static double[] numbers(String text) {
    return java.util.Arrays.stream(text.strip().split(" +", -1))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  private static String[] names(Dataset data) {
    return switch (data.schema().target()) {
      case Target.Classes(List<String> names) -> names.toArray(String[]::new);
      case Target.Real real -> throw new AssertionError(real);
      case Target.None none -> throw new AssertionError(none);
    };
  }

  @Test
  void severalLabelColumnsAreRealTargetsInTheOrderAskedFor() {
    Columns columns = Columns.DEFAULT.withLabels("v", "u");
    try (Dataset data = load(csv("u,x,v;1,2,3;4,5,6.5", columns))) {
      assertEquals(new Target.Real(List.of("v", "u")), data.schema().target());
      assertEquals(List.of("x"), data.schema().features());
      assertArrayEquals(new double[] {3, 1, 6.5, 4}, reals(data.train(), 2), 0.0);
    }
  }

  @Test
  void theKindOfTheTargetCanBeChosen() {
    String text = "x,label;1,3;2,1.0;3,3";
    try (Dataset data =
        load(csv(text.replace(".0", ""), Columns.DEFAULT.withTarget(TargetKind.REAL)))) {
      assertEquals(new Target.Real(List.of("label")), data.schema().target());
      assertArrayEquals(new double[] {3, 1, 3}, reals(data.train(), 1), 0.0);
    }
    try (Dataset data = load(csv(text, Columns.DEFAULT.withTarget(TargetKind.CLASSES)))) {
      assertArrayEquals(new String[] {"1.0", "3"}, names(data));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Rows, labels of row i: i % mod * step + first.
        "100 | 10  | 1    | 0   | 10",
        "100 | 20  | 1000 | 7   | 20",
        "100 | 21  | 1    | 0   | 0",
        "105 | 21  | 1    | 0   | 21",
        "105 | 21  | 1    | 1   | 22",
        "105 | 21  | 1    | 2   | 0",
        "105 | 21  | 2    | 0   | 0",
        "150 | 150 | 4000 | 100 | 0",
        "9   | 2   | 2    | -1  | 2",
      })
  void integersAreClassesWhereThatMakesSense(int rows, int mod, int step, int first, int classes) {
    int[] values = IntStream.range(0, rows).map(i -> i % mod * step + first).toArray();
    String text =
        "x,label;"
            + IntStream.of(values)
                .mapToObj(value -> "1," + (value > 0 && first < 0 ? "+" : "") + value)
                .collect(Collectors.joining(";"));
    for (Storage.Kind kind : List.of(Storage.Kind.MEMORY, Storage.Kind.CACHE)) {
      DatasetRequest request =
          csv(text, Columns.DEFAULT)
              .withStorage(
                  new Storage(kind, Optional.of(folder.resolve("cache")), OptionalInt.empty()));
      try (Dataset data = load(request)) {
        if (classes > 0) {
          assertEquals(classes, names(data).length);
          int[] found = Fixtures.classes(data.train());
          for (int i = 0; i < rows; i++) {
            assertEquals(values[i], Integer.parseInt(names(data)[found[i]]));
          }
        } else {
          assertEquals(new Target.Real(List.of("label")), data.schema().target());
          assertArrayEquals(
              IntStream.of(values).asDoubleStream().toArray(), reals(data.train(), 1), 0.0);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "0 1 2 0           | -",
        "1 -1 1            | -",
        "a b               | -",
        "0.5 0.25 0.1      | -",
        "3 5 8 3           | 3 classes",
        "1.0 0.0 1.0 1.0 0.0 0.0 0.0 1.0 1.0 1.0 1.0 | --target classes",
      })
  void whatIsInferredInDoubtIsSaid(String values, @Nullable String expected) throws IOException {
    String text = "x,label;1," + values.replace(" ", ";1,");
    DatasetRequest request = csv(text, Columns.DEFAULT);
    try (TableFile file = new TableProvider().openToConvert(request, request.data())) {
      TablePlan plan = TablePlan.of(file, request);
      var rows = new TableRows(plan, request);
      new RowSink.Feed(plan, request).drain(file, RowSink.Feed.ALL, rows);
      TableLabels labels = rows.labels().orElseThrow();
      labels.target();
      Optional<String> remark = labels.remark();
      assertEquals(expected != null, remark.isPresent(), remark.toString());
      remark.ifPresent(line -> assertTrue(line.contains(String.valueOf(expected)), line));
    }
  }

  @Test
  void tooManyClassesAreRefusedAndNumbersBecomeReal() {
    int rows = TableLabels.MOST_CLASSES + 5;
    String integers =
        "x,label;"
            + IntStream.range(0, rows).mapToObj(i -> "1," + i).collect(Collectors.joining(";"));
    assertMentions(
        refused(csv(integers, Columns.DEFAULT.withTarget(TargetKind.CLASSES))),
        "t.csv",
        "\"label\"",
        "65536",
        "--target real");
    try (Dataset data = load(csv(integers, Columns.DEFAULT))) {
      assertEquals(new Target.Real(List.of("label")), data.schema().target());
    }
    try (Dataset data = load(csv(integers + ".5", Columns.DEFAULT))) {
      assertEquals(new Target.Real(List.of("label")), data.schema().target());
      double[] found = reals(data.train(), 1);
      for (int i = 0; i < rows; i++) {
        assertEquals(i == rows - 1 ? i + 0.5 : i, found[i], 0.0);
      }
    }
    assertMentions(refused(csv(integers + ";1,x", Columns.DEFAULT)), "65536");
  }

  @ParameterizedTest
  @EnumSource(Missing.class)
  void missingValuesAreTreatedAsAskedFor(Missing missing) {
    String text = "x,y,label;1,NA,a;,2,b;3,4,a;5,nan,b;null,6,a;7,8,";
    Columns columns = Columns.DEFAULT.withMissing(missing);
    double nan = Double.NaN;
    switch (missing) {
      case REFUSE -> {
        assertMentions(refused(csv(text.replace("NA", "1"), columns)), "row 3", "\"x\"", "empty");
        assertMentions(refused(csv(text, columns)), "row 2", "\"y\"", "found NA", "--missing auto");
      }
      case DROP -> {
        try (Dataset data = load(csv(text, columns))) {
          assertArrayEquals(new double[] {3, 4}, Fixtures.features(data.train(), 2), 0.0);
          assertArrayEquals(new String[] {"a"}, names(data));
        }
        assertMentions(
            refused(csv("x,label;1,a;,b".replace("1", ""), columns)), "2 with missing values");
      }
      case AUTO, MEAN -> {
        assertMentions(refused(csv(text, columns)), "row 7", "\"label\"", "--missing drop");
        try (Dataset data = load(csv(text.substring(0, text.lastIndexOf(';')), columns))) {
          assertArrayEquals(
              new double[] {1, nan, nan, 2, 3, 4, 5, nan, nan, 6},
              Fixtures.features(data.train(), 2),
              0.0);
        }
      }
    }
  }

  @Test
  void rowsToPredictForAreReadByTheNamesOfTheModel() {
    var earlier =
        new Preprocessing(
            List.of("b", "a"),
            2,
            Encoding.NONE,
            new Target.Classes(List.of("no", "yes")),
            Scaling.NONE,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Link.IDENTITY);
    DatasetRequest request =
        csv("a,extra,b,c;1,2,3,z;4,5,6,z", Columns.DEFAULT)
            .withUse(Use.PREDICT)
            .withPreprocessing(Optional.of(earlier));
    try (Dataset data = load(request)) {
      assertEquals(List.of("b", "a"), data.schema().features());
      assertArrayEquals(new double[] {3, 1, 6, 4}, Fixtures.features(data.train(), 2), 0.0);
    }
    assertMentions(
        refused(
            csv("a,c;1,2", Columns.DEFAULT)
                .withUse(Use.PREDICT)
                .withPreprocessing(Optional.of(earlier))),
        "\"b\"",
        "found the columns a, c");
    // Classes keep the indices of the model, whatever the rows contain.
    try (Dataset data =
        load(
            csv("a,b,label;1,2,yes;3,4,yes", Columns.DEFAULT)
                .withPreprocessing(Optional.of(earlier)))) {
      assertArrayEquals(new int[] {1, 1}, Fixtures.classes(data.train()));
    }
    assertMentions(
        refused(
            csv("a,b,label;1,2,yes;3,4,maybe", Columns.DEFAULT)
                .withPreprocessing(Optional.of(earlier))),
        "row 3",
        "2 classes",
        "maybe");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "u,v   | \"v\"; u, x",
        "u,u   | \"u\" twice",
        "5     | \"5\"; u, x",
        "-4    | \"-4\"",
        "u,t   | \"t\"; numbers",
      })
  void labelsThatAreNotThereAreNamed(String labels, String mentions) {
    Columns columns = Columns.DEFAULT.withLabels(labels.split(",", -1));
    assertMentions(refused(csv("u,x,t;1,2,a;3,4,b", columns)), mentions.split("; ", -1));
  }

  @Test
  void classesOfSeveralColumnsAreRefused() {
    assertMentions(
        refused(
            csv(
                "u,x,v;1,2,3",
                Columns.DEFAULT.withLabels("u", "v").withTarget(TargetKind.CLASSES))),
        "one label column");
  }

  @Test
  void aHeaderThatIsDeniedIsARowOfText() {
    Columns columns = Columns.DEFAULT.withHeader(Header.FALSE).withLabels("-1");
    try (Dataset data = load(csv("a,b,label;1,2,0", columns))) {
      assertEquals(List.of("0=1", "0=a", "1=2", "1=b"), data.schema().features());
    }
    assertMentions(
        refused(csv("a,b,label;1,2,0", columns.withMostCategories(0))),
        "at least one column of numbers");
  }
}
