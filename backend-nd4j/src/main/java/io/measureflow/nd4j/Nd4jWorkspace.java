package io.measureflow.nd4j;

import io.measureflow.api.backend.BackendChecks;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Precision;
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
import org.jspecify.annotations.Nullable;

/**
 * States, one buffer each, shared by all programs of the workspace.
 *
 * <p>It is used by one thread at a time, but another thread may close it or its backend: this
 * object's lock keeps native memory from being freed while in use.
 */
final class Nd4jWorkspace implements Workspace {

  private final Nd4jBackend backend;
  private final Precision precision;
  private final Workers workers;
  private final SequencedMap<String, State> states = new LinkedHashMap<>();
  private final Set<Nd4jExecutable> executables = new LinkedHashSet<>();
  private volatile boolean closed;
  private boolean freed;

  private record State(Shape shape, Memory memory) {}

  Nd4jWorkspace(Nd4jBackend backend, Precision precision, Workers workers) {
    this.backend = backend;
    this.precision = precision;
    this.workers = workers;
  }

  @Override
  public Optional<HeldRows> hold(Tensor rows) {
    requireOpen();
    return HeldRows.OnHost.of(this, rows, precision.elementType());
  }

  @Override
  public Executable compile(Program program) {
    return compile(program, Map.of());
  }

  @Override
  public synchronized Executable compile(Program program, Map<String, HeldRows> held) {
    requireOpen();
    var drawn = BackendChecks.drawn(this, HeldRows.OnHost.class, program, held);
    var created = new LinkedHashMap<String, State>();
    try {
      var memory = new HashMap<Value, Memory>();
      for (Value value : program.states()) {
        @Nullable State known = states.get(value.name());
        if (known == null) {
          known = new State(value.shape(), Memory.of(value.shape().size(), precision));
          created.put(value.name(), known);
        } else {
          BackendChecks.requireSameShape(program, value, known.shape());
        }
        memory.put(value, known.memory());
      }
      var executable = new Nd4jExecutable(program, this, precision, workers, memory, drawn);
      states.putAll(created);
      executables.add(executable);
      return executable;
    } catch (RuntimeException | Error e) {
      created.values().forEach(state -> state.memory().close());
      throw e;
    }
  }

  @Override
  public synchronized Set<String> states() {
    requireOpen();
    return Collections.unmodifiableSet(new LinkedHashSet<>(states.keySet()));
  }

  @Override
  public synchronized Tensor read(String state) {
    State known = require(state);
    known.memory().toHost();
    Tensor copy = Tensor.zeros(known.shape(), precision.elementType());
    copy.copyFrom(known.memory().tensor(known.shape()));
    return copy;
  }

  @Override
  public synchronized void write(String state, Tensor value) {
    State known = require(state);
    BackendChecks.requireWritable(state, known.shape(), value.shape());
    known.memory().tensor(known.shape()).copyFrom(value);
    known.memory().hostHasWritten();
  }

  private State require(String state) {
    requireOpen();
    return BackendChecks.state(states, state);
  }

  void forget(Nd4jExecutable executable) {
    executables.remove(executable);
  }

  void requireOpen() {
    if (closed || workers.isClosed()) {
      throw new IllegalStateException(
          "A workspace of the nd4j backend was used after it or its backend had been closed");
    }
  }

  @Override
  public void close() {
    // First, so that a thread which runs several programs in turn does not start the next.
    closed = true;
    free();
    backend.forget(this);
  }

  private synchronized void free() {
    if (freed) {
      return;
    }
    freed = true;
    Set.copyOf(executables).forEach(Nd4jExecutable::close);
    states.values().forEach(state -> state.memory().close());
  }
}
