package io.measureflow.datasets.table;

import static io.measureflow.datasets.testing.Fixtures.assertMentions;
import static io.measureflow.datasets.testing.Fixtures.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.DatasetConverter;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Storage;
import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.io.Notices;
import io.measureflow.datasets.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of the source beside predictions. */
class KeptColumnsTest {

  private static final int ROWS = 1000;

  @TempDir Path folder;

  /** A key with zeros before it, numbers among texts, truth values, and a feature. */
  private static String row(int i) {
    return "%04d,%s,%s,%d".formatted(i, i % 70 == 69 ? "n/k" : i / 2.0, i % 3 == 0, i);
  }

  private Path source() throws IOException {
    return Files.write(
        folder.resolve("x.csv"),
        Stream.concat(Stream.of("key,mixed,truth,x"), rows(KeptColumnsTest::row)).toList());
  }

  private static Stream<String> rows(IntFunction<String> row) {
    return IntStream.range(0, ROWS).mapToObj(row);
  }

  /** Predicts 0.5, 1.5, 2.5, ... in batches, beside columns of the source. */
  private void predict(DatasetRequest source, Path file, int batch, String... kept) {
    var asked =
        new PredictionWriter.Request(
            file,
            Optional.empty(),
            List.of(
                new PredictionWriter.Numbers("y", Optional.empty()),
                new PredictionWriter.Texts("class", List.of("even", "odd"))),
            Optional.of(new PredictionWriter.Kept(source, List.of(kept))));
    try (var rows = new TablePredictionWriter().open(asked)) {
      for (int from = 0; from < ROWS; from += batch) {
        int count = Math.min(batch, ROWS - from);
        double[] numbers = new double[2 * batch];
        for (int i = 0; i < count; i++) {
          numbers[2 * i] = from + i + 0.5;
          numbers[2 * i + 1] = (from + i) % 2;
        }
        rows.append(Tensor.of(Shape.of(batch, 2), numbers), count);
      }
      rows.commit();
    }
  }

  private static String predicted(int i) {
    return (i + 0.5) + "," + (i % 2 == 0 ? "even" : "odd");
  }

  private static void assertRows(Path file, String header, IntFunction<String> row)
      throws IOException {
    assertEquals(Stream.concat(Stream.of(header), rows(row)).toList(), Files.readAllLines(file));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 256, ROWS})
  void cellsOfTextStayAsTheyAre(int batch) throws IOException {
    Path file = folder.resolve("y.csv");
    predict(request("csv", source()), file, batch, "mixed", "key", "truth");
    assertRows(
        file,
        "mixed,key,truth,y,class",
        i -> {
          String[] cells = row(i).split(",", -1);
          return cells[1] + "," + cells[0] + "," + cells[2] + "," + predicted(i);
        });
  }

  /** Typed formats come in batches of their own size, which those of predictions do not match. */
  @ParameterizedTest
  @CsvSource({"parquet,300", "arrow,300", "parquet,7", "arrow,1000"})
  void batchesOfTheSourceNeedNotMatchThoseOfPredictions(String format, int batch)
      throws IOException {
    Path typed = folder.resolve("x." + format);
    convert(source(), typed, format);
    Path file = folder.resolve("y.csv");
    predict(request(format, typed), file, batch, "x", "truth");
    assertRows(
        file, "x,truth,y,class", i -> i + "," + row(i).split(",", -1)[2] + "," + predicted(i));
    Path back = folder.resolve("y." + format);
    predict(request(format, typed), back, batch, "x", "truth");
    convert(request(format, back), folder.resolve("back.csv"), "csv");
    assertEquals(Files.readString(file), Files.readString(folder.resolve("back.csv")));
  }

  private static void convert(Path source, Path file, String format) {
    // The labels of a table may mix numbers and text.
    convert(request("csv", source).withLabels("mixed"), file, format);
  }

  private static void convert(DatasetRequest source, Path file, String format) {
    new TableConverter()
        .convert(
            new DatasetConverter.Request(
                source,
                () -> {
                  throw new AssertionError("A table is read as it is.");
                },
                DatasetConverter.Part.TRAIN,
                file,
                format,
                false));
  }

  @ParameterizedTest
  @ValueSource(ints = {ROWS - 1, ROWS + 1})
  void aSourceThatChangedIsRefused(int rows) throws IOException {
    Path source = source();
    List<String> lines = new ArrayList<>(Files.readAllLines(source));
    lines.add(row(ROWS));
    Files.write(source, lines.subList(0, rows + 1));
    Path file = folder.resolve("y.csv");
    assertMentions(
        assertThrows(
            InvalidRequestException.class, () -> predict(request("csv", source), file, 300, "key")),
        "x.csv",
        "changed");
  }

  /** What is said while something is done. */
  private static List<String> said(Runnable work) {
    var said = new ArrayList<String>();
    var handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            said.add(new SimpleFormatter().formatMessage(line));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger(Notices.class.getName());
    log.addHandler(handler);
    try {
      work.run();
    } finally {
      log.removeHandler(handler);
    }
    return said;
  }

  @Test
  void whatWasInferredIsSaidOnce() throws IOException {
    Path source =
        Files.write(
            folder.resolve("x.csv"),
            Stream.concat(Stream.of("key;label"), rows(i -> i + ";" + i % 3)).toList());
    DatasetRequest rows = request("csv", source);
    assertSaidOnce(() -> load(rows));
    var cache =
        new Storage(Storage.Kind.CACHE, Optional.of(folder.resolve("cache")), OptionalInt.empty());
    assertSaidOnce(() -> load(rows.withStorage(cache)));
    assertSaidOnce(() -> convert(rows, folder.resolve("c.csv"), "csv"));
    assertSaidOnce(
        () -> {
          load(Fixtures.toPredict(rows));
          predict(rows, folder.resolve("y.csv"), 100, "key", "label");
        });
  }

  private static void assertSaidOnce(Runnable work) {
    List<String> said = said(work);
    assertEquals(
        1, said.stream().filter(line -> line.contains("semicolons")).count(), said.toString());
  }

  private static void load(DatasetRequest request) {
    new TableProvider().load(request).close();
  }
}
