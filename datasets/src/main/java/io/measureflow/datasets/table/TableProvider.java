package io.measureflow.datasets.table;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.Missing;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.SourceColumn;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.datasets.cache.ArrowCache;
import io.measureflow.datasets.cache.ArrowCacheWriter;
import io.measureflow.datasets.columns.RowSink;
import io.measureflow.datasets.columns.TableLabels;
import io.measureflow.datasets.columns.TablePlan;
import io.measureflow.datasets.columns.TableRows;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.format.TableFormats;
import io.measureflow.datasets.format.TableFormats.Entry;
import io.measureflow.datasets.io.Futures;
import io.measureflow.datasets.io.Notices;
import io.measureflow.datasets.io.SourceFiles;
import io.measureflow.datasets.store.ArrowDataset;
import io.measureflow.datasets.store.ArrowMemory;
import io.measureflow.datasets.store.ArrowMemory.Column;
import io.measureflow.datasets.store.ArrowTable;
import io.measureflow.datasets.store.ArrowTable.Readiness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Loads tables from files: {@code csv}, plain or gzip, {@code parquet}, and {@code arrow}, the IPC
 * file and stream formats.
 *
 * <p>Every column of numbers or truth values is a feature but the label columns, and every column
 * of text with few different values becomes one feature for each of them; others are left out,
 * which is said. One label column that holds text becomes classes. Integers become classes if there
 * are up to {@value TableLabels#FEW_CLASSES} different ones, or if they run from 0 or 1 without a
 * gap and each occurs on {@value TableLabels#LEAST_ROWS_OF_A_CLASS} rows or more: integers from 0
 * to {@value TableLabels#LARGEST_KEPT} keep their numbers, all others are numbered in the order of
 * their sorted names. Other integers, labels with a decimal point or an exponent, columns of
 * floating-point numbers, and several label columns become real targets. Whatever is doubtful is
 * said.
 *
 * <p>Values are used unchanged; {@link DatasetRequest.Scaling#UNIT} treats them as bytes and
 * divides them by 255, but for the features of categories, which are 0 or 1.
 */
public final class TableProvider implements DatasetProvider {

  /** How many columns a message names. */
  private static final int MOST_NAMED = 8;

  private final TableFormats formats;

  /** Creates a loader for all installed formats. */
  public TableProvider() {
    this(TableFormats.installed());
  }

  /** Creates a loader for these formats. */
  public TableProvider(TableFormats formats) {
    this.formats = formats;
  }

  @Override
  public DatasetProvider using(Extensions extensions) {
    return new TableProvider(TableFormats.of(extensions));
  }

  /** Returns whether a name is that of a table format. */
  boolean reads(String name) {
    return formats.find(name).isPresent();
  }

  /**
   * Opens a file with typed columns.
   *
   * @param path the file, if given
   */
  TableFile openToConvert(DatasetRequest request, Optional<Path> path) throws IOException {
    Entry format = format(request);
    Path file = path.orElseThrow(() -> noFile(format));
    requireFile(format, file);
    return opened(format, file, () -> saying(format.format().openTyped(file, request.columns())));
  }

  /**
   * Opens the file of rows that were loaded, to repeat its columns. What there is to say of the
   * file was said then.
   */
  TableFile openAgain(DatasetRequest request) throws IOException {
    Entry format = format(request);
    Path file = request.data().orElseThrow(() -> noFile(format));
    requireFile(format, file);
    return opened(format, file, () -> format.format().openMixed(file, request.columns()));
  }

  private Entry format(DatasetRequest request) {
    return formats
        .find(request.name())
        .orElseThrow(() -> new IllegalArgumentException("No such format here: " + request.name()));
  }

  private static TableFile open(Entry format, Path file, DatasetRequest request)
      throws IOException {
    return opened(format, file, () -> saying(format.format().open(file, request.columns())));
  }

  private static TableFile saying(TableFile file) {
    file.remarks().forEach(remark -> Notices.say(file.path(), remark));
    return file;
  }

  /** Opens a file. */
  @FunctionalInterface
  private interface Opening {
    TableFile open() throws IOException;
  }

  /** Opens a file and reports errors of the format's code, which may come from anywhere. */
  private static TableFile opened(Entry format, Path file, Opening opening) throws IOException {
    try {
      return opening.open();
    } catch (MeasureFlowException e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw TableFormats.failed(format.format(), "open " + file, e);
    }
  }

  private static InvalidRequestException noFile(Entry format) {
    return InvalidRequestException.of(
        "Dataset " + format.name(), "a file", "none", "Name the file of the table with --data.");
  }

  @Override
  public List<Description> descriptions() {
    return formats.all().stream()
        .map(
            format ->
                new Description(
                    format.name(),
                    format.summary(),
                    "--data names the file; its column \"label\", or the one that --label names,"
                        + " is what to predict."))
        .toList();
  }

  @Override
  public Dataset load(DatasetRequest request) {
    Entry format = format(request);
    Path file = request.data().orElseThrow(() -> noFile(format));
    requireFile(format, file);
    request.test().ifPresent(test -> requireFile(format, test));
    return switch (request.storage().kind()) {
      case MEMORY -> inMemory(format, request);
      case CACHE ->
          ArrowCache.open(
              request,
              files(request),
              (fingerprint, files) -> cache(format, request, fingerprint, files));
      case STREAM -> streamed(format, request);
    };
  }

  private static void requireFile(Entry format, Path file) {
    if (!Files.isRegularFile(file)) {
      throw InvalidRequestException.of(
          file.toAbsolutePath().toString(),
          "a file with a table in format " + format.name(),
          Files.exists(file) ? "something else than a file" : "nothing",
          "Check the path.");
    }
  }

  private static List<Path> files(DatasetRequest request) {
    return Stream.of(request.data(), request.test()).flatMap(Optional::stream).toList();
  }

  /** Opens the files of a request and passes them on with what belongs to them. */
  private static <T> T withFiles(
      Entry format, DatasetRequest request, BiFunction<TableFile, Optional<TableFile>, T> work) {
    try (TableFile train = open(format, request.data().orElseThrow(), request)) {
      if (request.test().isEmpty()) {
        return work.apply(train, Optional.empty());
      }
      try (TableFile test = open(format, request.test().get(), request)) {
        return work.apply(train, Optional.of(test));
      }
    } catch (IOException e) {
      throw SourceFiles.unreadable(request.data().orElseThrow(), e);
    }
  }

  private static Dataset inMemory(Entry format, DatasetRequest request) {
    var hash = new FutureTask<>(() -> ArrowCache.fingerprint(request, files(request)));
    Thread.ofPlatform().daemon().name("dataset-hash").start(hash);
    return withFiles(
        format,
        request,
        (trainFile, testFile) -> {
          TablePlan plan = plan(trainFile, request);
          TableRows train = rows(trainFile, plan, request);
          Target target =
              train.labels().map(labels -> target(plan.path(), labels)).orElseGet(Target.None::new);
          Optional<TablePlan> testPlan = testFile.map(file -> planLike(plan, file, request));
          Optional<TableRows> test =
              testFile.map(file -> rows(file, testPlan.orElseThrow(), request));
          // Computed here rather than on demand, when the file may have changed.
          String fingerprint = Futures.get(hash);
          var memory = new ArrowMemory();
          try {
            return new ArrowDataset(
                format.name(),
                schema(plan, target),
                scaling(request),
                table(memory, train, plan, target, request),
                test.map(rows -> table(memory, rows, testPlan.orElseThrow(), target, request)),
                () -> fingerprint,
                plan.sourceColumns(),
                memory::close);
          } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
          }
        });
  }

  private static TableRows rows(TableFile file, TablePlan plan, DatasetRequest request) {
    var rows = new TableRows(plan, request);
    var feed = new RowSink.Feed(plan, request);
    feed.drain(file, RowSink.Feed.ALL, rows);
    requireRows(plan, rows.count(), feed.dropped());
    feed.remarks().forEach(remark -> Notices.say(plan.path(), remark));
    return rows;
  }

  private static void requireRows(TablePlan plan, long rows, long dropped) {
    if (rows == 0) {
      throw InvalidRequestException.of(
          plan.path().toString(),
          "at least one row",
          dropped == 0 ? "none" : "none but " + dropped + " with missing values",
          "Check how the file was written.");
    }
    if (dropped > 0) {
      Notices.say(
          plan.path(),
          dropped + " of " + (rows + dropped) + " rows are left out, for they lack a value");
    }
  }

  private static Schema schema(TablePlan plan, Target target) {
    List<String> names = plan.featureNames();
    return new Schema(names, names.size(), target, Optional.empty(), plan.encoding());
  }

  private static Scaling scaling(DatasetRequest request) {
    return RowSink.Feed.isUnit(request) ? Scaling.UNIT : Scaling.NONE;
  }

  /** Reads only the labels of the training rows to find their target. */
  private static Target scan(TableFile file, TablePlan plan, DatasetRequest request) {
    if (!plan.labelled()) {
      return new Target.None();
    }
    if (plan.real()) {
      return new Target.Real(plan.labelNames());
    }
    var labels = TableLabels.scan(plan, request);
    boolean drops = request.columns().missing() == Missing.DROP;
    TablePlan looked = drops ? plan : plan.labelsAlone();
    var feed = new RowSink.Feed(looked, request);
    var sink = new LabelScan(labels);
    feed.drain(file, RowSink.Feed.ALL, sink);
    requireRows(plan, labels.count(), feed.dropped());
    return target(plan.path(), labels);
  }

  private static Target target(Path file, TableLabels labels) {
    Target target = labels.target();
    labels.remark().ifPresent(remark -> Notices.say(file, remark));
    return target;
  }

  /** Reads labels and nothing else. */
  private record LabelScan(TableLabels labels) implements RowSink {

    @Override
    public void row(double[] values, int at) {}

    @Override
    public void label(String text, long line) {
      labels.add(text, line);
    }

    @Override
    public void target(int index, double value) {}
  }

  private static void cache(
      Entry format, DatasetRequest request, String fingerprint, ArrowCache.CacheFiles files) {
    withFiles(
        format,
        request,
        (trainFile, testFile) -> {
          TablePlan plan = plan(trainFile, request);
          Optional<TablePlan> testPlan = testFile.map(file -> planLike(plan, file, request));
          Target target = scan(trainFile, plan, request);
          var content =
              new ArrowCache.Content(
                  schema(plan, target),
                  scaling(request),
                  request.precision().elementType(),
                  fingerprint,
                  testFile.isPresent());
          // The training rows are written last: their file marks the cache as complete.
          testFile.ifPresent(
              file -> write(file, testPlan.orElseThrow(), request, content, files.test()));
          write(trainFile, plan, request, content, files.train());
          return true;
        });
  }

  private static void write(
      TableFile file,
      TablePlan plan,
      DatasetRequest request,
      ArrowCache.Content content,
      Path cache) {
    try (var writer = new ArrowCacheWriter(cache, content, plan)) {
      var feed = new RowSink.Feed(plan, request);
      feed.drain(file, RowSink.Feed.ALL, writer);
      requireRows(plan, writer.count(), feed.dropped());
      feed.remarks().forEach(remark -> Notices.say(plan.path(), remark));
      writer.commit();
    }
  }

  /** Opens a dataset whose files stay open until it is closed. */
  private static Dataset streamed(Entry format, DatasetRequest request) {
    String fingerprint = ArrowCache.fingerprint(request, files(request));
    var opened = new ArrayList<TableFile>();
    try {
      var tables = new ArrayList<StreamedTable>();
      Optional<TablePlan> first = Optional.empty();
      Target target = new Target.None();
      for (Path path : files(request)) {
        TableFile file = open(format, path, request);
        opened.add(file);
        if (file.blocks() == 0) {
          throw InvalidRequestException.of(
              path.toString(),
              "a file with blocks to be streamed, such as Parquet or an Arrow IPC file with an"
                  + " index",
              format.name() + " without one",
              "Choose --storage cache, which reads the file once.");
        }
        TablePlan plan =
            first.isEmpty() ? plan(file, request) : planLike(first.get(), file, request);
        if (first.isEmpty()) {
          first = Optional.of(plan);
          target = scan(file, plan, request);
        }
        if (!tables.isEmpty() || request.preprocessing().isPresent()) {
          sayUnknown(file, plan, request);
        }
        tables.add(new StreamedTable(file, plan, target, request));
      }
      return new ArrowDataset(
          format.name(),
          schema(first.orElseThrow(), target),
          scaling(request),
          tables.getFirst(),
          tables.size() == 1 ? Optional.empty() : Optional.of(tables.getLast()),
          () -> fingerprint,
          first.orElseThrow().sourceColumns(),
          () -> close(tables, opened));
    } catch (IOException e) {
      closeAfter(e, opened);
      throw SourceFiles.unreadable(request.data().orElseThrow(), e);
    } catch (RuntimeException | Error e) {
      closeAfter(e, opened);
      throw e;
    }
  }

  /** Says what a later pass over the rows could say only in the middle of training. */
  private static void sayUnknown(TableFile file, TablePlan plan, DatasetRequest request) {
    TablePlan categories = plan.categoriesAlone();
    if (!categories.inputs().isEmpty()) {
      var feed = new RowSink.Feed(categories, request);
      feed.drain(file, RowSink.Feed.ALL, new Ignored());
      feed.remarks().forEach(remark -> Notices.say(plan.path(), remark));
    }
  }

  /** Reads rows and does nothing with them. */
  private record Ignored() implements RowSink {

    @Override
    public void row(double[] values, int at) {}

    @Override
    public void label(String text, long line) {}

    @Override
    public void target(int index, double value) {}
  }

  private static void closeAfter(Throwable failure, List<TableFile> files) {
    try {
      close(List.of(), files);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static void close(List<StreamedTable> tables, List<TableFile> files) {
    tables.forEach(StreamedTable::close);
    for (TableFile file : files) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    files.clear();
  }

  /** Says what is left out. */
  private static TablePlan plan(TableFile file, DatasetRequest request) {
    TablePlan plan = TablePlan.of(file, request);
    plan.leftOut().ifPresent(text -> Notices.say(file.path(), text));
    return plan;
  }

  /** The test rows have the columns of the training rows, and perhaps more. */
  private static TablePlan planLike(TablePlan train, TableFile file, DatasetRequest request) {
    TablePlan test = train.like(file, request);
    int expected = train.width();
    int found = test.width();
    if (expected != found) {
      throw InvalidRequestException.of(
          test.path().toString(),
          "the " + expected + " features of " + train.path(),
          found + " features",
          "Give the test file the same columns.");
    }
    // What the training rows leave out has been said of them.
    Set<String> known =
        train.columns().stream().map(TableFile.Column::name).collect(Collectors.toSet());
    List<String> more =
        test.sourceColumns().stream()
            .filter(column -> column.role() == SourceColumn.Role.LEFT_OUT)
            .map(SourceColumn::name)
            .filter(name -> file.named() && !known.contains(name))
            .toList();
    if (!more.isEmpty()) {
      Notices.say(
          test.path(),
          "columns that the training rows do not have are ignored: "
              + more.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
              + (more.size() > MOST_NAMED ? ", ... (" + more.size() + " columns)" : ""));
    }
    return test;
  }

  private static ArrowTable table(
      ArrowMemory memory, TableRows rows, TablePlan plan, Target target, DatasetRequest request) {
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
                        case Target.Real(List<String> names) ->
                            memory.column(name, rows.count(), names.size(), type);
                        case Target.None none ->
                            throw new IllegalStateException("There are labels without a target.");
                      };
                  labels.copyTo(column, target, plan);
                  return column;
                });
    return new ArrowTable(features, targets, Readiness.ALWAYS);
  }
}
