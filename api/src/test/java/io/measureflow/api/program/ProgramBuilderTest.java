package io.measureflow.api.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ProgramBuilderTest {

  private final ProgramBuilder program = new ProgramBuilder("test");
  private final Value x = program.input("x", Shape.of(4, 3));
  private final Value w = program.state("w", Shape.of(2, 3));
  private final Value rate = program.input("rate", Shape.SCALAR);

  private static void assertRefused(Executable wrong, String... mentions) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, wrong).getMessage());
    for (String mention : mentions) {
      assertTrue(message.contains(mention), () -> "expected \"" + mention + "\" in: " + message);
    }
  }

  private static List<Op> operations(Program built) {
    return built.instructions().stream().map(Instruction::op).toList();
  }

  @Test
  void whatIsWrittenTwiceIsComputedOnce() {
    Value once = program.square(program.matMul(x, false, w, true));
    Value twice = program.square(program.matMul(x, false, w, true));
    assertSame(once, twice);
    assertNotEquals(program.matMul(x, true, x, false), program.matMul(x, false, x, true));
    assertNotEquals(program.subtract(x, x), program.add(x, x));
    assertSame(program.constant(2), program.constant(2));
    assertNotEquals(program.constant(2), program.constant(2, Shape.of(1)));
    program.output("y", once);
    assertEquals(2, program.build().instructions().size());
  }

  @Test
  void whatNothingNeedsIsLeftOut() {
    Value product = program.matMul(x, false, w, true);
    Value unused = program.square(product);
    program.reciprocal(unused);
    Value y = program.softmax(product);
    program.output("y", y);
    assertEquals(4, program.instructions().size());
    Program built = program.build();
    assertEquals(
        List.of(new Op.MatMul(x, w, false, true), new Op.Softmax(product)), operations(built));
    assertEquals(List.of(y), List.copyOf(built.outputs().values()));
    assertEquals(List.of(x, rate), built.inputs());
    assertEquals(List.of(w), built.states());
    assertEquals(built, program.build());
  }

  @Test
  void aProgramWithoutOutputsComputesNothing() {
    program.square(x);
    assertEquals(List.of(), program.build().instructions());
  }

  @Test
  void operandsComeBeforeTheirUses() {
    Value first = program.square(x);
    Value second = program.add(first, x);
    program.output("b", program.multiply(second, first));
    program.output("a", second);
    Program built = program.build();
    assertEquals(List.of("b", "a"), List.copyOf(built.outputs().keySet()));
    var assigned = new HashSet<Value>(built.inputs());
    assigned.addAll(built.states());
    for (Instruction instruction : built.instructions()) {
      assertTrue(assigned.containsAll(instruction.op().inputs()), built::toString);
      assigned.addAll(instruction.outputs());
    }
  }

  @Test
  void updatesComeLastAndKeepWhatTheyNeed() {
    Value gradient = program.square(w);
    Value velocity = program.state("v", Shape.of(2, 3));
    Value one = program.constant(1);
    var step = new Op.EulerStep(w, gradient, one, rate);
    var assign = new Op.Assign(velocity, gradient);
    program.update(step);
    Value late = program.affine(x, 2, 1);
    program.output("late", late);
    program.update(assign);
    List<Op> operations = operations(program.build());
    assertEquals(
        List.of(step, assign), operations.subList(operations.size() - 2, operations.size()));
    assertTrue(operations.contains(new Op.Unary(Op.UnaryFunction.SQUARE, w)));
    assertEquals(5, operations.size());
  }

  @Test
  void eachStateIsReadBeforeItIsUpdatedAndUpdatedOnce() {
    Value gradient = program.square(w);
    Value one = program.constant(1);
    program.update(new Op.EulerStep(w, gradient, one, rate));
    assertRefused(
        () -> program.update(new Op.EulerStep(w, gradient, one, rate)),
        "test",
        "updated once",
        "w");
    Value v = program.state("v", Shape.of(2, 3));
    assertRefused(() -> program.update(new Op.Assign(v, w)), "read before it is updated", "w");
    program.update(new Op.Assign(v, gradient));
    assertEquals(3, program.build().instructions().size() - 1);
  }

  @Test
  void onlyStatesAreUpdated() {
    Value y = program.square(w);
    assertRefused(() -> program.update(new Op.Assign(y, w)), "a state to update", y.toString());
    Value other = program.input("other", Shape.of(2, 3));
    assertRefused(() -> program.update(new Op.Assign(other, w)), "a state to update");
  }

  @Test
  void memoryOfAFlowIsUpdatedWithItsParameter() {
    Value u = program.state("u", Shape.of(2, 3));
    Value gradient = program.square(w);
    Value one = program.constant(1);
    program.update(new Op.MomentumStep(w, u, gradient, one, rate, 0.9, false));
    assertRefused(() -> program.update(new Op.Assign(u, gradient)), "updated once", "u");
    Value fixed = program.square(x);
    assertRefused(
        () ->
            program.update(
                new Op.MomentumStep(
                    program.state("s", Shape.of(4, 3)), fixed, fixed, one, rate, 0.9, false)),
        "a state to update");
  }

  @Test
  void valuesOfOtherProgramsAreRefused() {
    var other = new ProgramBuilder("other");
    Value foreign = other.input("z", Shape.of(4, 3));
    Value later = other.square(other.square(other.square(foreign)));
    for (Value value : List.of(foreign, later)) {
      assertRefused(() -> program.square(value), "test", "a value of this program");
      assertRefused(() -> program.add(x, value), "a value of this program");
      assertRefused(() -> program.affine(value, 1, 0), "a value of this program");
      assertRefused(() -> program.reshape(value, value.shape()), "a value of this program");
      assertRefused(() -> program.sumTo(value, value.shape()), "a value of this program");
      assertRefused(() -> program.broadcastTo(value, value.shape()), "a value of this program");
      assertRefused(() -> program.output("y", value), "a value of this program");
    }
    Value state = other.state("w", Shape.of(2, 3));
    assertRefused(() -> program.update(new Op.Assign(state, w)), "a value of this program");
  }

  @Test
  void aNameStandsForOneValue() {
    assertSame(x, program.input("x", Shape.of(4, 3)));
    assertSame(w, program.state("w", Shape.of(2, 3)));
    assertRefused(() -> program.input("x", Shape.of(3, 4)), "x", "[4, 3]", "[3, 4]");
    assertRefused(() -> program.state("w", Shape.of(2)), "w", "[2, 3]", "[2]");
    Value labels = program.integerInput("labels", 4);
    assertEquals(Value.Kind.INTEGER, labels.kind());
    assertRefused(() -> program.input("labels", Shape.of(4)), "labels");
    // An input and a state may share a name: they are bound in different places.
    assertNotEquals(x, program.state("x", Shape.of(4, 3)));
  }

  @Test
  void outputsAreComputedAndNamedOnce() {
    assertRefused(() -> program.output("x", x), "a computed value");
    assertRefused(() -> program.output("w", w), "a computed value");
    Value y = program.square(x);
    program.output("y", y);
    assertRefused(() -> program.output("y", program.square(w)), "unique", "y");
    program.output("again", y);
    assertEquals(1, program.build().instructions().size());
  }

  @Test
  void whatChangesNothingIsNotWritten() {
    assertSame(x, program.affine(x, 1, 0));
    assertSame(x, program.reshape(x, Shape.of(4, 3)));
    assertSame(x, program.sumTo(x, Shape.of(4, 3)));
    assertSame(x, program.broadcastTo(x, Shape.of(4, 3)));
    assertEquals(List.of(), program.instructions());
  }

  @Test
  void aScalarConstantFoldsIntoAProduct() {
    Value half = program.constant(0.5);
    assertSame(program.affine(x, 0.5, 0), program.multiply(half, x));
    assertSame(program.affine(x, 0.5, 0), program.multiply(x, half));
    assertSame(x, program.multiply(program.constant(1), x));
    program.output("y", program.multiply(half, x));
    assertEquals(List.of(new Op.Affine(x, 0.5, 0)), operations(program.build()));
  }

  @Test
  void resultsHaveTheShapesOfTheirOperations() {
    assertEquals(Shape.of(4, 2), program.matMul(x, false, w, true).shape());
    assertEquals(Shape.of(3, 3), program.matMul(x, true, x, false).shape());
    assertEquals(Shape.of(4, 2), program.varianceProduct(x, w).shape());
    assertEquals(Shape.of(4, 3), program.add(x, rate).shape());
    assertEquals(Shape.of(4, 4), program.appendOnes(x).shape());
    assertEquals(Shape.of(4, 1), program.sliceColumns(x, 1, 2).shape());
    assertEquals(Shape.of(4, 6), program.padColumns(x, 1, 2).shape());
    assertEquals(Shape.of(12), program.reshape(x, Shape.of(12)).shape());
    assertEquals(Shape.of(4, 1), program.sumTo(x, Shape.of(4, 1)).shape());
    assertEquals(Shape.of(5, 4, 3), program.broadcastTo(x, Shape.of(5, 4, 3)).shape());
    Value labels = program.integerInput("labels", 4);
    assertEquals(Shape.SCALAR, program.softmaxCrossEntropy(x, labels).shape());
    assertEquals(Shape.SCALAR, program.correctCount(x, labels).shape());
    assertEquals(Shape.SCALAR, program.squaredError(x, x).shape());
    assertEquals(
        Shape.of(4, 3), program.emit(new Op.SoftmaxCrossEntropyGradient(x, labels)).shape());
  }

  @Test
  void operandsThatDoNotFitAreRefused() {
    Value labels = program.integerInput("labels", 4);
    Value few = program.integerInput("few", 3);
    Value vector = program.reshape(x, Shape.of(12));
    assertRefused(() -> program.matMul(x, false, w, false), "MatMul", "[4, 3] and [2, 3]");
    assertRefused(() -> program.matMul(vector, false, w, false), "MatMul", "[12]");
    assertRefused(() -> program.varianceProduct(x, program.square(vector)), "VarianceProduct");
    assertRefused(() -> program.add(x, w), "[4, 3] and [2, 3]");
    assertRefused(() -> program.add(x, labels), "Binary", "real numbers");
    assertRefused(() -> program.square(labels), "Unary", "real numbers");
    assertRefused(() -> program.reshape(x, Shape.of(11)), "Reshape", "12 elements", "[11]");
    assertRefused(() -> program.sumTo(x, Shape.of(4)), "SumTo", "[4, 3]", "[4]");
    assertRefused(() -> program.broadcastTo(x, Shape.of(4)), "BroadcastTo", "[4, 3]");
    assertRefused(() -> program.sliceColumns(x, 2, 1), "SliceColumns", "3 columns", "2 to 1");
    assertRefused(() -> program.sliceColumns(x, 0, 4), "SliceColumns", "0 to 4");
    assertRefused(() -> program.padColumns(x, -1, 0), "PadColumns", "-1 and 0");
    assertRefused(() -> program.appendOnes(vector), "AppendOnes", "a matrix");
    assertRefused(() -> program.softmax(rate), "Softmax", "rank of at least 1");
    assertRefused(() -> program.softmaxCrossEntropy(x, few), "one integer label per row");
    assertRefused(() -> program.softmaxCrossEntropy(x, vector), "one integer label per row");
    assertRefused(() -> program.correctCount(vector, labels), "CorrectCount", "a matrix");
    assertRefused(() -> program.squaredError(x, w), "SquaredError", "[4, 3]");
    assertRefused(() -> new Op.Select(x, x, w), "Select", "[2, 3]");
    assertRefused(() -> program.maxTo(x, Shape.of(4)), "MaxTo", "[4, 3]", "[4]");
    Value empty = program.input("empty", Shape.of(0, 3));
    assertRefused(() -> program.maxTo(empty, Shape.of(1, 3)), "MaxTo", "at least 1");
    assertRefused(() -> new Op.FirstMaximum(x, Shape.of(4)), "FirstMaximum", "[4]");
    assertRefused(() -> program.oneHot(vector, 3), "OneHot", "integers");
    assertRefused(() -> program.oneHot(labels, 0), "OneHot", "at least 1 class");
    assertRefused(() -> program.gather(vector, labels), "Gather", "a matrix");
    assertRefused(() -> program.gather(x, vector), "Gather", "integers");
    assertRefused(() -> new Op.ScatterAdd(x, few, 2), "ScatterAdd", "one index per row");
    assertRefused(() -> new Op.ScatterAdd(x, labels, 0), "ScatterAdd", "at least 1 row");
    assertRefused(() -> program.uniform(1, 0, x, Shape.of(2)), "Random", "a scalar");
    assertRefused(() -> new Op.Assign(w, x), "Assign", "[2, 3]");
    assertRefused(() -> new Op.EulerStep(w, x, rate, rate), "EulerStep");
    assertRefused(() -> new Op.EulerStep(w, w, vector, rate), "a scale", "[12]");
    assertRefused(() -> new Op.EulerStep(w, w, rate, w), "EulerStep", "a scalar");
  }

  @Test
  void operationsOnImagesHaveTheShapesOfTheirWindows() {
    var window = new Window(5, 4, 3, 2, 2, 1, 1, 0);
    assertEquals(3, window.outputHeight());
    assertEquals(3, window.outputWidth());
    Value images = program.input("images", Shape.of(2 * 20, 3));
    Value patches = program.patches(images, window);
    assertEquals(Shape.of(2 * 9, 3 * 6), patches.shape());
    assertEquals(
        images.shape(), program.emit(new SpatialOp.PatchesAdjoint(patches, window)).shape());
    Value pooled = program.maxPool(images, window);
    assertEquals(Shape.of(2 * 9, 3), pooled.shape());
    assertEquals(pooled.shape(), program.averagePool(images, window).shape());
    assertEquals(
        images.shape(),
        program.emit(new SpatialOp.MaxPoolGradient(images, pooled, window)).shape());
    assertEquals(
        images.shape(), program.emit(new SpatialOp.AveragePoolAdjoint(pooled, window)).shape());
    assertRefused(() -> program.patches(x, window), "Patches", "20 rows");
    assertRefused(() -> program.maxPool(x, window), "MaxPool", "20 rows");
    assertRefused(
        () -> new SpatialOp.MaxPoolGradient(images, images, window), "MaxPoolGradient", "[18, 3]");
    assertRefused(
        () -> new SpatialOp.PatchesAdjoint(pooled, window), "PatchesAdjoint", "multiple of 6");
    var wide = new Window(5, 4, 3, 2, 1, 1, 2, 0);
    assertRefused(() -> program.averagePool(images, wide), "AveragePool", "half the kernel");
  }

  @Test
  void windowsThatDoNotFitAreRefused() {
    assertRefused(() -> new Window(0, 4, 1, 1, 1, 1, 0, 0), "Window", "height", "0");
    assertRefused(() -> new Window(4, 4, 1, 0, 1, 1, 0, 0), "kernel width", "0");
    assertRefused(() -> new Window(4, 4, 1, 1, 0, 1, 0, 0), "stride", "0");
    assertRefused(() -> new Window(4, 4, 1, 1, 1, 1, 0, -1), "padding", "-1");
    assertRefused(() -> new Window(4, 4, 7, 1, 1, 1, 1, 0), "height 4", "found 7");
  }

  @Test
  void anOperationWithoutOneResultIsNotEmitted() {
    assertRefused(() -> program.emit(new Op.Assign(w, w)), "test", "one result");
  }

  @Test
  void aProgramReadsAsText() {
    program.output("y", program.matMul(x, false, w, true));
    String text = program.build().toString();
    assertTrue(text.startsWith("program test inputs "), text);
    assertTrue(text.contains("x[4, 3]") && text.contains("MatMul"), text);
    assertTrue(text.contains("return {y="), text);
  }
}
