package io.measureflow.lowering;

import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A pass for backends whose products read right factors in an order of their own: copies in that
 * order become steps, each made once for all products that read it.
 */
public final class Packing {

  private Packing() {}

  /**
   * What copies depend on that are made together.
   *
   * @param gradient whether only gradients that update a state read them
   */
  private record Key(Value memory, boolean transposed, int inner, boolean gradient) {}

  /** Decides which factors are copied by a step; others are left to the product. */
  @FunctionalInterface
  public interface Rule {
    /**
     * Returns whether a right factor is copied by a step.
     *
     * @param readers the number of products that would read the copy
     */
    boolean packs(Step.Product product, int readers);
  }

  /** Adds the copies of right factors to a program. */
  public static LoweredProgram apply(LoweredProgram lowered, Rule rule) {
    var readers = new HashMap<Map.Entry<Key, Boolean>, Integer>();
    List<Step.Product> products =
        lowered.steps().stream()
            .filter(Step.Product.class::isInstance)
            .map(Step.Product.class::cast)
            .toList();
    for (Step.Product product : products) {
      readers.merge(copy(lowered, product), 1, Integer::sum);
    }
    Predicate<Step.Product> packs =
        product -> rule.packs(product, readers.getOrDefault(copy(lowered, product), 1));
    var needed = new HashSet<Map.Entry<Key, Boolean>>();
    products.stream().filter(packs).forEach(product -> needed.add(copy(lowered, product)));

    int id = LoweredProgram.nextId(lowered.program(), lowered.steps());
    var packed = new HashMap<Key, Step.Pack>();
    var steps = new ArrayList<Step>();
    for (Step step : lowered.steps()) {
      if (step instanceof Step.Product product && packs.test(product)) {
        Key key = key(lowered, product);
        Step.Pack pack = packed.get(key);
        if (pack == null) {
          int first = id;
          id += 2;
          pack =
              new Step.Pack(
                  product.right().unsquared(),
                  product.inner(),
                  product.columns(),
                  key.gradient,
                  value(needed.contains(Map.entry(key, false)), first, "packed ", product),
                  value(
                      needed.contains(Map.entry(key, true)),
                      first + 1,
                      "packed squares of ",
                      product));
          packed.put(key, pack);
          steps.add(pack);
        }
        Optional<Value> copy = product.right().squared() ? pack.squares() : pack.elements();
        steps.add(product.withRight(product.right().packedAs(copy.orElseThrow())));
      } else {
        steps.add(step);
      }
      // Copies of a state are those of before the update.
      step.changes().forEach(state -> packed.keySet().removeIf(key -> key.memory.equals(state)));
    }
    return lowered.withSteps(List.copyOf(steps));
  }

  private static Optional<Value> value(
      boolean needed, int id, String prefix, Step.Product product) {
    return needed
        ? Optional.of(
            new Value(
                id,
                Value.Kind.REAL,
                Shape.of(product.inner(), product.columns()),
                prefix + product.right().value().name()))
        : Optional.empty();
  }

  private static Key key(LoweredProgram lowered, Step.Product product) {
    Operand right = product.right();
    return new Key(
        lowered.memory(right.value()),
        right.transposed(),
        product.inner(),
        product.epilogue() instanceof Epilogue.Update);
  }

  /** Returns which copy a product would read: the key, and whether of squares. */
  private static Map.Entry<Key, Boolean> copy(LoweredProgram lowered, Step.Product product) {
    return Map.entry(key(lowered, product), product.right().squared());
  }
}
