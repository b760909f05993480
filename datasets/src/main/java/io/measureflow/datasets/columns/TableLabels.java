package io.measureflow.datasets.columns;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.format.TableFile;
import io.measureflow.datasets.io.Numbers;
import io.measureflow.datasets.io.Numeral;
import io.measureflow.datasets.store.ArrowMemory.Column;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Collects the labels of a table until all of them are known. */
public final class TableLabels {

  /** The largest integer label that is its own class index. */
  public static final int LARGEST_KEPT = 999;

  /** The maximum number of classes. */
  public static final int MOST_CLASSES = 1 << 16;

  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");
  private static final int CHUNK = 1 << 12;

  private final Path file;
  private final List<String> columns;
  private final Optional<TargetKind> asked;
  private final Optional<Target> known;
  private final Map<String, Distinct> distinct = new HashMap<>();
  private final List<int[]> codes = new ArrayList<>();
  private final List<double[]> numbers = new ArrayList<>();
  private final boolean kept;
  private boolean real;
  private boolean integersAlone = true;
  private int count;

  /**
   * A distinct label.
   *
   * @param line the row of its first occurrence
   */
  private record Distinct(int code, long line) {}

  TableLabels(TablePlan plan, DatasetRequest request) {
    this(plan, request, true);
  }

  private TableLabels(TablePlan plan, DatasetRequest request, boolean kept) {
    this.kept = kept;
    file = plan.path();
    columns = plan.labelNames();
    asked = request.columns().target();
    known = request.preprocessing().map(Preprocessing::target);
    real = plan.real();
    integersAlone = !real;
  }

  /** Collects only the kind and names of labels. */
  public static TableLabels scan(TablePlan plan, DatasetRequest request) {
    return new TableLabels(plan, request, false);
  }

  /** Returns the number of labels so far, or of real targets of all columns. */
  public int count() {
    return count;
  }

  /** Adds the label of the next row. */
  public void add(String text, long line) {
    String label = text.strip();
    Numeral.Kind kind = Numeral.kind(label);
    if (kind == Numeral.Kind.EMPTY || kind == Numeral.Kind.NOT_FINITE) {
      throw TableFile.badCell(
          file, line, columns.getFirst(), "a label", label.isEmpty() ? "nothing" : label);
    }
    boolean integer = INTEGER.matcher(label).matches();
    if (real) {
      if (kind != Numeral.Kind.NUMBER) {
        throw tooMany();
      }
      integersAlone &= integer;
      addNumber(Numeral.parse(label));
      return;
    }
    String name = integer ? String.valueOf(Long.parseLong(label)) : label;
    int code = distinct.computeIfAbsent(name, key -> new Distinct(distinct.size(), line)).code;
    if (kept) {
      if (count % CHUNK == 0) {
        codes.add(new int[CHUNK]);
      }
      codes.getLast()[count % CHUNK] = code;
    }
    count++;
    if (distinct.size() > MOST_CLASSES) {
      becomeReal();
    }
  }

  /** Adds the next real target; targets come row by row. */
  public void add(int index, double value) {
    if (index != count % columns.size()) {
      throw new IllegalStateException("target " + index + " out of turn");
    }
    addNumber(value);
  }

  private void addNumber(double value) {
    if (kept) {
      if (count % CHUNK == 0) {
        numbers.add(new double[CHUNK]);
      }
      numbers.getLast()[count % CHUNK] = value;
    }
    count++;
  }

  /** Converts to real numbers, as there are too many distinct labels; throws if that fails. */
  private void becomeReal() {
    double[] values = new double[distinct.size()];
    integersAlone = true;
    for (Map.Entry<String, Distinct> entry : distinct.entrySet()) {
      if (asked.equals(Optional.of(TargetKind.CLASSES))
          || Numeral.kind(entry.getKey()) != Numeral.Kind.NUMBER) {
        throw tooMany();
      }
      integersAlone &= INTEGER.matcher(entry.getKey()).matches();
      values[entry.getValue().code] = Numeral.parse(entry.getKey());
    }
    real = true;
    if (kept) {
      int all = count;
      count = 0;
      for (int i = 0; i < all; i++) {
        addNumber(values[codes.get(i / CHUNK)[i % CHUNK]]);
      }
    }
    codes.clear();
    distinct.clear();
  }

