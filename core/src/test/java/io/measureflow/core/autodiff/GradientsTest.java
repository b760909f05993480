package io.measureflow.core.autodiff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Tests every rule against central differences of the reference backend in float64. */
class GradientsTest {

  /** Writes an expression of the variables. */
  private interface Expression {
    Value write(ProgramBuilder program, List<Value> variables);
  }

  /**
   * An expression and the shapes of its variables, whose entries are drawn from (low, high).
   *
   * @param op the operation whose rule is tested
   */
  private record Case(
      String name,
      Class<? extends Op> op,
      double low,
      double high,
      List<Shape> variables,
      Expression expression) {}

  private static final List<Case> CASES = cases();

  private static List<Case> cases() {
    var cases = new ArrayList<Case>();
    for (Op.UnaryFunction function : Op.UnaryFunction.values()) {
      cases.add(
          new Case(
              "unary " + function,
              Op.Unary.class,
              0.5,
              2,
              List.of(Shape.of(3, 2)),
              (p, v) -> p.unary(function, v.get(0))));
    }
    List<List<Shape>> pairs =
        List.of(
            List.of(Shape.of(3, 2), Shape.of(3, 2)),
            List.of(Shape.SCALAR, Shape.of(3, 2)),
            List.of(Shape.of(3, 1), Shape.of(2)),
            List.of(Shape.of(2, 1, 3), Shape.of(4, 1)));
    for (Op.BinaryFunction function : Op.BinaryFunction.values()) {
      for (List<Shape> shapes : pairs) {
        cases.add(
            new Case(
                "binary " + function + " " + shapes,
                Op.Binary.class,
                0.5,
                2,
                shapes,
                (p, v) -> p.emit(new Op.Binary(function, v.get(0), v.get(1)))));
      }
    }
    cases.add(
        of("affine", Op.Affine.class, List.of(Shape.of(5)), (p, v) -> p.affine(v.get(0), -3, 2)));
    cases.add(
        of(
            "sum to columns",
            Op.SumTo.class,
            List.of(Shape.of(2, 3, 4)),
            (p, v) -> p.square(p.sumTo(v.get(0), Shape.of(3, 1)))));
    cases.add(
        of(
            "broadcast",
            Op.BroadcastTo.class,
            List.of(Shape.of(3, 1)),
            (p, v) -> p.square(p.broadcastTo(v.get(0), Shape.of(2, 3, 4)))));
    cases.add(
        of(
            "reshape",
            Op.Reshape.class,
            List.of(Shape.of(3, 4)),
            (p, v) -> p.square(p.reshape(v.get(0), Shape.of(2, 6)))));
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        cases.add(
            of(
                "matmul " + ta + " " + tb,
                Op.MatMul.class,
                List.of(ta ? Shape.of(4, 3) : Shape.of(3, 4), tb ? Shape.of(2, 4) : Shape.of(4, 2)),
                (p, v) -> p.matMul(v.get(0), ta, v.get(1), tb)));
      }
    }
    cases.add(
        of(
            "variance product",
            Op.VarianceProduct.class,
            List.of(Shape.of(3, 4), Shape.of(2, 4)),
            (p, v) -> p.varianceProduct(v.get(0), v.get(1))));
    for (int order = 0; order <= Op.ReluMoments.MAX_ORDER - 2; order++) {
      int j = order;
      cases.add(
          new Case(
              "relu moment " + j,
              Op.ReluMoments.class,
              0.2,
              1.5,
              List.of(Shape.of(3, 2), Shape.of(3, 2)),
              (p, v) -> p.reluMoment(p.affine(v.get(0), 2, -1), v.get(1), j)));
    }
    for (String name : Extensions.onClassPath().of(Activation.KIND).names()) {
      Activation activation = Activation.of(name, Extensions.onClassPath(), "test");
      for (int order = 0; order <= 1; order++) {
        int j = order;
        cases.add(
            new Case(
                "moment " + j + " of " + name,
                Op.Unary.class,
                0.2,
                1.5,
                List.of(Shape.of(3, 2), Shape.of(3, 2)),
                (p, v) ->
                    activation.moment(
                        p,
                        p.affine(v.get(0), 2, -1),
                        // From 0.2: large, and small variances.
                        p.affine(v.get(1), 1, -0.19),
                        j)));
        cases.add(
            of(
                "derivative " + j + " of " + name,
                Op.Unary.class,
                List.of(Shape.of(3, 2)),
                (p, v) -> activation.derivative(p, v.get(0), j)));
      }
    }
    cases.add(
        of(
            "permute",
            Op.Permute.class,
            List.of(Shape.of(2, 3, 4)),
            (p, v) -> p.square(p.permute(v.get(0), 1, 2, 0))));
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        cases.add(
            of(
                "stacked matmul " + ta + " " + tb,
                Op.MatMul.class,
                List.of(
                    ta ? Shape.of(2, 4, 3) : Shape.of(2, 3, 4),
                    tb ? Shape.of(2, 2, 4) : Shape.of(2, 4, 2)),
                (p, v) -> p.matMul(v.get(0), ta, v.get(1), tb)));
      }
    }
    cases.add(
        of(
            "log determinant",
            Op.LogDeterminant.class,
            List.of(Shape.of(2, 3, 3)),
            (p, v) -> p.logDeterminant(v.get(0))));
    cases.add(
        of(
            "softmax",
            Op.Softmax.class,
            List.of(Shape.of(3, 4)),
            (p, v) -> p.square(p.softmax(v.get(0)))));
    cases.add(
        of(
            "cross-entropy",
            Op.SoftmaxCrossEntropy.class,
            List.of(Shape.of(3, 4)),
            (p, v) -> p.softmaxCrossEntropy(v.get(0), p.integerInput("labels", 3))));
    cases.add(
        of(
            "correct count",
            Op.CorrectCount.class,
            List.of(Shape.of(3, 4)),
            (p, v) ->
                p.add(
                    p.sumTo(v.get(0), Shape.SCALAR),
                    p.correctCount(v.get(0), p.integerInput("labels", 3)))));
    cases.add(
        of(
            "squared error",
            Op.SquaredError.class,
            List.of(Shape.of(3, 4), Shape.of(3, 4)),
            (p, v) -> p.squaredError(v.get(0), v.get(1))));
    cases.add(
        of(
            "append ones",
            Op.AppendOnes.class,
            List.of(Shape.of(3, 4)),
            (p, v) -> p.square(p.appendOnes(v.get(0)))));
    cases.add(
        of(
            "slice",
            Op.SliceColumns.class,
            List.of(Shape.of(3, 4)),
            (p, v) -> p.square(p.sliceColumns(v.get(0), 1, 3))));
    cases.add(
        of(
            "pad",
            Op.PadColumns.class,
            List.of(Shape.of(3, 2)),
            (p, v) -> p.square(p.padColumns(v.get(0), 1, 2))));
    cases.addAll(networkCases());
    cases.add(
        of(
            "shared operand",
            Op.MatMul.class,
            List.of(Shape.of(3, 3)),
            (p, v) -> p.multiply(p.matMul(v.get(0), false, v.get(0), true), v.get(0))));
    return List.copyOf(cases);
  }

  /** Entries are far enough from ties of maxima, and from jumps, for central differences. */
  private static List<Case> networkCases() {
    var cases = new ArrayList<Case>();
    cases.add(
        of(
            "select",
            Op.Select.class,
            List.of(Shape.of(3, 4), Shape.of(3, 4), Shape.of(4)),
            (p, v) -> p.square(p.select(v.get(0), v.get(1), v.get(2)))));
    for (Shape to : List.of(Shape.of(2, 1, 4), Shape.of(3, 1), Shape.SCALAR)) {
      cases.add(
          of(
              "largest of [2, 3, 4] to " + to,
              Op.MaxTo.class,
              List.of(Shape.of(2, 3, 4)),
              (p, v) -> p.square(p.maxTo(v.get(0), to))));
    }
    cases.add(
        of(
            "first maximum",
            Op.FirstMaximum.class,
            List.of(Shape.of(3, 4)),
            (p, v) -> p.multiply(v.get(0), p.emit(new Op.FirstMaximum(v.get(0), Shape.of(3, 1))))));
    cases.add(
        of(
            "one-hot",
            Op.OneHot.class,
            List.of(Shape.of(3, 4)),
            (p, v) -> p.multiply(v.get(0), p.oneHot(p.integerInput("labels", 3), 4))));
    cases.add(
        of(
            "gather",
            Op.Gather.class,
            List.of(Shape.of(3, 4)),
            (p, v) -> p.square(p.gather(v.get(0), indices(p)))));
    cases.add(
        of(
            "scatter-add",
            Op.ScatterAdd.class,
            List.of(Shape.of(5, 2)),
            (p, v) -> p.square(p.emit(new Op.ScatterAdd(v.get(0), indices(p), 3)))));
    for (Op.Distribution distribution : Op.Distribution.values()) {
      cases.add(
          of(
              "random numbers, " + distribution,
              Op.Random.class,
              List.of(Shape.of(3, 4)),
              (p, v) -> {
                Value step = p.sumTo(p.affine(v.get(0), 0, 1), Shape.SCALAR);
                return p.multiply(
                    v.get(0), p.emit(new Op.Random(distribution, 1, 2, step, Shape.of(3, 4))));
              }));
    }
    for (Window w :
        List.of(new Window(4, 5, 3, 2, 1, 2, 1, 1), new Window(4, 4, 2, 2, 2, 2, 0, 0))) {
      Shape images = Shape.of(2 * w.pixels(), 3);
      Shape places = Shape.of(2 * w.places(), 3);
      Shape patches = Shape.of(2 * w.places(), 3 * w.kernelSize());
      cases.add(
          of(
              "patches " + w,
              SpatialOp.Patches.class,
              List.of(images),
              (p, v) -> p.square(p.patches(v.get(0), w))));
      cases.add(
          of(
              "adjoint of patches " + w,
              SpatialOp.PatchesAdjoint.class,
              List.of(patches),
              (p, v) -> p.square(p.emit(new SpatialOp.PatchesAdjoint(v.get(0), w)))));
      cases.add(
          of(
              "maxima of windows " + w,
              SpatialOp.MaxPool.class,
              List.of(images),
              (p, v) -> p.square(p.maxPool(v.get(0), w))));
      cases.add(
          of(
              "means of windows " + w,
              SpatialOp.AveragePool.class,
              List.of(images),
              (p, v) -> p.square(p.averagePool(v.get(0), w))));
      cases.add(
          of(
              "adjoint of means of windows " + w,
              SpatialOp.AveragePoolAdjoint.class,
              List.of(places),
              (p, v) -> p.square(p.emit(new SpatialOp.AveragePoolAdjoint(v.get(0), w)))));
    }
    return cases;
  }

  /** Five indices below 3, which the test fills. */
  private static Value indices(ProgramBuilder program) {
    return program.integerInput("indices", 5);
  }

  private static Case of(
      String name, Class<? extends Op> op, List<Shape> variables, Expression expression) {
    return new Case(name, op, -1.3, 1.7, variables, expression);
  }

  @TestFactory
  Stream<DynamicTest> gradientsAgreeWithCentralDifferences() {
    return CASES.stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> check(c)));
  }

  private static void check(Case c) {
    var program = new ProgramBuilder(c.name());
    var variables = new ArrayList<Value>();
    for (int i = 0; i < c.variables().size(); i++) {
      variables.add(program.input("v" + i, c.variables().get(i)));
    }
    Value result = c.expression().write(program, variables);
    // Weights that differ by entry, so that a transposed gradient fails.
    Value weights = program.input("weights", result.shape());
    Value objective = program.sumTo(program.multiply(weights, result), Shape.SCALAR);
    program.output("objective", objective);
    List<Value> gradients = Gradients.of(program, objective, variables);
    for (int i = 0; i < gradients.size(); i++) {
      program.output("g" + i, program.affine(gradients.get(i), 2, 0));
    }
    var random = new SplittableRandom(7);
    Program built = program.build();
    try (var backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        var workspace = backend.newWorkspace();
        Executable executable = workspace.compile(built)) {
      for (int i = 0; i < variables.size(); i++) {
        fill(executable.input("v" + i), random, c.low(), c.high());
      }
      fill(executable.input("weights"), random, 0.5, 2);
      for (Value input : built.inputs()) {
        if (input.name().equals("indices")) {
          for (int i = 0; i < input.shape().size(); i++) {
            executable.input("indices").set(i, i * i % 3);
          }
        }
      }
      executable.run();
      var gradientsAt = new ArrayList<double[]>();
      for (int i = 0; i < variables.size(); i++) {
        gradientsAt.add(executable.output("g" + i).toDoubles());
      }
      for (int i = 0; i < variables.size(); i++) {
        Tensor variable = executable.input("v" + i);
        double[] gradient = gradientsAt.get(i);
        for (int e = 0; e < gradient.length; e++) {
          double at = variable.get(e);
          double step = 1e-5;
          double plus = objective(executable, variable, e, at + step);
          double minus = objective(executable, variable, e, at - step);
          variable.set(e, at);
          double difference = (plus - minus) / (2 * step);
          double error = Math.abs(gradient[e] / 2 - difference);
          if (!(error <= 1e-7 * Math.max(1, Math.abs(difference)))) {
            fail(
                c.name()
                    + ", variable "
                    + i
                    + ", element "
                    + e
                    + ": expected "
                    + difference
                    + ", found "
                    + gradient[e] / 2);
          }
        }
      }
    }
  }

  private static double objective(Executable executable, Tensor variable, int element, double at) {
    variable.set(element, at);
    executable.run();
    return executable.output("objective").get(0);
  }

  private static void fill(Tensor tensor, SplittableRandom random, double low, double high) {
    for (int i = 0; i < tensor.shape().size(); i++) {
      tensor.set(i, random.nextDouble(low, high));
    }
  }

  @Test
  void everyDifferentiableOperationHasACase() {
    Set<Class<?>> untested = operations(Op.class);
    CASES.forEach(c -> untested.remove(c.op()));
    // A constant has no operand, updates compute nothing, and the gradient operations are not
    // differentiable: a separate test checks that they are refused.
    untested.removeAll(operations(Op.Update.class));
    untested.removeAll(
        List.of(
            Op.Constant.class,
            Op.Literal.class,
            Op.SoftmaxCrossEntropyGradient.class,
            Op.InverseTranspose.class,
            SpatialOp.MaxPoolGradient.class));
    assertEquals(Set.of(), untested);
  }

  /** The records of a sealed interface, and those of the sealed interfaces that extend it. */
  private static Set<Class<?>> operations(Class<?> type) {
    if (!type.isSealed()) {
      return Set.of(type);
    }
    Set<Class<?>> operations = new HashSet<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      operations.addAll(operations(permitted));
    }
    return operations;
  }

  @Test
  void aSecondDerivativeOfCrossEntropyIsRefused() {
    var program = new ProgramBuilder("second derivative");
    Value logits = program.input("logits", Shape.of(2, 3));
    Value loss = program.softmaxCrossEntropy(logits, program.integerInput("labels", 2));
    Value gradient = Gradients.of(program, loss, List.of(logits)).getFirst();
    Value norm = program.sumTo(program.square(gradient), Shape.SCALAR);
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> Gradients.of(program, norm, List.of(logits)));
    assertTrue(error.toString().contains("second derivative"), error.toString());
  }

  @Test
  void aSecondDerivativeOfALogDeterminantIsRefused() {
    var program = new ProgramBuilder("second derivative");
    Value a = program.input("a", Shape.of(1, 2, 2));
    Value log = program.sumTo(program.logDeterminant(a), Shape.SCALAR);
    Value gradient = Gradients.of(program, log, List.of(a)).getFirst();
    Value norm = program.sumTo(program.square(gradient), Shape.SCALAR);
    var error =
        assertThrows(IllegalArgumentException.class, () -> Gradients.of(program, norm, List.of(a)));
    assertTrue(error.toString().contains("second derivative"), error.toString());
  }

  @Test
  void aSecondDerivativeOfMaximaOfWindowsIsRefused() {
    var program = new ProgramBuilder("second derivative");
    Value a = program.input("a", Shape.of(4, 1));
    var window = new Window(2, 2, 2, 2, 1, 1, 0, 0);
    Value sum = program.sumTo(program.square(program.maxPool(a, window)), Shape.SCALAR);
    Value gradient = Gradients.of(program, sum, List.of(a)).getFirst();
    Value norm = program.sumTo(program.square(gradient), Shape.SCALAR);
    var error =
        assertThrows(IllegalArgumentException.class, () -> Gradients.of(program, norm, List.of(a)));
    assertTrue(error.toString().contains("second derivative"), error.toString());
  }

  @Test
  void momentsOfForwardAndBackwardPassShareOneInstruction() {
    var program = new ProgramBuilder("moments");
    Value mean = program.input("mean", Shape.of(2, 3));
    Value variance = program.input("variance", Shape.of(2, 3));
    Value moment = Activations.RELU.moment(program, mean, variance, 0);
    Value objective = program.sumTo(moment, Shape.SCALAR);
    List<Value> gradients = Gradients.of(program, objective, List.of(mean, variance));
    program.output("objective", objective);
    program.output("mean", program.affine(gradients.get(0), 2, 0));
    program.output("variance", program.affine(gradients.get(1), 2, 0));
    List<Op.ReluMoments> moments =
        program.build().instructions().stream()
            .map(Instruction::op)
            .filter(Op.ReluMoments.class::isInstance)
            .map(Op.ReluMoments.class::cast)
            .toList();
    assertEquals(List.of(List.of(0, 1, 2)), moments.stream().map(Op.ReluMoments::orders).toList());
  }

  @Test
  void aDeclaredDerivativeIsTakenInsteadOfTheDerivedOne() {
    var program = new ProgramBuilder("declared");
    Value x = program.input("x", Shape.of(2));
    Value f =
        program.function(
            List.of("f", x),
            () -> program.square(x),
            List.of(new ProgramBuilder.Partial(x, () -> program.constant(7, x.shape()))));
    Value objective = program.sumTo(program.affine(f, 3, 0), Shape.SCALAR);
    program.output("gradient", Gradients.of(program, objective, List.of(x)).getFirst());
    try (var backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        var workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program.build())) {
      executable.run();
      assertEquals(21, executable.output("gradient").get(1));
    }
  }

  @Test
  void aValueTheObjectiveDoesNotDependOnHasGradientZero() {
    var program = new ProgramBuilder("independent");
    Value a = program.input("a", Shape.of(2));
    Value b = program.input("b", Shape.of(3));
    List<Value> gradients =
        Gradients.of(program, program.sumTo(program.square(a), Shape.SCALAR), List.of(a, b));
    assertEquals(Shape.of(3), gradients.get(1).shape());
    program.output("gradient", gradients.get(1));
    assertEquals(
        List.of(new Op.Constant(0, Shape.of(3))),
        program.build().instructions().stream().map(Instruction::op).toList());
  }
}
