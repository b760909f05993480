package io.measureflow.simd;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static io.measureflow.simd.Samples.toDoubles;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Programs whose activations lie in panels, against the same with every value an output. */
class PanelValuesTest {

  private static final int WIDTH = Kernels.best().panelWidth(Integer.MAX_VALUE);

  /** Rows, units in panels' widths, features and classes. */
  private static final int[][] SIZES = {
    {2, 1, 3, 1}, {9, 2, 23, 5}, {128, 1, 17, 10}, {40, 32, 50, 10}, {150, 6, 9, 16}, {1, 2, 5, 3}
  };

  /** What goes into a program, and all that it computes. */
  private record Step(Program program, Map<String, Value> values, Op gradient) {}

  /**
   * A step of a layer that has everything which values in panels meet: products, moments, rows,
   * columns and numbers that are repeated, sums, and an update.
   *
   * @param open whether all values are outputs, which none in panels is
   */
  private static Step step(int rows, int units, int features, int classes, boolean open) {
    var builder = new ProgramBuilder("step");
    Value x = builder.input("x", Shape.of(rows, features));
    Value column = builder.input("column", Shape.of(rows, 1));
    Value row = builder.input("row", Shape.of(1, units));
    Value g = builder.input("g", Shape.of(rows, classes));
    Value out = builder.input("out", Shape.of(units, classes));
    Value rate = builder.input("rate", Shape.SCALAR);
    Value mean = builder.state("mean", Shape.of(units, features));
    Value deviation = builder.state("deviation", Shape.of(units, features));
    var values = new LinkedHashMap<String, Value>();
    Value product = builder.matMul(x, false, mean, true);
    values.put("product", product);
    Value variance = builder.varianceProduct(x, deviation);
    values.put("variance", variance);
    Value outer = builder.multiply(column, row);
    values.put("outer", outer);
    Value first = builder.reluMoment(product, builder.add(variance, builder.square(outer)), 0);
    values.put("first", first);
    Value second = builder.reluMoment(product, variance, 2);
    values.put("second", second);
    Value scaled = builder.multiply(builder.affine(second, 0.5, 0.1), column);
    values.put("scaled", scaled);
    Value shifted = builder.add(builder.subtract(row, scaled), first);
    values.put("shifted", shifted);
    Value hidden = builder.maximum(shifted, rate);
    values.put("hidden", hidden);
    Value back = builder.matMul(g, false, out, true);
    values.put("back", back);
    Value gradient =
        builder.multiply(back, builder.unary(Op.UnaryFunction.HEAVISIDE, builder.square(product)));
    values.put("gradient", gradient);
    if (open) {
      values.forEach(builder::output);
    }
    builder.output("logits", builder.matMul(hidden, false, out, false));
    builder.output("ofOut", builder.matMul(hidden, true, g, false));
    builder.output("sums", builder.sumTo(gradient, Shape.of(1, units)));
    Value ofMean = builder.matMul(gradient, true, x, false);
    builder.update(new Op.EulerStep(mean, ofMean, builder.constant(0.5), rate));
    Program program = builder.build();
    Op op = Objects.requireNonNull(new Uses(program).definition(ofMean)).op();
    return new Step(program, values, op);
  }

  private static Map<String, float[]> run(Program program, int[] size, int threads) {
    int rows = size[0];
    int units = size[1] * WIDTH;
    try (Backend backend =
            new SimdBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
        Workspace workspace = backend.newWorkspace();
        var step = workspace.compile(program)) {
      Shape parameters = Shape.of(units, size[2]);
      workspace.write("mean", Tensor.of(parameters, normal(1, parameters.size())));
      workspace.write("deviation", Tensor.of(parameters, normal(2, parameters.size())));
      fill(step.input("x"), 3);
      fill(step.input("column"), 4);
      fill(step.input("row"), 5);
      fill(step.input("g"), 6);
      fill(step.input("out"), 7);
      step.input("rate").set(0, 0.01);
      step.run();
      step.run();
      var found = new LinkedHashMap<String, float[]>();
      for (String output : new String[] {"logits", "ofOut", "sums"}) {
        found.put(output + " of " + rows, step.output(output).toFloats());
      }
      found.put("mean", workspace.read("mean").toFloats());
      return found;
    }
  }

  private static void fill(Tensor tensor, int seed) {
    tensor.copyFrom(Tensor.of(tensor.shape(), normal(seed, tensor.shape().size())));
  }

  @Test
  void panelsGiveTheResultsOfRows() {
    for (int[] size : SIZES) {
      int units = size[1] * WIDTH;
      Program open = step(size[0], units, size[2], size[3], true).program;
      Program closed = step(size[0], units, size[2], size[3], false).program;
      Map<String, float[]> expected = run(open, size, 1);
      Map<String, float[]> found = run(closed, size, 1);
      expected.forEach(
          (name, elements) ->
              assertClose(
                  toDoubles(elements), Objects.requireNonNull(found.get(name)), 2e-6, name));
      for (int threads = 2; threads <= 3; threads++) {
        Map<String, float[]> shared = run(closed, size, threads);
        found.forEach((name, elements) -> assertArrayEquals(elements, shared.get(name), name));
      }
    }
  }

  @Test
  void whatLiesInPanels() {
    assertInPanels(true, step(9, 2 * WIDTH, 23, 5, false), true);
    assertInPanels(false, step(9, 2 * WIDTH, 23, 5, true), true);
    assertInPanels(false, step(9, 2 * WIDTH + 1, 23, 5, false), true);
    assertInPanels(false, step(1, 2 * WIDTH, 23, 5, false), true);
    // Products with more columns than a panel has would read their left factor piece by piece.
    assertInPanels(false, step(9, 2 * WIDTH, 23, WIDTH + 1, false), true);
    // A gradient of a state that lies in rows reads its left factor transposed.
    assertInPanels(false, step(9, 2 * WIDTH, 23, 5, false), false);
  }

  private static void assertInPanels(boolean expected, Step step, boolean movesPanels) {
    Map<Op, Boolean> gradients = Map.of(step.gradient, movesPanels);
    Set<Value> found =
        PanelValues.of(step.program, new Uses(step.program), WIDTH, gradients, Set.of());
    step.values.forEach(
        (name, value) -> assertEquals(expected, found.contains(value), name + " of " + step));
    assertTrue(expected || found.isEmpty(), "found " + found);
  }
}
