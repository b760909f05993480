package io.measureflow.simd.program;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Value;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Region;
import io.measureflow.lowering.Split;
import io.measureflow.lowering.Step;
import io.measureflow.simd.kernels.Elementwise;
import io.measureflow.simd.kernels.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Steps over rows that are longer than the cache, such as a channel of all images: one step after
 * the other for a part of a row, then for the next part, as far as no step needs what another one
 * sums up of the whole row. Masks and multiples that one step reads are computed within it, and
 * never are in memory.
 */
final class LongRows {

  /** Rows of fewer elements are in the cache anyway. */
  private static final int LEAST = 2 * Kernels.SUM_RUN;

  /** Elements of a part: several arrays of them are in the cache. */
  private static final int PART = Kernels.SUM_RUN / 2;

  private final Kernels kernels;
  private final LoweredProgram lowered;
  private final ProgramMemory memory;
  private final LoopBands loops;
  private final SumBands sumBands;
  private final Map<Value, List<Step>> readers;
  private final Region region;
  private final int inner;
  private final List<Band> bands;
  private final List<Part> parts = new ArrayList<>();

  /** What the steps of the parts write for whole rows. */
  private final Set<Value> sums = new HashSet<>();

  /** What is positive where a mask is 1, by the mask. */
  private final Map<Value, Value> masks = new HashMap<>();

  private final Map<Value, Multiple> multiples = new HashMap<>();

  /**
   * A multiple of a value.
   *
   * @param scale the factor of all rows
   * @param factors further factors, one for each row
   */
  private record Multiple(Value of, float scale, List<Value> factors) {}

  /** The factor of a multiple for each row. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record RowFactor(float scale, float[][] factors) {

    float of(int row) {
      float factor = scale;
      for (float[] each : factors) {
        factor *= each[row];
      }
      return factor;
    }
  }

  /**
   * @param readers the steps that read a value
   * @param bands receives the steps
   */
  LongRows(
      Kernels kernels,
      LoweredProgram lowered,
      ProgramMemory memory,
      LoopBands loops,
      SumBands sumBands,
      Map<Value, List<Step>> readers,
      Region region,
      List<Band> bands) {
    this.kernels = kernels;
    this.lowered = lowered;
    this.memory = memory;
    this.loops = loops;
    this.sumBands = sumBands;
    this.readers = readers;
    this.region = region;
    this.bands = bands;
    inner =
        region.splits().values().stream()
            .filter(split -> split.outer() == 1)
            .mapToInt(Split::inner)
            .max()
            .orElse(0);
  }

  /**
   * Adds a step, and returns whether it is one over long rows.
   *
   * @param least what is so tiny in the result that it becomes 0; 0 for nothing
   */
  boolean add(Step step, float least) {
    List<Part> each =
        switch (step) {
          case Step.Loop loop when isLong(loop.writes().getFirst()) -> loop(loop, least);
          case Step.Sum sum when isLong(sum.a()) ->
              sumBands.part(sum, split(sum.a()), split(sum.out())).stream().toList();
          default -> List.of();
        };
    if (each.isEmpty()) {
      end();
      return false;
    }
    if (step.reads().stream().map(lowered::memory).anyMatch(sums::contains)) {
      end();
    }
    parts.addAll(each);
    if (step instanceof Step.Sum sum) {
      sums.add(lowered.memory(sum.out()));
    }
    return true;
  }

  private Split split(Value value) {
    return Objects.requireNonNull(region.splits().get(lowered.memory(value)));
  }

  private boolean isLong(Value value) {
    Split split = split(value);
    return inner >= LEAST && split.outer() == 1 && split.inner() == inner;
  }

  private List<Part> loop(Step.Loop loop, float least) {
    Value out = loop.writes().getFirst();
    if (waits(loop, out)) {
      return List.of((index, from, to) -> {});
    }
    var parts = new ArrayList<Part>();
    combined(loop, out).or(() -> loops.part(loop, split(out))).ifPresent(parts::add);
    if (!parts.isEmpty() && least > 0) {
      parts.add(loops.flushPart(out, least));
    }
    return parts;
  }

  // ---- steps within their readers ----

  /** Notes a mask or a multiple that its only reader computes; returns whether it is one. */
  private boolean waits(Step.Loop loop, Value out) {
    Step.Loop reader = onlyReader(out);
    if (reader == null || !staysUntil(loop, reader)) {
      return false;
    }
    Value key = lowered.memory(out);
    if (loop.op() instanceof Op.Unary unary && unary.function() == Op.UnaryFunction.POSITIVE) {
      boolean fits = isWhole(reader, Op.BinaryFunction.MULTIPLY) && reader.reads().size() == 2;
      if (fits) {
        masks.put(key, unary.a());
      }
      return fits;
    }
    Multiple multiple = multiple(loop);
    if (multiple == null
        || !(isWhole(reader, Op.BinaryFunction.ADD) || multipleOf(reader) != null)) {
      return false;
    }
    multiples.put(key, multiple);
    return true;
  }

  /** Returns the elementwise step of this region that alone reads a value; null if none does. */
  private Step.@Nullable Loop onlyReader(Value value) {
    List<Step> all = readers.getOrDefault(lowered.memory(value), List.of());
    boolean isOutput = lowered.program().outputs().containsValue(value);
    return all.size() == 1
            && !isOutput
            && all.getFirst() instanceof Step.Loop loop
            && region.steps().contains(loop)
            && isLong(loop.writes().getFirst())
        ? loop
        : null;
  }

