package io.measureflow.lowering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What each pass decides for small programs. */
class LoweringTest {

  private static final int B = 16;
  private static final int D = 24;
  private static final Packing.Rule ALL = (product, readers) -> true;

  /**
   * A step of the diagonal family without a loss: products of features and their squares with K
   * parameters, and updates by products of the given gradients.
   */
  private static Program step(int k, boolean open) {
    var builder = new ProgramBuilder("step");
    Value x = builder.input("x", Shape.of(B, D));
    Value rate = builder.input("rate", Shape.SCALAR);
    Value scale = builder.input("scale", Shape.of(k));
    Value mean = builder.state("mean", Shape.of(k, D));
    Value deviation = builder.state("deviation", Shape.of(k, D));
    Value m = builder.matMul(x, false, mean, true);
    Value v = builder.varianceProduct(x, deviation);
    Value g = builder.multiply(m, v);
    Value ofMean = builder.matMul(g, true, x, false);
    Value ofVariance = builder.matMul(v, true, builder.square(x), false);
    if (open) {
      builder.output("gradient", ofMean);
    }
    builder.update(new Op.EulerStep(mean, ofMean, scale, rate));
    builder.update(
        new Op.EulerStep(
            deviation, builder.multiply(builder.affine(deviation, 2, 0), ofVariance), scale, rate));
    return builder.build();
  }

  private static LoweredProgram lower(Program program) {
    return Lowering.lower(program, Map.of());
  }

  private static Stream<Step.Product> products(LoweredProgram lowered) {
    return lowered.steps().stream()
        .filter(Step.Product.class::isInstance)
        .map(Step.Product.class::cast);
  }

  @Test
  void theBatchIsInnermostWhereParametersAreLargerThanIt() {
    LoweredProgram many = lower(step(64, false));
    List<Step.Product> products = products(many).toList();
    assertEquals(4, products.size());
    for (Step.Product product : products.subList(0, 2)) {
      assertEquals(64, product.rows());
      assertEquals(B, product.columns());
      assertFalse(product.left().transposed());
      assertTrue(product.right().transposed());
    }
    assertTrue(products.get(1).left().squared() && products.get(1).right().squared());
    // Gradients read activations as they lie.
    assertFalse(products.get(2).left().transposed());

    LoweredProgram few = lower(step(4, false));
    assertEquals(B, products(few).findFirst().orElseThrow().rows());
    assertTrue(few.orders().values().stream().allMatch(AxisOrder::isPlain));
  }

  @Test
  void largeOutputsMayHaveTheBatchInnermostAndSmallOnesNot() {
    for (int k : new int[] {1024, 64}) {
      var builder = new ProgramBuilder("features");
      Value x = builder.input("x", Shape.of(B, D));
      Value product = builder.matMul(x, false, builder.state("mean", Shape.of(k, D)), true);
      builder.output("features", product);
      assertEquals(k < 1024, lower(builder.build()).order(product).isPlain(), "K = " + k);
    }
  }

  @Test
  void gradientsAreEpiloguesOfTheirProducts() {
    List<Step.Product> products = products(lower(step(64, false))).toList();
    var ofMean = assertInstanceOf(Epilogue.Update.class, products.get(2).epilogue());
    assertEquals("mean", ofMean.update().state().name());
    assertInstanceOf(Epilogue.Factor.One.class, ofMean.factor());
    var ofDeviation = assertInstanceOf(Epilogue.Update.class, products.get(3).epilogue());
    var factor = assertInstanceOf(Epilogue.Factor.Affine.class, ofDeviation.factor());
    assertEquals("deviation", factor.x().name());
    assertEquals(2, factor.scale());
    assertTrue(products.get(3).right().squared());
    assertTrue(lower(step(64, false)).steps().stream().noneMatch(Step.Change.class::isInstance));
  }

