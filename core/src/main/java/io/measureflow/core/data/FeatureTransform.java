package io.measureflow.core.data;

import io.measureflow.api.data.Link;
import io.measureflow.api.data.Preprocessing;
import java.util.List;

/** Fills and standardizes rows by a {@link Preprocessing}. Immutable. */
public final class FeatureTransform {

  private final double[] fill;
  private final double[] mean;
  private final double[] deviation;
  private final Link link;

  private FeatureTransform(double[] fill, double[] mean, double[] deviation) {
    this(fill, mean, deviation, Link.IDENTITY);
  }

  private FeatureTransform(double[] fill, double[] mean, double[] deviation, Link link) {
    this.link = link;
    this.fill = fill;
    this.mean = mean;
    this.deviation = deviation;
  }

  /** Returns the transform of a preprocessing. */
  public static FeatureTransform of(Preprocessing preprocessing) {
    return new FeatureTransform(
        array(preprocessing.fill()), array(preprocessing.mean()), array(preprocessing.deviation()));
  }

  /** The transform of real targets that a model was trained on; of classes, the identity. */
  public static FeatureTransform ofTargets(Preprocessing preprocessing) {
    return new FeatureTransform(
        new double[0],
        array(preprocessing.targetMean()),
        array(preprocessing.targetDeviation()),
        preprocessing.link());
  }

  /** What of a preprocessing is left to do to features after another, which is a part of it. */
  static FeatureTransform after(Preprocessing done, Preprocessing all) {
    return new FeatureTransform(
        done.fill().isEmpty() ? array(all.fill()) : new double[0],
        done.mean().isEmpty() ? array(all.mean()) : new double[0],
        done.mean().isEmpty() ? array(all.deviation()) : new double[0]);
  }

  /** The same for real targets. */
  static FeatureTransform ofTargetsAfter(Preprocessing done, Preprocessing all) {
    return done.targetMean().isEmpty() ? ofTargets(all) : identity();
  }

  /** Returns whether rows stay as they are. */
  public boolean isIdentity() {
    return fill.length == 0 && mean.length == 0;
  }

  /** Rows stay as they are. */
  public static FeatureTransform identity() {
    return new FeatureTransform(new double[0], new double[0], new double[0]);
  }

  private static double[] array(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Undoes the standardisation of a row, in place. */
  public void invert(float[] row) {
    for (int j = 0; j < mean.length; j++) {
      row[j] = (float) (row[j] * deviation[j] + mean[j]);
    }
  }

  /** Undoes the standardisation of a row, in place. */
  public void invert(double[] row) {
    for (int j = 0; j < mean.length; j++) {
      row[j] = row[j] * deviation[j] + mean[j];
    }
  }

  /** Returns how an output becomes a prediction, before the standardisation is undone. */
  public Link link() {
    return link;
  }

  /** Turns the outputs of a model into predictions in the units of the targets, in place. */
  public void predict(float[] outputs) {
    if (link != Link.IDENTITY) {
      for (int j = 0; j < outputs.length; j++) {
        outputs[j] = (float) link.prediction(outputs[j]);
      }
    }
    invert(outputs);
  }

  /** Turns the outputs of a model into predictions in the units of the targets, in place. */
  public void predict(double[] outputs) {
    for (int j = 0; j < outputs.length; j++) {
      outputs[j] = link.prediction(outputs[j]);
    }
    invert(outputs);
  }

  /** Changes a row in place. */
  public void apply(float[] row) {
    for (int j = 0; j < fill.length; j++) {
      row[j] = Float.isNaN(row[j]) ? (float) fill[j] : row[j];
    }
    for (int j = 0; j < mean.length; j++) {
      row[j] = (float) ((row[j] - mean[j]) / deviation[j]);
    }
  }

  /** Changes the row that begins at {@code from}, in place. */
  public void apply(double[] rows, int from) {
    for (int j = 0; j < fill.length; j++) {
      rows[from + j] = Double.isNaN(rows[from + j]) ? fill[j] : rows[from + j];
    }
    for (int j = 0; j < mean.length; j++) {
      rows[from + j] = (rows[from + j] - mean[j]) / deviation[j];
    }
  }
}
