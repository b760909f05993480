package io.measureflow.simd.program;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;
import io.measureflow.lowering.AxisOrder;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.operations.Permutation;
import io.measureflow.simd.threads.WorkerPool;

/** The memory of a state, in the order of axes chosen for the first program that uses it. */
public final class State {

  private final Shape shape;
  private final AxisOrder order;
  private final float[] elements;

  /**
   * Creates a state of zeros.
   *
   * @param shape the shape that callers see
   */
  public State(Shape shape, AxisOrder order) {
    this.shape = shape;
    this.order = order;
    elements = new float[shape.size()];
  }

  public Shape shape() {
    return shape;
  }

  public AxisOrder order() {
    return order;
  }

  /** Returns the memory itself. */
  public float[] elements() {
    return elements;
  }

  /** Copies the elements into {@code out}, in the order of the state's own axes. */
  public Command unpack(WorkerPool pool, float[] out) {
    return Permutation.of(pool, elements, order.stored(shape), order.inverse().axes(), out);
  }

  /**
   * Copies the elements from {@code source}, which has them in the order of the state's own axes.
   */
  public Command pack(WorkerPool pool, float[] source) {
    return Permutation.of(pool, source, shape, order.axes(), elements);
  }

  /** Returns a copy of the elements. */
  public Tensor read(WorkerPool pool) {
    if (order.isPlain()) {
      return Tensor.of(shape, elements.clone());
    }
    float[] out = new float[elements.length];
    unpack(pool, out).run();
    return Tensor.of(shape, out);
  }

  /** Overwrites the elements. */
  public void write(WorkerPool pool, Tensor value) {
    if (order.isPlain()) {
      Tensor.of(shape, elements).copyFrom(value);
      return;
    }
    float[] source = new float[elements.length];
    Tensor.of(shape, source).copyFrom(value);
    pack(pool, source).run();
  }
}
