package io.measureflow.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.flow.LearningRateSchedule;
import io.measureflow.api.model.Loss;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.augmentation.Augmentation;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.layers.ResidualLayer;
import io.measureflow.core.losses.Huber;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.InitialScale;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Isolated("sets system properties")
class RunConfigTest {

  private static final Schema.Target CLASSES = new Schema.Target.Classes(List.of("a", "b", "c"));
  private static final Schema.Target REAL = new Schema.Target.Real(List.of("y"));

  @TempDir Path folder;

  private static RunConfig load(Map<String, String> settings) {
    return RunConfig.load(Optional.empty(), settings);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("c.conf"), text);
  }

  @Test
  void theDefaultsAreThoseOfTheDocumentation() {
    RunConfig config = RunConfig.defaults();
    assertEquals("simd", config.backend().name());
    assertTrue(config.backend().threads().isEmpty());
    assertTrue(config.backend().precision().isEmpty());
    assertEquals("digits", config.dataset().name());
    assertTrue(config.dataset().data().isEmpty());
    assertEquals(1, config.seed());
    assertTrue(config.init().isEmpty());
    assertTrue(config.out().isEmpty());
    assertFalse(config.modelGiven());
    assertEquals(
        new ModelSpec(
            List.of(new MixtureLayer(Families.FACTORED, Activations.RELU, true, 784, 10, 64, 4))),
        config.model().spec(Extensions.onClassPath(), Shape.of(784), 10));
    TrainingSettings settings =
        config
            .training()
            .settings(
                Extensions.onClassPath(),
                config.model().spec(Extensions.onClassPath(), Shape.of(784), 3),
                CLASSES,
                config.seed());
    assertEquals("wasserstein", settings.flow().name());
    assertEquals(0.5, settings.learningRate());
    assertEquals(128, settings.batch());
    assertEquals(Losses.SOFTMAX_CROSS_ENTROPY, settings.objective().loss());
    assertEquals(new LearningRateSchedule.Constant(), settings.schedule());
  }

  @Test
  void theCommandLineIsStrongerThanPropertiesThanFilesThanDefaults() throws IOException {
    Path file =
        file("measureflow { seed = 2, training { epochs = 2, batch = 2 }, model.components = 2 }");
    System.setProperty("measureflow.training.batch", "3");
    System.setProperty("measureflow.model.components", "3");
    try {
      RunConfig config =
          RunConfig.load(Optional.of(file), Map.of("measureflow.model.components", "4"));
      assertEquals(2, config.seed());
      assertEquals(2, config.training().epochs().orElseThrow());
      assertEquals(3, config.training().batch().orElseThrow());
      assertEquals(4, config.model().components().orElseThrow());
      assertTrue(config.modelGiven());
    } finally {
      System.clearProperty("measureflow.training.batch");
      System.clearProperty("measureflow.model.components");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "training.epoch, measureflow.training.epochs",
    "epochs, measureflow.training.epochs",
    "model.familly, measureflow.model.family",
    "learningrate, measureflow.training.learning-rate",
    "cuda.tiles.rows.x, measureflow",
    "opencl.device, measureflow",
    "training, measureflow.training",
    "training.schedule, measureflow.training.schedule",
    "seed.x, measureflow.seed",
  })
  void anUnknownKeyIsRefusedWithTheNearestOne(String key, String nearest) {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> RunConfig.load(Optional.empty(), Map.of(key, "1")));
    assertTrue(error.getMessage().contains("measureflow." + key), error.getMessage());
    assertTrue(error.getMessage().contains(nearest), error.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "training.epochs; 0; at least 1",
        "training.epochs; 2.5; at least 1",
        "training.epochs; many; at least 1",
        "training.batch; -1; at least 1",
        "training.learning-rate; 0; above 0",
        "training.learning-rate; NaN; above 0",
        "training.learning-rate; Infinity; above 0",
        "training.flow; sgd; wasserstein",
        "training.schedule.kind; linear; cosine",
        "training.warm-up; 1; below 1",
        "training.augment.shift; -1; at least 0",
        "training.decays; biases; auto, weights, all",
        "training.initialisation; large; auto, standard, variance-preserving",
        "training.shuffle; perhaps; true or false",
        "training.validation; 1; below 1",
        "training.flow-options.beta; 0.5; expected no option",
        "training.loss; hinge; half_squared_error",
        "training.loss-options.delta; x; a finite number, or a list of them",
        "training.loss-options.delta; [1, Infinity]; a finite number, or a list of them",
        "model.components; 0; at least 1",
        "model.components; 99999999999; at least 1",
        "model.activation; swish; relu",
        "model.rank; -1; at least 0",
        "dataset.scaling; z; unit",
        "threads; 0; at least 1",
        "precision; float16; float64",
        "seed; x; whole number",
        "seed; [1]; a text",
      })
  void aWrongValueIsRefused(String key, String value, String expected) {
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> load(Map.of(key, value)).check(Extensions.onClassPath()));
    String section = key.replace("options.beta", "options");
    assertTrue(error.getMessage().contains("measureflow." + section), error.getMessage());
    assertTrue(
        section.endsWith("options") || error.getMessage().contains("the command line"),
        error.getMessage());
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }

  @Test
  void aFileSaysWhereItIsWrong() throws IOException {
    Path wrongValue = file("measureflow {\n  training.epochs = none\n}");
    var value =
        assertThrows(
            InvalidRequestException.class, () -> RunConfig.load(Optional.of(wrongValue), Map.of()));
    assertTrue(value.getMessage().contains("c.conf: 2"), value.getMessage());
    Path elsewhere = file("training.epochs = 3");
    var root =
        assertThrows(
            InvalidRequestException.class, () -> RunConfig.load(Optional.of(elsewhere), Map.of()));
    assertTrue(root.getMessage().contains("'training'"), root.getMessage());
    Path broken = file("measureflow {");
    assertThrows(
        InvalidRequestException.class, () -> RunConfig.load(Optional.of(broken), Map.of()));
    Path noNumber = file("measureflow { training.epochs = null, seed = null }");
    assertThrows(
        InvalidRequestException.class, () -> RunConfig.load(Optional.of(noNumber), Map.of()));
    var missing =
        assertThrows(
            InvalidRequestException.class,
            () -> RunConfig.load(Optional.of(folder.resolve("none")), Map.of()));
    assertTrue(missing.getMessage().contains("nothing of that name"), missing.getMessage());
  }

  @Test
  void aBackendHasItsOwnSection() {
    RunConfig config = load(Map.of("backend", "simd", "simd.tile", "8", "reference.x", "y"));
    assertEquals(Map.of("tile", "8"), config.backend().section("simd"));
    assertEquals("the command line", config.backend().setBy());
  }

  @Test
  void stacksCanBeWritten() {
    RunConfig config =
        load(
            Map.of(
                "model.layers",
                "gm:diagonal:64x32, dense:8:activation=relu:bias=false, gm:dirac:16:bias=false"));
    var expected =
        new ModelSpec(
            List.of(
                new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 20, 32, 64, 0),
                new DenseLayer(Activations.RELU, false, 32, 8),
                new MixtureLayer(Families.DIRAC, Activations.RELU, false, 8, 3, 16, 0)));
    assertEquals(expected, config.model().spec(Extensions.onClassPath(), Shape.of(20), 3));
    RunConfig list =
        load(
            Map.of(
                "model.layers",
                "[\"gm:diagonal:64x32\", \"dense:8:activation=relu:bias=false\","
                    + " \"gm:dirac:16:bias=false\"]"));
    assertEquals(expected, list.model().spec(Extensions.onClassPath(), Shape.of(20), 3));
    assertEquals(
        expected,
        load(Map.of(
                "model.layers",
                String.join(",", LayerSyntax.format(expected, Extensions.onClassPath()))))
            .model()
            .spec(Extensions.onClassPath(), Shape.of(20), 3));
    assertEquals(
        0.5 / 64,
        config
            .training()
            .settings(
                Extensions.onClassPath(),
                config.model().spec(Extensions.onClassPath(), Shape.of(20), 3),
                CLASSES,
                1)
            .learningRate());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "cov:3; a type of layers",
        "gm:diagonal; gm:FAMILY:COMPONENTSxOUTPUTS",
        "gm:diagonal:64,dense:3; only the last layer",
        "gm:diagonal:manyx3; number of components",
        "gm:diagonal:4x3:rate=2; one of the keys",
        "gm:diagonal:4x3:bias=no; true or false",
        "gm:diagonal:4x3:activation=sine; one of",
        "gm:diagonal:4x3:bias=true:bias=true; each key once",
        "gm:cauchy:4x3; 'cauchy'",
        "gm:diagonal:4x3:rank=2; rank",
        "gm:diagonal:2147483647x2147483647; smaller",
        "dense:; dense",
        "dense:1:2; dense:OUTPUTS",
        "dense:3,; dense",
        ",; gm",
      })
  void aWrongStackIsRefused(String layers, String expected) {
    RunConfig config = load(Map.of("model.layers", layers));
    if (layers.equals("dense:")) {
      // Without outputs the last layer has as many as the data require.
      assertEquals(3, config.model().spec(Extensions.onClassPath(), Shape.of(20), 3).outputs());
      return;
    }
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> config.model().spec(Extensions.onClassPath(), Shape.of(20), 3));
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }

  @Test
  void theLearningRateSuitsModelAndFlow() {
    assertEquals(0.5, rate(load(Map.of("model.components", "10"))));
    assertEquals(0.2, rate(load(Map.of("model.components", "9"))));
    assertEquals(0.2, rate(load(Map.of("model.components", "63", "model.family", "diagonal"))));
    assertEquals(0.5, rate(load(Map.of("model.components", "64", "model.family", "diagonal"))));
    assertEquals(
        0.02, rate(load(Map.of("model.components", "9", "training.flow", "momentum"))), 1e-15);
    assertEquals(0.005, rate(load(Map.of("training.flow", "adam"))));
    assertEquals(3.0, rate(load(Map.of("training.learning-rate", "3"))));
  }

  private static double rate(RunConfig config) {
    return config
        .training()
        .settings(
            Extensions.onClassPath(),
            config.model().spec(Extensions.onClassPath(), Shape.of(20), 3),
            CLASSES,
            1)
        .learningRate();
  }

  /** The plain flow takes shorter steps where out_mean starts sqrt(K) times as large. */
  @Test
  void theLearningRateOfTheFlowFollowsTheStart() {
    for (var expected :
        Map.of("auto", 0.5 / 64, "variance-preserving", 0.5 / 64, "standard", 0.5).entrySet()) {
      Map<String, String> stack =
          Map.of(
              "model.layers", "gm:diagonal:64x8,gm:diagonal:64",
              "training.flow", "wasserstein",
              "training.initialisation", expected.getKey());
      assertEquals(expected.getValue(), rate(load(stack)), expected.getKey());
    }
    assertEquals(0.5, rate(load(Map.of("training.flow", "wasserstein", "model.components", "64"))));
  }

  /** The default is for layers that have the parameter; what is named must be there. */
  @Test
  void theDefaultFactorIsLeftOutWhereItsParameterIsNotThere() {
    var dense = new ModelSpec(List.of(new DenseLayer(Activations.IDENTITY, true, 20, 3)));
    var mixture =
        new ModelSpec(
            List.of(new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 20, 3, 8, 0)));
    for (String factor : List.of("10", "5")) {
      RunConfig config =
          load(
              Map.of(
                  "training.rate-factors.out_mean", factor, "training.rate-factors.weight", "2"));
      Map<String, Double> all = Map.of("out_mean", Double.valueOf(factor), "weight", 2.0);
      assertEquals(all, rateFactors(config, mixture));
      assertEquals(factor.equals("10") ? Map.of("weight", 2.0) : all, rateFactors(config, dense));
      // A parameter within another layer is there, too.
      var nested =
          new ModelSpec(
              List.of(
                  new DenseLayer(Activations.RELU, true, 20, 3),
                  new ResidualLayer(
                      List.of(
                          new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 3, 3, 8, 0)),
                      List.of())));
      assertEquals(all, rateFactors(config, nested));
    }
  }

  private static Map<String, Double> rateFactors(RunConfig config, ModelSpec spec) {
    return config
        .training()
        .settings(Extensions.onClassPath(), spec, CLASSES, 1)
        .trainable()
        .rateFactors();
  }

  @Test
  void theLossSuitsTheTarget() {
    RunConfig config = RunConfig.defaults();
    assertEquals(
        Losses.HALF_SQUARED_ERROR,
        config
            .training()
            .settings(
                Extensions.onClassPath(),
                config.model().spec(Extensions.onClassPath(), Shape.of(20), 1),
                REAL,
                1)
            .objective()
            .loss());
    assertThrows(
        InvalidRequestException.class, () -> TrainingConfig.defaultLoss(new Schema.Target.None()));
  }

  /** Names of parameters, of types of layers, and of both, as they are written in files or not. */
  @Test
  void factorsByTypeOfLayerAreReadAndWritten() throws IOException {
    Map<String, Double> expected =
        Map.of(
            "conv",
            2.0,
            "conv.bias",
            3.0,
            "batch-norm",
            4.0,
            "gm-conv.out_mean",
            5.0,
            "in_std",
            6.0);
    var commandLine = new LinkedHashMap<String, String>();
    expected.forEach(
        (name, factor) -> commandLine.put("training.rate-factors." + name, String.valueOf(factor)));
    Path quoted = folder.resolve("quoted.conf");
    Files.writeString(
        quoted,
        """
        measureflow.training.rate-factors {
          conv = 2, "conv.bias" = 3, batch-norm = 4, "gm-conv.out_mean" = 5, "in_std" = 6
        }
        """);
    Path nested = folder.resolve("nested.conf");
    Files.writeString(
        nested,
        "measureflow.training.rate-factors { conv.bias = 3, batch-norm = 4, gm-conv { out_mean = 5"
            + " }, in_std = 1 }");
    RunConfig ofCommandLine = load(commandLine);
    RunConfig ofQuoted = RunConfig.load(Optional.of(quoted), Map.of());
    // What the command line says of conv leaves conv.bias of the file as it is.
    RunConfig ofBoth =
        RunConfig.load(
            Optional.of(nested),
            Map.of("training.rate-factors.conv", "2", "training.rate-factors.\"in_std\"", "6"));
    for (RunConfig config : List.of(ofCommandLine, ofQuoted, ofBoth)) {
      assertEquals(expected, config.training().rateFactors().orElseThrow());
      Path written = folder.resolve("written.conf");
      Files.writeString(written, config.render());
      assertEquals(config.training(), RunConfig.load(Optional.of(written), Map.of()).training());
      assertEquals(
          config.training(), RunConfig.of(ConfigFactory.parseString(config.json())).training());
      assertEquals(
          7.0,
          config
              .with(Map.of("training.rate-factors.conv.bias", "7"), "the test")
              .training()
              .rateFactors()
              .orElseThrow()
              .get("conv.bias"));
    }
    var error =
        assertThrows(
            InvalidRequestException.class,
            () -> load(Map.of("training.rate-factors.conv.bias", "-1")));
    assertTrue(
        String.valueOf(error.getMessage())
            .contains("training.rate-factors.\"conv.bias\" (set by the command line)"),
        error.getMessage());
  }

  @Test
  void settingsOfDeepStacksAreReadAndWritten() {
    RunConfig config =
        load(
            Map.of(
                "training.warm-up", "0.05",
                "training.schedule.kind", "one-cycle",
                "training.schedule.rise", "0.25",
                "training.decays", "weights",
                "training.initialisation", "variance-preserving",
                "training.augment.shift", "3",
                "training.augment.flip", "true"));
    TrainingConfig training = config.training();
    assertEquals(InitialScale.VARIANCE_PRESERVING, training.initialisation());
    TrainingSettings settings =
        training.settings(
            Extensions.onClassPath(),
            config.model().spec(Extensions.onClassPath(), Shape.of(20), 3),
            CLASSES,
            1);
    assertEquals(
        new LearningRateSchedule.WarmUp(0.05, new LearningRateSchedule.OneCycle(0.25, 25, 1e4)),
        settings.schedule());
    assertEquals(new Augmentation(3, true), settings.augmentation());
    assertEquals(Trainable.Decay.WEIGHTS, settings.trainable().decay());
    TrainingConfig again = TrainingConfig.of(settings, training.initialisation());
    assertEquals(training.schedule(), again.schedule());
    assertEquals(0.05, again.warmUp());
    assertEquals(training.augmentation(), again.augmentation());
    assertEquals(training, RunConfig.of(ConfigFactory.parseString(config.json())).training());
    // A warm-up comes before whatever schedule is chosen.
    TrainingSettings constant =
        load(Map.of("training.warm-up", "0.5"))
            .training()
            .settings(
                Extensions.onClassPath(),
                config.model().spec(Extensions.onClassPath(), Shape.of(20), 3),
                CLASSES,
                1);
    assertEquals(
        new LearningRateSchedule.WarmUp(0.5, new LearningRateSchedule.Constant()),
        constant.schedule());
    TrainingConfig defaults = RunConfig.defaults().training();
    assertEquals(InitialScale.AUTO, defaults.initialisation());
    assertEquals(Augmentation.NONE, defaults.augmentation());
    assertEquals(Trainable.DEFAULT, defaults.trainable());
  }

  @Test
  void schedules() {
    var cosine = load(Map.of("training.schedule.kind", "cosine", "training.schedule.floor", "1.0"));
    assertEquals(new LearningRateSchedule.Cosine(1), cosine.training().schedule().orElseThrow());
    assertEquals(
        new LearningRateSchedule.OneCycle(),
        load(Map.of("training.schedule.kind", "one-cycle")).training().schedule().orElseThrow());
    assertInstanceOf(
        LearningRateSchedule.StepDecay.class,
        load(Map.of("training.schedule.kind", "step")).training().schedule().orElseThrow());
  }

  @Test
  void aResolvedConfigurationSaysEverythingAgain() throws IOException {
    RunConfig config =
        load(
            Map.of(
                "dataset.data", "some/where",
                "dataset.scaling", "unit",
                "model.layers", "gm:diagonal:64x32,dense:3",
                "training.flow", "nesterov",
                "out", "there",
                "simd.tile", "8"));
    ModelSpec spec = config.model().spec(Extensions.onClassPath(), Shape.of(20), 3);
    TrainingSettings settings =
        config.training().settings(Extensions.onClassPath(), spec, CLASSES, 1);
    var opened =
        new Backend.Description(
            "simd", "1", new Device("cpu", Device.Kind.CPU, "", 0, 2), 2, Precision.FLOAT32);
    RunConfig resolved = config.resolved(spec, settings, opened, Extensions.onClassPath());
    RunConfig again = RunConfig.load(Optional.of(file(resolved.render())), Map.of());
    assertEquals(spec, again.model().spec(Extensions.onClassPath(), Shape.of(20), 3));
    assertEquals(settings.learningRate(), again.training().learningRate().orElseThrow());
    assertEquals(
        settings.objective().loss(), again.training().loss(Extensions.onClassPath(), CLASSES));
    assertEquals(2, again.backend().threads().orElseThrow());
    assertEquals(Precision.FLOAT32, again.backend().precision().orElseThrow());
    assertEquals(Map.of("tile", "8"), again.backend().section("simd"));
    assertEquals(Path.of("some/where").toAbsolutePath(), again.dataset().data().orElseThrow());
    assertEquals(DatasetRequest.Scaling.UNIT, again.dataset().scaling().orElseThrow());
    assertTrue(again.out().isEmpty(), "a second run needs a folder of its own");
    assertEquals(
        resolved.json(), again.resolved(spec, settings, opened, Extensions.onClassPath()).json());
  }

  @Test
  void theModelOfACheckpointBecomesPartOfTheConfiguration() {
    RunConfig config = load(Map.of("init", "m.safetensors"));
    var spec =
        new ModelSpec(
            List.of(new MixtureLayer(Families.DIRAC, Activations.IDENTITY, false, 20, 3, 5, 0)));
    RunConfig resolved =
        config.resolved(
            spec,
            config.training().settings(Extensions.onClassPath(), spec, CLASSES, 1),
            new Backend.Description(
                "simd", "1", new Device("cpu", Device.Kind.CPU, "", 0, 2), 2, Precision.FLOAT32),
            Extensions.onClassPath());
    assertEquals(spec, resolved.model().spec(Extensions.onClassPath(), Shape.of(20), 3));
  }

  @Test
  void optionsOfTheLossAreKept() throws IOException {
    RunConfig config =
        load(
            Map.of(
                "training.loss", "softmax_cross_entropy",
                "training.loss-options.label-smoothing", "0.1",
                "training.loss-options.class-weights", "[1, 2.5, 5]"));
    config.check(Extensions.onClassPath());
    Loss expected = Losses.softmaxCrossEntropy().labelSmoothing(0.1).classWeights(1, 2.5, 5);
    assertEquals(expected, config.training().loss(Extensions.onClassPath(), CLASSES));
    RunConfig again = RunConfig.load(Optional.of(file(config.render())), Map.of());
    assertEquals(config.training(), again.training());
    assertEquals(config.json(), again.json());
    var spec = new ModelSpec(List.of(new DenseLayer(Activations.IDENTITY, true, 20, 3)));
    TrainingSettings settings =
        config.training().settings(Extensions.onClassPath(), spec, CLASSES, 1);
    assertEquals(expected, settings.objective().loss());
    assertEquals(
        expected.options(),
        TrainingConfig.of(settings, InitialScale.STANDARD).lossOptions(),
        "with every choice made");
    assertEquals(
        new Huber(0.3),
        load(Map.of("training.loss", "huber", "training.loss-options.delta", "0.3"))
            .training()
            .loss(Extensions.onClassPath(), new Schema.Target.Real(List.of("y"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "huber; delta; 0; delta: expected a number above 0, found 0.0",
        "huber; delta; [1, 2]; delta: expected one number, found [1.0, 2.0]",
        "huber; dleta; 1; loss huber: expected one of the options delta, found 'dleta'",
        "poisson; delta; 1; loss poisson: expected no option, found 'delta'",
        "softmax_cross_entropy; class-weights; [1, -2]; expected numbers above 0, found -2.0",
      })
  void aWrongOptionOfTheLossIsRefused(String loss, String option, String value, String expected) {
    RunConfig config =
        load(Map.of("training.loss", loss, "training.loss-options." + option, value));
    var error =
        assertThrows(InvalidRequestException.class, () -> config.check(Extensions.onClassPath()));
    assertTrue(
        error.getMessage().startsWith("measureflow.training.loss-options, "), error.getMessage());
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }

  @Test
  void targetsAreReadAndScaledAsTheLossNeeds() {
    Extensions extensions = Extensions.onClassPath();
    DatasetConfig open = load(Map.of()).suitedToLoss(extensions).dataset();
    assertTrue(open.columns().target().isEmpty() && open.targetScaling().isEmpty());
    DatasetConfig huber = load(Map.of("training.loss", "huber")).suitedToLoss(extensions).dataset();
    assertEquals(Optional.of(DatasetRequest.TargetKind.REAL), huber.columns().target());
    assertTrue(huber.targetScaling().isEmpty());
    RunConfig poisson = load(Map.of("training.loss", "poisson")).suitedToLoss(extensions);
    assertEquals(Optional.of(DatasetRequest.Scaling.NONE), poisson.dataset().targetScaling());
    assertEquals(poisson, poisson.suitedToLoss(extensions));
    assertEquals(
        Optional.of(DatasetRequest.Scaling.STANDARDISE),
        load(Map.of("training.loss", "poisson", "dataset.target-scaling", "standardise"))
            .suitedToLoss(extensions)
            .dataset()
            .targetScaling());
  }

  @Test
  void aCopyDiffersInTheSettingsThatAreChangedAlone() {
    RunConfig config =
        load(
            Map.of(
                "training.schedule.kind", "cosine",
                "training.train", "means,spread,weights",
                "dataset.data", "some/where",
                "backend", "reference"));
    RunConfig changed =
        config.with(Map.of("seed", "7", "training.flow-options.beta1", "0.5"), "the test");
    assertEquals(7, changed.seed());
    assertEquals(7, changed.dataset().split().seed());
    assertEquals(0.5, changed.training().flowOptions().get("beta1"));
    assertEquals(config.backend(), changed.backend());
    assertEquals(
        config.json(),
        changed
            .with(Map.of("seed", "1"), "the test")
            .json()
            .replace("\"flow-options\":{\"beta1\":0.5},", ""));
    assertFalse(
        load(Map.of("init", "m.safetensors")).with(Map.of("seed", "2"), "the test").modelGiven());
    assertEquals(
        Path.of("some/where").toAbsolutePath(),
        changed.withAbsolutePaths().dataset().data().orElseThrow());
    InvalidRequestException wrong =
        assertThrows(
            InvalidRequestException.class,
            () -> config.with(Map.of("training.batch", "0"), "the test"));
    assertTrue(String.valueOf(wrong.getMessage()).contains("(set by the test"), wrong.getMessage());
  }
}
