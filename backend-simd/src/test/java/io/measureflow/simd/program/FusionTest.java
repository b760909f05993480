package io.measureflow.simd.program;

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
import io.measureflow.simd.SimdBackendProvider;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Programs with fused gradients and states stored in another order, compared with the same programs
 * with every value an output, which keeps each instruction a command of its own.
 */
class FusionTest {

  private static final int B = 9;
  private static final int K = 37;
  private static final int D = 23;
  private static final int R = 3;
  private static final Shape MATRIX = Shape.of(K, D);
  private static final Shape FACTOR = Shape.of(K, D, R);
  private static final Map<String, Shape> STATES = new LinkedHashMap<>();

  static {
    STATES.put("mean", MATRIX);
    STATES.put("deviation", MATRIX);
    STATES.put("factor", FACTOR);
    STATES.put("heavy", FACTOR);
    STATES.put("velocity", FACTOR);
  }

  /** Returns a step that updates all states; {@code open} makes every fusible value an output. */
  private static Program step(boolean open) {
    var builder = new ProgramBuilder("step");
    Value x = builder.input("x", Shape.of(B, D));
    Value g = builder.input("g", Shape.of(B, K));
    Value rate = builder.input("rate", Shape.SCALAR);
    Value scale = builder.input("scale", Shape.of(K));
    Value mean = builder.state("mean", MATRIX);
    Value deviation = builder.state("deviation", MATRIX);
    Value factor = builder.state("factor", FACTOR);
    Value heavy = builder.state("heavy", FACTOR);

    Value ofMean = builder.matMul(g, true, x, false);
    Value squares = builder.square(x);
    Value ofVariance = builder.matMul(g, true, squares, false);
    Value ofDeviation = builder.multiply(builder.affine(deviation, 2, 0.5), ofVariance);
    Value ofFactor = ofFactor(builder, x, factor, open, "factor");
    Value ofHeavy = ofFactor(builder, x, heavy, open, "heavy");
    if (open) {
      builder.output("ofMean", ofMean);
      builder.output("squares", squares);
      builder.output("ofVariance", ofVariance);
      builder.output("ofDeviation", ofDeviation);
    }
    builder.update(new Op.EulerStep(mean, ofMean, scale, rate));
    builder.update(new Op.EulerStep(deviation, ofDeviation, scale, rate));
    builder.update(new Op.EulerStep(factor, ofFactor, scale, rate));
    builder.update(
        new Op.MomentumStep(
            heavy, builder.state("velocity", FACTOR), ofHeavy, scale, rate, 0.75, false));
    return builder.build();
  }

  /** Returns the gradient of half the square of x F for a whole stack F of factors. */
  private static Value ofFactor(
      ProgramBuilder builder, Value x, Value factor, boolean open, String name) {
    Value stacked = builder.permute(factor, 2, 0, 1);
    Value t = builder.matMul(x, false, builder.reshape(stacked, Shape.of(R * K, D)), true);
    Value product = builder.matMul(t, true, x, false);
    Value gradient = builder.permute(builder.reshape(product, Shape.of(R, K, D)), 1, 2, 0);
    if (open) {
      builder.output(name + ".stacked", stacked);
      builder.output(name + ".product", product);
      builder.output(name + ".gradient", gradient);
    }
    return gradient;
  }

  /** Returns a program that reads a state as it is. */
  private static Program reading(String state) {
    var builder = new ProgramBuilder("reading " + state);
    builder.output(
        "out",
        builder.affine(builder.state(state, Objects.requireNonNull(STATES.get(state))), -1, 0));
    return builder.build();
  }

