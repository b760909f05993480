package io.measureflow;

import io.measureflow.api.data.Schema.Target;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.core.data.FeatureTransform;
import io.measureflow.core.losses.Softmax;
import java.util.List;

/** The predictions of a model for several rows. */
public final class Predictions {

  private final float[][] outputs;
  private final Target target;
  private final FeatureTransform units;

  /**
   * @param units what was done to real targets before training
   */
  Predictions(float[][] outputs, Target target, FeatureTransform units) {
    this.outputs = outputs;
    this.target = target;
    this.units = units;
  }

  /** Returns the number of rows. */
  public int rows() {
    return outputs.length;
  }

  /**
   * The outputs of the last layer, [rows][p]: logits of classes or labels, logarithms of rates, or
   * real targets as they were trained on, standardised unless that was turned off; {@link #values}
   * has these in their own units.
   */
  public float[][] outputs() {
    return outputs;
  }

  /**
   * The predicted targets in their own units, [rows][p]: rates of counts, probabilities of labels.
   *
   * @throws InvalidRequestException if the model was trained on classes
   */
  public float[][] values() {
    if (target instanceof Target.Classes) {
      throw InvalidRequestException.of(
          "model",
          "one that was trained on real targets",
          "one of classes",
          "Ask for labels() or probabilities().");
    }
    float[][] values = new float[outputs.length][];
    for (int i = 0; i < outputs.length; i++) {
      values[i] = outputs[i].clone();
      units.predict(values[i]);
    }
    return values;
  }

  /**
   * The probability of each class, [rows][classes]: the softmax of the outputs.
   *
   * @throws InvalidRequestException if the model was not trained on classes
   */
  public float[][] probabilities() {
    int classes = classes().size();
    float[][] probabilities = new float[outputs.length][];
    for (int i = 0; i < outputs.length; i++) {
      probabilities[i] = Softmax.of(outputs[i], classes);
    }
    return probabilities;
  }

  /**
   * Returns the index of the most probable class of each row.
   *
   * @throws InvalidRequestException if the model was not trained on classes
   */
  public int[] indices() {
    int classes = classes().size();
    int[] indices = new int[outputs.length];
    for (int i = 0; i < outputs.length; i++) {
      indices[i] = Softmax.largest(outputs[i], classes);
    }
    return indices;
  }

  /**
   * Returns the name of the most probable class of each row.
   *
   * @throws InvalidRequestException if the model was not trained on classes
   */
  public String[] labels() {
    List<String> classes = classes();
    int[] indices = indices();
    String[] labels = new String[indices.length];
    for (int i = 0; i < indices.length; i++) {
      labels[i] = classes.get(indices[i]);
    }
    return labels;
  }

  private List<String> classes() {
    if (target instanceof Target.Classes(List<String> names)) {
      return names;
    }
    throw InvalidRequestException.of(
        "model",
        "one that was trained on classes",
        "one without class names",
        "Ask for outputs().");
  }
}
