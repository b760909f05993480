package io.measureflow.nd4j;

import io.measureflow.api.backend.BackendChecks;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A program with commands bound to memory: a run executes them in order and allocates nothing. */
final class Nd4jExecutable implements Executable {

  private final String name;
  private final Nd4jWorkspace workspace;
  private final Map<String, Tensor> inputs = new HashMap<>();
  private final Map<String, Tensor> outputs = new HashMap<>();
  private final Command[] commands;
  private final List<Memory> owned = new ArrayList<>();
  private final List<Memory> staged = new ArrayList<>();
  private final List<Memory> results = new ArrayList<>();
  private final ProgramCompiler compiler;
  private final int threads;
  private volatile boolean closed;

  /**
   * Compiles a program.
   *
   * @param states the memory of the workspace's states
   * @param drawn the resident tables from which inputs are drawn
   */
  Nd4jExecutable(
      Program program,
      Nd4jWorkspace workspace,
      Precision precision,
      Workers workers,
      Map<Value, Memory> states,
      Map<Value, HeldRows.OnHost> drawn) {
    name = program.name();
    threads = workers.threads();
    this.workspace = workspace;
    var reals = new HashMap<>(states);
    var integers = new HashMap<Value, int[]>();
    compiler = new ProgramCompiler(precision, workers, reals, integers);
    try {
      for (Value input : program.inputs()) {
        inputs.put(input.name(), stage(input, precision, reals, integers));
      }
      var compiled = new ArrayList<Command>();
      drawn.forEach(
          (input, rows) -> {
            var command =
                new DrawRows(
                    rows, input.shape().dimension(0), Objects.requireNonNull(reals.get(input)));
            inputs.put(input.name(), command.numbers());
            compiled.add(command);
          });
      compiled.addAll(compiler.compile(program.instructions()));
      commands = compiled.toArray(Command[]::new);
      program
          .outputs()
          .forEach(
              (output, value) -> {
                @Nullable Memory memory = reals.get(value);
                if (memory == null) {
                  throw new IllegalArgumentException(
                      "Program "
                          + name
                          + ", output "
                          + output
                          + ": expected a value that is computed, found "
                          + value);
                }
                outputs.put(output, memory.tensor(value.shape()));
                results.add(memory);
              });
    } catch (RuntimeException | Error e) {
      free();
      throw e;
    }
  }

  private Tensor stage(
      Value input, Precision precision, Map<Value, Memory> reals, Map<Value, int[]> integers) {
    return switch (input.kind()) {
      case REAL -> {
        Memory memory = Memory.of(input.shape().size(), precision);
        owned.add(memory);
        staged.add(memory);
        reals.put(input, memory);
        yield memory.tensor(input.shape());
      }
      case INTEGER -> {
        int[] memory = new int[input.shape().size()];
        integers.put(input, memory);
        yield Tensor.of(input.shape(), memory);
      }
    };
  }

  private void free() {
    compiler.close();
    owned.forEach(Memory::close);
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
    synchronized (workspace) {
      requireOpen();
      Natives.setThreads(threads);
      for (int i = 0; i < staged.size(); i++) {
        staged.get(i).hostHasWritten();
      }
      for (Command command : commands) {
        command.run();
      }
      for (int i = 0; i < results.size(); i++) {
        results.get(i).toHost();
      }
    }
  }

  private void requireOpen() {
    workspace.requireOpen();
    if (closed) {
      throw new IllegalStateException("Program " + name + " was used after it was closed");
    }
  }

  @Override
  public void close() {
    synchronized (workspace) {
      if (closed) {
        return;
      }
      closed = true;
      free();
      workspace.forget(this);
    }
  }
}
