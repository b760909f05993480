package io.measureflow.examples;

import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.measure.ComponentSize;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;

/**
 * Gaussians N(mu_k, diag(s^2)) on w that share one s, the tied covariance of mixture models. The
 * means of w start on the unit sphere.
 *
 * @param name the name in configurations and checkpoints
 */
public record TiedFamily(String name) implements GaussianFamily {

  private static final String STD = "tied_std";

  /** Under its own name. */
  public TiedFamily() {
    this("tied");
  }

  @Override
  public List<ParameterSpec> parameters(ComponentSize size) {
    Shape out = Shape.of(size.components(), size.outputs());
    Shape in = Shape.of(size.components(), size.inputs());
    var spread = new Initializer.Constant(0.5 / Math.sqrt(size.features()));
    return List.of(
        ParameterSpec.mean(OUT_MEAN, out, new Initializer.Normal(1)),
        ParameterSpec.mean(IN_MEAN, in, new Initializer.Drawn(TiedFamily::onSphere)),
        ParameterSpec.spread(STD, Shape.of(1, size.inputs()), spread).sharedByComponents());
  }

  private static void onSphere(RandomGenerator random, Tensor rows) {
    int width = rows.shape().dimension(1);
    for (int row = 0; row < rows.shape().dimension(0); row++) {
      double[] direction = DoubleStream.generate(random::nextGaussian).limit(width).toArray();
      double norm = 0;
      for (double x : direction) {
        norm = Math.hypot(norm, x);
      }
      for (int j = 0; j < width; j++) {
        rows.set((long) row * width + j, direction[j] / norm);
      }
    }
  }

  @Override
  public Value output(Operands operands) {
    ProgramBuilder p = operands.program();
    Joint joint = joint(operands);
    Value moment = operands.moment(joint.mean(), joint.variance(), 0); // [B, K]
    Value pi = p.reshape(operands.weights(), Shape.of(operands.weights().shape().size(), 1));
    return p.matMul(moment, false, p.multiply(pi, operands.parameter(OUT_MEAN)), false);
  }

  @Override
  public Joint joint(Operands operands) {
    ProgramBuilder p = operands.program();
    Value mean = GaussianFamily.mean(operands);
    Value variance = p.varianceProduct(operands.input(), operands.parameter(STD)); // [B, 1]
    return new Joint(mean, p.broadcastTo(variance, mean.shape()), new Factor.None());
  }

  @Override
  public Value trace(Operands operands) {
    return forAll(operands, operands.program().square(operands.parameter(STD)));
  }

  @Override
  public Value logDeterminant(Operands operands) {
    ProgramBuilder p = operands.program();
    return forAll(operands, p.log(p.square(operands.parameter(STD))));
  }

  /** The sum over the coordinates, which is the same for all components: [K]. */
  private static Value forAll(Operands operands, Value coordinates) {
    ProgramBuilder p = operands.program();
    return p.broadcastTo(
        p.reshape(p.sumTo(coordinates, Shape.of(1, 1)), Shape.of(1)), operands.weights().shape());
  }

  @Override
  public Root root(ComponentSize size, Function<String, Tensor> parameters, int component) {
    int outputs = size.outputs();
    int width = outputs + size.inputs();
    Tensor deviations = Tensor.zeros(Shape.of(width), ElementType.FLOAT64);
    for (int j = 0; j < size.inputs(); j++) {
      deviations.set(outputs + j, Math.abs(parameters.apply(STD).get(j)));
    }
    return new Root(deviations, Tensor.zeros(Shape.of(width, 0), ElementType.FLOAT64));
  }
}