  /** Returns the states after three steps, having written all of them first. */
  private static Map<String, float[]> run(
      Program program, int threads, Consumer<Workspace> beforehand) {
    try (Backend backend =
            new SimdBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
        Workspace workspace = backend.newWorkspace()) {
      beforehand.accept(workspace);
      try (var step = workspace.compile(program)) {
        int seed = 1;
        for (var state : STATES.entrySet()) {
          Tensor value = Tensor.of(state.getValue(), normal(seed++, state.getValue().size()));
          workspace.write(state.getKey(), value);
          assertArrayEquals(value.toFloats(), workspace.read(state.getKey()).toFloats());
        }
        step.input("x").copyFrom(Tensor.of(Shape.of(B, D), normal(11, B * D)));
        step.input("g").copyFrom(Tensor.of(Shape.of(B, K), normal(12, B * K)));
        step.input("scale").copyFrom(Tensor.of(Shape.of(K), normal(13, K)));
        step.input("rate").set(0, 0.01);
        for (int i = 0; i < 3; i++) {
          step.run();
        }
      }
      var found = new HashMap<String, float[]>();
      for (String state : STATES.keySet()) {
        found.put(state, workspace.read(state).toFloats());
        try (var reader = workspace.compile(reading(state))) {
          reader.run();
          float[] negated = reader.output("out").toFloats();
          float[] elements = Objects.requireNonNull(found.get(state));
          for (int i = 0; i < negated.length; i++) {
            assertEquals(-elements[i], negated[i], 0, state);
          }
        }
      }
      return found;
    }
  }

  private static void assertSameStates(Map<String, float[]> expected, Map<String, float[]> found) {
    expected.forEach(
        (state, elements) ->
            assertClose(
                toDoubles(elements), Objects.requireNonNull(found.get(state)), 2e-6, state));
  }

  @Test
  void fusedStepsMoveAsSeparateOnesDo() {
    Map<String, float[]> separate = run(step(true), 1, workspace -> {});
    Map<String, float[]> fused = run(step(false), 1, workspace -> {});
    assertSameStates(separate, fused);
    Map<String, float[]> onThreeThreads = run(step(false), 3, workspace -> {});
    fused.forEach(
        (state, elements) -> assertArrayEquals(elements, onThreeThreads.get(state), state));
  }

  /** The first program decides the layout of a state; results do not depend on it. */
  @Test
  void theOrderOfStatesDoesNotShow() {
    Map<String, float[]> expected = run(step(true), 1, workspace -> {});
    for (List<String> first :
        List.of(
            List.of("factor"),
            List.of("heavy"),
            List.of("velocity"),
            List.of("factor", "heavy", "velocity"))) {
      assertSameStates(
          expected,
          run(
              step(false),
              2,
              workspace -> first.forEach(state -> workspace.compile(reading(state)).close())));
    }
  }

  /** A program with another update, and one that predicts, read a state stored in panels. */
  @Test
  void othersFindStatesInPanels() {
    float[] alone = momentumOfFactor(workspace -> {});
    float[] after = momentumOfFactor(workspace -> workspace.compile(step(false)).close());
    assertClose(toDoubles(alone), after, 2e-6, "momentum");
  }

  private static float[] momentumOfFactor(Consumer<Workspace> beforehand) {
    var builder = new ProgramBuilder("momentum");
    Value x = builder.input("x", Shape.of(B, D));
    Value factor = builder.state("factor", FACTOR);
    Value mean = builder.state("mean", MATRIX);
    Value deviation = builder.state("deviation", MATRIX);
    Value gradient = ofFactor(builder, x, factor, false, "factor");
    builder.output("product", builder.matMul(x, false, mean, true));
    builder.output("variance", builder.varianceProduct(x, deviation));
    builder.update(
        new Op.MomentumStep(
            factor,
            builder.state("speed", FACTOR),
            gradient,
            builder.constant(1, Shape.SCALAR),
            builder.constant(0.01, Shape.SCALAR),
            0.5,
            false));
    try (Backend backend =
            new SimdBackendProvider().open(BackendSettings.of(2, Precision.FLOAT32));
        Workspace workspace = backend.newWorkspace()) {
      beforehand.accept(workspace);
      try (var program = workspace.compile(builder.build())) {
        for (var state : List.of("factor", "mean", "deviation")) {
          Shape shape = Objects.requireNonNull(STATES.get(state));
          workspace.write(state, Tensor.of(shape, normal(5, shape.size())));
        }
        program.input("x").copyFrom(Tensor.of(Shape.of(B, D), normal(11, B * D)));
        program.run();
        program.run();
        float[] moved = workspace.read("factor").toFloats();
        float[] product = program.output("product").toFloats();
        float[] variance = program.output("variance").toFloats();
        float[] found = new float[moved.length + product.length + variance.length];
        System.arraycopy(moved, 0, found, 0, moved.length);
        System.arraycopy(product, 0, found, moved.length, product.length);
        System.arraycopy(variance, 0, found, moved.length + product.length, variance.length);
        return found;
      }
    }
  }

