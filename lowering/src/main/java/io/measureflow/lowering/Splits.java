package io.measureflow.lowering;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How steps can be computed band by band: all of them for some indices of an axis, then for the
 * next ones, so that what one step writes is in the cache when the next one reads it. Each value
 * that a band writes, and each that is read for the same indices only, has a {@link Split} by that
 * axis.
 */
public final class Splits {

  private final LoweredProgram lowered;
  private final int extent;

  /** The splits by the value that owns the memory. */
  private final Map<Value, Split> splits = new HashMap<>();

  /** Values of which the bands read all elements, so that no band may write them. */
  private final Set<Value> wholes = new HashSet<>();

  private final Set<Value> written = new HashSet<>();

  /** Undoes what the step at hand has recorded, the last one first. */
  private final Deque<Runnable> undo = new ArrayDeque<>();

  Splits(LoweredProgram lowered, int extent) {
    this.lowered = lowered;
    this.extent = extent;
  }

  /**
   * Returns the splits of the values of some steps, if bands of {@code extent} indices in all can
   * be computed independently.
   */
  public static Optional<Map<Value, Split>> of(
      LoweredProgram lowered, List<Step> steps, int extent) {
    var splits = new Splits(lowered, extent);
    return splits.addAll(steps) ? Optional.of(splits.toMap()) : Optional.empty();
  }

  /** Returns the splits of all values. */
  Map<Value, Split> toMap() {
    return Map.copyOf(splits);
  }

  int extent() {
    return extent;
  }

  /** Adds steps as long as they fit, and returns whether all do. */
  boolean addAll(List<Step> steps) {
    return steps.stream().allMatch(this::tryAdd);
  }

  /** Adds a step if it can be computed in bands with those before; else changes nothing. */
  boolean tryAdd(Step step) {
    undo.clear();
    boolean fits = extent > 0 && add(step);
    if (!fits) {
      backTo(0);
    }
    return fits;
  }

  private void backTo(int mark) {
    while (undo.size() > mark) {
      undo.pop().run();
    }
  }

  /**
   * Returns the extents that are worth trying for a step, the best first; none if it has no bands.
   */
  public static List<Integer> extents(LoweredProgram lowered, Step step) {
    return switch (step) {
      case Step.Product product ->
          product.count() == 1 && product.rows() > 0 ? List.of(product.rows()) : List.of();
      case Step.Loop loop -> lengths(lowered.stored(loop.writes().getFirst()));
      case Step.Sum sum -> lengths(lowered.storedWithin(sum.out(), sum.a()));
      case Step.CrossEntropy entropy -> List.of(entropy.logits().shape().dimension(0));
      case Step.Change(Op.Update update) ->
          update instanceof Op.LogNormalize
              ? List.of()
              : lengths(lowered.stateOrder(update.state()).stored(update.state().shape()));
      case Step.Pack _,
          Step.Convolve _,
          Step.ConvolveGradient _,
          Step.ConvolveAdjoint _,
          Step.Pool _,
          Step.Mean _,
          Step.Copy _,
          Step.Whole _ ->
          List.of();
    };
  }

  private static List<Integer> lengths(Shape shape) {
    return shape.dimensions().stream().filter(length -> length > 1).distinct().toList();
  }

  private boolean add(Step step) {
    return switch (step) {
      case Step.Product product -> product(product);
      case Step.Loop loop -> loop(loop);
      case Step.Sum sum -> sum(sum);
      case Step.CrossEntropy entropy -> {
        Shape logits = entropy.logits().shape();
        boolean fits =
            logits.dimension(0) == extent
                && band(entropy.logits(), new Split(1, extent, logits.dimension(1)))
                && whole(entropy.labels())
                && write(entropy.losses(), new Split(1, extent, 1));
        Split rows = new Split(1, extent, logits.dimension(1));
        yield fits && entropy.gradient().map(gradient -> write(gradient, rows)).orElse(true);
      }
      case Step.Change change -> change(change.update());
      case Step.Pack _,
          Step.Convolve _,
          Step.ConvolveGradient _,
          Step.ConvolveAdjoint _,
          Step.Pool _,
          Step.Mean _,
          Step.Copy _,
          Step.Whole _ ->
          false;
    };
  }

