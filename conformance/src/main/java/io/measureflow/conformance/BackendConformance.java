package io.measureflow.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.ByteRows;
import io.measureflow.api.backend.ElementType;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.flows.AdamW;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The contract of backends, to be subclassed by each: every operation agrees with the {@link
 * Oracle} for all sizes and extremes of {@link OperationCases}, states and programs behave as the
 * service-provider interface says, and results are as reproducible as the backend claims.
 */
@TestInstance(Lifecycle.PER_CLASS)
public abstract class BackendConformance {

  private @Nullable Backend opened;

  /** Opens the backend under test. */
  protected abstract Backend open(int threads);

  /**
   * Returns the tolerance of the difference from the oracle, relative to the largest entry of the
   * result, or to the size of sums of that length without cancellation.
   */
  protected double tolerance(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 5e-6;
      case FLOAT64 -> 1e-12;
    };
  }

  /**
   * Returns the tolerance of the relative difference of each single moment, however small: tails
   * must keep their relative accuracy.
   */
  protected double momentTolerance(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 4e-6;
      case FLOAT64 -> 2e-11;
    };
  }

  /** Returns the backend of the whole suite, with two threads. */
  private Backend backend() {
    if (opened == null) {
      opened = open(2);
    }
    return opened;
  }

  @AfterAll
  void closeBackend() {
    if (opened != null) {
      opened.close();
    }
  }

  private Precision precision() {
    return backend().description().precision();
  }

  // ---- operations ----

  @TestFactory
  Stream<DynamicTest> operations() {
    return OperationCases.all().stream()
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> agreesWithOracle(c)));
  }

  @Test
  void everyOperationHasCases() {
    Set<Class<?>> missing = new HashSet<>();
    collect(Op.class, missing);
    OperationCases.all().forEach(c -> missing.remove(c.op()));
    assertEquals(Set.of(), missing);
  }

  private static void collect(Class<?> type, Set<Class<?>> leaves) {
    if (type.isSealed()) {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        collect(permitted, leaves);
      }
    } else {
      leaves.add(type);
    }
  }

  private void agreesWithOracle(OperationCases.Case c) {
    Program program = c.program();
    Gaps.requireNone(backend(), program);
    Map<String, double[]> given = c.values();
    var expected = ExpectedResults.of(c);
    try (Workspace workspace = backend().newWorkspace();
        Executable executable = workspace.compile(program)) {
      program.inputs().forEach(v -> fill(executable.input(v.name()), given(given, v.name())));
      program
          .states()
          .forEach(v -> workspace.write(v.name(), Tensor.of(v.shape(), given(given, v.name()))));
      for (int run = 1; run <= ExpectedResults.RUNS; run++) {
        executable.run();
        for (Map.Entry<String, Value> output : program.outputs().entrySet()) {
          Tensor found = executable.output(output.getKey());
          assertEquals(output.getValue().shape(), found.shape());
          compare(c, given, output.getKey(), run, expected.after(run, output.getValue()), found);
        }
        for (Value state : program.states()) {
          Tensor found = workspace.read(state.name());
          compare(c, given, state.name(), run, expected.after(run, state), found);
        }
      }
    }
  }

  private static double[] given(Map<String, double[]> values, String name) {
    double[] elements = values.get(name);
    if (elements == null) {
      throw new IllegalArgumentException("No values for " + name);
    }
    return elements;
  }

  private static void fill(Tensor tensor, double[] elements) {
    assertEquals(elements.length, tensor.shape().size());
    for (int i = 0; i < elements.length; i++) {
      tensor.set(i, elements[i]);
    }
  }

  private void compare(
      OperationCases.Case c,
      Map<String, double[]> given,
      String what,
      int run,
      double[] expected,
      Tensor found) {
    assertEquals(expected.length, found.shape().size(), what);
    // Called once: a backend may create a new description each time.
    Precision precision = precision();
    double relative = momentTolerance(precision);
    double underflow = underflow(c, what, precision);
    double largest = c.magnitude();
    for (double e : expected) {
      largest = Math.max(largest, Math.abs(rounded(e, precision)));
    }
    double absolute = tolerance(precision) * largest;
    for (int i = 0; i < expected.length; i++) {
      double e = rounded(expected[i], precision);
      double allowed = c.relative() ? relative * scale(what, given, i, e) + underflow : absolute;
      if (!agrees(c, e, found, i, allowed)) {
        fail(
            c.name()
                + ", "
                + what
                + ", run "
                + run
                + ", element "
                + i
                + ": expected "
                + e
                + " within "
                + allowed
                + ", found "
                + found.get(i));
      }
    }
  }

  private static boolean agrees(
      OperationCases.Case c, double expected, Tensor found, int element, double allowed) {
    double f = found.get(element);
    if (!Double.isNaN(expected)) {
      return expected == f || Math.abs(expected - f) <= allowed;
    }
    return c.op() == Op.InverseTranspose.class ? !isFinite(found, element) : Double.isNaN(f);
  }

  /** Returns whether the matrix that contains an element of a stack is finite. */
  private static boolean isFinite(Tensor stack, int element) {
    int size = stack.shape().dimension(1) * stack.shape().dimension(2);
    int start = element / size * size;
    return IntStream.range(start, start + size).allMatch(i -> Double.isFinite(stack.get(i)));
  }

  /**
   * Returns the size to which an error is relative; G_4 = (t^2 - 1) phi(t)/s^3 has zeros, so its
   * other factor.
   */
  private static double scale(
      String output, Map<String, double[]> given, int element, double expected) {
    if (!output.equals("G4")) {
      return Math.abs(expected);
    }
    double variance = given(given, "variance")[element];
    double density = Oracle.reluMoment(2, given(given, "mean")[element], variance);
    return variance == 0 ? 0 : Math.max(Math.abs(expected), density / variance);
  }

  /**
   * Returns the tolerated loss of a moment where the normal density is subnormal, which a backend
   * may flush to 0: moments are densities times powers of the standard deviation.
   */
  private static double underflow(OperationCases.Case c, String output, Precision precision) {
    double density =
        switch (precision) {
          case FLOAT32 -> 1e-37;
          case FLOAT64 -> 1e-300;
        };
    int order = output.startsWith("G") ? output.charAt(1) - '0' : 1;
    return 200 * density * Math.pow(c.spread(), 1 - order);
  }

  /** Rounds an expected value to the backend's precision, where it may be infinite or zero. */
  private static double rounded(double value, Precision precision) {
    return precision == Precision.FLOAT32 ? (double) (float) value : value;
  }

  // ---- operations of networks ----

  @Test
  void drawsOfEachStepStreamAndSeedAreDistinct() {
    NetworkChecks.drawsAreDistinct(backend());
  }

  @Test
  void drawsHaveTheirMoments() {
    NetworkChecks.drawsHaveTheirMoments(backend());
  }

  @Test
  void wrongIndicesAreRefused() {
    NetworkChecks.wrongIndicesAreRefused(backend());
  }

  @Test
  void operationsOfNetworksGiveTheSameBits() {
    NetworkChecks.givesTheSameBits(this::open, threadCounts());
  }

  // ---- states and programs ----

  @Test
  void programsOfOneWorkspaceShareStatesByName() {
    var count = new ProgramBuilder("count");
    Value counter = count.state("counter", Shape.of(2));
    count.update(new Op.Assign(counter, count.affine(counter, 1, 1)));
    var read = new ProgramBuilder("read");
    read.output("twice", read.affine(read.state("counter", Shape.of(2)), 2, 0));
    try (Workspace workspace = backend().newWorkspace();
        Executable counting = workspace.compile(count.build());
        Executable reading = workspace.compile(read.build())) {
      assertEquals(Set.of("counter"), workspace.states());
      counting.run();
      counting.run();
      reading.run();
      assertEquals(4, reading.output("twice").get(1));
      workspace.write("counter", Tensor.of(Shape.of(2), new float[] {10, 20}));
      counting.run();
      reading.run();
      assertEquals(22, reading.output("twice").get(0));
      assertEquals(42, reading.output("twice").get(1));
      Tensor copy = workspace.read("counter");
      assertEquals(precision().elementType(), copy.type());
      counting.run();
      assertEquals(11, copy.get(0), "a copy that was read does not change");
      assertEquals(12, workspace.read("counter").get(0));
    }
  }

  @Test
  void workspacesDoNotShareStates() {
    var program = new ProgramBuilder("state");
    program.output("out", program.affine(program.state("s", Shape.of(1)), 1, 1));
    Program built = program.build();
    try (Workspace first = backend().newWorkspace();
        Workspace second = backend().newWorkspace();
        Executable a = first.compile(built);
        Executable b = second.compile(built)) {
      first.write("s", Tensor.of(Shape.of(1), new double[] {5}));
      a.run();
      b.run();
      assertEquals(6, a.output("out").get(0));
      assertEquals(1, b.output("out").get(0));
    }
  }

  @Test
  void inputsKeepTheirContentAndStagingTensorsStay() {
    var program = new ProgramBuilder("inputs");
    program.output(
        "sum", program.add(program.input("a", Shape.of(3)), program.input("b", Shape.of(3))));
    try (Workspace workspace = backend().newWorkspace();
        Executable executable = workspace.compile(program.build())) {
      Tensor a = executable.input("a");
      Tensor b = executable.input("b");
      assertEquals(precision().elementType(), a.type());
      fill(a, new double[] {1, 2, 3});
      fill(b, new double[] {10, 20, 30});
      executable.run();
      Tensor sum = executable.output("sum");
      assertEquals(22, sum.get(1));
      a.set(1, 5);
      executable.run();
      assertEquals(25, sum.get(1));
      assertEquals(33, sum.get(2));
      assertEquals(25, executable.output("sum").get(1));
    }
  }

  /** Programs of two batch sizes draw from the same resident table, which is outside the heap. */
  @Test
  void batchesAreDrawnFromRowsThatAreHeld() {
    int rows = 1000;
    int width = 37;
    try (Workspace workspace = backend().newWorkspace();
        Arena arena = Arena.ofShared()) {
      Tensor all = rows(rows, width, arena);
      Optional<HeldRows> held = workspace.hold(all);
      assertEquals(backend().capabilities().drawsRows(), held.isPresent());
      assumeTrue(held.isPresent(), "declares that it draws no batches");
      assertEquals(all.shape(), held.get().shape());
      var random = new SplittableRandom(4);
      for (int batch : new int[] {128, 3, 1}) {
        Program program = sumsOfRows(batch, width);
        try (Executable given = workspace.compile(program);
            Executable drawn = workspace.compile(program, Map.of("x", held.get()))) {
          Tensor numbers = drawn.input("x");
          assertEquals(ElementType.INT32, numbers.type());
          assertEquals(Shape.of(batch), numbers.shape());
          for (int run = 0; run < 3; run++) {
            for (int i = 0; i < batch; i++) {
              int row = run == 0 ? rows - 1 - i : random.nextInt(rows);
              numbers.set(i, row);
              for (int j = 0; j < width; j++) {
                given.input("x").set((long) i * width + j, all.get((long) row * width + j));
              }
            }
            given.input("factor").set(0, run + 1);
            drawn.input("factor").set(0, run + 1);
            given.run();
            drawn.run();
            for (String output : List.of("sum", "twice")) {
              assertEquals(
                  -1,
                  given.output(output).memory().mismatch(drawn.output(output).memory()),
                  output + " of " + batch + " rows in run " + run);
            }
          }
        }
      }
    }
  }

  /** Bytes become the numbers they stand for when they are drawn, bit for bit. */
  @Test
  void batchesAreDrawnFromBytesWhereTheyAreHeld() {
    Precision precision = precision();
    int rows = 512;
    int width = 1037;
    int batch = 67;
    try (Workspace workspace = backend().newWorkspace();
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate((long) rows * width);
      for (long i = 0; i < memory.byteSize(); i++) {
        memory.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + i / 256));
      }
      for (double divisor : new double[] {1, 255}) {
        var bytes = new ByteRows(Shape.of(rows, width), memory, divisor);
        Optional<HeldRows> held = workspace.hold(bytes);
        if (held.isEmpty()) {
          return; // Callers then use tables of real numbers.
        }
        assertEquals(bytes.shape(), held.get().shape());
        try (Executable drawn =
            workspace.compile(sumsOfRows(batch, width), Map.of("x", held.get()))) {
          for (int i = 0; i < batch; i++) {
            drawn.input("x").set(i, (i * 97 + 5) % rows);
          }
          drawn.input("factor").set(0, 1);
          drawn.run();
          for (int i = 0; i < batch; i++) {
            for (int j = 0; j < width; j++) {
              long from = (i * 97L + 5) % rows * width + j;
              int value = Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, from));
              assertEquals(
                  2 * bytes.number(value, precision),
                  drawn.output("twice").get((long) i * width + j));
            }
          }
          drawn.input("x").set(1, rows);
          refused(String.valueOf(rows), drawn::run);
        }
      }
    }
  }

  private Tensor rows(int rows, int width, Arena arena) {
    Shape shape = Shape.of(rows, width);
    ElementType type = precision().elementType();
    var all = new Tensor(shape, type, arena.allocate((long) shape.size() * type.bytes(), 64));
    var random = new SplittableRandom(3);
    for (int i = 0; i < shape.size(); i++) {
      all.set(i, random.nextDouble());
    }
    return all;
  }

  /**
   * Returns a program with a real input besides the rows, which returns every number of the rows.
   */
  private static Program sumsOfRows(int batch, int width) {
    var program = new ProgramBuilder("draw");
    Value x = program.input("x", Shape.of(batch, width));
    Value factor = program.input("factor", Shape.of(1, 1));
    program.output("sum", program.multiply(program.sumTo(x, Shape.of(batch, 1)), factor));
    program.output("twice", program.affine(x, 2, 0));
    return program.build();
  }

  @Test
  void rowsThatAreNotHeldAreRefused() {
    Workspace workspace = backend().newWorkspace();
    try (Workspace other = backend().newWorkspace();
        Arena arena = Arena.ofShared()) {
      Optional<HeldRows> held = workspace.hold(rows(10, 5, arena));
      if (held.isEmpty()) {
        Tensor ten = rows(10, 5, arena);
        HeldRows foreign = new HeldRows.OnHost(other, ten);
        refused("x", () -> workspace.compile(sumsOfRows(2, 5), Map.of("x", foreign)).close());
        return;
      }
      Map<String, HeldRows> x = Map.of("x", held.get());
      refused("[B, 5]", () -> workspace.compile(sumsOfRows(2, 6), x).close());
      refused(
          "nothing",
          () -> workspace.compile(sumsOfRows(2, 5), Map.of("nothing", held.get())).close());
      refused("x", () -> other.compile(sumsOfRows(2, 5), x).close());
      Executable drawn = workspace.compile(sumsOfRows(2, 5), x);
      drawn.input("x").set(1, 10);
      refused("10", drawn::run);
      drawn.input("x").set(1, -1);
      refused("-1", drawn::run);
      drawn.input("x").set(1, 9);
      drawn.run();
      workspace.close();
      assertThrows(IllegalStateException.class, drawn::run);
      assertThrows(IllegalStateException.class, () -> workspace.hold(rows(10, 5, arena)));
    }
  }

  @Test
  void wrongNamesShapesAndLabelsAreRefused() {
    var program = new ProgramBuilder("labels");
    Value logits = program.input("logits", Shape.of(2, 3));
    program.output("loss", program.softmaxCrossEntropy(logits, program.integerInput("labels", 2)));
    program.output("state", program.affine(program.state("s", Shape.of(2)), 2, 0));
    var other = new ProgramBuilder("other");
    other.output("state", other.affine(other.state("s", Shape.of(3)), 2, 0));
    try (Workspace workspace = backend().newWorkspace();
        Executable executable = workspace.compile(program.build())) {
      assertEquals(ElementType.INT32, executable.input("labels").type());
      refused("nothing", () -> executable.input("nothing"));
      refused("nothing", () -> executable.output("nothing"));
      refused("nothing", () -> workspace.read("nothing"));
      refused("nothing", () -> workspace.write("nothing", Tensor.of(Shape.of(1), new float[1])));
      refused("[3]", () -> workspace.write("s", Tensor.of(Shape.of(3), new float[3])));
      refused("[3]", () -> workspace.compile(other.build()).close());
      executable.input("labels").set(1, 3);
      refused("3", executable::run);
      executable.input("labels").set(1, -1);
      refused("-1", executable::run);
      executable.input("labels").set(1, 2);
      executable.run();
    }
  }

  private static void refused(String inMessage, org.junit.jupiter.api.function.Executable call) {
    var error = assertThrows(IllegalArgumentException.class, call);
    assertTrue(error.toString().contains(inMessage), error.toString());
  }

  @Test
  void tooManyThreadsAreRefused() {
    String name = backend().description().name();
    BackendProvider provider = Extensions.onClassPath().of(BackendProvider.KIND).get(name);
    assumeTrue(provider.heedsThreads(), "declares that it does not heed threads");
    var thrown = assertThrows(InvalidRequestException.class, () -> open(1_000_000));
    assertTrue(
        String.valueOf(thrown.getMessage()).contains("found 1000000. Request as many threads"),
        thrown::getMessage);
    open(3).close();
  }

  @TestFactory
  Stream<DynamicTest> closingEndsTheRunsOfAnotherThread() {
    return Stream.of(Closing.values())
        .map(
            closing -> DynamicTest.dynamicTest(closing.name(), () -> closing.check(() -> open(2))));
  }

  @Test
  void useAfterCloseIsAnException() {
    var program = new ProgramBuilder("closing");
    program.output("out", program.affine(program.state("s", Shape.of(1)), 1, 1));
    Program built = program.build();
    Backend own = open(2);
    try (own) {
      Workspace workspace = own.newWorkspace();
      Executable executable = workspace.compile(built);
      executable.close();
      assertThrows(IllegalStateException.class, executable::run);
      Executable second = workspace.compile(built);
      workspace.close();
      assertThrows(IllegalStateException.class, second::run);
      assertThrows(IllegalStateException.class, () -> workspace.read("s"));
      assertThrows(IllegalStateException.class, () -> workspace.compile(built));
      Workspace left = own.newWorkspace();
      own.close();
      assertThrows(IllegalStateException.class, own::newWorkspace);
      assertThrows(IllegalStateException.class, () -> left.compile(built));
    }
  }

  // ---- whole training steps ----

  @Test
  void trainingGivesTheSameBits() {
    var model =
        new ModelSpec(
            List.of(
                mixture("diagonal", "relu", true, 200, 33, 65, 0),
                mixture("isotropic", "relu", false, 33, 20, 17, 0),
                mixture("dirac", "relu", true, 20, 20, 9, 0),
                new DenseLayer(Activations.IDENTITY, true, 20, 10)));
    sameBits(model, Objective.of(Losses.SOFTMAX_CROSS_ENTROPY), Trainable.DEFAULT);
  }

  @Test
  void trainingOfFactorsWeightsAndFunctionalsGivesTheSameBits() {
    var model =
        new ModelSpec(
            List.of(
                mixture("factored", "gelu", true, 200, 33, 65, 3),
                mixture("diagonal", "tanh", false, 33, 20, 17, 0),
                mixture("full", "erf", true, 20, 10, 7, 31)));
    sameBits(
        model,
        new Objective(Losses.SOFTMAX_CROSS_ENTROPY, 1e-4, 1e-6),
        new Trainable(Role.STANDARD, 1, 10));
  }

  private static Layer mixture(
      String family,
      String activation,
      boolean bias,
      int inputs,
      int outputs,
      int components,
      int rank) {
    return new MixtureLayer(
        Extensions.onClassPath().of(Family.KIND).get(family),
        Activation.of(activation, Extensions.onClassPath(), "activation"),
        bias,
        inputs,
        outputs,
        components,
        rank);
  }

  private void sameBits(ModelSpec model, Objective objective, Trainable trainable) {
    int[] threadCounts = threadCounts();
    Map<String, Tensor> expected = train(model, objective, trainable, threadCounts[0]);
    for (int threads : threadCounts) {
      Map<String, Tensor> found = train(model, objective, trainable, threads);
      assertEquals(expected.keySet(), found.keySet());
      expected.forEach(
          (name, tensor) -> {
            Tensor other = found.getOrDefault(name, tensor);
            assertEquals(-1, tensor.memory().mismatch(other.memory()), name + " with " + threads);
          });
    }
  }

  /** Returns numbers of threads that must not make a difference. */
  private int[] threadCounts() {
    return switch (backend().capabilities().reproducibility()) {
      case ANY_THREADS -> new int[] {1, 2, 3, 4};
      case SAME_THREADS -> new int[] {2, 2};
    };
  }

  /** Takes five steps of a stack on batches of 131 rows, wide enough to be distributed. */
  private Map<String, Tensor> train(
      ModelSpec model, Objective objective, Trainable trainable, int threads) {
    Program program = TrainingPrograms.step(model, objective, AdamW.of(), trainable, true, 0, 131);
    Gaps.requireNone(backend(), program);
    try (Backend own = open(threads);
        Workspace workspace = own.newWorkspace();
        Executable step = workspace.compile(program)) {
      Initialization.parameters(model, 3, own.description().precision()).forEach(workspace::write);
      var random = new SplittableRandom(5);
      for (int i = 1; i <= 5; i++) {
        Tensor features = step.input(TrainingPrograms.FEATURES);
        for (int e = 0; e < features.shape().size(); e++) {
          features.set(e, (float) random.nextDouble());
        }
        for (int row = 0; row < 131; row++) {
          step.input(TrainingPrograms.TARGETS).set(row, random.nextInt(10));
        }
        step.input(TrainingPrograms.RATE).set(0, 0.01);
        step.input(TrainingPrograms.STEP).set(0, i);
        step.run();
        double loss = step.output(TrainingPrograms.LOSS).get(0);
        assertTrue(loss > 0 && loss < 10, "loss " + loss);
      }
      var states = new HashMap<String, Tensor>();
      workspace.states().forEach(name -> states.put(name, workspace.read(name)));
      return new LinkedHashMap<>(states);
    }
  }
}
