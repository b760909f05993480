package io.measureflow.examples;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The optimiser Lion: every coordinate moves by h along the sign of a mean of its gradients.
 *
 * @param name the name in configurations
 * @param beta1 what is left of the mean in the sign of a step
 * @param beta2 what is left of the mean after a step
 */
public record Lion(String name, double beta1, double beta2) implements Flow {

  private static final String MEAN = "mean";

  /** Under its own name, with its usual options. */
  public Lion() {
    this("lion", 0.9, 0.99);
  }

  @Override
  public SequencedMap<String, Double> options() {
    var options = new LinkedHashMap<String, Double>();
    options.put("beta1", beta1);
    options.put("beta2", beta2);
    return options;
  }

  @Override
  public Flow withOption(String option, double value) {
    if (!options().containsKey(option) || !(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "flow "
              + name
              + ": expected beta1 or beta2 from 0 to below 1, found "
              + option
              + " = "
              + value);
    }
    return option.equals("beta1") ? new Lion(name, value, beta2) : new Lion(name, beta1, value);
  }

  @Override
  public double defaultLearningRate(double plain) {
    return 0.005;
  }

  @Override
  public List<String> memory() {
    return List.of(MEAN);
  }

  @Override
  public void step(ProgramBuilder p, Step step) {
    for (int i = 0; i < step.coordinates().size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Value mean = coordinate.memory().get(MEAN);
      Value gradient = step.gradients().get(i).scaled(p);
      Value ahead = between(p, mean, gradient, beta1);
      Value sign = p.affine(p.unary(Op.UnaryFunction.HEAVISIDE, ahead), 2, -1);
      Value moved = p.subtract(coordinate.parameter(), p.multiply(coordinate.rate(), sign));
      Value kept = between(p, mean, gradient, beta2);
      p.update(new Op.Assign(coordinate.parameter(), moved));
      p.update(new Op.Assign(mean, kept));
    }
  }

  /** What is left of the mean, and of the gradient what it lacks. */
  private static Value between(ProgramBuilder p, Value mean, Value gradient, double left) {
    return p.add(p.affine(mean, left, 0), p.affine(gradient, 1 - left, 0));
  }
}
