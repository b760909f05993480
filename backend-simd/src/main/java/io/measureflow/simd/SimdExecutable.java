package io.measureflow.simd;

import io.measureflow.api.backend.BackendChecks;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import io.measureflow.lowering.LoweredProgram;
import io.measureflow.lowering.Phase;
import io.measureflow.lowering.PlanText;
import io.measureflow.lowering.Schedule;
import io.measureflow.simd.kernels.Kernels;
import io.measureflow.simd.operations.Command;
import io.measureflow.simd.operations.DrawRows;
import io.measureflow.simd.product.OwnMemory;
import io.measureflow.simd.program.ProgramCompiler;
import io.measureflow.simd.program.State;
import io.measureflow.simd.threads.WorkerPool;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A program with commands bound to memory: a run executes them in order and allocates nothing. */
final class SimdExecutable implements Executable {

  private final String name;
  private final SimdWorkspace workspace;
  private final Map<String, Tensor> inputs = new HashMap<>();
  private final Map<String, Tensor> outputs = new HashMap<>();
  private final LoweredProgram lowered;
  private final List<Phase> phases;
  private final Command[] commands;

  /** Owns the memory outside the heap. */
  private final Arena arena;

  private volatile boolean closed;

  /**
   * Compiles a program.
   *
   * @param own the memory of each thread
   * @param arena owns the memory outside the heap
   * @param states the states of the workspace
   * @param drawn the resident tables from which inputs are drawn
   */
  SimdExecutable(
      LoweredProgram lowered,
      SimdWorkspace workspace,
      Kernels kernels,
      WorkerPool pool,
      OwnMemory[] own,
      Arena arena,
      Map<Value, State> states,
      Map<Value, HeldRows> drawn) {
    this.arena = arena;
    this.lowered = lowered;
    phases = Schedule.of(lowered);
    Program program = lowered.program();
    name = program.name();
    this.workspace = workspace;
    var reals = new HashMap<Value, float[]>();
    var integers = new HashMap<Value, int[]>();
    for (Value input : program.inputs()) {
      Tensor staging =
          switch (input.kind()) {
            case REAL -> {
              float[] memory = new float[input.shape().size()];
              reals.put(input, memory);
              yield Tensor.of(input.shape(), memory);
            }
            case INTEGER -> {
              int[] memory = new int[input.shape().size()];
              integers.put(input, memory);
              yield Tensor.of(input.shape(), memory);
            }
          };
      inputs.put(input.name(), staging);
    }
    var compiled = new ArrayList<Command>();
    drawn.forEach(
        (input, rows) -> {
          float[] batch = reals.computeIfAbsent(input, v -> new float[v.shape().size()]);
          var command = new DrawRows(rows, new int[input.shape().dimension(0)], batch, pool);
          inputs.put(input.name(), command.numbers());
          compiled.add(command);
        });
    var compiler =
        new ProgramCompiler(
            kernels, pool, own, arena, lowered, Schedule.of(lowered), reals, integers, states);
    compiled.addAll(compiler.compile());
    commands = compiled.toArray(Command[]::new);
    program
        .outputs()
        .forEach(
            (output, value) -> {
              float[] memory = compiler.output(value);
              if (memory == null) {
                throw new IllegalArgumentException(
                    "Program "
                        + name
                        + ", output "
                        + output
                        + ": expected a value that is computed, found "
                        + value);
              }
              outputs.put(output, Tensor.of(value.shape(), memory));
            });
  }

  @Override
  public Tensor input(String input) {
    requireOpen();
    return BackendChecks.named(name, "input", inputs, input);
  }

  @Override
  public Tensor output(String output) {
    requireOpen();
    return BackendChecks.named(name, "output", outputs, output);
  }

  @Override
  public void run() {
    requireOpen();
    workspace.run(commands);
  }

  @Override
  public Optional<String> plan() {
    return Optional.of(PlanText.of(lowered, phases));
  }

  private void requireOpen() {
    workspace.requireOpen();
    if (closed) {
      throw new IllegalStateException("Program " + name + " was used after it was closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    workspace.close(this, arena);
  }
}
