package io.measureflow.datasets;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.ArrowMemory.Column;
import io.measureflow.datasets.ArrowTable.Readiness;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/**
 * Tables in files: {@code csv}, with a header row, plain or gzip, {@code parquet}, and {@code
 * arrow}, the IPC file and stream formats.
 *
 * <p>Every numeric column is a feature but the label column; columns of text are left out. Labels
 * that are text or integers become classes: integers from 0 to {@value TableLabels#LARGEST_KEPT}
 * keep their numbers, all others are numbered in the order of their sorted names. Labels with a
 * decimal point or an exponent become real targets. Empty cells and numbers that are not finite are
 * refused.
 *
 * <p>Values are used as they are; {@link DatasetRequest.Scaling#UNIT} takes them for bytes and
 * divides them by 255.
 */
public final class TableProvider implements DatasetProvider {

  private enum Format {
    CSV("csv", "A table as comma-separated values, with a header row, plain or gzip") {
      @Override
      TableRows read(Path file, DatasetRequest request) throws IOException {
        return CsvTable.read(file, request);
      }
    },
    PARQUET("parquet", "A table as a Parquet file") {
      @Override
      TableRows read(Path file, DatasetRequest request) throws IOException {
        return ParquetTable.read(file, request);
      }
    },
    ARROW("arrow", "A table as an Arrow IPC file or stream") {
      @Override
      TableRows read(Path file, DatasetRequest request) throws IOException {
        return ArrowIpcTable.read(file, request);
      }
    };

    private final String key;
    private final String summary;

    Format(String key, String summary) {
      this.key = key;
      this.summary = summary;
    }

    abstract TableRows read(Path file, DatasetRequest request) throws IOException;

    TableRows open(Path file, DatasetRequest request) {
      if (!Files.isRegularFile(file)) {
        throw InvalidRequestException.of(
            file.toAbsolutePath().toString(),
            "a file with a table in format " + key,
            Files.exists(file) ? "something else than a file" : "nothing",
            "Check the path.");
      }
      try {
        return read(file, request);
      } catch (IOException e) {
        throw IdxFile.unreadable(file, e);
      }
    }
  }

  @Override
  public List<Description> descriptions() {
    return Arrays.stream(Format.values())
        .map(
            format ->
                new Description(
                    format.key,
                    format.summary,
                    "--data names the file; its column \"label\", or the one that --label names,"
                        + " is what to predict."))
        .toList();
  }

  @Override
  public Dataset load(DatasetRequest request) {
    Format format =
        Arrays.stream(Format.values())
            .filter(candidate -> candidate.key.equals(request.name()))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("No such format here: " + request.name()));
    Path file =
        request
            .data()
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        "Dataset " + format.key,
                        "a file",
                        "none",
                        "Name the file of the table with --data."));
    var hash = new FutureTask<>(() -> hash(request));
    Thread.ofPlatform().daemon().name("dataset-hash").start(hash);
    TableRows train = format.open(file, request);
    Optional<TableRows> test = request.test().map(path -> format.open(path, request));
    test.ifPresent(rows -> checkSameFeatures(train, rows));
    Target target = train.labels().map(TableLabels::target).orElseGet(Target.None::new);
    // Here, and not when it is asked for: by then the file may be another one.
    String fingerprint = Futures.get(hash);
    var memory = new ArrowMemory();
    try {
      return new ArrowDataset(
          format.key,
          new Schema(train.features(), train.features().size(), target, Optional.empty()),
          request.scaling().orElse(DatasetRequest.Scaling.NONE) == DatasetRequest.Scaling.UNIT
              ? DatasetRequest.Scaling.UNIT
              : DatasetRequest.Scaling.NONE,
          table(memory, train, target, request),
          test.map(rows -> table(memory, rows, target, request)),
          () -> fingerprint,
          memory::close);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /** For datasets that hold their test rows themselves. */
  static void refuseTestFile(DatasetRequest request) {
    request
        .test()
        .ifPresent(
            file -> {
              throw InvalidRequestException.of(
                  "Dataset " + request.name(),
                  "no file of test rows, for it has its own",
                  file.toString(),
                  "Leave the file of test rows out.");
            });
  }

  private static void checkSameFeatures(TableRows train, TableRows test) {
    if (!train.features().equals(test.features())) {
      int first = 0;
      while (first < Math.min(train.features().size(), test.features().size())
          && train.features().get(first).equals(test.features().get(first))) {
        first++;
      }
      throw InvalidRequestException.of(
          test.file().toString(),
          "the "
              + train.features().size()
              + " numeric columns of "
              + train.file()
              + ", in the same order",
          test.features().size()
              + " numeric columns; they differ from column "
              + (first + 1)
              + " on",
          "Give the test file the same columns.");
    }
  }

  private static ArrowTable table(
      ArrowMemory memory, TableRows rows, Target target, DatasetRequest request) {
    ElementType type = request.precision().elementType();
    Column features =
        memory.column("features of " + rows.file(), rows.count(), rows.features().size(), type);
    rows.copyTo(features);
    Optional<Column> targets =
        rows.labels()
            .map(
                labels -> {
                  String name = "labels of " + rows.file();
                  Column column =
                      switch (target) {
                        case Target.Classes classes ->
                            memory.column(name, rows.count(), 1, ElementType.INT32);
                        case Target.Real real -> memory.column(name, rows.count(), 1, type);
                        case Target.None none ->
                            throw new IllegalStateException("There are labels without a target.");
                      };
                  labels.copyTo(column, target);
                  return column;
                });
    return new ArrowTable(features, targets, Readiness.ALWAYS);
  }

  private static String hash(DatasetRequest request) {
    MessageDigest digest = Hashes.sha256();
    byte[] buffer = new byte[1 << 16];
    for (Path file : Stream.of(request.data(), request.test()).flatMap(Optional::stream).toList()) {
      try (InputStream in = Files.newInputStream(file)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
        }
      } catch (IOException e) {
        throw IdxFile.unreadable(file, e);
      }
    }
    digest.update(request.columns().labels().getFirst().getBytes(StandardCharsets.UTF_8));
    return Hashes.hex(digest);
  }
}
