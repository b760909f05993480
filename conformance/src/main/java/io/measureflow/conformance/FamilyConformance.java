package io.measureflow.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.measure.Family;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every family and activation on the class path, to be subclassed by each backend: results agree
 * with the float64 reference backend, from the far tails of every activation to whole training runs
 * of every family with every activation. Your own family or activation is tested as well if its jar
 * is on the class path of the subclass.
 */
public abstract class FamilyConformance {

  private static final int ORDERS = Activation.MAX_ORDER + 1;
  private static final int STEPS = 5;

  /** Moments of the reference, by activation; computed once for all subclasses. */
  private static final Map<String, double[][]> MOMENTS = new ConcurrentHashMap<>();

  /** Parameters after training on the reference, by family and activation. */
  private static final Map<String, Map<String, double[]>> TRAINED = new ConcurrentHashMap<>();

  /** Opens the backend under test. */
  protected abstract Backend open();

  /** Returns whether to check this family with this activation; subclasses may select some. */
  protected boolean covers(String family, String activation) {
    return true;
  }

  /** Returns the tolerance of the relative error of a moment. */
  protected double momentTolerance(Precision precision) {
    return switch (precision) {
      // Exponents up to 87 are rounded to 24 bits before exponentiation.
      case FLOAT32 -> 2e-5;
      case FLOAT64 -> 1e-11;
    };
  }

