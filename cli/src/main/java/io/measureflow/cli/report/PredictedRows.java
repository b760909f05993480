package io.measureflow.cli.report;

import io.measureflow.Predictions;
import io.measureflow.TrainedModel;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import io.measureflow.cli.run.JudgedRows;
import io.measureflow.core.data.FeatureTransform;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Rows with their targets and the predictions of the model. */
sealed interface PredictedRows {

  /** More rows are thinned evenly to this number. */
  int MOST_ROWS = 20_000;

  /** How many units in the last place of its mean a feature that was 0 may be off. */
  int ROUNDING = 4;

  /** Returns the rows that the model is judged by; those here may be fewer. */
  JudgedRows judged();

  /** Returns the rows. */
  Table table();

  /** Returns the loss of each row. */
  double[] losses();

  /** Returns what the loss of a row is. */
  String lossName();

  /** The number of rows here. */
  default int rows() {
    return losses().length;
  }

  /** Returns the number of a row among all rows of its kind, from 0. */
  default int number(int row) {
    return table() instanceof Thinned(Table all, int kept) ? Thinned.row(all, kept, row) : row;
  }

  /** Returns the rows with the highest loss, the highest first. */
  default int[] worst(int most) {
    double[] losses = losses();
    return IntStream.range(0, losses.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer row) -> -losses[row]))
        .limit(most)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * Returns the features of a row as they are in the data, but for missing values, [d].
   *
   * @param scaling what was done to them for the model
   */
  default float[] features(int row, int width, FeatureTransform scaling) {
    Tensor batch = Tensor.zeros(Shape.of(1, width), ElementType.FLOAT32);
    table().features(new int[] {row}, 0, batch);
    float[] features = new float[width];
    for (int j = 0; j < width; j++) {
      features[j] = (float) batch.get(j);
    }
    scaling.invert(features);
    // Where a mean is added to what it was subtracted from, 0 comes back as a rounding error.
    float[] means = new float[width];
    scaling.invert(means);
    for (int j = 0; j < width; j++) {
      if (Math.abs(features[j]) <= ROUNDING * Math.ulp(means[j])) {
        features[j] = 0;
      }
    }
    return features;
  }

  /** Says which rows these are, for the text. */
  default String description() {
    return rows() == judged().table().rows()
        ? judged().description()
        : rows() + " of " + judged().description() + ", evenly spaced";
  }

  /**
   * Rows with classes.
   *
   * @param names the names of the classes
   * @param labels the class of each row
   * @param predicted the most probable class of each row
   * @param probabilities [rows][classes]
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record OfClasses(
      JudgedRows judged,
      Table table,
      double[] losses,
      List<String> names,
      int[] labels,
      int[] predicted,
      float[][] probabilities)
      implements PredictedRows {

    @Override
    public String lossName() {
      return "log loss";
    }

    /** Returns whether the most probable class of a row is another than its own. */
    boolean isWrong(int row) {
      return predicted[row] != labels[row];
    }
  }

  /**
   * Rows with real targets, in their own units.
   *
   * @param names the names of the targets
   * @param truth [rows][p]
   * @param values the predictions, [rows][p]
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record OfReals(
      JudgedRows judged,
      Table table,
      double[] losses,
      List<String> names,
      double[][] truth,
      double[][] values)
      implements PredictedRows {

    @Override
    public String lossName() {
      return "squared error";
    }
  }

  /** Every few rows of a table. */
  record Thinned(Table all, int rows) implements Table {

    static int row(Table all, int kept, int row) {
      return (int) ((long) row * all.rows() / kept);
    }

    private int[] rows(int[] order, int from, Tensor batch) {
      int[] chosen = new int[batch.shape().dimension(0)];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = row(all, rows, order[from + i]);
      }
      return chosen;
    }

    @Override
    public void features(int[] order, int from, Tensor batch) {
      all.features(rows(order, from, batch), 0, batch);
    }

    @Override
    public void targets(int[] order, int from, Tensor batch) {
      all.targets(rows(order, from, batch), 0, batch);
    }

    @Override
    public boolean inMemory() {
      return all.inMemory();
    }
  }

  /** Predicts rows. */
  static PredictedRows of(
      JudgedRows judged, Schema.Target target, TrainedModel model, Backend backend) {
    Table all = judged.table();
    Table table = all.rows() > MOST_ROWS ? new Thinned(all, MOST_ROWS) : all;
    Predictions predictions = model.predict(table, backend);
    int[] order = IntStream.range(0, table.rows()).toArray();
    return switch (target) {
      case Schema.Target.Classes(List<String> names) -> {
        Tensor labels = Tensor.zeros(Shape.of(order.length), ElementType.INT32);
        table.targets(order, 0, labels);
        int[] truth = new int[order.length];
        double[] losses = new double[order.length];
        for (int i = 0; i < truth.length; i++) {
          truth[i] = (int) labels.get(i);
          losses[i] = crossEntropy(predictions.outputs()[i], names.size(), truth[i]);
        }
        yield new OfClasses(
            judged,
            table,
            losses,
            names,
            truth,
            predictions.indices(),
            predictions.probabilities());
      }
      case Schema.Target.Real(List<String> names) -> {
        int p = names.size();
        Tensor targets = Tensor.zeros(Shape.of(order.length, p), ElementType.FLOAT64);
        table.targets(order, 0, targets);
        FeatureTransform units = model.units();
        double[][] truth = new double[order.length][p];
        double[][] values = new double[order.length][p];
        double[] losses = new double[order.length];
        for (int i = 0; i < order.length; i++) {
          for (int j = 0; j < p; j++) {
            truth[i][j] = targets.get((long) i * p + j);
            values[i][j] = predictions.outputs()[i][j];
            double error = units.link().prediction(values[i][j]) - truth[i][j];
            losses[i] += error * error / p;
          }
          units.invert(truth[i]);
          units.predict(values[i]);
        }
        yield new OfReals(judged, table, losses, names, truth, values);
      }
      case Schema.Target.None _ -> throw new IllegalArgumentException("rows without a target");
    };
  }

  /** -log softmax(outputs)[label], stable where the probability underflows. */
  private static double crossEntropy(float[] outputs, int classes, int label) {
    double largest = IntStream.range(0, classes).mapToDouble(j -> outputs[j]).max().orElseThrow();
    double sum = IntStream.range(0, classes).mapToDouble(j -> Math.exp(outputs[j] - largest)).sum();
    return largest + Math.log(sum) - outputs[label];
  }
}
