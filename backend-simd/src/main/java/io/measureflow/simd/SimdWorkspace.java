package io.measureflow.simd;

import io.measureflow.api.backend.BackendChecks;
import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import io.measureflow.lowering.AxisOrder;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Lowering;
import io.measureflow.lowering.Packing;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.product.OwnMemory;
import io.measureflow.simd.program.ProductSteps;
import io.measureflow.simd.program.State;
import io.measureflow.simd.threads.WorkerPool;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;

/** States, one array each, shared by all programs of the workspace. */
final class SimdWorkspace implements Workspace {

  private final Kernels kernels;
  private final WorkerPool pool;
  private final SequencedMap<String, State> states = new LinkedHashMap<>();

  /** The programs that have not been closed. */
  private final Set<SimdExecutable> executables = new LinkedHashSet<>();

  private final OwnMemory[] own;
  private final Consumer<SimdWorkspace> forget;
  private volatile boolean closed;

  /**
   * @param forget is told when the workspace has been closed
   */
  SimdWorkspace(Kernels kernels, WorkerPool pool, Consumer<SimdWorkspace> forget) {
    this.forget = forget;
    this.kernels = kernels;
    this.pool = pool;
    own = new OwnMemory[pool.threads()];
    Arrays.setAll(own, thread -> new OwnMemory(kernels.products()));
  }

  @Override
  public Optional<HeldRows> hold(Tensor rows) {
    requireOpen();
    return HeldRows.OnHost.of(this, rows, ElementType.FLOAT32);
  }

  @Override
  public Optional<HeldRows> hold(ByteRows rows) {
    requireOpen();
    return Optional.of(new HeldRows.BytesOnHost(this, rows));
  }

  @Override
  public Executable compile(Program program) {
    return compile(program, Map.of());
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // The program closes its memory.
  public synchronized Executable compile(Program program, Map<String, HeldRows> held) {
    requireOpen();
    var drawn = BackendChecks.drawn(this, HeldRows.class, program, held);
    var bound = new LinkedHashMap<Value, State>();
    var orders = new LinkedHashMap<Value, AxisOrder>();
    for (Value value : program.states()) {
      State known = states.get(value.name());
      if (known != null) {
        BackendChecks.requireSameShape(program, value, known.shape());
        bound.put(value, known);
        orders.put(value, known.order());
      }
    }
    LoweredProgram lowered = Packing.apply(Lowering.lower(program, orders), ProductSteps::packs);
    for (Value value : program.states()) {
      bound.computeIfAbsent(value, fresh -> new State(fresh.shape(), lowered.stateOrder(fresh)));
    }
    Arena memory = Arena.ofShared();
    SimdExecutable executable;
    try {
      executable = new SimdExecutable(lowered, this, kernels, pool, own, memory, bound, drawn);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
    bound.forEach((value, state) -> states.putIfAbsent(value.name(), state));
    executables.add(executable);
    return executable;
  }

  @Override
  public Set<String> states() {
    requireOpen();
    return Collections.unmodifiableSet(new LinkedHashSet<>(states.keySet()));
  }

  @Override
  public Tensor read(String state) {
    return require(state).read(pool);
  }

  @Override
  public void write(String state, Tensor value) {
    State known = require(state);
    BackendChecks.requireWritable(state, known.shape(), value.shape());
    known.write(pool, value);
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
    synchronized (this) {
      closed = true;
      List.copyOf(executables).forEach(SimdExecutable::close);
    }
    forget.accept(this);
  }

  /** Frees the memory of a program once no run uses it. */
  synchronized void close(SimdExecutable executable, Arena memory) {
    if (executables.remove(executable)) {
      memory.close();
    }
  }

  /** Runs commands of a program; its memory stays until they are done. */
  synchronized void run(Command[] commands) {
    requireOpen();
    for (Command command : commands) {
      command.run();
    }
  }
}
