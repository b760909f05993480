package io.measureflow.examples;

import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;

/** Pairs of points of equal weight, (a, w) + (alpha, omega) and (a, w) - (alpha, omega). */
public final class AntitheticFamily implements Family {

  @Override
  public String name() {
    return "antithetic";
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    Shape out = Shape.of(size.components(), size.outputs());
    Shape in = Shape.of(size.components(), size.inputs());
    double scale = 1 / Math.sqrt(size.features());
    return List.of(
        ParameterSpec.mean("out_mean", out, new Initializer.Normal(1)),
        ParameterSpec.mean("in_mean", in, new Initializer.Normal(scale)),
        ParameterSpec.spread("out_offset", out, new Initializer.Normal(0.5)),
        ParameterSpec.spread("in_offset", in, new Initializer.Normal(0.5 * scale)));
  }

  @Override
  public Value output(Operands operands) {
    ProgramBuilder p = operands.program();
    Value z = p.matMul(operands.input(), false, operands.parameter("in_mean"), true);
    Value offset = p.matMul(operands.input(), false, operands.parameter("in_offset"), true);
    Value plus = operands.activation().derivative(p, p.add(z, offset), 0);
    Value minus = operands.activation().derivative(p, p.subtract(z, offset), 0);
    Value pi = p.reshape(operands.weights(), Shape.of(operands.weights().shape().size(), 1));
    Value even = p.affine(p.add(plus, minus), 0.5, 0);
    Value odd = p.affine(p.subtract(plus, minus), 0.5, 0);
    return p.add(
        p.matMul(even, false, p.multiply(pi, operands.parameter("out_mean")), false),
        p.matMul(odd, false, p.multiply(pi, operands.parameter("out_offset")), false));
  }
}
