package io.measureflow.simd;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Op.BinaryFunction;
import io.measureflow.api.program.Op.UnaryFunction;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.simd.kernels.NormalOracle;
import io.measureflow.simd.operations.SummationTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares programs on the backend with plain loops. */
class SimdBackendTest {

  private static final int[] LABELS = {2, 0, 1, 2};

  private Backend backend;
  private Workspace workspace;

  @BeforeEach
  void open() {
    backend = open(2);
    workspace = backend.newWorkspace();
  }

  @AfterEach
  void close() {
    workspace.close();
    backend.close();
  }

  private static Backend open(int threads) {
    return new SimdBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
  }

  /** Runs a program that has one output, {@code out}; a second run must give the same. */
  private float[] run(Program program, Map<String, Tensor> inputs) {
    try (var executable = workspace.compile(program)) {
      inputs.forEach((name, tensor) -> executable.input(name).copyFrom(tensor));
      executable.run();
      float[] first = executable.output("out").toFloats();
      executable.run();
      assertArrayEquals(first, executable.output("out").toFloats());
      return first;
    }
  }

  private interface Operation {
    Value apply(ProgramBuilder builder, Value value);
  }

  private float[] apply(Shape shape, float[] a, Operation operation) {
    var builder = new ProgramBuilder("test");
    Value input = builder.input("a", shape);
    builder.output("out", operation.apply(builder, input));
    return run(builder.build(), Map.of("a", Tensor.of(shape, a)));
  }

  @Test
  void unaryFunctions() {
    for (int size : new int[] {0, 1, 5, 33, 40_001}) {
      float[] a = normal(size, size);
      for (int i = 0; i < size; i++) {
        a[i] = Math.abs(a[i]) + 0.01f;
      }
      var functions = new EnumMap<UnaryFunction, DoubleUnaryOperator>(UnaryFunction.class);
      functions.put(UnaryFunction.NEGATE, x -> -x);
      functions.put(UnaryFunction.SQUARE, x -> x * x);
      functions.put(UnaryFunction.SQRT, Math::sqrt);
      functions.put(UnaryFunction.EXP, Math::exp);
      functions.put(UnaryFunction.LOG, Math::log);
      functions.put(UnaryFunction.LOG1P, Math::log1p);
      functions.put(UnaryFunction.RECIPROCAL, x -> 1 / x);
      functions.put(UnaryFunction.HEAVISIDE, x -> x > 0 ? 1 : x < 0 ? 0 : 0.5);
      functions.put(UnaryFunction.POSITIVE, x -> x > 0 ? 1 : 0);
      functions.put(UnaryFunction.ERF, NormalOracle::erf);
      functions.put(UnaryFunction.SIN, Math::sin);
      functions.put(UnaryFunction.COS, Math::cos);
      assertEquals(UnaryFunction.values().length, functions.size());
      functions.forEach(
          (function, oracle) -> {
            double[] expected = new double[size];
            for (int i = 0; i < size; i++) {
              expected[i] = oracle.applyAsDouble(a[i]);
            }
            float[] found =
                apply(Shape.of(size), a, (builder, value) -> builder.unary(function, value));
            for (int i = 0; i < size; i++) {
              assertClose(
                  expected[i], found[i], 4e-7 * Math.max(1, Math.abs(expected[i])), function + "");
            }
          });
    }
  }

  @Test
  void unaryFunctionsOfExtremes() {
    float inf = Float.POSITIVE_INFINITY;
    float[] a = {0, -0.0f, inf, -inf, Float.NaN, -1};
    assertArrayEquals(
        new float[] {inf, -inf, 0, -0.0f, Float.NaN, -1},
        apply(Shape.of(6), a, (b, v) -> b.unary(UnaryFunction.RECIPROCAL, v)));
    assertArrayEquals(
        new float[] {-inf, -inf, inf, Float.NaN, Float.NaN, Float.NaN},
        apply(Shape.of(6), a, (b, v) -> b.unary(UnaryFunction.LOG, v)));
    assertArrayEquals(
        new float[] {0, -0.0f, inf, Float.NaN, Float.NaN, Float.NaN},
        apply(Shape.of(6), a, (b, v) -> b.unary(UnaryFunction.SQRT, v)));
    assertArrayEquals(
        new float[] {0, 0, inf, 0, Float.NaN, 0},
        apply(Shape.of(6), a, (b, v) -> b.maximum(v, b.constant(0))));
    assertArrayEquals(
        new float[] {0, -0.0f, 0, -inf, Float.NaN, -1},
        apply(Shape.of(6), a, (b, v) -> b.minimum(b.constant(0), v)));
  }