  /**
   * Squares that are reshaped, and permutations of permutations, have another layout than the
   * state.
   */
  @Test
  void whatPanelsDoNotFit() {
    var builder = new ProgramBuilder("detours");
    Value x = builder.input("x", Shape.of(B, D));
    Value g = builder.input("g", Shape.of(B, K));
    Value mean = builder.state("mean", MATRIX);
    Value factor = builder.state("factor", FACTOR);
    Value squares = builder.reshape(builder.square(mean), MATRIX);
    Value twice = builder.permute(builder.permute(factor, 2, 0, 1), 2, 0, 1);
    builder.output("ofSquares", builder.matMul(x, false, squares, true));
    Value stack = builder.reshape(twice, Shape.of(D * R, K));
    builder.output("ofStack", builder.matMul(g, false, stack, true));
    Value one = builder.constant(1);
    Value ofFactor = ofFactor(builder, x, factor, false, "factor");
    builder.update(new Op.EulerStep(mean, builder.matMul(g, true, x, false), one, one));
    builder.update(new Op.EulerStep(factor, ofFactor, one, one));
    Program program = builder.build();
    List<float[]> found = outputs(program, workspace -> {});
    List<float[]> expected =
        outputs(
            program,
            workspace -> {
              workspace.compile(reading("mean")).close();
              workspace.compile(reading("factor")).close();
            });
    for (int i = 0; i < expected.size(); i++) {
      assertClose(toDoubles(expected.get(i)), found.get(i), 2e-6, "output " + i);
    }
  }

  private static List<float[]> outputs(Program program, Consumer<Workspace> beforehand) {
    try (Backend backend =
            new SimdBackendProvider().open(BackendSettings.of(2, Precision.FLOAT32));
        Workspace workspace = backend.newWorkspace()) {
      beforehand.accept(workspace);
      try (var executable = workspace.compile(program)) {
        workspace.write("mean", Tensor.of(MATRIX, normal(5, K * D)));
        workspace.write("factor", Tensor.of(FACTOR, normal(6, K * D * R)));
        executable.input("x").copyFrom(Tensor.of(Shape.of(B, D), normal(11, B * D)));
        executable.input("g").copyFrom(Tensor.of(Shape.of(B, K), normal(12, B * K)));
        executable.run();
        return List.of(
            executable.output("ofSquares").toFloats(),
            executable.output("ofStack").toFloats(),
            workspace.read("mean").toFloats(),
            workspace.read("factor").toFloats());
      }
    }
  }

  /** A result reuses the memory of an operand that is not read any more; all runs are equal. */
  @Test
  void resultsTakeTheMemoryOfOperands() {
    float[] expected = chain(true).getFirst();
    for (float[] found : chain(false)) {
      assertArrayEquals(expected, found);
    }
  }

