package io.measureflow.datasets;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Shape;
import io.measureflow.datasets.ArrowMemory.Column;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The label column of a table, as text, until all of it is known. */
final class TableLabels {

  /** The largest integer label that keeps its number. */
  static final int LARGEST_KEPT = 999;

  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

  private final Path file;
  private final String column;
  private final Map<String, Distinct> distinct = new HashMap<>();
  private int[] codes = new int[1024];
  private int count;

  /**
   * A label that occurs.
   *
   * @param line the row where it occurs first
   */
  private record Distinct(int code, long line) {}

  TableLabels(Path file, String column) {
    this.file = file;
    this.column = column;
  }

  /** Appends the label of the next row. */
  void add(String text, long line) {
    String label = text.strip();
    Numeral.Kind kind = Numeral.kind(label);
    if (kind == Numeral.Kind.EMPTY || kind == Numeral.Kind.NOT_FINITE) {
      throw TableRows.cell(file, line, column, "a label", label.isEmpty() ? "nothing" : label);
    }
    String name = INTEGER.matcher(label).matches() ? String.valueOf(Long.parseLong(label)) : label;
    if (count == codes.length) {
      codes = Arrays.copyOf(codes, Math.multiplyExact(count, 2));
    }
    codes[count++] =
        distinct.computeIfAbsent(name, key -> new Distinct(distinct.size(), line)).code;
  }

  /** What these labels are, taken together. */
  Target target() {
    if (distinct.keySet().stream().allMatch(name -> INTEGER.matcher(name).matches())) {
      long[] numbers = distinct.keySet().stream().mapToLong(Long::parseLong).sorted().toArray();
      boolean kept = numbers[0] >= 0 && numbers[numbers.length - 1] <= LARGEST_KEPT;
      LongStream classes =
          kept ? LongStream.rangeClosed(0, numbers[numbers.length - 1]) : Arrays.stream(numbers);
      return new Target.Classes(classes.mapToObj(String::valueOf).toList());
    }
    if (distinct.keySet().stream().allMatch(name -> Numeral.kind(name) == Numeral.Kind.NUMBER)) {
      return new Target.Real(List.of(column));
    }
    return new Target.Classes(distinct.keySet().stream().sorted().toList());
  }

  /**
   * Writes the labels as numbers.
   *
   * @param target what the labels of the training rows are
   */
  void copyTo(Column destination, Target target) {
    ToDoubleFunction<String> number =
        switch (target) {
          case Target.Classes(List<String> names) -> {
            Map<String, Integer> indices = new HashMap<>();
            IntStream.range(0, names.size()).forEach(i -> indices.put(names.get(i), i));
            yield name -> {
              Integer index = indices.get(name);
              if (index == null) {
                throw unknown(name, "one of the " + names.size() + " classes of the training rows");
              }
              return index;
            };
          }
          case Target.Real real ->
              name -> {
                if (Numeral.kind(name) != Numeral.Kind.NUMBER
                    || !Double.isFinite(Numeral.parse(name))) {
                  throw unknown(name, "a finite number, as in the training rows");
                }
                return Numeral.parse(name);
              };
          case Target.None none -> throw new IllegalArgumentException("There are no labels.");
        };
    double[] numbers = new double[distinct.size()];
    distinct.forEach((name, first) -> numbers[first.code] = number.applyAsDouble(name));
    Shape shape = destination.type() == ElementType.INT32 ? Shape.of(count) : Shape.of(count, 1);
    var tensor = new Tensor(shape, destination.type(), destination.memory());
    for (int i = 0; i < count; i++) {
      tensor.set(i, numbers[codes[i]]);
    }
  }

  private InvalidRequestException unknown(String name, String expected) {
    Distinct first = distinct.get(name);
    return TableRows.cell(file, first == null ? 0 : first.line, column, expected, name);
  }
}
