package io.measureflow.core.flows;

import io.measureflow.api.flow.Flow;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * The continuous-time Wasserstein gradient flow on the lifted coordinates by the classical
 * Runge-Kutta method of order 4 [hairer1993, section II.1]: four gradients per step, an error of
 * order h^4 over a fixed time. For full batches; on small batches it follows the noise of each.
 */
public record RungeKutta() implements Flow {

  /** Returns the flow; it has no options. */
  public static RungeKutta of() {
    return new RungeKutta();
  }

  @Override
  public String name() {
    return "rk4";
  }

  @Override
  public List<String> memory() {
    return List.of();
  }

  @Override
  public void step(ProgramBuilder program, Step step) {
    List<Value> start = step.coordinates().stream().map(Coordinate::parameter).toList();
    List<Value> k1 = scaled(program, step.gradients());
    List<Value> k2 = field(program, step, against(program, step, k1, 0.5));
    List<Value> k3 = field(program, step, against(program, step, k2, 0.5));
    List<Value> k4 = field(program, step, against(program, step, k3, 1));
    var mean = new ArrayList<Value>();
    for (int i = 0; i < start.size(); i++) {
      Value ends = program.add(k1.get(i), k4.get(i));
      Value middles = program.affine(program.add(k2.get(i), k3.get(i)), 2, 0);
      mean.add(program.affine(program.add(ends, middles), 1.0 / 6, 0));
    }
    List<Value> end = against(program, step, mean, 1);
    for (int i = 0; i < start.size(); i++) {
      program.update(new Op.Assign(start.get(i), end.get(i)));
    }
  }

  private static List<Value> field(ProgramBuilder program, Step step, List<Value> at) {
    return scaled(program, step.field().at(at));
  }

  private static List<Value> scaled(ProgramBuilder program, List<Gradient> gradients) {
    return gradients.stream().map(gradient -> gradient.scaled(program)).toList();
  }

  /** theta - fraction h k. */
  private static List<Value> against(
      ProgramBuilder program, Step step, List<Value> k, double fraction) {
    var moved = new ArrayList<Value>();
    for (int i = 0; i < k.size(); i++) {
      Coordinate coordinate = step.coordinates().get(i);
      Value h = program.affine(coordinate.rate(), fraction, 0);
      moved.add(program.subtract(coordinate.parameter(), program.multiply(h, k.get(i))));
    }
    return moved;
  }
}
