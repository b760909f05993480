package io.measureflow.tornado;

import io.measureflow.api.backend.BackendChecks;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** States and the programs that share them. */
final class TornadoWorkspace implements Workspace {

  private final TornadoBackend backend;
  private final OpenDevice device;
  private final SequencedMap<String, State> states = new LinkedHashMap<>();
  private final Set<TornadoExecutable> programs = new LinkedHashSet<>();
  private long heldBytes;
  private boolean closed;

  TornadoWorkspace(TornadoBackend backend, OpenDevice device) {
    this.backend = backend;
    this.device = device;
  }

  @Override
  public Optional<HeldRows> hold(Tensor rows) {
    requireOpen();
    if (rows.type() != ElementType.FLOAT32 || rows.shape().rank() != 2) {
      return Optional.empty();
    }
    long bytes = rows.memory().byteSize();
    if (!device.hasRoom(heldBytes + bytes)) {
      return Optional.empty();
    }
    heldBytes += bytes;
    return Optional.of(DeviceRows.of(this, rows));
  }

  @Override
  public Executable compile(Program program) {
    return compile(program, Map.of());
  }

  @Override
  public Executable compile(Program program, Map<String, HeldRows> held) {
    requireOpen();
    var drawn = BackendChecks.drawn(this, DeviceRows.class, program, held);
    var byName = new LinkedHashMap<String, State>();
    var bound = new LinkedHashMap<Value, State>();
    for (Value value : program.states()) {
      State known = states.get(value.name());
      if (known != null) {
        BackendChecks.requireSameShape(program, value, known.shape());
      }
      State state = known != null ? known : new State(value.shape());
      byName.put(value.name(), state);
      bound.put(value, state);
    }
    var executable = new TornadoExecutable(program, this, device, bound, drawn);
    byName.forEach(states::putIfAbsent);
    programs.add(executable);
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
    known.fetch();
    return Tensor.of(known.shape(), known.elements().clone());
  }

  @Override
  public void write(String state, Tensor value) {
    State known = require(state);
    BackendChecks.requireWritable(state, known.shape(), value.shape());
    known.write(value);
  }

  private State require(String state) {
    requireOpen();
    return BackendChecks.state(states, state);
  }

  void requireOpen() {
    if (closed || backend.isClosed()) {
      throw new IllegalStateException(
          "A workspace of the tornado backend was used after it or its backend had been closed");
    }
  }

  void forget(TornadoExecutable program) {
    programs.remove(program);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      List<TornadoExecutable> open = new ArrayList<>(programs);
      programs.clear();
      open.forEach(TornadoExecutable::release);
      backend.forget(this);
    }
  }
}
