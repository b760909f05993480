package io.measureflow.core.flows;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.Flow;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The flows by name. */
public final class Flows {

  private static final Set<String> NAMES =
      new LinkedHashSet<>(List.of("wasserstein", "momentum", "nesterov", "adam", "adamw", "rk4"));

  private Flows() {}

  /** The names of all flows. */
  public static Set<String> names() {
    return Collections.unmodifiableSet(NAMES);
  }

  /**
   * A flow with options; those not given have their usual values.
   *
   * @param options {@code momentum} (0.9) for momentum and nesterov; {@code beta1} (0.9), {@code
   *     beta2} (0.999) and {@code epsilon} (1e-8) for adam and adamw; {@code weight-decay} (0.01)
   *     for adamw. Options of other flows are not looked at.
   * @throws InvalidRequestException if there is no flow of this name
   */
  public static Flow get(String name, Map<String, Double> options) {
    double momentum = options.getOrDefault("momentum", 0.9);
    double beta1 = options.getOrDefault("beta1", 0.9);
    double beta2 = options.getOrDefault("beta2", 0.999);
    double epsilon = options.getOrDefault("epsilon", 1e-8);
    double weightDecay = options.getOrDefault("weight-decay", 0.01);
    return switch (name) {
      case "wasserstein" -> new WassersteinFlow();
      case "momentum" -> new MomentumFlow(momentum, false);
      case "nesterov" -> new MomentumFlow(momentum, true);
      case "adam" -> new AdamFlow("adam", beta1, beta2, epsilon, 0);
      case "adamw" -> new AdamFlow("adamw", beta1, beta2, epsilon, weightDecay);
      case "rk4" -> new RungeKuttaFlow();
      default ->
          throw InvalidRequestException.of(
              "flow",
              "one of " + String.join(", ", NAMES),
              "'" + name + "'",
              "Choose one of them.");
    };
  }
}
