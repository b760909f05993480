package io.measureflow.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.GaussianFamily;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.Operands;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.autodiff.Gradients;
import io.measureflow.core.families.Families;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the examples compute, against their definitions and finite differences. */
class FormulasTest {

  private static final double STEP = 1e-5;

  private static void assertClose(double expected, double found, double tolerance, String what) {
    assertTrue(
        Math.abs(found - expected) <= tolerance,
        () -> what + ": expected " + expected + ", found " + found);
  }

  /** A program of float64. */
  private static final class Compiled implements AutoCloseable {
    private final Backend backend =
        new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
    private final Workspace workspace = backend.newWorkspace();
    private final Executable executable;

    Compiled(ProgramBuilder program) {
      executable = workspace.compile(program.build());
    }

    void fill(String input, double... values) {
      for (int i = 0; i < values.length; i++) {
        executable.input(input).set(i, values[i]);
      }
    }

    double[] run(String output) {
      executable.run();
      return executable.output(output).toDoubles();
    }

    /** Compares the output "gradient" with differences of the output "objective". */
    void checkGradient(String input, double... at) {
      fill(input, at);
      double[] gradient = run("gradient").clone();
      for (int i = 0; i < at.length; i++) {
        executable.input(input).set(i, at[i] + STEP);
        double above = run("objective")[0];
        executable.input(input).set(i, at[i] - STEP);
        double below = run("objective")[0];
        executable.input(input).set(i, at[i]);
        assertClose((above - below) / (2 * STEP), gradient[i], 1e-8, input + " " + i);
      }
    }

    @Override
    public void close() {
      executable.close();
      workspace.close();
      backend.close();
    }
  }

  @Test
  void pinballWeighsErrorsByTheirSide() {
    var program = new ProgramBuilder("pinball");
    Value output = program.input("output", Shape.of(2, 3));
    Value target = program.input("target", Shape.of(2, 3));
    Value loss = new Pinball().withOption("quantile", List.of(0.8)).value(program, output, target);
    program.output("objective", loss);
    program.output("gradient", Gradients.of(program, loss, List.of(output)).getFirst());
    double[] outputs = {0.3, -0.7, 4, 1.5, 0, -2};
    double[] targets = {0.1, 0.2, 1, 1.25, 0.5, 3};
    double sum = 0;
    for (int i = 0; i < outputs.length; i++) {
      double missing = targets[i] - outputs[i];
      sum += missing > 0 ? 0.8 * missing : -0.2 * missing;
    }
    try (var compiled = new Compiled(program)) {
      compiled.fill("output", outputs);
      compiled.fill("target", targets);
      assertClose(sum / 6, compiled.run("objective")[0], 1e-15, "loss");
      compiled.checkGradient("output", outputs);
    }
  }

  @Test
  void pinballRefusesWrongOptions() {
    var pinball = new Pinball();
    assertEquals(Map.of("quantile", List.of(0.5)), pinball.options());
    assertThrows(
        IllegalArgumentException.class, () -> pinball.withOption("quantile", List.of(1.0)));
    assertThrows(
        IllegalArgumentException.class, () -> pinball.withOption("quantile", List.of(0.2, 0.3)));
    assertThrows(IllegalArgumentException.class, () -> pinball.withOption("delta", List.of(0.2)));
  }

  @Test
  void lionFollowsTheSignOfItsMean() {
    var program = new ProgramBuilder("lion");
    Shape shape = Shape.of(4);
    Value parameter = program.state("w", shape);
    Value mean = program.state("m", shape);
    Value gradient = program.input("gradient", shape);
    var coordinate =
        new Flow.Coordinate(
            "w",
            ParameterSpec.mean("w", shape, new Initializer.Constant(0)),
            parameter,
            new NamedValues(Map.of("mean", mean)),
            program.constant(0.1),
            true);
    List<Flow.Gradient> gradients = List.of(new Flow.Gradient(gradient, program.constant(2)));
    Flow lion = new Lion().withOption("beta1", 0.5).withOption("beta2", 0.75);
    lion.step(
        program,
        new Flow.Step(
            List.of(coordinate), gradients, parameters -> gradients, program.constant(1), 0));
    var random = new SplittableRandom(3);
    double[] w = new double[4];
    double[] m = new double[4];
    try (var compiled = new Compiled(program)) {
      for (int step = 0; step < 6; step++) {
        double[] g = random.doubles(4, -1, 1).toArray();
        compiled.fill("gradient", g);
        compiled.executable.run();
        for (int i = 0; i < 4; i++) {
          w[i] -= 0.1 * Math.signum(0.5 * m[i] + 0.5 * 2 * g[i]);
          m[i] = 0.75 * m[i] + 0.25 * 2 * g[i];
          assertClose(w[i], compiled.workspace.read("w").get(i), 1e-14, "w");
          assertClose(m[i], compiled.workspace.read("m").get(i), 1e-14, "m");
        }
      }
    }
  }

  /** Diagonal components that have equal deviations, and what the shared ones are worth. */
  @Test
  void tiedIsDiagonalWithEqualDeviations() {
    var program = new ProgramBuilder("tied");
    Value x = program.input("x", Shape.of(4, 3));
    Value weights = program.input("weights", Shape.of(5));
    Value outMean = program.input("out_mean", Shape.of(5, 2));
    Value inMean = program.input("in_mean", Shape.of(5, 3));
    Value std = program.input("std", Shape.of(1, 3));
    GaussianFamily tied = new TiedFamily();
    Operands own =
        operands(
            program, x, weights, Map.of("out_mean", outMean, "in_mean", inMean, "tied_std", std));
    Operands diagonal =
        operands(
            program,
            x,
            weights,
            Map.of(
                "out_mean",
                outMean,
                "in_mean",
                inMean,
                "in_std",
                program.broadcastTo(std, Shape.of(5, 3))));
    Value output = tied.output(own);
    Value objective = program.sumTo(program.square(output), Shape.SCALAR);
    program.output("objective", objective);
    program.output("gradient", Gradients.of(program, objective, List.of(std)).getFirst());
    program.output("output", program.affine(output, 1, 0));
    program.output("of diagonal", Families.DIAGONAL.output(diagonal));
    program.output("trace", tied.trace(own));
    program.output("trace of diagonal", ((GaussianFamily) Families.DIAGONAL).trace(diagonal));
    program.output("determinant", tied.logDeterminant(own));
    program.output(
        "determinant of diagonal", ((GaussianFamily) Families.DIAGONAL).logDeterminant(diagonal));
    var random = new SplittableRandom(5);
    try (var compiled = new Compiled(program)) {
      compiled.fill("x", random.doubles(12, -1, 1).toArray());
      compiled.fill("weights", 0.1, 0.2, 0.3, 0.25, 0.15);
      compiled.fill("out_mean", random.doubles(10, -1, 1).toArray());
      compiled.fill("in_mean", random.doubles(15, -1, 1).toArray());
      compiled.checkGradient("std", 0.5, -0.7, 0.9);
      for (String name : List.of("output", "trace", "determinant")) {
        double[] found = compiled.run(name).clone();
        double[] expected =
            compiled.run(name.equals("output") ? "of diagonal" : name + " of diagonal");
        for (int i = 0; i < expected.length; i++) {
          assertClose(expected[i], found[i], 1e-12, name + " " + i);
        }
      }
    }
  }

  private static Operands operands(
      ProgramBuilder program, Value x, Value weights, Map<String, Value> parameters) {
    return new Operands(program, x, weights, new NamedValues(parameters), Activations.RELU);
  }
}
