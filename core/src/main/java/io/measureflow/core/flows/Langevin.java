package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.Role;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.SequencedMap;

/**
 * Noisy particles: the Wasserstein gradient flow of the objective less {@code temperature} times
 * the entropy of the distribution of components, by the mean-field Langevin dynamics [mei2018]. A
 * step is that of {@link Wasserstein}, and normal noise of variance 2 h temperature in each
 * direction of length 1 in the metric. The logarithms of weights move without noise.
 *
 * @param temperature tau, at least 0
 */
public record Langevin(double temperature) implements Flow {

  private static final String TEMPERATURE = "temperature";
  private static final double DEFAULT_TEMPERATURE = 1e-4;

  /** Creates the flow with a temperature of 1e-4. */
  public Langevin() {
    this(DEFAULT_TEMPERATURE);
  }

  /**
   * Checks the option.
   *
   * @throws IllegalArgumentException if the temperature is not a finite number of at least 0
   */
  public Langevin {
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          TEMPERATURE + ": expected a number of at least 0, found " + temperature);
    }
  }

  /** Returns the flow with a temperature of 1e-4. */
  public static Langevin of() {
    return new Langevin();
  }

  /** Returns a copy with another {@code temperature}, at least 0. */
  public Langevin temperature(double value) {
    return new Langevin(value);
  }

  @Override
  public String name() {
    return "langevin";
  }

  @Override
  public SequencedMap<String, Double> options() {
    return Options.of(TEMPERATURE, temperature);
  }

  @Override
  public Flow withOption(String option, double value) {
    Options.requireKnown(this, option);
    return new Langevin(value);
  }

  @Override
  public List<String> memory() {
    return List.of();
  }

  @Override
  public void step(ProgramBuilder program, Step step) {
    for (int i = 0; i < step.coordinates().size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Gradient gradient = step.gradients().get(i);
      Value theta = coordinate.parameter();
      Value rate = coordinate.rate();
      if (temperature == 0 || coordinate.spec().role().equals(Role.WEIGHTS)) {
        program.update(
            new Op.EulerStep(theta, gradient.gradient(), gradient.scale(), coordinate.rate()));
        continue;
      }
      double variance = 2 * temperature / coordinate.spec().metric();
      Value deviation = program.sqrt(program.affine(rate, variance, 0));
      Value change =
          program.subtract(
              program.multiply(deviation, step.noise(program, i)),
              program.multiply(rate, gradient.scaled(program)));
      program.update(new Op.Assign(theta, program.add(theta, change)));
    }
  }
}