  /** Returns the tolerance of a parameter after training, relative to the largest entry. */
  protected double trainingTolerance(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 1e-4;
      case FLOAT64 -> 1e-11;
    };
  }

  // ---- moments ----

  @TestFactory
  Stream<DynamicTest> momentsKeepTheirRelativeAccuracy() {
    return Extensions.onClassPath().of(Activation.KIND).names().stream()
        .filter(name -> covers("", name))
        .map(
            name ->
                DynamicTest.dynamicTest(
                    name, () -> checkMoments(Activation.of(name, Extensions.onClassPath(), name))));
  }

  /** t = m / sqrt(v) from -40 to 40 at variances down to 1e-30, and points. */
  private void checkMoments(Activation activation) {
    var means = new ArrayList<Double>();
    var variances = new ArrayList<Double>();
    for (double v : new double[] {0, 1e-30, 1e-12, 1e-4, 1, 30, 1e8}) {
      for (int i = -80; i <= 80; i++) {
        double m = i * 0.5 * (v == 0 ? 1 : Math.sqrt(v));
        means.add((double) (float) m);
        variances.add((double) (float) v);
      }
    }
    try (Backend backend = open()) {
      double tolerance = momentTolerance(backend.description().precision());
      // Where the normal density is subnormal a backend may flush it to 0; moments are the density
      // times
      // powers of t and of the standard deviation.
      double floor = backend.description().precision() == Precision.FLOAT32 ? 1e-33 : 1e-296;
      double[][] found = moments(backend, activation, means, variances);
      double[][] exact =
          MOMENTS.computeIfAbsent(
              activation.key(),
              key -> withReference(reference -> moments(reference, activation, means, variances)));
      for (int order = 0; order < ORDERS; order++) {
        for (int i = 0; i < means.size(); i++) {
          double e = exact[order][i];
          double s = Math.sqrt(variances.get(i));
          double terms = exact[ORDERS + order][i];
          double allowed =
              tolerance * (Math.abs(e) + 0.1 * terms)
                  + floor * (1 + s + (s == 0 ? 0 : Math.pow(s, -order)));
          if (2 * Math.abs(e) < Float.MAX_VALUE && !(Math.abs(found[order][i] - e) <= allowed)) {
            fail(
                "G"
                    + order
                    + " of "
                    + activation.key()
                    + " at m = "
                    + means.get(i)
                    + ", v = "
                    + variances.get(i)
                    + ": expected "
                    + e
                    + " within "
                    + allowed
                    + ", found "
                    + found[order][i]);
          }
        }
      }
    }
  }

  /** Returns G_0 to G_3, then for each the size of the terms whose sum it is. */
  private static double[][] moments(
      Backend backend, Activation activation, List<Double> means, List<Double> variances) {
    var program = new ProgramBuilder("moments of " + activation.key());
    int size = means.size();
    Value mean = program.input("mean", Shape.of(1, size));
    Value variance = program.input("variance", Shape.of(1, size));
    for (int order = 0; order < ORDERS; order++) {
      program.output(
          "G" + order, program.affine(activation.moment(program, mean, variance, order), 2, 0));
      program.output(
          "T" + order, program.affine(terms(program, activation, mean, variance, order), 2, 0));
    }
    var results = new double[2 * ORDERS][];
    Program built = program.build();
    Gaps.requireNone(backend, built);
    try (Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(built)) {
      for (int i = 0; i < size; i++) {
        executable.input("mean").set(i, means.get(i));
        executable.input("variance").set(i, variances.get(i));
      }
      executable.run();
      for (int order = 0; order < ORDERS; order++) {
        for (String kind : new String[] {"G", "T"}) {
          double[] twice = executable.output(kind + order).toDoubles();
          for (int i = 0; i < size; i++) {
            twice[i] /= 2;
          }
          results[kind.equals("G") ? order : ORDERS + order] = twice;
        }
      }
    }
    return results;
  }

  /**
   * Writes the size added to the moment itself as the base of the relative error: 0 if no terms
   * cancel.
   */
  private static Value terms(
      ProgramBuilder program, Activation activation, Value mean, Value variance, int order) {
    return switch (activation.key()) {
      case "identity", "quadratic", "relu" -> program.constant(0, mean.shape());
      case "step" -> roots(program, mean, program.affine(variance, 1, Float.MIN_NORMAL), order);
      case "erf" -> roots(program, mean, program.affine(variance, 1, 0.5), order);
      case "leaky_relu" -> program.reluMoment(mean, variance, order);
      case "gelu" ->
          program.add(
              program.reluMoment(mean, program.affine(variance, 1, 1), 0),
              program.reluMoment(mean, program.affine(variance, 1, 1), 2));
      case "sin", "cos" -> program.exp(program.affine(variance, -0.5, 0));
      // Averages of values with both signs.
      default ->
          program.add(
              program.maximum(mean, program.affine(mean, -1, 0)),
              program.affine(program.sqrt(variance), 1, 1));
    };
  }

  /** Writes the size of the terms whose difference (t^2 - 1) phi(t)/s^3 is. */
  private static Value roots(ProgramBuilder program, Value mean, Value variance, int order) {
    return order < Activation.MAX_ORDER
        ? program.constant(0, mean.shape())
        : program.divide(program.reluMoment(mean, variance, 2), variance);
  }

  private static <T> T withReference(Function<Backend, T> task) {
    try (Backend reference =
        new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64))) {
      return task.apply(reference);
    }
  }

  // ---- training ----

  @TestFactory
  Stream<DynamicTest> everyFamilyTrainsWithEveryActivation() {
    return Extensions.onClassPath().of(Family.KIND).names().stream()
        .flatMap(
            family ->
                Extensions.onClassPath().of(Activation.KIND).names().stream()
                    .filter(activation -> covers(family, activation))
                    .map(
                        activation ->
                            DynamicTest.dynamicTest(
                                family + " " + activation,
                                () -> checkTraining(family, activation))));
  }

  private void checkTraining(String family, String activation) {
    var model =
        new ModelSpec(
            List.of(
                new MixtureLayer(
                    Extensions.onClassPath().of(Family.KIND).get(family),
                    Activation.of(activation, Extensions.onClassPath(), activation),
                    true,
                    7,
                    3,
                    5,
                    Extensions.onClassPath().of(Family.KIND).get(family).rankRule()
                            == Family.RankRule.FREE
                        ? 2
                        : 0)));
    try (Backend backend = open()) {
      double tolerance = trainingTolerance(backend.description().precision());
      Map<String, double[]> found = train(backend, model);
      TRAINED
          .computeIfAbsent(
              family + " " + activation, key -> withReference(reference -> train(reference, model)))
          .forEach(
              (name, expected) -> {
                double[] other = found.getOrDefault(name, new double[0]);
                double largest = 1e-3;
                double error = expected.length == other.length ? 0 : Double.NaN;
                for (int i = 0; i < expected.length; i++) {
                  largest = Math.max(largest, Math.abs(expected[i]));
                  error = Math.max(error, Math.abs(expected[i] - other[i]));
                }
                if (!(error <= tolerance * largest)) {
                  fail(family + " " + activation + ", " + name + ": found an error of " + error);
                }
              });
    }
  }

  /** Returns all parameters after some steps in which all of them are trained. */
  private static Map<String, double[]> train(Backend backend, ModelSpec model) {
    int batch = 19;
    Program program =
        TrainingPrograms.step(
            model,
            Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
            Wasserstein.of(),
            new Trainable(Role.STANDARD, 1, Double.POSITIVE_INFINITY),
            false,
            0,
            batch);
    Gaps.requireNone(backend, program);
    try (Workspace workspace = backend.newWorkspace();
        Executable step = workspace.compile(program)) {
      // From float32 numbers, so that all precisions start alike.
      Initialization.parameters(model, 3, Precision.FLOAT32).forEach(workspace::write);
      var random = new SplittableRandom(5);
      for (int i = 1; i <= STEPS; i++) {
        Tensor features = step.input(TrainingPrograms.FEATURES);
        for (int e = 0; e < features.shape().size(); e++) {
          features.set(e, (float) random.nextDouble(-1, 1));
        }
        for (int row = 0; row < batch; row++) {
          step.input(TrainingPrograms.TARGETS).set(row, random.nextInt(3));
        }
        step.input(TrainingPrograms.RATE).set(0, 0.0625);
        step.input(TrainingPrograms.STEP).set(0, i);
        step.run();
      }
      var parameters = new TreeMap<String, double[]>();
      workspace.states().forEach(name -> parameters.put(name, workspace.read(name).toDoubles()));
      return parameters;
    }
  }
}