  /** Returns the results of three runs; {@code open} makes every value an output. */
  private static List<float[]> chain(boolean open) {
    var builder = new ProgramBuilder("chain");
    Value x = builder.input("x", Shape.of(B, D));
    Value product = builder.matMul(x, false, builder.state("mean", MATRIX), true);
    Value twice = builder.affine(product, 2, 1);
    Value square = builder.square(twice);
    Value scaled = builder.multiply(square, product);
    Value flat = builder.reshape(product, Shape.of(B * K));
    Value power = builder.exp(builder.affine(flat, -0.125, 0));
    Value sum = builder.add(builder.reshape(scaled, Shape.of(B * K)), power);
    builder.output("sum", builder.multiply(sum, builder.square(sum)));
    if (open) {
      var values = List.of(product, twice, square, scaled, flat, power, sum);
      for (int i = 0; i < values.size(); i++) {
        builder.output("value " + i, values.get(i));
      }
    }
    try (Backend backend =
            new SimdBackendProvider().open(BackendSettings.of(2, Precision.FLOAT32));
        Workspace workspace = backend.newWorkspace();
        var executable = workspace.compile(builder.build())) {
      workspace.write("mean", Tensor.of(MATRIX, normal(5, K * D)));
      executable.input("x").copyFrom(Tensor.of(Shape.of(B, D), normal(11, B * D)));
      var found = new ArrayList<float[]>();
      for (int run = 0; run < 3; run++) {
        executable.run();
        found.add(executable.output("sum").toFloats());
      }
      return found;
    }
  }

  /** Products share squares, or square what they read, anew in each run. */
  @Test
  void productsShareSquares() {
    List<float[]> expected = squares(true);
    List<float[]> found = squares(false);
    for (int i = 0; i < expected.size(); i++) {
      assertClose(toDoubles(expected.get(i)), found.get(i), 2e-6, "result " + i);
    }
  }

  private static Value seen(ProgramBuilder builder, List<String> names, Value value) {
    Value square = builder.square(value);
    names.add("square " + names.size());
    builder.output(names.getLast(), square);
    return square;
  }

  /**
   * Returns the results of two runs with different inputs; {@code open} makes all squares outputs.
   */
  private static List<float[]> squares(boolean open) {
    var builder = new ProgramBuilder("squares");
    Value x = builder.input("x", Shape.of(B, D));
    Value g = builder.input("g", Shape.of(B, K));
    Value computed = builder.affine(x, 2, 1);
    Value mean = builder.state("mean", MATRIX);
    Value deviation = builder.state("deviation", MATRIX);
    var names = new ArrayList<String>();
    for (Value factor : List.of(x, computed, mean)) {
      Value variance =
          open
              ? builder.matMul(
                  seen(builder, names, factor), false, seen(builder, names, deviation), true)
              : builder.varianceProduct(factor, deviation);
      names.add("variance " + names.size());
      builder.output(names.getLast(), variance);
      Value square = open ? seen(builder, names, factor) : builder.square(factor);
      Value left = factor.equals(mean) ? deviation : g;
      names.add("product " + names.size());
      builder.output(names.getLast(), builder.matMul(left, true, square, false));
    }
    builder.update(new Op.Assign(mean, builder.affine(mean, -0.5, 1)));
    try (Backend backend =
            new SimdBackendProvider().open(BackendSettings.of(2, Precision.FLOAT32));
        Workspace workspace = backend.newWorkspace();
        var executable = workspace.compile(builder.build())) {
      workspace.write("mean", Tensor.of(MATRIX, normal(5, K * D)));
      workspace.write("deviation", Tensor.of(MATRIX, normal(6, K * D)));
      var found = new ArrayList<float[]>();
      for (int run = 0; run < 2; run++) {
        executable.input("x").copyFrom(Tensor.of(Shape.of(B, D), normal(11 + run, B * D)));
        executable.input("g").copyFrom(Tensor.of(Shape.of(B, K), normal(21 + run, B * K)));
        executable.run();
        names.stream()
            .filter(name -> !name.startsWith("square"))
            .forEach(name -> found.add(executable.output(name).toFloats()));
        found.add(workspace.read("mean").toFloats());
      }
      return found;
    }
  }
}
