package io.measureflow;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.data.Table;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.model.Loss;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.TrainingConfig;
import io.measureflow.core.checkpoint.Checkpoint;
import io.measureflow.core.checkpoint.Provenance;
import io.measureflow.core.conversion.NetworkLifting;
import io.measureflow.core.conversion.NetworkSampling;
import io.measureflow.core.conversion.TorchWeights;
import io.measureflow.core.data.ArrayDataset;
import io.measureflow.core.data.FeatureTransform;
import io.measureflow.core.inference.Predictor;
import io.measureflow.core.losses.LossTargets;
import io.measureflow.core.metrics.Evaluation;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Evaluator;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model with everything needed to use it: the preprocessing of its training rows, its class
 * names, and its provenance. Training returns it, and only this type is saved and loaded, so that
 * none of this gets lost.
 *
 * <pre>{@code
 * TrainedModel model = TrainedModel.load(Path.of("model.safetensors"));
 * String[] labels = model.predict(rows).labels();
 * }</pre>
 *
 * <p>Immutable and thread-safe. Methods without a backend open the default one ({@link
 * Backends#open()}) for the call and close it again; to predict often, bind the model once with
 * {@link #predictor(Backend)}.
 */
public final class TrainedModel {

  private static final int BATCH = 512;

  private final Checkpoint checkpoint;

  private TrainedModel(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /**
   * Creates a trained model.
   *
   * @param preprocessing the preprocessing of its training rows
   */
  public static TrainedModel of(Model model, Preprocessing preprocessing, Provenance provenance) {
    return new TrainedModel(
        new Checkpoint(model, Optional.of(preprocessing), Optional.of(provenance.json())));
  }

  /**
   * Reads a checkpoint. Those of other programs may lack preprocessing and provenance.
   *
   * @throws InvalidRequestException if the file is malformed, a tensor is missing, unexpected or
   *     has a shape other than the model's, or an entry is not finite
   */
  public static TrainedModel load(Path file) {
    return load(file, Extensions.onClassPath());
  }

  /**
   * Reads a checkpoint as {@link #load(Path)}, looking up names among the given extensions.
   *
   * @param extensions where the names of families, activations and layers are looked up
   */
  public static TrainedModel load(Path file, Extensions extensions) {
    return new TrainedModel(Checkpoint.load(file, extensions));
  }

  /**
   * Creates a model from weights of PyTorch.
   *
   * @param model the model, from {@link TorchWeights#model}
   * @param preprocessing what was done to its training rows; empty if rows are taken as they are
   */
  public static TrainedModel imported(Model model, Optional<Preprocessing> preprocessing) {
    return new TrainedModel(new Checkpoint(model, preprocessing, Optional.empty()));
  }

  /**
   * Returns the same network with measures of neurons in place of its ordinary layers; see {@link
   * NetworkLifting}.
   *
   * @throws InvalidRequestException if it has no layer with an activation to lift
   */
  public TrainedModel lift(NetworkLifting lifting) {
    return new TrainedModel(
        checkpoint.derived(
            lifting.lift(model()),
            "lifted to family " + lifting.family().name() + " with spread " + lifting.spread()));
  }

  /**
   * Returns an ordinary network of neurons drawn from the measures of this one; see {@link
   * NetworkSampling}.
   *
   * @param seed of the draws
   * @throws InvalidRequestException if it has no measure, or one whose components are not Gaussian
   */
  public TrainedModel sample(NetworkSampling sampling, long seed) {
    return new TrainedModel(
        checkpoint.derived(
            sampling.sample(model(), seed), "sampled by " + sampling + " with seed " + seed));
  }

  /**
   * Writes a checkpoint atomically.
   *
   * @throws RunFailedException if a parameter is not finite or the file cannot be written; an
   *     earlier file is unchanged
   */
  public void save(Path file) {
    checkpoint.save(file);
  }

  /** Returns the layers with the values of their parameters. */
  public Model model() {
    return checkpoint.model();
  }

  /** Returns the preprocessing of its training rows; empty if unknown. */
  public Optional<Preprocessing> preprocessing() {
    return checkpoint.preprocessing();
  }

  /** Returns how it was made, as a JSON object; empty if unknown. */
  public Optional<String> provenance() {
    return checkpoint.provenance();
  }

  /**
   * Returns the run that it is from; empty if unknown.
   *
   * @throws InvalidRequestException if the provenance is not one of this version
   */
  public Optional<Origin> origin() {
    return provenance().map(Origin::parse);
  }

  /** Returns the number of features of a row. */
  public int inputs() {
    return model().spec().inputs();
  }

  /** Returns the number of outputs. */
  public int outputs() {
    return model().spec().outputs();
  }

  /** Returns the names of its classes; empty if it was not trained on classes. */
  public List<String> classes() {
    return target() instanceof Target.Classes(List<String> names) ? names : List.of();
  }

  /**
   * Returns what was done to real targets before training: {@code predict} turns outputs into
   * predictions in their own units.
   */
  public FeatureTransform units() {
    return preprocessing().map(FeatureTransform::ofTargets).orElseGet(FeatureTransform::identity);
  }

  private Target target() {
    return preprocessing().map(Preprocessing::target).orElseGet(Target.None::new);
  }

  /** Completes a request so that the data get the preprocessing of this model. */
  public DatasetRequest treatingAlike(DatasetRequest request) {
    return request.withPreprocessing(preprocessing());
  }

  /**
   * Binds the model to a backend for predictions on single rows: compiled once, thread-safe. The
   * caller closes it.
   *
   * @param backend the backend to compute on; not closed with the predictor
   */
  public Predictor predictor(Backend backend) {
    return new Predictor(backend, model(), preprocessing());
  }

  /**
   * Predicts for raw rows, as in the training data; they are filled and standardized here. A column
   * that became one feature per value is given as these features, 0 or 1, a date as days since
   * 1970-01-01: see {@link Preprocessing#encoding}.
   *
   * @param rows [rows][d]; NaN for a missing value if the model has a replacement for it; not
   *     changed
   * @throws InvalidRequestException if a row has another length, or a value that is not finite
   * @throws RunFailedException if an output is not finite
   */
  public Predictions predict(float[][] rows) {
    try (Backend backend = Backends.openForCall()) {
      return predict(rows, backend);
    }
  }

  /** Predicts as {@link #predict(float[][])}, on this backend. */
  public Predictions predict(float[][] rows, Backend backend) {
    if (rows.length == 0) {
      return new Predictions(new float[0][], target(), units());
    }
    try (Dataset features = ArrayDataset.rows(prepared(rows))) {
      return predict(features.train(), backend);
    }
  }

  private float[][] prepared(float[][] rows) {
    FeatureTransform transform =
        preprocessing().map(FeatureTransform::of).orElseGet(FeatureTransform::identity);
    float[][] prepared = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      if (rows[i].length != inputs()) {
        throw InvalidRequestException.of(
            "row " + i,
            inputs() + " features, the inputs of the model",
            String.valueOf(rows[i].length),
            "Give one number for each feature, in the order of the data.");
      }
      prepared[i] = rows[i].clone();
      transform.apply(prepared[i]);
      for (int j = 0; j < prepared[i].length; j++) {
        if (!(Math.abs(prepared[i][j]) < Float.POSITIVE_INFINITY)) {
          throw InvalidRequestException.of(
              "row " + i + ", feature " + j,
              "a finite number",
              String.valueOf(rows[i][j]),
              "Fill in missing values, or train with a treatment for them.");
        }
      }
    }
    return prepared;
  }

  /** Predicts for a table that was loaded with the preprocessing of this model. */
  public Predictions predict(Table table, Backend backend) {
    float[][] outputs = new float[table.rows()][outputs()];
    int[] row = {0};
    try (var evaluator = new Evaluator(backend, model(), BATCH)) {
      evaluator.predict(
          table,
          (Tensor batch, int size) -> {
            for (int i = 0; i < size; i++, row[0]++) {
              for (int j = 0; j < outputs(); j++) {
                outputs[row[0]][j] = (float) batch.get((long) i * outputs() + j);
                requireFinite(outputs[row[0]][j], row[0], j);
              }
            }
          });
    }
    return new Predictions(outputs, target(), units());
  }

  private static void requireFinite(float output, int row, int j) {
    if (!(Math.abs(output) < Float.POSITIVE_INFINITY)) {
      throw new RunFailedException(
          "Row "
              + row
              + ", output "
              + j
              + ": expected a finite number, found "
              + output
              + ". The row or the parameters are too large for the precision.");
    }
  }

  /**
   * Predicts the probability of each class, [rows][classes].
   *
   * @throws InvalidRequestException as {@link #predict(float[][])}, or if the model was not trained
   *     on classes
   */
  public float[][] predictProbabilities(float[][] rows) {
    return predict(rows).probabilities();
  }

  /**
   * Computes the loss and all metrics on the test rows of a dataset, or on all rows if there are
   * none. Load the dataset with a request from {@link #treatingAlike}, unless the model needs no
   * preprocessing.
   *
   * @throws InvalidRequestException if it has other features or targets than the model
   * @throws RunFailedException if the loss or an output is not finite
   */
  public Evaluation evaluate(Dataset dataset, Backend backend) {
    return evaluate(dataset, TrainingConfig.defaultLoss(dataset.schema().target()), backend);
  }

  /** Evaluates as {@link #evaluate(Dataset, Backend)}, with the given loss. */
  public Evaluation evaluate(Dataset dataset, Loss loss, Backend backend) {
    return evaluate(dataset, dataset.test().orElse(dataset.train()), loss, backend);
  }

  /**
   * Evaluates on some rows of a dataset.
   *
   * @param rows rows with the features and the target of the dataset
   */
  public Evaluation evaluate(Dataset dataset, Table rows, Loss loss, Backend backend) {
    requireFit(dataset, loss);
    LossTargets.requireInRange(loss, dataset, rows);
    try (var evaluator = new Evaluator(backend, model(), BATCH)) {
      return evaluator.assess(rows, loss, dataset.schema().target(), units());
    }
  }

  private void requireFit(Dataset dataset, Loss loss) {
    requireInputs(dataset);
    Schema.Target found = dataset.schema().target();
    int needed =
        switch (found) {
          case Target.Classes(List<String> names) -> names.size();
          case Target.Real(List<String> names) -> names.size();
          case Target.None none ->
              throw InvalidRequestException.of(
                  dataset.name(),
                  "labels or targets, to compare predictions with",
                  "none",
                  "Name the label column.");
        };
    if (outputs() < needed) {
      throw InvalidRequestException.of(
          "outputs of the model",
          "at least " + needed + ", as the target of the data",
          String.valueOf(outputs()),
          "Choose the data that the model was made for.");
    }
    if ((loss.target() == TargetKind.CLASSES) != (found instanceof Target.Classes)) {
      throw InvalidRequestException.of(
          "loss",
          "one for the targets of the data",
          loss.name(),
          "Choose a loss that fits the data, or leave it out.");
    }
  }

  /**
   * Checks that the rows of a dataset are as wide as the inputs of the model.
   *
   * @throws InvalidRequestException if they are not
   */
  public void requireInputs(Dataset dataset) {
    if (dataset.schema().featureCount() != inputs()) {
      throw InvalidRequestException.of(
          dataset.name(),
          inputs() + " features, the inputs of the model",
          String.valueOf(dataset.schema().featureCount()),
          "Choose the data that the model was made for.");
    }
  }

  @Override
  public String toString() {
    return "TrainedModel[" + model().spec().layers() + "]";
  }
}
