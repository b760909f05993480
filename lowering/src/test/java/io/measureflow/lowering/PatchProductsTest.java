package io.measureflow.lowering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which windows of images are written, and which ones products take from the images. */
class PatchProductsTest {

  private static final int B = 4;
  private static final int SIDE = 6;
  private static final int C = 3;
  private static final int K = 5;
  private static final Window WINDOW = new Window(SIDE, SIDE, 3, 3, 1, 1, 1, 1);
  private static final int WIDTH = C * 9 + 1;

  /** A layer of a measure on windows, with its gradients and that of the images. */
  private static final class Layer {

    final ProgramBuilder program = new ProgramBuilder("layer");
    final Value images =
        program.square(
            program.reshape(
                program.input("images", Shape.of(B, SIDE * SIDE * C)),
                Shape.of(B * SIDE * SIDE, C)));
    final Value mean = program.state("mean", Shape.of(K, WIDTH));
    final Value deviation = program.state("deviation", Shape.of(K, WIDTH));
    final Value x = program.appendOnes(program.patches(images, WINDOW));
    final Value m = program.matMul(x, false, mean, true);
    final Value v = program.varianceProduct(x, deviation);

    void gradients() {
      Value ofMean = program.matMul(m, true, x, false);
      Value ofVariance = program.matMul(v, true, program.square(x), false);
      Value ofWindows =
          program.add(
              program.multiply(
                  program.affine(x, 2, 0),
                  program.matMul(v, false, program.square(deviation), false)),
              program.matMul(m, false, mean, false));
      Value ofImages =
          program.emit(
              new SpatialOp.PatchesAdjoint(program.sliceColumns(ofWindows, 0, WIDTH - 1), WINDOW));
      program.update(new Op.Assign(mean, ofMean));
      program.update(
          new Op.Assign(deviation, program.multiply(program.affine(deviation, 2, 0), ofVariance)));
      program.output("norm", program.sumTo(program.square(ofImages), Shape.SCALAR));
    }

    LoweredProgram lower() {
      Program built = program.build();
      return Lowering.lower(built, Map.of());
    }
  }

  private static <T extends Step> List<T> steps(LoweredProgram lowered, Class<T> type) {
    return lowered.steps().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static boolean writesWindows(LoweredProgram lowered) {
    return steps(lowered, Step.Whole.class).stream()
        .anyMatch(whole -> whole.instruction().op() instanceof SpatialOp);
  }

  @Test
  void productsTakeWindowsFromTheImages() {
    var layer = new Layer();
    layer.gradients();
    LoweredProgram lowered = layer.lower();
    assertFalse(writesWindows(lowered));
    Step.Convolve forward = steps(lowered, Step.Convolve.class).getFirst();
    assertEquals(1, steps(lowered, Step.Convolve.class).size());
    assertEquals(
        List.of(false, true),
        forward.products().stream().map(Step.WindowProduct::squared).toList());
    assertTrue(forward.windows().ones());
    assertEquals(WIDTH, forward.windows().rows());
    Step.ConvolveGradient backward = steps(lowered, Step.ConvolveGradient.class).getFirst();
    assertEquals(2, backward.products().size(), "the windows are gathered once for both");
    Step.ConvolveAdjoint adjoint = steps(lowered, Step.ConvolveAdjoint.class).getFirst();
    assertEquals(2, adjoint.terms().size());
    assertEquals(1, adjoint.terms().stream().filter(term -> term.image().isPresent()).count());
    // Images have the channels outermost.
    assertEquals(new AxisOrder(List.of(1, 0)), lowered.order(forward.windows().image()));
    assertEquals(new AxisOrder(List.of(1, 0)), lowered.order(layer.m));
  }

  @Test
  void windowsThatAreReadOtherwiseAreWritten() {
    var output = new Layer();
    output.program.output("windows", output.x);
    output.program.output("sum", output.program.sumTo(output.m, Shape.SCALAR));
    assertTrue(writesWindows(output.lower()));

    var elementwise = new Layer();
    Value exponentials = elementwise.program.exp(elementwise.x);
    elementwise.program.output(
        "sum",
        elementwise.program.add(
            elementwise.program.sumTo(exponentials, Shape.SCALAR),
            elementwise.program.sumTo(elementwise.m, Shape.SCALAR)));
    assertTrue(writesWindows(elementwise.lower()));
  }

  @Test
  void imagesThatAreInputsLieAsTheCallerWritesThem() {
    var program = new ProgramBuilder("input");
    Value images = program.input("images", Shape.of(B * SIDE * SIDE, C));
    Value mean = program.state("mean", Shape.of(K, C * 9));
    Value m = program.matMul(program.patches(images, WINDOW), false, mean, true);
    program.output("sum", program.sumTo(m, Shape.SCALAR));
    LoweredProgram lowered = Lowering.lower(program.build(), Map.of());
    assertTrue(writesWindows(lowered));
    assertTrue(lowered.order(images).isPlain());
  }

  @Test
  void poolsOfImagesKeepTheChannelsOutermost() {
    var layer = new Layer();
    var half = new Window(SIDE, SIDE, 2, 2, 2, 2, 0, 0);
    Value pooled = layer.program.maxPool(layer.m, half);
    layer.program.output("sum", layer.program.sumTo(pooled, Shape.SCALAR));
    LoweredProgram lowered = layer.lower();
    Step.Pool pool = steps(lowered, Step.Pool.class).getFirst();
    assertInstanceOf(SpatialOp.MaxPool.class, pool.op());
    assertFalse(lowered.order(pool.out()).isPlain());
  }

  @Test
  void aProductInBetweenIsNotOvertaken() {
    // The second product of the windows needs the first one's result.
    var program = new ProgramBuilder("chain");
    Value images =
        program.square(
            program.reshape(
                program.input("images", Shape.of(B, SIDE * SIDE * C)),
                Shape.of(B * SIDE * SIDE, C)));
    Value x = program.patches(images, WINDOW);
    Value first = program.state("first", Shape.of(K, C * 9));
    Value m = program.matMul(x, false, first, true);
    Value gradient = program.matMul(m, true, x, false);
    Value second = program.matMul(x, false, gradient, true);
    program.output("sum", program.sumTo(second, Shape.SCALAR));
    LoweredProgram lowered = Lowering.lower(program.build(), Map.of());
    assertEquals(2, steps(lowered, Step.Convolve.class).size());
    assertEquals(1, steps(lowered, Step.ConvolveGradient.class).size());
  }
}
