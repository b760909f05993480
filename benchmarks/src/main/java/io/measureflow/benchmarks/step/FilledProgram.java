package io.measureflow.benchmarks.step;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Value;
import java.util.SplittableRandom;

/**
 * A compiled program whose inputs and states hold random numbers between 0 and 1, the same for
 * every instance; integer inputs are labels of the classes of a {@link MixtureStep}.
 */
public final class FilledProgram implements AutoCloseable {

  private final Workspace workspace;
  private final Executable executable;

  /** Compiles a program and fills its inputs and states. */
  public FilledProgram(Backend backend, Program program) {
    workspace = backend.newWorkspace();
    executable = workspace.compile(program);
    var random = new SplittableRandom(1);
    for (Value input : program.inputs()) {
      fill(executable.input(input.name()), random);
    }
    for (Value state : program.states()) {
      Tensor tensor = Tensor.zeros(state.shape(), ElementType.FLOAT32);
      fill(tensor, random);
      workspace.write(state.name(), tensor);
    }
  }

  private static void fill(Tensor tensor, SplittableRandom random) {
    boolean labels = tensor.type() == ElementType.INT32;
    for (int i = 0; i < tensor.shape().size(); i++) {
      tensor.set(i, labels ? random.nextInt(MixtureStep.CLASSES) : random.nextDouble());
    }
  }

  /** Runs the program. */
  public void run() {
    executable.run();
  }

  @Override
  public void close() {
    workspace.close();
  }
}