  @Test
  void binaryFunctionsBroadcast() {
    List<Shape> shapes =
        List.of(
            Shape.SCALAR,
            Shape.of(1),
            Shape.of(7),
            Shape.of(5, 1),
            Shape.of(5, 7),
            Shape.of(1, 7),
            Shape.of(3, 5, 7),
            Shape.of(3, 1, 1),
            Shape.of(3, 1, 7),
            Shape.of(1, 5, 1),
            Shape.of(130, 5, 1),
            Shape.of(130, 1, 257),
            Shape.of(0, 7),
            Shape.of(0, 1));
    for (Shape a : shapes) {
      for (Shape b : shapes) {
        Shape out;
        try {
          out = a.broadcast(b);
        } catch (IllegalArgumentException e) {
          continue;
        }
        float[] x = normal(a.size(), a.size());
        float[] y = normal(b.size() + 1, b.size());
        for (BinaryFunction function : BinaryFunction.values()) {
          var builder = new ProgramBuilder("binary");
          Value va = builder.input("a", a);
          Value vb = builder.input("b", b);
          builder.output("out", builder.emit(new Op.Binary(function, va, vb)));
          float[] found = run(builder.build(), Map.of("a", Tensor.of(a, x), "b", Tensor.of(b, y)));
          float[] expected = new float[out.size()];
          for (int i = 0; i < expected.length; i++) {
            float p = x[SummationTest.sourcePosition(out, a, i)];
            float q = y[SummationTest.sourcePosition(out, b, i)];
            expected[i] =
                switch (function) {
                  case ADD -> p + q;
                  case SUBTRACT -> p - q;
                  case MULTIPLY -> p * q;
                  case DIVIDE -> p / q;
                  case MAXIMUM -> Math.max(p, q);
                  case MINIMUM -> Math.min(p, q);
                };
          }
          assertArrayEquals(expected, found, function + " " + a + " " + b);
        }
        if (a.broadcastsTo(out)) {
          float[] expected = new float[out.size()];
          for (int i = 0; i < expected.length; i++) {
            expected[i] = x[SummationTest.sourcePosition(out, a, i)];
          }
          assertArrayEquals(
              expected,
              apply(a, x, (builder, v) -> builder.emit(new Op.BroadcastTo(v, out))),
              a + " to " + out);
        }
      }
    }
  }

  @Test
  void columnsAndConstants() {
    Shape shape = Shape.of(2, 3);
    float[] a = {1, 2, 3, 4, 5, 6};
    assertArrayEquals(
        new float[] {1, 2, 3, 1, 4, 5, 6, 1}, apply(shape, a, (b, v) -> b.appendOnes(v)));
    assertArrayEquals(new float[] {2, 3, 5, 6}, apply(shape, a, (b, v) -> b.sliceColumns(v, 1, 3)));
    assertArrayEquals(new float[0], apply(shape, a, (b, v) -> b.sliceColumns(v, 1, 1)));
    assertArrayEquals(
        new float[] {0, 1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0},
        apply(shape, a, (b, v) -> b.padColumns(v, 1, 2)));
    assertArrayEquals(
        new float[] {2.5f, 4.5f, 6.5f, 8.5f, 10.5f, 12.5f},
        apply(shape, a, (b, v) -> b.affine(v, 2, 0.5)));
    assertArrayEquals(new float[] {9, 9}, apply(shape, a, (b, v) -> b.constant(9, Shape.of(2))));
    assertArrayEquals(
        new float[] {1, 0, 1, 0},
        apply(Shape.of(2, 0), new float[0], (b, v) -> b.padColumns(b.appendOnes(v), 0, 1)));
  }

