package io.measureflow.core.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.DatasetRequest.TargetKind;
import io.measureflow.api.data.Link;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Loss;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.autodiff.Gradients;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LossesTest {

  private static final int ROWS = 2;
  private static final int OUTPUTS = 3;
  private static final double[] LOGITS = {0.3, -0.7, 4, 1.5, 0.2, -2};
  private static final double[] FRACTIONS = {0.1, 1, 0.25, 1, 0, 0.6};
  private static final double[] LABELS = {2, 0};

  private final ProgramBuilder program = new ProgramBuilder("loss");
  private final Value output = program.input("output", Shape.of(5, 3));

  private List<Op> written(Value loss) {
    assertEquals(Shape.SCALAR, loss.shape());
    program.output("loss", loss);
    return program.build().instructions().stream().map(i -> i.op()).toList();
  }

  @Test
  void classesAreMeasuredByCrossEntropy() {
    Value labels = program.integerInput("labels", 5);
    assertEquals(
        List.of(new Op.SoftmaxCrossEntropy(output, labels)),
        written(Losses.SOFTMAX_CROSS_ENTROPY.value(program, output, labels)));
    assertEquals("softmax_cross_entropy", Losses.SOFTMAX_CROSS_ENTROPY.name());
  }

  @Test
  void realTargetsAreMeasuredByTheirDistance() {
    Value target = program.input("target", Shape.of(5, 3));
    assertEquals(
        List.of(new Op.SquaredError(output, target)),
        written(Losses.HALF_SQUARED_ERROR.value(program, output, target)));
    assertEquals("half_squared_error", Losses.HALF_SQUARED_ERROR.name());
  }

  /** The loss of two rows of three outputs, and its gradient. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Result(double loss, double[] gradient) {}

  private static Result result(Loss loss, double[] outputs, double[] targets) {
    var program = new ProgramBuilder("loss");
    Value output = program.input("output", Shape.of(ROWS, OUTPUTS));
    Value target =
        loss.target() == TargetKind.CLASSES
            ? program.integerInput("target", ROWS)
            : program.input("target", Shape.of(ROWS, OUTPUTS));
    Value value = loss.value(program, output, target);
    program.output("loss", value);
    program.output("gradient", Gradients.of(program, value, List.of(output)).getFirst());
    try (Backend backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program.build())) {
      for (int i = 0; i < outputs.length; i++) {
        executable.input("output").set(i, outputs[i]);
      }
      for (int i = 0; i < targets.length; i++) {
        executable.input("target").set(i, targets[i]);
      }
      executable.run();
      double[] gradient = new double[outputs.length];
      Arrays.setAll(gradient, i -> executable.output("gradient").get(i));
      return new Result(executable.output("loss").get(0), gradient);
    }
  }

  private static void assertClose(double expected, double found, double tolerance) {
    assertTrue(Math.abs(expected - found) <= tolerance, expected + ", found " + found);
  }

  static List<Loss> all() {
    return List.of(
        Losses.SOFTMAX_CROSS_ENTROPY,
        Losses.softmaxCrossEntropy().labelSmoothing(0.2),
        Losses.softmaxCrossEntropy().classWeights(1, 2, 5),
        Losses.softmaxCrossEntropy().labelSmoothing(0.3).classWeights(1, 2, 5),
        Losses.HALF_SQUARED_ERROR,
        Losses.ABSOLUTE_ERROR,
        Losses.huber(1),
        Losses.huber(0.3),
        Losses.BINARY_CROSS_ENTROPY,
        Losses.POISSON);
  }

  @ParameterizedTest
  @MethodSource("all")
  void gradientsAreThoseOfFiniteDifferences(Loss loss) {
    double[] targets = loss.target() == TargetKind.CLASSES ? LABELS : FRACTIONS;
    double[] gradient = result(loss, LOGITS, targets).gradient();
    double step = 1e-6;
    for (int i = 0; i < LOGITS.length; i++) {
      double[] moved = LOGITS.clone();
      moved[i] += step;
      double above = result(loss, moved, targets).loss();
      moved[i] -= 2 * step;
      assertClose((above - result(loss, moved, targets).loss()) / (2 * step), gradient[i], 1e-8);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void optionsSayEverything(Loss loss) {
    Loss plain = all().stream().filter(each -> each.name().equals(loss.name())).findFirst().get();
    assertEquals(loss, plain.withOptions(loss.options()));
    if (!loss.options().equals(plain.options())) {
      assertNotEquals(plain, loss);
    }
  }

  /** The definition, with a softmax of its own. */
  @Test
  void smoothedLabelsAndWeightsOfClasses() {
    double smoothing = 0.3;
    double[] weights = {1, 2, 5};
    double sum = 0;
    double total = 0;
    for (int i = 0; i < ROWS; i++) {
      double exponentials = 0;
      for (int j = 0; j < OUTPUTS; j++) {
        exponentials += Math.exp(LOGITS[i * OUTPUTS + j]);
      }
      for (int j = 0; j < OUTPUTS; j++) {
        double wanted = (j == LABELS[i] ? 1 - smoothing : 0) + smoothing / OUTPUTS;
        double probability = Math.exp(LOGITS[i * OUTPUTS + j]) / exponentials;
        sum -= wanted * weights[j] * Math.log(probability);
      }
      total += weights[(int) LABELS[i]];
    }
    Loss loss = Losses.softmaxCrossEntropy().labelSmoothing(smoothing).classWeights(weights);
    assertClose(sum / total, result(loss, LOGITS, LABELS).loss(), 1e-14);
  }

  @Test
  void equalWeightsChangeNothing() {
    double plain = result(Losses.SOFTMAX_CROSS_ENTROPY, LOGITS, LABELS).loss();
    Loss weighted = Losses.softmaxCrossEntropy().classWeights(3, 3, 3);
    assertClose(plain, result(weighted, LOGITS, LABELS).loss(), 1e-14);
  }

  @Test
  void farLogitsStayFinite() {
    double[] far = {1e4, -1e4, 0, -800, 800, 0};
    Loss smoothed = Losses.softmaxCrossEntropy().labelSmoothing(0.3);
    Result classes = result(smoothed, far, new double[] {1, 0});
    // -log p is 2e4 and 1600 of the labels; the mean over the outputs 1e4 and 800.
    assertClose((0.7 * 21600 + 0.3 * 10800) / 2, classes.loss(), 1e-9);
    Result labels = result(Losses.BINARY_CROSS_ENTROPY, far, new double[] {1, 0, 0.5, 1, 0, 0.5});
    assertClose((1600 + 2 * Math.log(2)) / 6, labels.loss(), 1e-12);
    assertClose(0, labels.gradient()[0], 0);
    assertClose(-1.0 / 6, labels.gradient()[3], 1e-15);
    assertClose(1.0 / 6, labels.gradient()[4], 1e-15);
    assertClose(0, labels.gradient()[2], 1e-15);
    for (double each : classes.gradient()) {
      assertTrue(Double.isFinite(each));
    }
  }

  @Test
  void errorsAreAveragedOverRowsAndOutputs() {
    double[] targets = {0.3, 0.3, 1, 1.5, 1.2, 0};
    // Errors 0, -1, 3, 0, -1, -2.
    Result absolute = result(Losses.ABSOLUTE_ERROR, LOGITS, targets);
    assertClose(7 / 6.0, absolute.loss(), 1e-15);
    assertEquals(0, absolute.gradient()[0]);
    assertClose(1 / 6.0, absolute.gradient()[2], 1e-15);
    assertClose(
        (0.5 + 2.5 + 0.5 + 1.5) / 6, result(Losses.huber(1), LOGITS, targets).loss(), 1e-15);
    assertClose((0.5 + 4 + 0.5 + 2) / 6, result(Losses.huber(2), LOGITS, targets).loss(), 1e-15);
  }

  @Test
  void ratesOfCounts() {
    double[] counts = {0, 1, 40, 3, 0, 2};
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      sum += Math.exp(LOGITS[i]) - counts[i] * LOGITS[i];
    }
    Result found = result(Losses.POISSON, LOGITS, counts);
    assertClose(sum / 6, found.loss(), 1e-13);
    assertClose((Math.exp(4) - 40) / 6, found.gradient()[2], 1e-14);
  }

  @Test
  void targetsInTheirOwnUnits() {
    Loss.TargetRange labels = Losses.BINARY_CROSS_ENTROPY.targetRange().orElseThrow();
    assertEquals("numbers from 0 to 1", labels.toString());
    assertTrue(labels.contains(0) && labels.contains(1) && !labels.contains(Double.NaN));
    Loss.TargetRange counts = Losses.POISSON.targetRange().orElseThrow();
    assertEquals("numbers of at least 0", counts.toString());
    assertTrue(counts.contains(1e9) && !counts.contains(-1));
    assertEquals(Optional.empty(), Losses.huber(1).targetRange());
    assertEquals(Link.LOGISTIC, Losses.BINARY_CROSS_ENTROPY.link());
    assertEquals(0.75, Link.LOGISTIC.prediction(Math.log(3)), 1e-15);
    assertEquals(3, Link.EXPONENTIAL.prediction(Math.log(3)), 1e-14);
    assertEquals(3, Losses.huber(1).link().prediction(3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "huber; delta; 0; delta: expected a number above 0, found 0.0",
        "huber; delta; Infinity; above 0",
        "huber; delta; 1,2; delta: expected one number, found [1.0, 2.0]",
        "huber; beta; 1; loss huber: expected one of the options delta, found 'beta'",
        "poisson; delta; 1; loss poisson: expected no option, found 'delta'",
        "softmax_cross_entropy; label-smoothing; 1; from 0 to below 1, found 1.0",
        "softmax_cross_entropy; label-smoothing; -0.1; from 0 to below 1, found -0.1",
        "softmax_cross_entropy; class-weights; 1,0; numbers above 0, found 0.0",
        "softmax_cross_entropy; weights; 1; label-smoothing, class-weights, found 'weights'",
      })
  void wrongOptionsAreRefused(String name, String option, String values, String expected) {
    Loss loss = all().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    List<Double> numbers = Arrays.stream(values.split(",")).map(Double::valueOf).toList();
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> loss.withOptions(Map.of(option, numbers)));
    assertTrue(String.valueOf(error.getMessage()).contains(expected), error.getMessage());
  }

  @Test
  void weightsAreOneForEachClass() {
    Value labels = program.integerInput("labels", 5);
    Loss loss = Losses.softmaxCrossEntropy().classWeights(1, 2);
    var error =
        assertThrows(InvalidRequestException.class, () -> loss.value(program, output, labels));
    assertTrue(
        error.getMessage().contains("class-weights: expected 3 weights, one for each class"),
        error.getMessage());
  }
}