  /** Returns whether no step between one and its reader may write to what it reads. */
  private boolean staysUntil(Step.Loop step, Step.Loop reader) {
    Set<Value> read = new HashSet<>();
    for (Value value : step.reads()) {
      Multiple multiple = multiples.get(lowered.memory(value));
      read.add(lowered.memory(multiple == null ? value : multiple.of));
      if (multiple != null) {
        multiple.factors.forEach(factor -> read.add(lowered.memory(factor)));
      }
    }
    int from = region.steps().indexOf(step);
    int end = region.steps().indexOf(reader);
    return region.steps().subList(from + 1, end).stream()
        .filter(Step.Loop.class::isInstance)
        .flatMap(between -> between.reads().stream())
        .map(lowered::memory)
        .noneMatch(read::contains);
  }

  /** Returns whether a step has a function of two operands of the size of its result. */
  private boolean isWhole(Step.Loop step, Op.BinaryFunction function) {
    int size = step.writes().getFirst().shape().size();
    return step.op() instanceof Op.Binary binary
        && binary.function() == function
        && binary.a().shape().size() == size
        && binary.b().shape().size() == size;
  }

  /** Returns which operand a step multiplies by a number for each row; null if it does not. */
  private @Nullable Value multipleOf(Step.Loop step) {
    Value out = step.writes().getFirst();
    return switch (step.op()) {
      case Op.Affine affine when affine.shift() == 0 -> affine.a();
      case Op.Binary binary when binary.function() == Op.BinaryFunction.MULTIPLY -> {
        Split split = split(out);
        yield loops.isPerRow(binary.b(), out, split)
            ? binary.a()
            : loops.isPerRow(binary.a(), out, split) ? binary.b() : null;
      }
      default -> null;
    };
  }

  /** Returns what a step computes as a multiple; null if it is none. */
  private @Nullable Multiple multiple(Step.Loop step) {
    Value of = multipleOf(step);
    if (of == null) {
      return null;
    }
    Multiple before = multiples.getOrDefault(lowered.memory(of), new Multiple(of, 1, List.of()));
    if (step.op() instanceof Op.Affine affine) {
      return new Multiple(before.of, before.scale * (float) affine.scale(), before.factors);
    }
    var factors = new ArrayList<>(before.factors);
    for (Value read : step.reads()) {
      if (!read.equals(of)) {
        factors.add(read);
      }
    }
    return new Multiple(before.of, before.scale, List.copyOf(factors));
  }

  private RowFactor rowFactor(Multiple multiple) {
    return new RowFactor(
        multiple.scale, multiple.factors.stream().map(memory::real).toArray(float[][]::new));
  }

  /** Returns a step with the masks and multiples that it reads; empty if it reads none. */
  private Optional<Part> combined(Step.Loop step, Value out) {
    if (!(step.op() instanceof Op.Binary binary)) {
      return multipleOf(step) == null ? Optional.empty() : scaled(step, out);
    }
    Value positive = masks.get(lowered.memory(binary.a()));
    if (positive != null) {
      return Optional.of(masked(step, positive, binary.b()));
    }
    positive = masks.get(lowered.memory(binary.b()));
    if (positive != null) {
      return Optional.of(masked(step, positive, binary.a()));
    }
    if (!isWhole(step, Op.BinaryFunction.ADD)) {
      return multipleOf(step) == null ? Optional.empty() : scaled(step, out);
    }
    Multiple x = multiples.get(lowered.memory(binary.a()));
    Multiple y = multiples.get(lowered.memory(binary.b()));
    if (x == null && y == null) {
      return Optional.empty();
    }
    Multiple first = x == null ? new Multiple(binary.a(), 1, List.of()) : x;
    Multiple second = y == null ? new Multiple(binary.b(), 1, List.of()) : y;
    float[] a = memory.real(first.of);
    float[] b = memory.real(second.of);
    RowFactor factorA = rowFactor(first);
    RowFactor factorB = rowFactor(second);
    float[] result = memory.elementwise(step, out, List.of(first.of, second.of));
    return Optional.of(
        (index, from, to) ->
            kernels.combine(factorA.of(index), a, factorB.of(index), b, from, to - from, result));
  }

  private Part masked(Step.Loop step, Value positive, Value kept) {
    float[] a = memory.real(kept);
    float[] c = memory.real(positive);
    Value out = step.writes().getFirst();
    float[] result = memory.elementwise(step, out, List.of(kept, positive));
    return (index, from, to) -> kernels.keepWherePositive(c, a, from, to - from, result);
  }

  /** Returns a multiple of a multiple; empty if it is one of a value that is in memory. */
  private Optional<Part> scaled(Step.Loop step, Value out) {
    Multiple multiple = multiple(step);
    if (multiple == null || multiple.of.equals(multipleOf(step))) {
      return Optional.empty();
    }
    float[] a = memory.real(multiple.of);
    RowFactor factor = rowFactor(multiple);
    float[] result = memory.elementwise(step, out, List.of(multiple.of));
    return Optional.of(
        (index, from, to) ->
            Elementwise.binary(Op.BinaryFunction.MULTIPLY, a, factor.of(index), from, to, result));
  }

  /** Ends the steps that are computed part by part. */
  void end() {
    if (!parts.isEmpty()) {
      bands.add(band(inner, parts.toArray(Part[]::new)));
      parts.clear();
    }
    sums.clear();
  }

  private static Band band(int inner, Part[] parts) {
    return (from, to, thread) -> {
      for (int index = from; index < to; index++) {
        int end = (index + 1) * inner;
        for (int at = index * inner; at < end; at += PART) {
          int next = Math.min(end, at + PART);
          for (Part part : parts) {
            part.run(index, at, next);
          }
        }
      }
    };
  }
}