  @Test
  void reshapeKeepsOrderAndOwnsWhatMayChange() {
    Shape shape = Shape.of(2, 3);
    float[] a = {1, 2, 3, 4, 5, 6};
    assertArrayEquals(
        new float[] {-1, -2, -3, -4, -5, -6},
        apply(shape, a, (b, v) -> b.reshape(b.unary(UnaryFunction.NEGATE, v), Shape.of(6))));

    var builder = new ProgramBuilder("reshape");
    Value state = builder.state("s", Shape.of(2));
    builder.output("out", builder.reshape(state, Shape.of(2, 1)));
    builder.update(new Op.Assign(state, builder.constant(5, Shape.of(2))));
    try (var executable = workspace.compile(builder.build())) {
      workspace.write("s", Tensor.of(Shape.of(2), new float[] {1, 2}));
      executable.run();
      assertArrayEquals(new float[] {1, 2}, executable.output("out").toFloats());
      assertArrayEquals(new float[] {5, 5}, workspace.read("s").toFloats());
    }
  }

  @Test
  void momentsOfRelu() {
    Shape shape = Shape.of(41, 101);
    float[] m = normal(1, shape.size());
    float[] v = normal(2, shape.size());
    for (int i = 0; i < v.length; i++) {
      v[i] = v[i] * v[i] + 0.01f;
    }
    for (int order = 0; order <= Op.ReluMoments.MAX_ORDER; order++) {
      var builder = new ProgramBuilder("moments");
      Value mean = builder.input("m", shape);
      Value variance = builder.input("v", shape);
      builder.output("out", builder.reluMoment(mean, variance, order));
      float[] found =
          run(builder.build(), Map.of("m", Tensor.of(shape, m), "v", Tensor.of(shape, v)));
      for (int i = 0; i < m.length; i++) {
        double exact = NormalOracle.reluMoment(order, m[i], v[i]);
        double size = Math.max(1, Math.abs(exact));
        if (order == 4) {
          size = Math.max(size, NormalOracle.reluMoment(2, m[i], v[i]) / v[i]);
        }
        assertClose(exact, found[i], 2e-6 * size, "G" + order);
      }
    }
  }

