package io.measureflow.simd;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Shape;

/** The memory of a state, in the layout chosen for the first program that uses it. */
final class State {

  private final Shape shape;
  private final Layout layout;
  private final float[] elements;

  /**
   * Creates a state of zeros.
   *
   * @param shape the shape that callers see
   */
  State(Shape shape, Layout layout) {
    this.shape = shape;
    this.layout = layout;
    elements = new float[shape.size()];
  }

  Shape shape() {
    return shape;
  }

  Layout layout() {
    return layout;
  }

  /** Returns the memory itself. */
  float[] elements() {
    return elements;
  }

  /** Copies the elements into {@code out}, in the order of the state's own axes. */
  Command unpack(WorkerPool pool, float[] out) {
    var stored = new Shape(layout.order().stream().map(shape::dimension).toList());
    if (!layout.isInPanels()) {
      return Permutation.of(pool, elements, stored, layout.inverse(), out);
    }
    if (layout.hasPlainOrder()) {
      return panels(pool).toRows(elements, out);
    }
    float[] matrix = new float[elements.length];
    Command toRows = panels(pool).toRows(elements, matrix);
    Command permute = Permutation.of(pool, matrix, stored, layout.inverse(), out);
    return () -> {
      toRows.run();
      permute.run();
    };
  }

  /**
   * Copies the elements from {@code source}, which has them in the order of the state's own axes.
   */
  Command pack(WorkerPool pool, float[] source) {
    if (!layout.isInPanels()) {
      return Permutation.of(pool, source, shape, layout.order(), elements);
    }
    if (layout.hasPlainOrder()) {
      return panels(pool).fromRows(source, elements);
    }
    float[] matrix = new float[elements.length];
    Command permute = Permutation.of(pool, source, shape, layout.order(), matrix);
    Command fromRows = panels(pool).fromRows(matrix, elements);
    return () -> {
      permute.run();
      fromRows.run();
    };
  }

  private Panels panels(WorkerPool pool) {
    return new Panels(pool, layout.rows(shape), layout.columns(shape), layout.panelWidth());
  }

  /** Returns a copy of the elements. */
  Tensor read(WorkerPool pool) {
    if (layout.isPlain()) {
      return Tensor.of(shape, elements.clone());
    }
    float[] out = new float[elements.length];
    unpack(pool, out).run();
    return Tensor.of(shape, out);
  }

  /** Overwrites the elements. */
  void write(WorkerPool pool, Tensor value) {
    if (layout.isPlain()) {
      Tensor.of(shape, elements).copyFrom(value);
      return;
    }
    float[] source = new float[elements.length];
    Tensor.of(shape, source).copyFrom(value);
    pack(pool, source).run();
  }
}