  private InvalidRequestException tooMany() {
    return InvalidRequestException.of(
        file + ", column \"" + columns.getFirst() + "\"",
        "at most " + MOST_CLASSES + " classes",
        "more distinct labels",
        "Choose another column with --label, or --target real for numbers.");
  }

  /** Returns the target that the labels collected form. */
  public Target target() {
    if (known.isPresent() && !(known.get() instanceof Target.None)) {
      return known.get();
    }
    if (real) {
      if (integersAlone && columns.size() == 1 && asked.isEmpty()) {
        throw tooMany();
      }
      return new Target.Real(columns);
    }
    boolean integers = distinct.keySet().stream().allMatch(name -> INTEGER.matcher(name).matches());
    if (integers) {
      long[] values = distinct.keySet().stream().mapToLong(Long::parseLong).sorted().toArray();
      boolean numbered = values[0] >= 0 && values[values.length - 1] <= LARGEST_KEPT;
      LongStream classes =
          numbered ? LongStream.rangeClosed(0, values[values.length - 1]) : Arrays.stream(values);
      return new Target.Classes(classes.mapToObj(String::valueOf).toList());
    }
    if (asked.isEmpty()
        && distinct.keySet().stream().allMatch(name -> Numeral.kind(name) == Numeral.Kind.NUMBER)) {
      return new Target.Real(columns);
    }
    return new Target.Classes(distinct.keySet().stream().sorted().toList());
  }

  /** Converts labels to numbers under the target of the training rows. */
  public static ToDoubleFunction<String> coding(Target target, TablePlan plan) {
    return switch (target) {
      case Target.Classes(List<String> names) -> {
        Map<String, Integer> indices = new HashMap<>();
        IntStream.range(0, names.size()).forEach(i -> indices.put(names.get(i), i));
        yield name -> {
          Integer index = indices.get(name);
          if (index == null && INTEGER.matcher(name).matches()) {
            index = indices.get(String.valueOf(Long.parseLong(name)));
          }
          return index == null ? Double.NaN : index;
        };
      }
      case Target.Real real ->
          name -> Numeral.kind(name) == Numeral.Kind.NUMBER ? Numeral.parse(name) : Double.NaN;
      case Target.None none ->
          throw new IllegalArgumentException("There are no labels in " + plan.path() + ".");
    };
  }

  /** Creates the error for a label that does not occur in the training rows. */
  public static InvalidRequestException unknown(
      Path file, long line, String column, String name, Target target) {
    return TableFile.badCell(
        file,
        line,
        column,
        target instanceof Target.Classes classes
            ? "one of the " + classes.names().size() + " classes of the training rows"
            : "a finite number, as in the training rows",
        name);
  }

  /**
   * Writes the labels as numbers.
   *
   * @param target the target of the training rows
   */
  public void copyTo(Column destination, Target target, TablePlan plan) {
    if (real) {
      for (int i = 0; i < count; i++) {
        Numbers.set(destination.memory(), destination.type(), i, numbers.get(i / CHUNK)[i % CHUNK]);
      }
      return;
    }
    ToDoubleFunction<String> coding = coding(target, plan);
    double[] coded = new double[distinct.size()];
    distinct.forEach(
        (name, first) -> {
          coded[first.code] = coding.applyAsDouble(name);
          if (!Double.isFinite(coded[first.code])) {
            throw unknown(file, first.line, columns.getFirst(), name, target);
          }
        });
    for (int i = 0; i < count; i++) {
      Numbers.set(
          destination.memory(), destination.type(), i, coded[codes.get(i / CHUNK)[i % CHUNK]]);
    }
  }
}