  @Test
  void permutations() {
    for (Shape shape :
        List.of(Shape.of(5, 7, 3), Shape.of(300, 33, 4), Shape.of(33, 4, 300), Shape.of(2, 1, 9))) {
      float[] a = normal(1, shape.size());
      for (int[] axes :
          new int[][] {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
        int[] length = {
          shape.dimension(axes[0]), shape.dimension(axes[1]), shape.dimension(axes[2])
        };
        float[] expected = new float[a.length];
        int[] index = new int[3];
        int position = 0;
        for (int i = 0; i < length[0]; i++) {
          for (int j = 0; j < length[1]; j++) {
            for (int k = 0; k < length[2]; k++) {
              index[axes[0]] = i;
              index[axes[1]] = j;
              index[axes[2]] = k;
              expected[position++] =
                  a[(index[0] * shape.dimension(1) + index[1]) * shape.dimension(2) + index[2]];
            }
          }
        }
        assertArrayEquals(expected, apply(shape, a, (b, v) -> b.permute(v, axes)));
      }
    }
  }

  @Test
  void determinantsAndInverses() {
    for (int size : new int[] {1, 2, 5, 30, 70}) {
      int count = 11;
      Shape shape = Shape.of(count, size, size);
      float[] a = normal(size, shape.size());
      float[] inverse = apply(shape, a, (b, v) -> b.emit(new Op.InverseTranspose(v)));
      float[] logarithms = apply(shape, a, ProgramBuilder::logDeterminant);
      float[] ofInverse = apply(shape, inverse, ProgramBuilder::logDeterminant);
      for (int k = 0; k < count; k++) {
        assertClose(-logarithms[k], ofInverse[k], 1e-4, "size " + size);
        // A times the transpose of the result is the identity.
        int start = k * size * size;
        for (int i = 0; i < size; i++) {
          for (int j = 0; j < size; j++) {
            double sum = 0;
            for (int l = 0; l < size; l++) {
              sum += (double) a[start + i * size + l] * inverse[start + j * size + l];
            }
            assertClose(i == j ? 1 : 0, sum, 1e-3, "size " + size);
          }
        }
      }
    }
    Shape two = Shape.of(2, 2, 2);
    float[] a = {0, 2, -4, 0, 1, 2, 2, 4};
    assertArrayEquals(
        new float[] {(float) Math.log(8), Float.NEGATIVE_INFINITY},
        apply(two, a, ProgramBuilder::logDeterminant));
    float[] inverse = apply(two, a, (b, v) -> b.emit(new Op.InverseTranspose(v)));
    assertArrayEquals(new float[] {0, 0.5f, -0.25f, 0}, Arrays.copyOf(inverse, 4));
    assertFalse(Float.isFinite(inverse[4]));
  }

  @Test
  void logarithmsOfWeightsAreNormalizedAfterTheirUpdate() {
    Shape shape = Shape.of(3);
    var builder = new ProgramBuilder("weights");
    Value state = builder.state("s", shape);
    builder.update(
        new Op.EulerStep(
            state, builder.input("g", shape), builder.constant(1), builder.constant(0.5)));
    builder.update(new Op.LogNormalize(state));
    try (var executable = workspace.compile(builder.build())) {
      workspace.write("s", Tensor.of(shape, new double[] {1000, 1001, 998}));
      executable.input("g").copyFrom(Tensor.of(shape, new double[] {-2, 0, -6}));
      executable.run();
      double third = Math.log(1 / 3.0);
      assertClose(
          new double[] {third, third, third}, workspace.read("s").toFloats(), 1e-7, "weights");
    }
  }

  @Test
  void softmaxAtAllWidths() {
    for (int width : new int[] {1, 2, 10, 16, 17, 100, 5000}) {
      int rows = 7;
      float[] a = normal(width, rows * width);
      for (int i = 0; i < a.length; i++) {
        a[i] *= 5;
      }
      float[] found = apply(Shape.of(rows, width), a, (b, v) -> b.softmax(v));
      for (int row = 0; row < rows; row++) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
          sum += Math.exp(a[row * width + j]);
        }
        for (int j = 0; j < width; j++) {
          double expected = Math.exp(a[row * width + j]) / sum;
          assertClose(expected, found[row * width + j], 5e-6 * expected, "softmax " + width);
        }
      }
    }
    assertArrayEquals(
        new float[] {0, 1, 0.5f, 0.5f},
        apply(Shape.of(2, 2), new float[] {-3e38f, 3e38f, 1e30f, 1e30f}, (b, v) -> b.softmax(v)));
  }

  @Test
  void crossEntropyAndItsGradient() {
    float[] logits = {1, 2, 3, 0.5f, -1, 0, 2e5f, 1e5f, 0, -1e4f, 0, 30};
    Shape shape = Shape.of(4, 3);
    double loss = 0;
    double[] gradient = new double[12];
    for (int row = 0; row < 4; row++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < 3; j++) {
        max = Math.max(max, logits[row * 3 + j]);
      }
      double sum = 0;
      for (int j = 0; j < 3; j++) {
        sum += Math.exp(logits[row * 3 + j] - max);
      }
      loss += (Math.log(sum) + max - logits[row * 3 + LABELS[row]]) / 4;
      for (int j = 0; j < 3; j++) {
        gradient[row * 3 + j] =
            (Math.exp(logits[row * 3 + j] - max) / sum - (j == LABELS[row] ? 1 : 0)) / 4;
      }
    }
    float[] foundLoss = labelled(shape, logits, LABELS, ProgramBuilder::softmaxCrossEntropy);
    assertClose(loss, foundLoss[0], 1e-6 * loss, "loss");
    float[] foundGradient =
        labelled(
            shape, logits, LABELS, (b, l, y) -> b.emit(new Op.SoftmaxCrossEntropyGradient(l, y)));
    assertClose(gradient, foundGradient, 1e-7, "gradient");
    assertClose(-Math.exp(-30) / 4, foundGradient[11], 1e-6 * Math.exp(-30), "a dominant label");
    assertEquals(3, labelled(shape, logits, LABELS, ProgramBuilder::correctCount)[0]);
  }

  private interface Labelled {
    Value apply(ProgramBuilder builder, Value logits, Value labels);
  }

  private float[] labelled(Shape shape, float[] logits, int[] labels, Labelled operation) {
    var builder = new ProgramBuilder("labelled");
    Value l = builder.input("logits", shape);
    Value y = builder.integerInput("labels", labels.length);
    builder.output("out", operation.apply(builder, l, y));
    return run(
        builder.build(),
        Map.of(
            "logits",
            Tensor.of(shape, logits),
            "labels",
            Tensor.of(Shape.of(labels.length), labels)));
  }

  @Test
  void anEmptyBatchHasLossZero() {
    Shape shape = Shape.of(0, 3);
    float[] none = {};
    int[] noLabels = {};
    assertEquals(0, labelled(shape, none, noLabels, ProgramBuilder::softmaxCrossEntropy)[0]);
    assertEquals(0, labelled(shape, none, noLabels, ProgramBuilder::correctCount)[0]);
    assertEquals(0, apply(shape, none, (b, v) -> b.squaredError(v, v))[0]);
  }

  @Test
  void aLabelThatIsNoClassIsNamed() {
    for (int wrong : new int[] {-1, 3}) {
      int[] labels = {0, wrong, 1, 1};
      var thrown =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  labelled(
                      Shape.of(4, 3), new float[12], labels, ProgramBuilder::softmaxCrossEntropy));
      assertTrue(thrown.toString().contains("from 0 to 2, found " + wrong + " in row 1"));
    }
  }

  @Test
  void squaredErrorOfManyElements() {
    Shape shape = Shape.of(1000, 13);
    float[] p = normal(1, shape.size());
    float[] t = normal(2, shape.size());
    double expected = 0;
    for (int i = 0; i < p.length; i++) {
      expected += Math.pow((double) p[i] - t[i], 2) / 2000;
    }
    var builder = new ProgramBuilder("squared error");
    builder.output(
        "out", builder.squaredError(builder.input("p", shape), builder.input("t", shape)));
    float[] found =
        run(builder.build(), Map.of("p", Tensor.of(shape, p), "t", Tensor.of(shape, t)));
    assertClose(expected, found[0], 1e-6 * expected, "squared error");
  }

  // ---- updates ----

  @Test
  void updateRules() {
    for (Shape shape : List.of(Shape.SCALAR, Shape.of(37), Shape.of(3, 17), Shape.of(70, 301))) {
      for (boolean perRow : new boolean[] {false, true}) {
        if (!perRow || shape.rank() > 0) {
          updates(shape, perRow);
        }
      }
    }
  }

  private void updates(Shape shape, boolean perRow) {
    double rate = 0.25;
    double mu = 0.75;
    int size = shape.size();
    int rows = perRow ? shape.dimension(0) : 1;
    float[] theta = normal(1, size);
    float[] g = normal(2, size);
    float[] scale = normal(3, rows);
    Shape scaleShape = perRow ? Shape.of(rows) : Shape.SCALAR;

    double[][] euler = {Samples.toDoubles(theta)};
    double[][] heavyBall = {Samples.toDoubles(theta), new double[size]};
    double[][] nesterov = {Samples.toDoubles(theta), new double[size]};
    double[][] adam = {Samples.toDoubles(theta), new double[size], new double[size]};
    var found = new LinkedHashMap<String, double[]>();
    found.put("euler.theta", euler[0]);
    found.put("heavy.theta", heavyBall[0]);
    found.put("heavy.u", heavyBall[1]);
    found.put("nesterov.theta", nesterov[0]);
    found.put("adam.theta", adam[0]);
    found.put("adam.first", adam[1]);
    found.put("adam.second", adam[2]);

    try (var own = backend.newWorkspace()) {
      var builder = new ProgramBuilder("updates");
      Value vg = builder.input("g", shape);
      Value vc = builder.input("c", scaleShape);
      Value vh = builder.input("h", Shape.SCALAR);
      Value vt = builder.input("t", Shape.SCALAR);
      builder.update(new Op.EulerStep(builder.state("euler.theta", shape), vg, vc, vh));
      builder.update(
          new Op.MomentumStep(
              builder.state("heavy.theta", shape),
              builder.state("heavy.u", shape),
              vg,
              vc,
              vh,
              mu,
              false));
      builder.update(
          new Op.MomentumStep(
              builder.state("nesterov.theta", shape),
              builder.state("nesterov.u", shape),
              vg,
              vc,
              vh,
              mu,
              true));
      builder.update(
          new Op.AdamStep(
              builder.state("adam.theta", shape),
              builder.state("adam.first", shape),
              builder.state("adam.second", shape),
              vg,
              vc,
              vh,
              vt,
              0.9,
              0.999,
              1e-8,
              0.01));
      try (var executable = own.compile(builder.build())) {
        own.states().stream()
            .filter(name -> name.endsWith("theta"))
            .forEach(name -> own.write(name, Tensor.of(shape, theta)));
        executable.input("g").copyFrom(Tensor.of(shape, g));
        executable.input("c").copyFrom(Tensor.of(scaleShape, scale));
        executable.input("h").set(0, rate);
        for (int step = 1; step <= 3; step++) {
          executable.input("t").set(0, step);
          executable.run();
          for (int i = 0; i < size; i++) {
            double cg = (double) scale[i / (size / rows)] * g[i];
            euler[0][i] -= rate * cg;
            heavyBall[1][i] = mu * heavyBall[1][i] + cg;
            heavyBall[0][i] -= rate * heavyBall[1][i];
            nesterov[1][i] = mu * nesterov[1][i] + cg;
            nesterov[0][i] -= rate * (cg + mu * nesterov[1][i]);
            adam[1][i] = 0.9 * adam[1][i] + 0.1 * cg;
            adam[2][i] = 0.999 * adam[2][i] + 0.001 * cg * cg;
            double first = adam[1][i] / (1 - Math.pow(0.9, step));
            double second = adam[2][i] / (1 - Math.pow(0.999, step));
            adam[0][i] -= rate * (first / (Math.sqrt(second) + 1e-8) + 0.01 * adam[0][i]);
          }
        }
        found.forEach(
            (name, expected) ->
                assertClose(expected, own.read(name).toFloats(), 2e-6, name + " " + shape));
      }
    }
  }

  // ---- whole steps, scopes, errors ----

  @Test
  void trainingHasTheSameBitsForAnyNumberOfThreads() {
    List<float[]> single = train(1);
    for (int threads = 2; threads <= 4; threads++) {
      List<float[]> found = train(threads);
      for (int i = 0; i < single.size(); i++) {
        assertArrayEquals(single.get(i), found.get(i));
      }
    }
  }

  /** Returns a few steps of something like a layer, using every kind of kernel. */
  private static List<float[]> train(int threads) {
    int batch = 100;
    int width = 301;
    int components = 67;
    int classes = 10;
    var b = new ProgramBuilder("train");
    Value x = b.appendOnes(b.input("x", Shape.of(batch, width - 1)));
    Value y = b.integerInput("y", batch);
    Value w = b.state("w", Shape.of(components, width));
    Value s = b.state("s", Shape.of(components, width));
    Value a = b.state("a", Shape.of(components, classes));
    Value m = b.matMul(x, false, w, true);
    Value v = b.varianceProduct(x, s);
    Value g0 = b.reluMoment(m, v, 0);
    Value logits = b.affine(b.matMul(g0, false, a, false), 1.0 / components, 0);
    Value dLogits = b.emit(new Op.SoftmaxCrossEntropyGradient(logits, y));
    Value u = b.matMul(dLogits, false, a, true);
    Value dm = b.multiply(u, b.reluMoment(m, v, 1));
    Value dv = b.multiply(u, b.reluMoment(m, v, 2));
    Value ds = b.multiply(s, b.matMul(dv, true, b.square(x), false));
    Value one = b.constant(1);
    Value rate = b.divide(one, b.affine(b.sumTo(b.square(s), Shape.SCALAR), 1e-3, 1));
    Value scale = b.affine(b.sumTo(b.square(w), Shape.of(components, 1)), 0.01, 1);
    b.output("loss", b.softmaxCrossEntropy(logits, y));
    b.output("column sums", b.sumTo(dm, Shape.of(1, components)));
    b.update(
        new Op.EulerStep(
            w, b.matMul(dm, true, x, false), b.reshape(scale, Shape.of(components)), rate));
    b.update(new Op.MomentumStep(s, b.state("u", s.shape()), ds, one, rate, 0.9, true));
    b.update(
        new Op.AdamStep(
            a,
            b.state("first", a.shape()),
            b.state("second", a.shape()),
            b.matMul(g0, true, dLogits, false),
            one,
            rate,
            b.constant(3),
            0.9,
            0.999,
            1e-8,
            0));
    var results = new ArrayList<float[]>();
    try (var backend = open(threads);
        var workspace = backend.newWorkspace();
        var executable = workspace.compile(b.build())) {
      assertEquals(threads, backend.description().threads());
      long seed = 1;
      for (Value state : List.of(w, s, a)) {
        workspace.write(
            state.name(), Tensor.of(state.shape(), normal(seed++, state.shape().size())));
      }
      for (int step = 0; step < 5; step++) {
        executable
            .input("x")
            .copyFrom(Tensor.of(Shape.of(batch, width - 1), normal(step, batch * (width - 1))));
        for (int row = 0; row < batch; row++) {
          executable.input("y").set(row, (row * 7 + step) % classes);
        }
        executable.run();
        results.add(executable.output("loss").toFloats());
        results.add(executable.output("column sums").toFloats());
      }
      for (String state : workspace.states()) {
        results.add(workspace.read(state).toFloats());
      }
    }
    for (float[] result : results) {
      for (float number : result) {
        assertTrue(Float.isFinite(number));
      }
    }
    return results;
  }

  @Test
  void programsOfAWorkspaceShareStates() {
    Shape shape = Shape.of(3);
    var writing = new ProgramBuilder("writing");
    Value state = writing.state("s", shape);
    writing.update(new Op.Assign(state, writing.affine(state, 2, 1)));
    var reading = new ProgramBuilder("reading");
    reading.output("out", reading.affine(reading.state("s", shape), -1, 0));
    try (var writer = workspace.compile(writing.build());
        var reader = workspace.compile(reading.build())) {
      workspace.write("s", Tensor.of(shape, new double[] {1, 2, 3}));
      writer.run();
      reader.run();
      assertArrayEquals(new float[] {-3, -5, -7}, reader.output("out").toFloats());
      assertEquals(List.of("s"), List.copyOf(workspace.states()));
      Tensor copy = workspace.read("s");
      copy.set(0, 99);
      assertEquals(3, workspace.read("s").get(0));
      assertSame(reader.output("out"), reader.output("out"));
    }
    try (var other = backend.newWorkspace()) {
      assertTrue(other.states().isEmpty());
    }
  }

  @Test
  void mistakesAreNamed() {
    var builder = new ProgramBuilder("p");
    builder.output("out", builder.affine(builder.state("s", Shape.of(3)), 2, 0));
    var executable = workspace.compile(builder.build());
    var again = new ProgramBuilder("q");
    again.output("out", again.affine(again.state("s", Shape.of(4)), 2, 0));
    var thrown =
        assertThrows(IllegalArgumentException.class, () -> workspace.compile(again.build()));
    assertTrue(thrown.toString().contains("state s: expected shape [3]"), thrown.toString());
    assertThrows(
        IllegalArgumentException.class,
        () -> workspace.write("s", Tensor.of(Shape.of(2), new float[2])));
    assertThrows(IllegalArgumentException.class, () -> workspace.read("unknown"));
    assertThrows(IllegalArgumentException.class, () -> executable.input("unknown"));
    assertThrows(IllegalArgumentException.class, () -> executable.output("unknown"));
    executable.close();
    assertThrows(IllegalStateException.class, executable::run);
    assertThrows(IllegalStateException.class, () -> executable.output("out"));
  }

  @Test
  void useAfterCloseIsRefused() {
    var builder = new ProgramBuilder("p");
    builder.output("out", builder.affine(builder.state("s", Shape.of(3)), 2, 0));
    Program program = builder.build();
    var executable = workspace.compile(program);
    var other = backend.newWorkspace();
    var otherExecutable = other.compile(program);
    workspace.close();
    assertThrows(IllegalStateException.class, executable::run);
    assertThrows(IllegalStateException.class, () -> workspace.read("s"));
    assertThrows(IllegalStateException.class, () -> workspace.compile(program));
    otherExecutable.run();
    backend.close();
    assertThrows(IllegalStateException.class, otherExecutable::run);
    assertThrows(IllegalStateException.class, other::states);
    assertThrows(IllegalStateException.class, () -> backend.newWorkspace());
  }

  @Test
  void theProviderIsFoundAndChecksItsSettings() {
    BackendProvider provider =
        ServiceLoader.load(BackendProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(found -> found.name().equals("simd"))
            .findFirst()
            .orElseThrow();
    var available = assertInstanceOf(Availability.Available.class, provider.availability());
    assertTrue(available.version().contains("Vector API"), available.version());
    assertEquals(List.of(Precision.FLOAT32), provider.precisions());
    assertThrows(
        InvalidRequestException.class,
        () -> provider.open(BackendSettings.of(1, Precision.FLOAT64)));
    assertThrows(
        InvalidRequestException.class,
        () -> provider.open(new BackendSettings(1, Precision.FLOAT32, Map.of("device", "gpu"))));
  }

  /** A large output is computed with the batch innermost in memory, and given in its own order. */
  @Test
  void largeOutputsLieInTheirOwnOrder() {
    int rows = 11;
    int columns = 1100;
    int inner = 40;
    float[] a = normal(1, rows * inner);
    float[] b = normal(2, columns * inner);
    double[] expected = new double[rows * columns];
    for (int i = 0; i < expected.length; i++) {
      for (int k = 0; k < inner; k++) {
        expected[i] += (double) a[i / columns * inner + k] * b[i % columns * inner + k];
      }
      expected[i] *= expected[i];
    }
    for (Shape shape : List.of(Shape.of(rows, columns), Shape.of(rows, 50, columns / 50))) {
      var builder = new ProgramBuilder("features");
      Value x = builder.input("x", Shape.of(rows, inner));
      Value m = builder.input("m", Shape.of(columns, inner));
      Value features = builder.square(builder.matMul(x, false, m, true));
      boolean same = features.shape().equals(shape);
      builder.output("out", same ? features : builder.reshape(features, shape));
      float[] found =
          run(
              builder.build(),
              Map.of(
                  "x", Tensor.of(Shape.of(rows, inner), a),
                  "m", Tensor.of(Shape.of(columns, inner), b)));
      assertClose(expected, found, 1e-5, "(x m')^2 of " + shape);
    }
  }

  /** Memory outside the heap belongs to programs: closing them, or what holds them, frees it. */
  @Test
  @SuppressWarnings("try") // The backend is closed early, too.
  void closingFreesTheCopiesOfFactors() {
    var builder = new ProgramBuilder("product");
    Value x = builder.input("x", Shape.of(64, 300));
    Value m = builder.input("m", Shape.of(300, 64));
    builder.output("c", builder.matMul(x, false, m, false));
    Program program = builder.build();
    try (Backend backend =
        new SimdBackendProvider().open(BackendSettings.of(2, Precision.FLOAT32))) {
      Workspace first = backend.newWorkspace();
      var closed = first.compile(program);
      closed.run();
      closed.close();
      closed.close();
      assertThrows(IllegalStateException.class, closed::run);
      var open = first.compile(program);
      open.run();
      first.close();
      assertThrows(IllegalStateException.class, open::run);
      var last = backend.newWorkspace().compile(program);
      backend.close();
      assertThrows(IllegalStateException.class, last::run);
      last.close();
    }
  }
}
