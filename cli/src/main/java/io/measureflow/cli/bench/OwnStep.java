package io.measureflow.cli.bench;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.core.checkpoint.Safetensors;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/**
 * A training step (forward, loss, gradients, update) or a prediction of a backend on dense random
 * features.
 */
final class OwnStep implements Own, AutoCloseable {

  /** The minimum number of runs, however long they take. */
  private static final int LEAST_RUNS = 10;

  /** The time before a burst in which threads of others go to sleep, and ours wake up. */
  private static final double UNMEASURED_SECONDS = 0.05;

  private static final int STEPS_OF_A_CHECK = 3;

  private final StepCase timed;
  private final Sizes sizes;
  private final boolean training;
  private final SequencedMap<String, Tensor> initial;
  private final Workspace workspace;
  private final Executable step;
  private final double operations;
  private final SplittableRandom random = new SplittableRandom(1);

  private OwnStep(
      Backend backend,
      StepCase timed,
      Program program,
      boolean training,
      SequencedMap<String, Tensor> initial,
      Sizes sizes) {
    this.timed = timed;
    this.sizes = sizes;
    this.training = training;
    this.initial = initial;
    workspace = backend.newWorkspace();
    operations = productOperations(program);
    step = workspace.compile(program);
    initial.forEach(workspace::write);
    newBatch();
  }

  /**
   * Compiles a training step and fills its inputs; the numbers are the same for every instance.
   *
   * @param rate the learning rate
   */
  static OwnStep training(
      Backend backend, StepCase timed, Flow flow, Loss loss, double rate, Sizes sizes) {
    Program program =
        TrainingPrograms.step(
            timed.model(), Objective.of(loss), flow, Trainable.DEFAULT, false, 0, sizes.batch());
    var step = new OwnStep(backend, timed, program, true, parameters(backend, timed), sizes);
    step.step.input(TrainingPrograms.RATE).set(0, rate);
    step.step.input(TrainingPrograms.STEP).set(0, 1);
    return step;
  }

  /** Compiles a prediction and fills its inputs; the numbers are the same for every instance. */
  static OwnStep prediction(Backend backend, StepCase timed, Sizes sizes) {
    SequencedMap<String, Tensor> parameters = parameters(backend, timed);
    // As after some training: a fresh norm does nothing, and a check would not notice it.
    parameters.forEach(
        (name, tensor) -> {
          double middle = name.endsWith(".running_var") ? 1 : 0;
          if (middle == 1 || name.endsWith(".running_mean")) {
            for (int i = 0; i < tensor.shape().size(); i++) {
              tensor.set(i, middle + (i % 5 - 2) * 0.2);
            }
          }
        });
    Program program = TrainingPrograms.prediction(timed.model(), sizes.batch());
    return new OwnStep(backend, timed, program, false, parameters, sizes);
  }

  private static SequencedMap<String, Tensor> parameters(Backend backend, StepCase timed) {
    return Initialization.parameters(timed.model(), 1, backend.description().precision());
  }

  /** Fills the inputs with the next random numbers. */
  void newBatch() {
    Tensor features = step.input(TrainingPrograms.FEATURES);
    for (int i = 0; i < features.shape().size(); i++) {
      features.set(i, random.nextDouble());
    }
    if (!training) {
      return;
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

  /** Returns what is run. */
  ModelSpec model() {
    return timed.model();
  }

  @Override
  public double operations() {
    return operations;
  }

  @Override
  public List<Long> processes() {
    return List.of();
  }

  @Override
  public double burst(double seconds) {
    newBatch();
    run(UNMEASURED_SECONDS);
    long[] nanoseconds = run(seconds);
    return nanoseconds[nanoseconds.length / 2] * 1e-9;
  }

  /**
   * Writes the initial parameters and the batch as safetensors, for another program to compute the
   * same, and returns the mean cross-entropy of classes for them: in training that of the last of
   * some steps from there.
   */
  double loss(Path file) {
    var tensors = new LinkedHashMap<>(initial);
    double[] labels = new double[sizes.batch()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] =
          training ? step.input(TrainingPrograms.TARGETS).get(i) : random.nextInt(sizes.outputs());
    }
    ElementType type = ElementType.FLOAT32;
    tensors.put("images", step.input(TrainingPrograms.FEATURES).to(type));
    tensors.put("labels", Tensor.of(Shape.of(labels.length), labels).to(type));
    Safetensors.write(file, tensors, new LinkedHashMap<>());
    if (!training) {
      step.run();
      return crossEntropy(labels);
    }
    for (String state : workspace.states()) {
      Tensor value = initial.get(state);
      if (value == null) {
        Tensor memory = workspace.read(state);
        value = Tensor.zeros(memory.shape(), memory.type());
      }
      workspace.write(state, value);
    }
    for (int i = 1; i <= STEPS_OF_A_CHECK; i++) {
      step.input(TrainingPrograms.STEP).set(0, i);
      step.run();
    }
    return step.output(TrainingPrograms.LOSS).get(0);
  }

  private double crossEntropy(double[] labels) {
    Tensor output = step.output(TrainingPrograms.OUTPUT);
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      long row = (long) i * sizes.outputs();
      double exponentials = 0;
      for (int j = 0; j < sizes.outputs(); j++) {
        exponentials += Math.exp(output.get(row + j) - output.get(row + (int) labels[i]));
      }
      sum += Math.log(exponentials);
    }
    return sum / labels.length;
  }

  /** Returns how the backend computes the step, if it tells. */
  Optional<String> plan() {
    return step.plan();
  }

  /**
   * Runs the step for some time and returns the time of each run in nanoseconds, sorted.
   *
   * @throws RunFailedException if the loss, or the first output, is not finite then
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
    String name = training ? TrainingPrograms.LOSS : TrainingPrograms.OUTPUT;
    double found = step.output(name).get(0);
    if (!Double.isFinite(found)) {
      throw new RunFailedException(
          timed.label().strip() + ": expected a finite " + name + ", found " + found);
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
