package io.measureflow.simd;

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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** The states of a computation, one array each, which all its programs share. */
final class SimdWorkspace implements Workspace {

  private final Kernels kernels;
  private final WorkerPool pool;
  private final SequencedMap<String, State> states = new LinkedHashMap<>();
  private boolean closed;

  private static final class State {
    private final float[] elements;
    private final Tensor tensor;

    State(Shape shape) {
      elements = new float[shape.size()];
      tensor = Tensor.of(shape, elements);
    }

    Shape shape() {
      return tensor.shape();
    }
  }

  SimdWorkspace(Kernels kernels, WorkerPool pool) {
    this.kernels = kernels;
    this.pool = pool;
  }

  @Override
  public Optional<HeldRows> hold(Tensor rows) {
    requireOpen();
    return HeldRows.OnHost.of(this, rows, ElementType.FLOAT32);
  }

  @Override
  public Executable compile(Program program) {
    return compile(program, Map.of());
  }

  @Override
  public Executable compile(Program program, Map<String, HeldRows> held) {
    requireOpen();
    var drawn = BackendChecks.drawn(this, HeldRows.OnHost.class, program, held);
    var bound = new LinkedHashMap<String, State>();
    var memory = new HashMap<Value, float[]>();
    for (Value value : program.states()) {
      State known = states.get(value.name());
      if (known != null) {
        BackendChecks.requireSameShape(program, value, known.shape());
      }
      State state = known != null ? known : new State(value.shape());
      bound.put(value.name(), state);
      memory.put(value, state.elements);
    }
    var executable = new SimdExecutable(program, this, kernels, pool, memory, drawn);
    bound.forEach(states::putIfAbsent);
    return executable;
  }

  @Override
  public Set<String> states() {
    requireOpen();
    return Collections.unmodifiableSet(new LinkedHashSet<>(states.keySet()));
  }

  @Override
  public Tensor read(String state) {
    State known = require(state);
    return Tensor.of(known.shape(), known.elements.clone());
  }

  @Override
  public void write(String state, Tensor value) {
    State known = require(state);
    BackendChecks.requireWritable(state, known.shape(), value.shape());
    known.tensor.copyFrom(value);
  }

  private State require(String state) {
    requireOpen();
    return BackendChecks.state(states, state);
  }

  void requireOpen() {
    if (closed || pool.isClosed()) {
      throw new IllegalStateException(
          "A workspace of the simd backend was used after it or its backend had been closed");
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