  @Test
  void theUpdatesOfOptimizersAreEpiloguesToo() {
    for (boolean adam : new boolean[] {false, true}) {
      var builder = new ProgramBuilder("optimizer");
      Value one = builder.input("one", Shape.SCALAR);
      Value state = builder.state("state", Shape.of(8, D));
      Value memory = builder.state("memory", Shape.of(8, D));
      Value gradient =
          builder.matMul(
              builder.input("g", Shape.of(B, 8)), true, builder.input("x", Shape.of(B, D)), false);
      builder.update(
          adam
              ? new Op.AdamStep(
                  state,
                  memory,
                  builder.state("second", Shape.of(8, D)),
                  gradient,
                  one,
                  one,
                  one,
                  0.9,
                  0.999,
                  1e-8,
                  0)
              : new Op.MomentumStep(state, memory, gradient, one, one, 0.9, true));
      Step.Product product = products(lower(builder.build())).findFirst().orElseThrow();
      assertInstanceOf(Epilogue.Update.class, product.epilogue());
      assertEquals(adam ? 3 : 2, product.changes().size());
    }
  }

  @Test
  void aGradientWithAnotherReaderIsStored() {
    LoweredProgram open = lower(step(64, true));
    assertInstanceOf(Epilogue.Store.class, products(open).toList().get(2).epilogue());
    assertEquals(1, open.steps().stream().filter(Step.Change.class::isInstance).count());
  }

  @Test
  void factorsThatAnotherUpdateChangesAreNotReadLate() {
    var builder = new ProgramBuilder("linear");
    Value rate = builder.input("rate", Shape.SCALAR);
    Value scale = builder.input("scale", Shape.SCALAR);
    Value a = builder.state("a", Shape.of(4, 4));
    Value b = builder.state("b", Shape.of(4, 4));
    builder.update(new Op.EulerStep(a, builder.matMul(a, false, b, false), scale, rate));
    builder.update(
        new Op.EulerStep(b, builder.matMul(builder.square(a), false, b, false), scale, rate));
    LoweredProgram lowered = lower(builder.build());
    products(lowered)
        .forEach(product -> assertInstanceOf(Epilogue.Store.class, product.epilogue()));
    assertEquals(2, lowered.steps().stream().filter(Step.Change.class::isInstance).count());
  }

  @Test
  void aStateThatIsAlwaysPermutedIsStoredPermuted() {
    var builder = new ProgramBuilder("factors");
    Value x = builder.input("x", Shape.of(B, D));
    Value factor = builder.state("factor", Shape.of(5, D, 3));
    Value stacked = builder.reshape(builder.permute(factor, 2, 0, 1), Shape.of(15, D));
    builder.output("t", builder.matMul(x, false, stacked, true));
    Program program = builder.build();
    LoweredProgram lowered = lower(program);
    assertEquals(List.of(2, 0, 1), lowered.stateOrder(factor).axes());
    assertEquals(factor, lowered.memory(stacked));
    assertEquals(1, lowered.steps().size());

    // Another program has stored it plain.
    LoweredProgram plain = Lowering.lower(program, Map.of(factor, AxisOrder.plain(3)));
    assertEquals(2, plain.steps().size());
    assertInstanceOf(Step.Whole.class, plain.steps().getFirst());
  }

  @Test
  void aStateInAnotherOrderIsCopiedForWhoReadsItInItsOwn() {
    var builder = new ProgramBuilder("reading");
    Value state = builder.state("factor", Shape.of(5, D, 3));
    builder.output("negative", builder.affine(state, -1, 0));
    LoweredProgram lowered =
        Lowering.lower(builder.build(), Map.of(state, new AxisOrder(List.of(2, 0, 1))));
    assertInstanceOf(Step.Copy.class, lowered.steps().getFirst());
    assertTrue(lowered.order(state).isPlain());
  }

