package io.measureflow.lowering;

import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A pass that joins products of the same windows, so that these are gathered once. */
final class WindowSharing {

  private final UnaryOperator<Value> memory;

  private WindowSharing(UnaryOperator<Value> memory) {
    this.memory = memory;
  }

  /**
   * Returns the steps with such products joined.
   *
   * @param memory returns the value whose memory a value is
   */
  static List<Step> of(List<Step> steps, UnaryOperator<Value> memory) {
    return new WindowSharing(memory).of(steps);
  }

  private List<Step> of(List<Step> steps) {
    var joined = new ArrayList<>(steps);
    for (int i = 0; i < joined.size(); i++) {
      for (int j = i + 1; j < joined.size(); j++) {
        if (!isAlike(joined.get(i), joined.get(j))) {
          continue;
        }
        List<Step> between = joined.subList(i + 1, j);
        Step both = join(joined.get(i), joined.get(j));
        if (canMove(joined.get(j), joined.subList(i, j))) {
          joined.set(i, both);
          joined.remove(j--);
        } else if (canMove(joined.get(i), between) && isIndependent(joined, i, j)) {
          joined.set(j, both);
          joined.remove(i--);
          break;
        }
      }
    }
    return List.copyOf(joined);
  }

  /** Returns whether a step can change places with some others before or behind it. */
  private boolean canMove(Step step, List<Step> others) {
    Set<Value> reads = memory(step.reads());
    Set<Value> writes = memory(step.writes());
    return others.stream()
        .allMatch(
            other ->
                Collections.disjoint(memory(other.writes()), reads)
                    && Collections.disjoint(memory(other.changes()), reads)
                    && Collections.disjoint(memory(other.reads()), writes));
  }

  private boolean isIndependent(List<Step> steps, int first, int second) {
    return Collections.disjoint(
        memory(steps.get(first).writes()), memory(steps.get(second).reads()));
  }

  private Set<Value> memory(List<Value> values) {
    return values.stream().map(memory).collect(Collectors.toSet());
  }

  private static boolean isAlike(Step step, Step other) {
    return switch (step) {
      case Step.Convolve a -> other instanceof Step.Convolve b && a.windows().equals(b.windows());
      case Step.ConvolveGradient a ->
          other instanceof Step.ConvolveGradient b && a.windows().equals(b.windows());
      default -> false;
    };
  }

  private static Step join(Step step, Step other) {
    return switch (step) {
      case Step.Convolve a ->
          new Step.Convolve(a.windows(), join(a.products(), ((Step.Convolve) other).products()));
      case Step.ConvolveGradient a ->
          new Step.ConvolveGradient(
              a.windows(), join(a.products(), ((Step.ConvolveGradient) other).products()));
      default -> throw new IllegalArgumentException("expected products of windows, found " + step);
    };
  }

  private static <T> List<T> join(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
