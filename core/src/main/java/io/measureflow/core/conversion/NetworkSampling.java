package io.measureflow.core.conversion;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.core.layers.MeasureLayer;
import io.measureflow.core.measures.GaussianMixture;
import io.measureflow.core.measures.LayerMeasure;
import io.measureflow.core.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Turns the measures of a network into ordinary layers of neurons drawn from them
 * (docs/mathematics.md, section 7.5). A {@code gm} layer becomes two dense layers, sigma(w.x) and
 * the weights a; a {@code gm-conv} layer becomes a convolution and one of 1x1. A dense layer or a
 * convolution that follows takes in the second of them if it has no more parameters then than both.
 * Everything else stays.
 *
 * @param neurons how many neurons a layer gets
 * @param draws how they are drawn
 */
public record NetworkSampling(Neurons neurons, Draws draws) {

  /**
   * A number of neurons.
   *
   * @param count the number, at least 1
   * @param each whether this is the number for each component, else for each layer
   */
  public record Neurons(int count, boolean each) {

    /** One for each component. */
    public static final Neurons ONE_EACH = new Neurons(1, true);

    /**
     * @throws InvalidRequestException if the number is less than 1
     */
    public Neurons {
      if (count < 1) {
        throw InvalidRequestException.of(
            "neurons", "at least 1", String.valueOf(count), "Correct the number.");
      }
    }

    int of(int components) {
      return each ? Math.multiplyExact(count, components) : count;
    }
  }

  /** How neurons are drawn; the mean over all draws is the layer either way. */
  public enum Draws {
    /**
     * From each component as many as its share, at least one, which divide its weight evenly. A
     * layer without spread comes out exactly. If there are fewer neurons than components, evenly
     * spaced points of the cumulative weights choose the components, and all neurons weigh the
     * same.
     */
    STRATIFIED,
    /** Independently from the whole measure, of equal weight. */
    INDEPENDENT
  }

  /**
   * Draws the neurons of all measures.
   *
   * @param seed of the draws; each layer has a stream of its own
   * @throws InvalidRequestException if the model has no measure, or one whose components are not
   *     Gaussian
   */
  public Model sample(Model network, long seed) {
    if (network.spec().byPath().values().stream().noneMatch(MeasureLayer.class::isInstance)) {
      throw InvalidRequestException.of(
          "model to sample",
          "a layer with a measure, gm or gm-conv",
          network.spec().layers().toString(),
          "A network without measures is an ordinary one already.");
    }
    var random = new SplittableRandom(seed);
    return Rewriting.of(network, (_, nodes) -> sampled(nodes, random), "sampled network");
  }

  private List<Node> sampled(List<Node> nodes, SplittableRandom random) {
    var sampled = new ArrayList<Node>();
    // The last layer, if it holds nothing but the output weights of drawn neurons.
    @Nullable Linear open = null;
    for (Node node : nodes) {
      @Nullable Linear first = Linear.of(node).orElse(null);
      @Nullable Linear second = null;
      if (node.layer() instanceof MeasureLayer layer) {
        DrawnNeurons drawn = draw(node, layer, random.split());
        first = drawn.hidden(layer);
        second = drawn.output(layer);
      }
      if (first == null) {
        sampled.add(node);
      } else if (open != null && first.takesIn(open) && isSmaller(open, first)) {
        sampled.set(sampled.size() - 1, first.after(open).node());
      } else {
        sampled.add(first.node());
      }
      if (second != null) {
        sampled.add(second.node());
      }
      open = second;
    }
    return sampled;
  }

  private static boolean isSmaller(Linear before, Linear after) {
    long merged = (long) after.weight().length / after.inputs() * before.inputs();
    return merged <= (long) before.weight().length + after.weight().length;
  }

  private DrawnNeurons draw(Node node, MeasureLayer layer, RandomGenerator random) {
    GaussianMixture measure = LayerMeasure.of(layer, "layer of type " + layer.type(), node::tensor);
    int count = neurons.of(layer.mixture().components());
    return switch (draws) {
      case INDEPENDENT -> DrawnNeurons.independent(measure, count, random);
      case STRATIFIED -> DrawnNeurons.stratified(measure, count, random);
    };
  }
}
