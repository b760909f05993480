package io.measureflow.simd;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static io.measureflow.simd.Samples.toDoubles;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Programs with activations in panels, compared with the same with every value an output. */
class PanelValuesTest {

  private static final int WIDTH = Kernels.best().panelWidth(Integer.MAX_VALUE);

  /** Rows, units in panels' widths, features and classes. */
  private static final int[][] SIZES = {
    {2, 1, 3, 1}, {9, 2, 23, 5}, {128, 1, 17, 10}, {40, 32, 50, 10}, {150, 6, 9, 16}, {1, 2, 5, 3}
  };

  /** A program, its inputs, and everything it computes. */
  private record Layer(Program program, Map<String, Value> values, List<Op> gradients) {}

  /**
   * Returns a step of a layer with everything that values in panels interact with: products,
   * moments, repeated rows, columns and numbers, sums, two matrices in one, and updates.
   *
   * @param open whether all values are outputs, so that none is in panels
   */
  private static Layer layer(int rows, int units, int features, int classes, boolean open) {
    var builder = new ProgramBuilder("step");
    Value x = builder.input("x", Shape.of(rows, features));
    Value column = builder.input("column", Shape.of(rows, 1));
    Value row = builder.input("row", Shape.of(1, units));
    Value g = builder.input("g", Shape.of(rows, classes));
    Value out = builder.input("out", Shape.of(units, classes));
    Value rate = builder.input("rate", Shape.SCALAR);
    Value mean = builder.state("mean", Shape.of(units, features));
    Value deviation = builder.state("deviation", Shape.of(units, features));
    Value factor = builder.state("factor", Shape.of(2 * units, features));
    Value outOfTwo = builder.input("outOfTwo", Shape.of(2 * units, classes));
    Shape single = Shape.of(rows, 1, units);
    Shape two = Shape.of(rows, 2, units);
    var values = new LinkedHashMap<String, Value>();
    Value side = builder.matMul(x, false, factor, true);
    values.put("side", side);
    Value stack = builder.reshape(side, two);
    values.put("stack", stack);
    Value sum = builder.sumTo(builder.square(stack), single);
    values.put("sum", sum);
    Value product = builder.matMul(x, false, mean, true);
    values.put("product", product);
    Value ofStack = builder.reshape(sum, Shape.of(rows, units));
    Value variance = builder.add(builder.varianceProduct(x, deviation), ofStack);
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
    Value cross = builder.multiply(builder.reshape(first, single), stack);
    values.put("cross", cross);
    Value spread = builder.broadcastTo(builder.reshape(shifted, single), two);
    values.put("spread", spread);
    Value flat = builder.reshape(builder.multiply(spread, stack), Shape.of(rows, 2 * units));
    values.put("flat", flat);
    // As wide as a panel: read in panels, and written in one.
    Value toOne = builder.input("toOne", Shape.of(units, WIDTH));
    Value one = builder.maximum(builder.matMul(hidden, false, toOne, false), rate);
    Value back = builder.matMul(g, false, out, true);
    values.put("back", back);
    Value gradient =
        builder.multiply(back, builder.unary(Op.UnaryFunction.HEAVISIDE, builder.square(product)));
    values.put("gradient", gradient);
    if (open) {
      values.forEach(builder::output);
      builder.output("one", one);
    }
    builder.output("logits", builder.matMul(hidden, false, out, false));
    Value ofCross = builder.reshape(cross, Shape.of(rows, 2 * units));
    builder.output("logitsOfTwo", builder.matMul(ofCross, false, outOfTwo, false));
    Value fromOne = builder.input("fromOne", Shape.of(WIDTH, classes));
    builder.output("logitsOfOne", builder.matMul(one, false, fromOne, false));
    builder.output("ofOut", builder.matMul(hidden, true, g, false));
    builder.output("sums", builder.sumTo(gradient, Shape.of(1, units)));
    Value ofMean = builder.matMul(gradient, true, x, false);
    Value ofFactor = builder.matMul(flat, true, x, false);
    builder.update(new Op.EulerStep(mean, ofMean, builder.constant(0.5), rate));
    builder.update(new Op.EulerStep(factor, ofFactor, builder.constant(0.5), rate));
    Program program = builder.build();
    var defUse = new DefUse(program);
    List<Op> gradients =
        Stream.of(ofMean, ofFactor)
            .map(value -> Objects.requireNonNull(defUse.definition(value)).op())
            .toList();
    return new Layer(program, values, gradients);
  }

  private static Map<String, float[]> run(Program program, int[] size, int threads) {
    int rows = size[0];
    int units = size[1] * WIDTH;
    try (Backend backend =
            new SimdBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
        Workspace workspace = backend.newWorkspace();
        var executable = workspace.compile(program)) {
      Shape parameters = Shape.of(units, size[2]);
      workspace.write("mean", Tensor.of(parameters, normal(1, parameters.size())));
      workspace.write("deviation", Tensor.of(parameters, normal(2, parameters.size())));
      Shape two = Shape.of(2 * units, size[2]);
      workspace.write("factor", Tensor.of(two, normal(8, two.size())));
      fill(executable.input("outOfTwo"), 9);
      fill(executable.input("toOne"), 10);
      fill(executable.input("fromOne"), 11);
      fill(executable.input("x"), 3);
      fill(executable.input("column"), 4);
      fill(executable.input("row"), 5);
      fill(executable.input("g"), 6);
      fill(executable.input("out"), 7);
      executable.input("rate").set(0, 0.01);
      executable.run();
      executable.run();
      var found = new LinkedHashMap<String, float[]>();
      for (String output : new String[] {"logits", "logitsOfTwo", "logitsOfOne", "ofOut", "sums"}) {
        found.put(output + " of " + rows, executable.output(output).toFloats());
      }
      found.put("mean", workspace.read("mean").toFloats());
      found.put("factor", workspace.read("factor").toFloats());
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
      Program open = layer(size[0], units, size[2], size[3], true).program;
      Program closed = layer(size[0], units, size[2], size[3], false).program;
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
    assertInPanels(true, layer(9, 2 * WIDTH, 23, 5, false), true);
    assertInPanels(false, layer(9, 2 * WIDTH, 23, 5, true), true);
    assertInPanels(false, layer(9, 2 * WIDTH + 1, 23, 5, false), true);
    assertInPanels(false, layer(1, 2 * WIDTH, 23, 5, false), true);
    // Products with more columns than a panel would read their left factor piece by piece.
    assertInPanels(false, layer(9, 2 * WIDTH, 23, WIDTH + 1, false), true);
    // A gradient of a row-major state reads its left factor transposed.
    assertInPanels(false, layer(9, 2 * WIDTH, 23, 5, false), false);
  }

  private static void assertInPanels(boolean expected, Layer layer, boolean movesPanels) {
    var gradients = new HashMap<Op, Boolean>();
    layer.gradients.forEach(op -> gradients.put(op, movesPanels));
    Set<Value> found =
        PanelValues.of(layer.program, new DefUse(layer.program), WIDTH, gradients, Set.of());
    layer.values.forEach(
        (name, value) -> assertEquals(expected, found.contains(value), name + " of " + layer));
  }
}
