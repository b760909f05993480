package io.measureflow.core.inference;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.core.data.FeatureTransform;
import io.measureflow.core.losses.Softmax;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.TrainingPrograms;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A model bound to a backend for predictions on single rows. The program is compiled once, and
 * everything that depends only on the parameters is computed in advance. Rows are raw, as in the
 * training data; the predictor fills and standardizes them. Columns that became one feature per
 * value are given as these features, 0 or 1, and dates as days since 1970-01-01.
 *
 * <p>Thread-safe. Threads that predict at the same time each use a copy of the compiled program and
 * its states (about the size of the parameters), created on demand and kept until {@link #close}.
 * On one backend a row always has the same result, to the bit. Closing does not wait: a prediction
 * in progress then fails with an {@link IllegalStateException}, as do later ones.
 */
public final class Predictor implements AutoCloseable {

  private final Backend backend;
  private final Model model;
  private final FeatureTransform transform;
  private final Optional<Preprocessing> preprocessing;
  private final List<Copy> copies = new ArrayList<>();
  private final Deque<Copy> idle = new ArrayDeque<>();
  private boolean closed;

  /**
   * Binds a model. Compiles at once, so that the first row is as fast as the others.
   *
   * @param backend the backend to compute on; not closed with this predictor
   * @param preprocessing the preprocessing of the training rows; empty for none
   */
  public Predictor(Backend backend, Model model, Optional<Preprocessing> preprocessing) {
    this.backend = backend;
    this.model = model;
    this.preprocessing = preprocessing;
    this.transform = preprocessing.map(FeatureTransform::of).orElseGet(FeatureTransform::identity);
    giveBack(take());
  }

  /** A compiled program with its memory, used by one thread at a time. */
  private static final class Copy {

    private final Workspace workspace;
    private final Executable executable;
    private final Tensor input;
    private final Tensor output;
    private final float[] row;

    Copy(Backend backend, Model model) {
      workspace = backend.newWorkspace();
      try {
        FrozenProgram frozen = FrozenProgram.of(TrainingPrograms.prediction(model.spec(), 1));
        executable = workspace.compile(frozen.main());
        try (Executable constants = workspace.compile(frozen.constants())) {
          for (String state : workspace.states()) {
            Tensor parameter = model.parameters().get(state);
            if (parameter != null) {
              workspace.write(state, parameter);
            }
          }
          constants.run();
        }
      } catch (RuntimeException | Error e) {
        workspace.close();
        throw e;
      }
      input = executable.input(TrainingPrograms.FEATURES);
      output = executable.output(TrainingPrograms.OUTPUT);
      row = new float[model.spec().inputs()];
    }
  }

  private Copy take() {
    synchronized (this) {
      requireOpen();
      Copy copy = idle.pollLast();
      if (copy != null) {
        return copy;
      }
    }
    var copy = new Copy(backend, model);
    synchronized (this) {
      if (closed) {
        copy.workspace.close();
      }
      requireOpen();
      copies.add(copy);
    }
    return copy;
  }

  private synchronized void giveBack(Copy copy) {
    idle.addLast(copy);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("A predictor was used after it had been closed");
    }
  }

  /** d, the number of features of a row. */
  public int inputs() {
    return model.spec().inputs();
  }

  /** p, the number of outputs. */
  public int outputs() {
    return model.spec().outputs();
  }

  /**
   * Returns the names of the classes.
   *
   * @throws InvalidRequestException if the model was not trained on classes
   */
  public List<String> classes() {
    if (preprocessing.isPresent()
        && preprocessing.get().target() instanceof Target.Classes(List<String> names)) {
      return names;
    }
    throw InvalidRequestException.of(
        "model",
        "one that was trained on classes",
        "one without class names",
        "Ask for outputs().");
  }

  /**
   * The outputs of the last layer: logits of classes, or real targets as they were trained on,
   * standardised unless that was turned off; {@link #values} has these in their own units.
   *
   * @param row [d], raw; NaN for a missing value if the model has a replacement for it; not changed
   * @return [p]
   * @throws InvalidRequestException if the row has another length, or a value that is not finite
   * @throws RunFailedException if an output is not finite
   */
  public float[] outputs(float[] row) {
    float[] outputs = new float[outputs()];
    outputs(row, outputs);
    return outputs;
  }

  /**
   * Computes {@link #outputs(float[])} into an array of the caller, without allocation.
   *
   * @param into [p]
   */
  public void outputs(float[] row, float[] into) {
    if (row.length != inputs()) {
      throw InvalidRequestException.of(
          "row",
          inputs() + " features, the inputs of the model",
          String.valueOf(row.length),
          "Give one number for each feature, in the order of the data.");
    }
    if (into.length != outputs()) {
      throw new IllegalArgumentException(
          "Outputs: expected room for " + outputs() + ", found " + into.length);
    }
    Copy copy = take();
    try {
      System.arraycopy(row, 0, copy.row, 0, row.length);
      transform.apply(copy.row);
      requireFinite(copy.row);
      copy.input.copyFrom(copy.row);
      copy.executable.run();
      for (int j = 0; j < into.length; j++) {
        into[j] = (float) copy.output.get(j);
      }
    } finally {
      giveBack(copy);
    }
    requireFiniteOutputs(into);
  }

  private void requireFinite(float[] row) {
    for (int j = 0; j < row.length; j++) {
      if (!(Math.abs(row[j]) < Float.POSITIVE_INFINITY)) {
        throw InvalidRequestException.of(
            "row, feature " + name(j),
            "a finite number",
            String.valueOf(row[j]),
            "Fill in missing values, or train with a treatment for them.");
      }
    }
  }

  private String name(int feature) {
    return preprocessing
        .map(Preprocessing::features)
        .filter(names -> !names.isEmpty())
        .map(names -> "'" + names.get(feature) + "'")
        .orElse(String.valueOf(feature));
  }

  private static void requireFiniteOutputs(float[] outputs) {
    for (int j = 0; j < outputs.length; j++) {
      if (!(Math.abs(outputs[j]) < Float.POSITIVE_INFINITY)) {
        throw new RunFailedException(
            "Output "
                + j
                + ": expected a finite number, found "
                + outputs[j]
                + ". The row or the parameters are too large for the precision.");
      }
    }
  }

  /**
   * The predicted targets in their own units: rates of counts, probabilities of labels.
   *
   * @param row as {@link #outputs(float[])}
   * @return [p]
   * @throws InvalidRequestException also if the model was trained on classes
   */
  public float[] values(float[] row) {
    if (preprocessing.isPresent() && preprocessing.get().target() instanceof Target.Classes) {
      throw InvalidRequestException.of(
          "model",
          "one that was trained on real targets",
          "one of classes",
          "Ask for predict() or probabilities().");
    }
    float[] values = outputs(row);
    preprocessing.map(FeatureTransform::ofTargets).ifPresent(units -> units.predict(values));
    return values;
  }

  /**
   * The probability of each class: the softmax of the outputs.
   *
   * @param row as {@link #outputs(float[])}
   * @return [classes]
   * @throws InvalidRequestException also if the model was not trained on classes
   */
  public float[] probabilities(float[] row) {
    int classes = classes().size();
    return Softmax.of(outputs(row), classes);
  }

  /**
   * Returns the name of the most probable class.
   *
   * @param row as {@link #outputs(float[])}
   * @throws InvalidRequestException also if the model was not trained on classes
   */
  public String predict(float[] row) {
    return classes().get(Softmax.largest(outputs(row), classes().size()));
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      copies.forEach(copy -> copy.workspace.close());
      copies.clear();
      idle.clear();
    }
  }
}
