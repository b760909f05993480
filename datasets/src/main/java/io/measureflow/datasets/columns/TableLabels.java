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
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** Up to so many different integers are classes whatever they are. */
  public static final int FEW_CLASSES = 20;

  /** More integers are classes if each occurs at least so often, and none is left out. */
  public static final int LEAST_ROWS_OF_A_CLASS = 5;

  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,18}");
  private static final int CHUNK = 1 << 12;

  private final Path file;
  private final List<String> columns;
  private final Optional<TargetKind> asked;
  private final Optional<Target> known;
  private final Map<String, Distinct> distinct = new HashMap<>();
  private final List<int[]> codes = new ArrayList<>();
  private final List<double[]> numbers = new ArrayList<>();
  private final boolean kept;

  /** The values of real targets, while they are few. */
  private final Set<Double> few = new HashSet<>();

  private boolean real;
  private boolean integersAlone = true;
  private long differentIntegers;
  private int count;

  /** A label that occurs. */
  private static final class Distinct {
    private final int code;

    /** The row where it occurs first. */
    private final long line;

    private long rows;

    Distinct(int code, long line) {
      this.code = code;
      this.line = line;
    }
  }

  private static final Distinct NOWHERE = new Distinct(-1, Long.MAX_VALUE);

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
      throw TableFile.noLabel(file, line, columns.getFirst(), label.isEmpty() ? "nothing" : label);
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
    Distinct found = distinct.computeIfAbsent(name, key -> new Distinct(distinct.size(), line));
    found.rows++;
    int code = found.code;
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
    if (few.size() <= FEW_CLASSES) {
      few.add(value);
    }
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
    differentIntegers = distinct.size();
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

  /**
   * What these labels are, taken together. Without a word from the user, text makes classes,
   * numbers with a point or an exponent are real, and integers are classes if they are few, or if
   * they run from 0 or 1 without a gap and each occurs on several rows.
   */
  public Target target() {
    if (known.isPresent() && !(known.get() instanceof Target.None)) {
      return known.get();
    }
    if (!real && asked.isEmpty()) {
      refuseGaps();
      if (!areClasses()) {
        becomeReal();
      }
    }
    if (real) {
      return new Target.Real(columns);
    }
    if (areIntegers()) {
      long[] values = integers();
      boolean numbered = values[0] >= 0 && values[values.length - 1] <= LARGEST_KEPT;
      LongStream classes =
          numbered ? LongStream.rangeClosed(0, values[values.length - 1]) : Arrays.stream(values);
      return new Target.Classes(classes.mapToObj(String::valueOf).toList());
    }
    return new Target.Classes(distinct.keySet().stream().sorted().toList());
  }

  /** Words for no value are none of the classes where all others are numbers. */
  private void refuseGaps() {
    var words = new ArrayList<String>();
    for (String name : distinct.keySet()) {
      if (Numeral.kind(name) != Numeral.Kind.NUMBER) {
        if (!Numeral.isMissing(name)) {
          return;
        }
        words.add(name);
      }
    }
    if (words.size() < distinct.size()) {
      words.stream()
          .min(Comparator.comparingLong(name -> distinct.getOrDefault(name, NOWHERE).line))
          .ifPresent(
              name -> {
                long line = distinct.getOrDefault(name, NOWHERE).line;
                throw TableFile.noLabel(file, line, columns.getFirst(), name);
              });
    }
  }

  private boolean areIntegers() {
    return distinct.keySet().stream().allMatch(name -> INTEGER.matcher(name).matches());
  }

  private long[] integers() {
    return distinct.keySet().stream().mapToLong(Long::parseLong).sorted().toArray();
  }

  private boolean areClasses() {
    if (areIntegers()) {
      return distinct.size() <= FEW_CLASSES
          || (isCounting(integers())
              && distinct.values().stream().allMatch(one -> one.rows >= LEAST_ROWS_OF_A_CLASS));
    }
    return distinct.keySet().stream().anyMatch(name -> Numeral.kind(name) != Numeral.Kind.NUMBER);
  }

  /** Whether integers in ascending order run from 0 or 1 without a gap. */
  private static boolean isCounting(long[] values) {
    return (values[0] == 0 || values[0] == 1)
        && values[values.length - 1] - values[0] == values.length - 1;
  }

  /** What was inferred of the target, in one line, where it might be something else. */
  public Optional<String> remark() {
    if (known.isPresent() || asked.isPresent() || columns.size() > 1) {
      return Optional.empty();
    }
    String column = "column \"" + columns.getFirst() + "\" ";
    if (!real) {
      boolean doubtful =
          areIntegers()
              && distinct.size() > 2
              && (distinct.size() > FEW_CLASSES || !isCounting(integers()));
      return doubtful
          ? Optional.of(
              column + "is taken for " + distinct.size() + " classes (--target real: for numbers)")
          : Optional.empty();
    }
    if (integersAlone && differentIntegers > 0) {
      return Optional.of(
          column
              + "is taken for numbers to predict, for it holds "
              + differentIntegers
              + " different integers (--target classes: for classes)");
    }
    boolean doubtful =
        few.size() <= FEW_CLASSES
            && count >= LEAST_ROWS_OF_A_CLASS * few.size()
            && few.stream().allMatch(value -> value == Math.rint(value));
    return doubtful
        ? Optional.of(
            column
                + "is taken for numbers to predict, for it is written with a point or as"
                + " floating-point numbers; it holds "
                + few.size()
                + " different ones (--target classes: for classes)")
        : Optional.empty();
  }

  /** What a label becomes under the target of the training rows. */
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