  @Test
  void copiesOfFactorsAreShared() {
    LoweredProgram packed = Packing.apply(lower(step(64, false)), ALL);
    List<Step> packs = packed.steps().stream().filter(Step.Pack.class::isInstance).toList();
    // Features and their squares together, for products and for gradients.
    assertEquals(2, packs.size());
    assertEquals(List.of(2, 2), packs.stream().map(pack -> pack.writes().size()).toList());
    assertTrue(products(packed).allMatch(product -> product.right().packed()));
  }

  @Test
  void activationsAndUpdatesFollowTheirProductsInOneRegion() {
    List<Phase> phases = Schedule.of(Packing.apply(lower(step(1024, false)), ALL));
    assertEquals(2, phases.size());
    Region region =
        phases.get(1).regions().stream()
            .filter(r -> r.steps().size() > 1)
            .findFirst()
            .orElseThrow();
    assertEquals(1024, region.extent());
    assertEquals(5, region.steps().size());
    Step last = region.steps().getLast();
    assertEquals(new Split(1, 1024, D), region.splits().get(last.changes().getFirst()));
  }

  @Test
  void aStateIsNotChangedWhileOthersReadIt() {
    var builder = new ProgramBuilder("race");
    int k = 256;
    Value rate = builder.input("rate", Shape.SCALAR);
    Value scale = builder.input("scale", Shape.SCALAR);
    Value a = builder.state("a", Shape.of(k, k));
    Value g = builder.input("g", Shape.of(k, k));
    // Reads all of a, as a right factor.
    builder.output("product", builder.matMul(g, false, a, false));
    builder.update(new Op.EulerStep(a, builder.multiply(g, g), scale, rate));
    List<Phase> phases = Schedule.of(lower(builder.build()));
    int reading = phaseOf(phases, Step.Product.class);
    int changing = phaseOf(phases, Step.Change.class);
    assertTrue(reading < changing, reading + " and " + changing);
  }

  private static int phaseOf(List<Phase> phases, Class<? extends Step> kind) {
    for (int i = 0; i < phases.size(); i++) {
      boolean here =
          Stream.concat(
                  phases.get(i).first().stream(),
                  phases.get(i).regions().stream().flatMap(region -> region.steps().stream()))
              .anyMatch(kind::isInstance);
      if (here) {
        return i;
      }
    }
    throw new AssertionError("no " + kind);
  }

  @Test
  void rowsAlongTheMiddleAxisAreBands() {
    var builder = new ProgramBuilder("factored");
    int k = 64;
    Value x = builder.input("x", Shape.of(B, D));
    Value stacked = builder.state("stacked", Shape.of(4 * k, D));
    Value t = builder.reshape(builder.matMul(x, false, stacked, true), Shape.of(B, 4, k));
    Value sum = builder.sumTo(builder.square(t), Shape.of(B, 1, k));
    Value v =
        builder.multiply(
            builder.varianceProduct(x, builder.state("s", Shape.of(k, D))),
            builder.reshape(sum, Shape.of(B, k)));
    builder.output("total", builder.sumTo(v, Shape.SCALAR));
    List<Phase> phases = Schedule.of(Packing.apply(lower(builder.build()), ALL));
    Region region =
        phases.stream()
            .flatMap(phase -> phase.regions().stream())
            .filter(r -> r.steps().stream().anyMatch(Step.Sum.class::isInstance))
            .findFirst()
            .orElseThrow();
    assertEquals(k, region.extent());
    assertTrue(region.splits().containsValue(new Split(4, k, B)));
  }

  @Test
  void thePlanNamesWhatIsFused() {
    LoweredProgram lowered = Packing.apply(lower(step(1024, false)), ALL);
    String text = PlanText.of(lowered, Schedule.of(lowered));
    assertTrue(text.contains("UpdateFusion, updated by their products: mean, deviation"), text);
    assertTrue(text.contains("EulerStep of deviation times an affine of"), text);
    assertTrue(text.contains("product 1024 x 16 x 24"), text);
  }
}
