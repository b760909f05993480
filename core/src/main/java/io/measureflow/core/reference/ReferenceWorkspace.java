package io.measureflow.core.reference;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** States as arrays of doubles, shared by the programs compiled here. */
final class ReferenceWorkspace implements Workspace {

  /** A state's elements and, over the same memory, the tensor that is read and written. */
  private static final class State {

    final double[] elements;
    final Tensor tensor;

    State(Shape shape) {
      this.elements = new double[shape.size()];
      this.tensor = Tensor.of(shape, elements);
    }
  }

  private final SequencedMap<String, State> states = new LinkedHashMap<>();
  private boolean closed;

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("Workspace of backend reference is closed");
    }
  }

  /** Rows where they lie. */
  record Rows(ReferenceWorkspace workspace, Tensor tensor) implements HeldRows {

    @Override
    public Shape shape() {
      return tensor.shape();
    }
  }

  @Override
  public Optional<HeldRows> hold(Tensor rows) {
    requireOpen();
    return rows.type() == ElementType.FLOAT64 && rows.shape().rank() == 2
        ? Optional.of(new Rows(this, rows))
        : Optional.empty();
  }

  @Override
  public Executable compile(Program program) {
    return compile(program, Map.of());
  }

  @Override
  public Executable compile(Program program, Map<String, HeldRows> held) {
    requireOpen();
    var rows = new LinkedHashMap<Value, Rows>();
    held.forEach(
        (name, taken) -> {
          if (!(taken instanceof Rows own) || own.workspace != this) {
            throw new IllegalArgumentException(
                "Input " + name + ": expected rows that this workspace holds, found " + taken);
          }
          rows.put(own.inputOf(program, name), own);
        });
    for (Value value : program.states()) {
      State state = states.get(value.name());
      if (state != null && !state.tensor.shape().equals(value.shape())) {
        throw new IllegalArgumentException(
            "State "
                + value.name()
                + " of program "
                + program.name()
                + ": expected shape "
                + state.tensor.shape()
                + " as in this workspace, found "
                + value.shape());
      }
    }
    var elements = new LinkedHashMap<Value, double[]>();
    for (Value value : program.states()) {
      State state = states.computeIfAbsent(value.name(), name -> new State(value.shape()));
      elements.put(value, state.elements);
    }
    return new ReferenceExecutable(this, program, elements, rows);
  }

  @Override
  public Set<String> states() {
    requireOpen();
    return Collections.unmodifiableSet(states.keySet());
  }

  @Override
  public Tensor read(String state) {
    return state(state).tensor.to(ElementType.FLOAT64);
  }

  @Override
  public void write(String state, Tensor value) {
    state(state).tensor.copyFrom(value);
  }

  private State state(String name) {
    requireOpen();
    State state = states.get(name);
    if (state == null) {
      throw new IllegalArgumentException("State " + name + ": expected one of " + states.keySet());
    }
    return state;
  }

  @Override
  public void close() {
    closed = true;
    states.clear();
  }
}