  // ---- products ----

  private boolean product(Step.Product product) {
    if (product.count() != 1
        || product.rows() == 0
        || product.rows() % extent != 0
        || product.inner() == 0) {
      return false;
    }
    int outer = product.rows() / extent;
    Split left =
        product.left().transposed()
            ? new Split(product.inner() * outer, extent, 1)
            : new Split(outer, extent, product.inner());
    Split out = new Split(outer, extent, product.columns());
    if (!band(product.left().value(), left) || !whole(product.right().value())) {
      return false;
    }
    return switch (product.epilogue()) {
      case Epilogue.Store(Value result) -> write(result, out);
      case Epilogue.Update(Op.Update update, Epilogue.Factor factor) -> {
        boolean fits = !(factor instanceof Epilogue.Factor.Affine affine) || band(affine.x(), out);
        for (Value input : update.inputs()) {
          boolean isGradient = input.equals(Step.gradient(update));
          if (!isGradient && !update.changed().contains(input)) {
            fits = fits && scale(input, extent);
          }
        }
        for (Value state : update.changed()) {
          fits = fits && write(state, out);
        }
        yield fits;
      }
    };
  }

  /** The scales of an update: one per index, or one. */
  private boolean scale(Value scale, int count) {
    return (scale.shape().size() == 1 || scale.shape().size() != count)
        ? whole(scale)
        : band(scale, new Split(1, count, 1));
  }

  // ---- elementwise steps and sums ----

  private boolean loop(Step.Loop loop) {
    Value out = loop.writes().getFirst();
    Shape shape = lowered.stored(out);
    if (shape.size() == 0) {
      return false;
    }
    for (Split split : candidates(shape, loop)) {
      int mark = undo.size();
      if (loop(loop, out, shape, split)) {
        return true;
      }
      backTo(mark);
    }
    return false;
  }

  /** Returns the splits of the result of an elementwise step that may fit, known ones first. */
  private List<Split> candidates(Shape shape, Step step) {
    var found = new ArrayList<Split>();
    for (Value read : step.reads()) {
      Split known = splits.get(lowered.memory(read));
      if (known != null && known.size() == shape.size()) {
        found.add(known);
      }
    }
    int outer = 1;
    for (int axis = 0; axis < shape.rank(); axis++) {
      int dimension = shape.dimension(axis);
      if (dimension == extent) {
        found.add(new Split(outer, extent, shape.size() / outer / extent));
      }
      outer *= dimension;
    }
    return found.stream().distinct().toList();
  }

