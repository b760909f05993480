package io.measureflow.lowering;

import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * A pass for backends whose products read right factors in an order of their own: copies in that
 * order become steps, each made once for all products that read it.
 */
public final class Packing {

  private Packing() {}

  /**
   * What a copy depends on.
   *
   * @param gradient whether only gradients that update a state read it
   */
  private record Key(
      Value memory, boolean transposed, boolean squared, int inner, boolean gradient) {}

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
    var readers = new HashMap<Key, Integer>();
    for (Step step : lowered.steps()) {
      if (step instanceof Step.Product product) {
        readers.merge(key(lowered, product), 1, Integer::sum);
      }
    }
    int id =
        1
            + lowered.steps().stream()
                .flatMap(step -> step.writes().stream())
                .mapToInt(Value::id)
                .max()
                .orElse(0);
    id =
        Math.max(
            id,
            1
                + lowered.program().instructions().stream()
                    .flatMap(instruction -> instruction.outputs().stream())
                    .mapToInt(Value::id)
                    .max()
                    .orElse(0));
    id = Math.max(id, 1 + lowered.program().inputs().stream().mapToInt(Value::id).max().orElse(0));
    id = Math.max(id, 1 + lowered.program().states().stream().mapToInt(Value::id).max().orElse(0));
    var copies = new LinkedHashMap<Key, Value>();
    var steps = new ArrayList<Step>();
    var changed = new HashSet<Value>();
    for (Step step : lowered.steps()) {
      if (step instanceof Step.Product product
          && rule.packs(product, readers.getOrDefault(key(lowered, product), 1))) {
        Key key = key(lowered, product);
        Value copy = copies.get(key);
        if (copy == null) {
          copy =
              new Value(
                  id++,
                  Value.Kind.REAL,
                  Shape.of(product.inner(), product.columns()),
                  "packed " + product.right().value().name());
          copies.put(key, copy);
          steps.add(
              new Step.Pack(
                  product.right(), product.inner(), product.columns(), key.gradient, copy));
        }
        steps.add(
            new Step.Product(
                product.count(),
                product.rows(),
                product.columns(),
                product.inner(),
                product.left(),
                product.right().packedAs(copy),
                product.epilogue()));
      } else {
        steps.add(step);
      }
      // A copy of a state is that of before the update.
      changed.addAll(step.changes());
      copies.keySet().removeIf(key -> changed.contains(key.memory));
    }
    return lowered.withSteps(List.copyOf(steps));
  }

  private static Key key(LoweredProgram lowered, Step.Product product) {
    Operand right = product.right();
    return new Key(
        lowered.memory(right.value()),
        right.transposed(),
        right.squared(),
        product.inner(),
        product.epilogue() instanceof Epilogue.Update);
  }
}
