package io.measureflow.cli.bench;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/** A training step (forward, loss, gradients, update) of a backend on dense random features. */
final class OwnStep implements AutoCloseable {

  /** The minimum number of runs, however long they take. */
  private static final int LEAST_RUNS = 10;

  private final StepCase timed;
  private final Sizes sizes;
  private final Workspace workspace;
  private final Executable step;
  private final double operations;
  private final SplittableRandom random = new SplittableRandom(1);

  /** Compiles the step and fills its inputs; the numbers are the same for every instance. */
  OwnStep(Backend backend, StepCase timed, Flow flow, Loss loss, Sizes sizes) {
    this.timed = timed;
    this.sizes = sizes;
    workspace = backend.newWorkspace();
    Program program =
        TrainingPrograms.step(
            timed.model(), Objective.of(loss), flow, Trainable.DEFAULT, false, 0, sizes.batch());
    operations = productOperations(program);
    step = workspace.compile(program);
    Initialization.parameters(timed.model(), 1, backend.description().precision())
        .forEach(workspace::write);
    step.input(TrainingPrograms.RATE).set(0, flow.defaultLearningRate(0.1));
    step.input(TrainingPrograms.STEP).set(0, 1);
    newBatch();
  }

  /** Fills the inputs with the next random numbers. */
  void newBatch() {
    Tensor features = step.input(TrainingPrograms.FEATURES);
    for (int i = 0; i < features.shape().size(); i++) {
      features.set(i, random.nextDouble());
    }
    Tensor targets = step.input(TrainingPrograms.TARGETS);
    boolean classes = targets.type() == ElementType.INT32;
    for (int i = 0; i < targets.shape().size(); i++) {
      targets.set(i, classes ? random.nextInt(sizes.outputs()) : random.nextDouble());
    }
  }

  private static double productOperations(Program program) {
    double multiplyAdds = 0;
    for (Instruction instruction : program.instructions()) {
      multiplyAdds +=
          switch (instruction.op()) {
            case Op.MatMul op -> (double) op.count() * op.rows() * op.columns() * op.inner();
            case Op.VarianceProduct op ->
                (double) op.x().shape().size() * op.s().shape().dimension(0);
            default -> 0;
          };
    }
    return 2 * multiplyAdds;
  }

  /** Returns the floating-point operations of the products of one step. */
  double operations() {
    return operations;
  }

  /** Returns how the backend computes the step, if it tells. */
  Optional<String> plan() {
    return step.plan();
  }

  /**
   * Runs the step for some time and returns the time of each run in nanoseconds, sorted.
   *
   * @throws RunFailedException if the loss is not finite then
   */
  long[] run(double seconds) {
    long[] nanoseconds = new long[1024];
    int count = 0;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (long start = System.nanoTime(); start < end || count < LEAST_RUNS; ) {
      step.run();
      long now = System.nanoTime();
      if (count == nanoseconds.length) {
        nanoseconds = Arrays.copyOf(nanoseconds, 2 * count);
      }
      nanoseconds[count++] = now - start;
      start = System.nanoTime();
    }
    double found = step.output(TrainingPrograms.LOSS).get(0);
    if (!Double.isFinite(found)) {
      throw new RunFailedException(
          timed.label().strip() + ": expected a finite loss, found " + found);
    }
    long[] sorted = Arrays.copyOf(nanoseconds, count);
    Arrays.sort(sorted);
    return sorted;
  }

  @Override
  public void close() {
    step.close();
    workspace.close();
  }
}
