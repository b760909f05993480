package io.measureflow.core.training;

import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.model.ModelSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures what a flow does at each step: it copies the state before and after a step and evaluates
 * the objective again on the same batch, so it works for any flow. A step takes several times as
 * long with it.
 */
final class FlowMeter implements AutoCloseable {

  private final Workspace workspace;
  private final Batches energies;

  /** What the energy depends on besides the states. */
  private static final List<String> INPUTS =
      List.of(TrainingPrograms.FEATURES, TrainingPrograms.TARGETS, TrainingPrograms.STEP);

  private final LiftedDistance distance;
  private final Map<String, Tensor> start;
  private Map<String, Tensor> before;
  private double energy;
  private double decrease;
  private double predicted;
  private double path;
  private int steps;

  FlowMeter(Workspace workspace, ModelSpec spec, Objective objective, long seed) {
    this.workspace = workspace;
    this.energies =
        new Batches(workspace, size -> TrainingPrograms.energy(spec, objective, seed, size));
    this.distance = new LiftedDistance(spec);
    this.start = read();
    this.before = start;
  }

  private Map<String, Tensor> read() {
    var state = new LinkedHashMap<String, Tensor>();
    workspace.states().forEach(name -> state.put(name, workspace.read(name)));
    return state;
  }

  /**
   * Records a step on a batch of this size with this learning rate.
   *
   * @param held the resident tables from which the batch was drawn
   */
  void step(Executable step, int size, Map<String, HeldRows> held, double rate) {
    Executable again = energies.of(size, held);
    for (String input : INPUTS) {
      again.input(input).copyFrom(step.input(input));
    }
    again.run();
    double energyBefore = step.output(TrainingPrograms.ENERGY).get(0);
    Map<String, Tensor> after = read();
    energy += energyBefore;
    decrease += energyBefore - again.output(TrainingPrograms.ENERGY).get(0);
    predicted += rate * step.output(TrainingPrograms.SQUARED_GRADIENT_NORM).get(0);
    path += distance.between(before, after);
    before = after;
    steps++;
  }

  /** Returns the statistics since the last call. */
  FlowReport report() {
    var report =
        new FlowReport(
            energy / steps,
            decrease / steps,
            predicted / steps,
            path,
            distance.between(start, before));
    energy = 0;
    decrease = 0;
    predicted = 0;
    path = 0;
    steps = 0;
    return report;
  }

  @Override
  public void close() {
    energies.close();
  }
}