  private boolean loop(Step.Loop loop, Value out, Shape shape, Split split) {
    for (Value read : loop.reads()) {
      Shape own = lowered.storedWithin(read, out);
      if (own.size() == 1 && shape.size() > 1) {
        if (!whole(read)) {
          return false;
        }
      } else if (own.equals(shape)) {
        if (!band(read, split)) {
          return false;
        }
      } else {
        Optional<Split> repeated = repeated(shape, own, split);
        if (repeated.isEmpty()) {
          return false;
        }
        Split at = repeated.get();
        if (!(at.extent() == 1 ? whole(read) : band(read, at))) {
          return false;
        }
      }
    }
    for (Value result : loop.writes()) {
      if (!write(result, split)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns how an operand is split that is repeated by broadcasting, with extent 1 if each band
   * reads all of it; empty if it repeats along some axes only of those inside or outside of the
   * bands.
   */
  public static Optional<Split> repeated(Shape shape, Shape operand, Split split) {
    int axis = axis(shape, split);
    if (axis < 0) {
      return Optional.empty();
    }
    int outer = 1;
    for (int i = 0; i < axis; i++) {
      outer *= operand.dimension(i);
    }
    int inner = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      inner *= operand.dimension(i);
    }
    boolean fits = (outer == 1 || outer == split.outer()) && (inner == 1 || inner == split.inner());
    return fits ? Optional.of(new Split(outer, operand.dimension(axis), inner)) : Optional.empty();
  }

  /** Returns the axis of a shape by which a split goes; -1 if there is none. */
  private static int axis(Shape shape, Split split) {
    int outer = 1;
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (outer == split.outer() && shape.dimension(axis) == split.extent()) {
        return axis;
      }
      outer *= shape.dimension(axis);
    }
    return -1;
  }

  private boolean sum(Step.Sum sum) {
    Shape from = lowered.stored(sum.a());
    Shape to = lowered.storedWithin(sum.out(), sum.a());
    if (from.size() == 0) {
      return false;
    }
    for (Split split : candidates(from, sum)) {
      int axis = axis(from, split);
      if (axis >= 0 && to.dimension(axis) == extent) {
        Optional<Split> out = repeated(from, to, split);
        boolean middle = isMiddle(from, to, axis);
        Split result = out.orElseGet(() -> new Split(1, extent, to.size() / extent));
        boolean outerSummed = split.outer() > 1 && result.outer() == 1;
        boolean innerSummed = split.inner() > 1 && result.inner() < split.inner();
        boolean fits =
            (out.isPresent() || middle)
                && !(outerSummed && innerSummed)
                && !(sum.factor().isPresent() && (outerSummed || middle));
        if (fits
            && bandIsFree(sum.a(), split)
            && band(sum.a(), split)
            && sum.factor().map(factor -> band(factor, split)).orElse(true)) {
          return write(sum.out(), result);
        }
      }
    }
    return false;
  }

  /** Returns whether the first of two axes inside the bands is summed, the second one kept. */
  public static boolean isMiddle(Shape from, Shape to, int axis) {
    return from.rank() == 3
        && axis == 0
        && to.dimension(1) == 1
        && to.dimension(2) == from.dimension(2)
        && from.dimension(1) > 1;
  }

  private boolean change(Op.Update update) {
    Value state = update.state();
    AxisOrder order = lowered.stateOrder(state);
    Shape shape = order.stored(state.shape());
    int place = order.axes().indexOf(0);
    if (update instanceof Op.LogNormalize
        || shape.rank() == 0
        || shape.dimension(place) != extent) {
      return false;
    }
    int outer = 1;
    for (int i = 0; i < place; i++) {
      outer *= shape.dimension(i);
    }
    var split = new Split(outer, extent, shape.size() / outer / extent);
    for (Value changed : update.changed()) {
      if (!lowered.stateOrder(changed).equals(order)) {
        return false;
      }
    }
    Value gradient = Step.gradient(update);
    if (!lowered.order(gradient).equals(order) || !band(gradient, split)) {
      return false;
    }
    for (Value input : update.inputs()) {
      if (!input.equals(gradient) && !update.changed().contains(input) && !scale(input, extent)) {
        return false;
      }
    }
    for (Value changed : update.changed()) {
      if (!write(changed, split)) {
        return false;
      }
    }
    return true;
  }

  // ---- values ----

  private boolean bandIsFree(Value value, Split split) {
    Split known = splits.get(lowered.memory(value));
    return known == null || known.equals(split);
  }

  /** Records that bands read a value for their own indices only. */
  private boolean band(Value value, Split split) {
    Value memory = lowered.memory(value);
    if (written.contains(memory)) {
      return split.equals(splits.get(memory));
    }
    // Read alone: bands may read it in other ways, too, as long as none writes it.
    if (!split.equals(put(memory, split))) {
      addTo(wholes, memory);
    }
    return true;
  }

  /** Records that bands read all of a value. */
  private boolean whole(Value value) {
    Value memory = lowered.memory(value);
    addTo(wholes, memory);
    return !written.contains(memory);
  }

  /** Records that bands write a value for their own indices. */
  private boolean write(Value value, Split split) {
    Value memory = lowered.memory(value);
    addTo(written, memory);
    return !wholes.contains(memory) && split.equals(put(memory, split));
  }

  /** Records the split of a value unless it has one, and returns that which it has then. */
  private Split put(Value memory, Split split) {
    Split known = splits.putIfAbsent(memory, split);
    if (known == null) {
      undo.push(() -> splits.remove(memory));
      return split;
    }
    return known;
  }

  private void addTo(Set<Value> values, Value memory) {
    if (values.add(memory)) {
      undo.push(() -> values.remove(memory));
    }
  }
}
