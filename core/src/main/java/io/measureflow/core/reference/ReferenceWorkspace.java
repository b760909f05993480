package io.measureflow.core.reference;

import io.measureflow.api.backend.BackendChecks;
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

/** Keeps states as arrays of doubles, shared by the programs compiled here. */
final class ReferenceWorkspace implements Workspace {

  /** The elements of a state and a tensor over the same memory. */
  private static final class State {

    final double[] elements;
    final Tensor tensor;

    State(Shape shape) {
      this.elements = new double[shape.size()];
      this.tensor = Tensor.of(shape, elements);
    }
  }

  private final SequencedMap<String, State> states = new LinkedHashMap<>();
  private volatile boolean closed;

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("Workspace of backend reference is closed");
    }
  }

  @Override
  public Optional<HeldRows> hold(Tensor rows) {
    requireOpen();
    return HeldRows.OnHost.of(this, rows, ElementType.FLOAT64);
  }

  @Override
  public Executable compile(Program program) {
    return compile(program, Map.of());
  }

  @Override
  public Executable compile(Program program, Map<String, HeldRows> held) {
    requireOpen();
    var drawn = BackendChecks.drawn(this, HeldRows.OnHost.class, program, held);
    for (Value value : program.states()) {
      State state = states.get(value.name());
      if (state != null) {
        BackendChecks.requireSameShape(program, value, state.tensor.shape());
      }
    }
    var elements = new LinkedHashMap<Value, double[]>();
    for (Value value : program.states()) {
      State state = states.computeIfAbsent(value.name(), name -> new State(value.shape()));
      elements.put(value, state.elements);
    }
    return new ReferenceExecutable(this, program, elements, drawn);
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
    Tensor known = state(state).tensor;
    BackendChecks.requireWritable(state, known.shape(), value.shape());
    known.copyFrom(value);
  }

  private State state(String name) {
    requireOpen();
    return BackendChecks.state(states, name);
  }

  @Override
  public void close() {
    closed = true;
    states.clear();
  }
}
