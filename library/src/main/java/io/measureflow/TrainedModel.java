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
import io.measureflow.core.data.ArrayDataset;
import io.measureflow.core.data.FeatureTransform;
import io.measureflow.core.inference.Predictor;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Evaluator;
import io.measureflow.core.training.Metrics;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model with everything that its use needs: what was done to the rows that it was trained on, the
 * names of its classes, and how it was made. Training returns it, and it alone is saved and loaded,
 * so that none of this is lost on the way.
 *
 * <pre>{@code
 * TrainedModel model = TrainedModel.load(Path.of("model.safetensors"));
 * String[] labels = model.predict(rows).labels();
 * }</pre>
 *
 * <p>Immutable, and safe for several threads. Methods without a backend open the default one
 * ({@link Backends#open()}) for the call and close it again; to predict often, bind the model once
 * with {@link #predictor(Backend)}.
 */
public final class TrainedModel {

  private static final int BATCH = 512;

  private final Checkpoint checkpoint;

  private TrainedModel(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /**
   * A model as training leaves it.
   *
   * @param preprocessing what was done to the rows that it was trained on
   */
  public static TrainedModel of(Model model, Preprocessing preprocessing, Provenance provenance) {
    return new TrainedModel(
        new Checkpoint(model, Optional.of(preprocessing), Optional.of(provenance.json())));
  }

  /**
   * Reads a checkpoint, also one that another program wrote, which may say nothing of data and
   * provenance.
   *
   * @throws InvalidRequestException if the file is malformed, a tensor is missing, superfluous or
   *     of another shape than the model says, or an entry is not finite
   */
  public static TrainedModel load(Path file) {
    return load(file, Extensions.onClassPath());
  }

  /**
   * As {@link #load(Path)}, with extensions of one's own.
   *
   * @param extensions where the names of families, activations and layers are looked up
   */
  public static TrainedModel load(Path file, Extensions extensions) {
    return new TrainedModel(Checkpoint.load(file, extensions));
  }

  /**
   * Writes a checkpoint; a reader of the file sees the old one or the new one.
   *
   * @throws RunFailedException if a parameter is not finite or the file cannot be written; an
   *     earlier file is as it was
   */
  public void save(Path file) {
    checkpoint.save(file);
  }

  /** The layers with the values of their parameters. */
  public Model model() {
    return checkpoint.model();
  }

  /** What was done to the rows that it was trained on; empty where the file did not say. */
  public Optional<Preprocessing> preprocessing() {
    return checkpoint.preprocessing();
  }

  /** How it was made, a JSON object; empty where the file did not say. */
  public Optional<String> provenance() {
    return checkpoint.provenance();
  }

  /** The number of features of a row. */
  public int inputs() {
    return model().spec().inputs();
  }

  /** The number of outputs. */
  public int outputs() {
    return model().spec().outputs();
  }

  /** The names of its classes; none where it was not trained on classes. */
  public List<String> classes() {
    return target() instanceof Target.Classes(List<String> names) ? names : List.of();
  }

  private FeatureTransform units() {
    return preprocessing().map(FeatureTransform::ofTargets).orElseGet(FeatureTransform::identity);
  }

  private Target target() {
    return preprocessing().map(Preprocessing::target).orElseGet(Target.None::new);
  }

  /** A request for data that are to be treated as those that this model was trained on. */
  public DatasetRequest treatingAlike(DatasetRequest request) {
    return request.withPreprocessing(preprocessing());
  }

  /**
   * Binds the model to a backend, for single rows as they come: compiled once, safe for several
   * threads. Whoever gets it closes it.
   *
   * @param backend where it is computed; it is not closed with the predictor
   */
  public Predictor predictor(Backend backend) {
    return new Predictor(backend, model(), preprocessing());
  }

  /**
   * What the model says of raw rows, as they are in the data that it was trained on; they are
   * filled and standardised here.
   *
   * @param rows [rows][d]; NaN where a value is missing and the model knows what to put in its
   *     place; not changed
   * @throws InvalidRequestException if a row has another length, or a value that is not finite
   * @throws RunFailedException if an output is not finite
   */
  public Predictions predict(float[][] rows) {
    try (Backend backend = Backends.openForCall()) {
      return predict(rows, backend);
    }
  }

  /** As {@link #predict(float[][])}, on this backend. */
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

  /** What the model says of the rows of a table that was loaded to be treated alike. */
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
   * The probability of each class, [rows][classes].
   *
   * @throws InvalidRequestException as {@link #predict(float[][])}, or if the model was not trained
   *     on classes
   */
  public float[][] predictProbabilities(float[][] rows) {
    return predict(rows).probabilities();
  }

  /**
   * The mean loss and, for classes, the accuracy on the test rows of a dataset, or on all rows
   * where there are none. The dataset is to be loaded by a request that {@link #treatingAlike}
   * made, or to need no treatment.
   *
   * @throws InvalidRequestException if it has other features or targets than the model
   */
  public Metrics evaluate(Dataset dataset, Backend backend) {
    return evaluate(dataset, TrainingConfig.usualLoss(dataset.schema().target()), backend);
  }

  /** As {@link #evaluate(Dataset, Backend)}, under a certain loss. */
  public Metrics evaluate(Dataset dataset, Loss loss, Backend backend) {
    requireFit(dataset, loss);
    try (var evaluator = new Evaluator(backend, model(), BATCH)) {
      return evaluator.evaluate(dataset.test().orElse(dataset.train()), loss);
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
   * Checks that the rows of a dataset are as wide as the model's inputs.
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
