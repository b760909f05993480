package io.measureflow.simd;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The memory of a state. Its axes lie in the order in which the program that came first reads them:
 * a state that is permuted before each use is kept permuted.
 */
final class State {

  private final Shape shape;
  private final List<Integer> order;
  private final float[] elements;

  /**
   * Zeros.
   *
   * @param shape what callers see
   * @param order in memory, axis i is the state's axis {@code order.get(i)}
   */
  State(Shape shape, List<Integer> order) {
    this.shape = shape;
    this.order = List.copyOf(order);
    elements = new float[shape.size()];
  }

  Shape shape() {
    return shape;
  }

  List<Integer> order() {
    return order;
  }

  /** The memory itself. */
  float[] elements() {
    return elements;
  }

  /** Whether the axes lie in their own order. */
  boolean isPlain() {
    return order.equals(plain(order.size()));
  }

  /** The axes in their own order. */
  static List<Integer> plain(int rank) {
    return IntStream.range(0, rank).boxed().toList();
  }

  /** Copies the elements into {@code out}, in the order of the state's own axes. */
  Step unpack(WorkerPool pool, float[] out) {
    var stored = new Shape(order.stream().map(shape::dimension).toList());
    return Permutation.of(pool, elements, stored, inverse(order), out);
  }

  private static List<Integer> inverse(List<Integer> order) {
    return plain(order.size()).stream().map(order::indexOf).toList();
  }

  /** Copies the elements from {@code source}, which holds them in the order of the state's axes. */
  Step pack(WorkerPool pool, float[] source) {
    return Permutation.of(pool, source, shape, order, elements);
  }

  /** How many consecutive elements in memory belong to one index of the first axis. */
  int run() {
    int run = 1;
    for (int axis = order.size() - 1; axis >= 0 && order.get(axis) != 0; axis--) {
      run *= shape.dimension(order.get(axis));
    }
    return run;
  }

  /** A copy of the elements. */
  Tensor read(WorkerPool pool) {
    if (isPlain()) {
      return Tensor.of(shape, elements.clone());
    }
    float[] out = new float[elements.length];
    unpack(pool, out).run();
    return Tensor.of(shape, out);
  }

  /** Overwrites the elements. */
  void write(WorkerPool pool, Tensor value) {
    if (isPlain()) {
      Tensor.of(shape, elements).copyFrom(value);
      return;
    }
    float[] source = new float[elements.length];
    Tensor.of(shape, source).copyFrom(value);
    pack(pool, source).run();
  }

  /**
   * The order in which a program would like to have a state that is new.
   *
   * @param known the states that exist
   */
  static List<Integer> preferredOrder(Value state, Uses uses, Map<Value, State> known) {
    if (uses.isOutput(state)) {
      return plain(state.shape().rank());
    }
    var orders = new HashSet<List<Integer>>();
    for (var reader : uses.readers(state)) {
      switch (reader.op()) {
        case Op.Permute permute -> orders.add(permute.axes());
        case Op.Update update when update.changed().contains(state) -> {
          // What an update keeps for a state lies as that state does.
          Value updated = update.changed().getFirst();
          if (!updated.equals(state)) {
            State there = known.get(updated);
            orders.add(there != null ? there.order : preferredOrder(updated, uses, known));
          }
        }
        default -> orders.add(plain(state.shape().rank()));
      }
    }
    return orders.size() == 1 ? orders.iterator().next() : plain(state.shape().rank());
  }
}
