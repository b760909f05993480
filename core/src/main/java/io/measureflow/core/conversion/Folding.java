package io.measureflow.core.conversion;

import io.measureflow.api.program.Shape;
import io.measureflow.core.layers.ActivationLayer;
import io.measureflow.core.layers.BatchNormLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Folds what follows a dense layer or a convolution into it: a batch normalization with its running
 * statistics, then an activation. The predictions stay the same.
 */
final class Folding implements Rewriting.Pass {

  /** The epsilon of {@link BatchNormLayer}. */
  private static final double EPSILON = 1e-5;

  @Override
  public List<Node> apply(Shape input, List<Node> nodes) {
    var folded = new ArrayList<Node>();
    Shape shape = input;
    for (Node node : nodes) {
      Optional<Linear> before =
          folded.isEmpty()
              ? Optional.empty()
              : Linear.of(folded.getLast()).filter(Linear::isLinear);
      // A norm of rank 2 or a dense layer on lines of images would mix up axes.
      boolean oneAxis = shape.rank() == 1 || before.filter(l -> l.kernel() != null).isPresent();
      if (before.isPresent() && oneAxis && node.layer() instanceof BatchNormLayer) {
        folded.set(folded.size() - 1, normalized(before.get(), node).node());
      } else if (before.isPresent() && node.layer() instanceof ActivationLayer activation) {
        folded.set(folded.size() - 1, before.get().withActivation(activation.activation()).node());
      } else {
        folded.add(node);
      }
      shape = node.layer().outputShape(shape);
    }
    return folded;
  }

  private static Linear normalized(Linear linear, Node norm) {
    double[] factor = norm.values("weight");
    double[] shift = norm.values("bias");
    double[] mean = norm.values("running_mean");
    double[] variance = norm.values("running_var");
    double[] weight = linear.weight().clone();
    double[] bias = new double[linear.outputs()];
    int width = linear.width();
    for (int i = 0; i < bias.length; i++) {
      double scale = factor[i] / Math.sqrt(variance[i] + EPSILON);
      for (int j = 0; j < width; j++) {
        weight[i * width + j] *= scale;
      }
      bias[i] = (linear.bias()[i] - mean[i]) * scale + shift[i];
    }
    return new Linear(
        linear.kernel(),
        linear.activation(),
        linear.inputs(),
        linear.outputs(),
        true,
        weight,
        bias);
  }
}
