package io.measureflow.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.checkpoint.ModelJson;
import io.measureflow.core.flows.Adam;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.FlattenLayer;
import io.measureflow.core.losses.Losses;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.reference.ReferenceBackendProvider;
import io.measureflow.core.training.Objective;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Networks by name, from files, and within configurations. */
class NetworksTest {

  private static final Extensions EXTENSIONS = Extensions.onClassPath();
  private static final Shape MNIST = Shape.of(1, 28, 28);
  private static final Shape CIFAR = Shape.of(3, 32, 32);

  @TempDir Path folder;

  private static RunConfig load(Map<String, String> settings) {
    return RunConfig.load(Optional.empty(), settings);
  }

  private static ModelSpec named(String network, Shape input, int outputs) {
    return load(Map.of("model.network", network)).model().spec(EXTENSIONS, input, outputs);
  }

  private static long parameters(ModelSpec model) {
    return model.byPath().values().stream()
        .flatMap(layer -> layer.parameters().stream())
        .filter(parameter -> !parameter.role().equals(Role.STATISTICS))
        .map(ParameterSpec::shape)
        .mapToLong(Shape::size)
        .sum();
  }

  /**
   * Counted by hand: weights and biases, factors and shifts of norms, K (2 n + p + 1) of measures.
   */
  @ParameterizedTest
  @CsvSource({
    // 784 256 + 256, 256 256 + 256, 256 10 + 10
    "mlp, 269322, 855050",
    // 16 25 C + 16, 32 400 + 32, 1568 128 + 128 or 2048 128 + 128, 128 10 + 10
    "lenet, 215370, 277610",
    // 32 (2 26 + 17) or 32 (2 76 + 17), 32, 64 (2 401 + 33), 64, 128 (2 1569 + 11) or 128 (2 2049 +
    // 11)
    "gm-lenet, 458816, 584896",
    // 144 C + 32; 4608 + 64; 4608 + 9216 + 128 + 512 + 64; twice as wide: 18432 + 36864 + 256 +
    // 2048
    // + 128; 650
    "resnet8, 77754, 78042",
  })
  void readyMadeNetworksHaveSoManyParameters(String name, long mnist, long cifar) {
    assertEquals(mnist, parameters(named(name, MNIST, 10)));
    assertEquals(cifar, parameters(named(name, CIFAR, 10)));
  }

  @ParameterizedTest
  @FieldSource("io.measureflow.config.Networks#NAMES")
  void everyReadyMadeNetworkIsMadeForImages(String name) {
    load(Map.of("model.network", name)).check(EXTENSIONS);
    for (Shape images : List.of(MNIST, CIFAR)) {
      ModelSpec model = named(name, images, 7);
      assertEquals(Shape.of(7), model.shapes().getLast());
      assertEquals(images, model.input());
      assertEquals(model, ModelJson.read(ModelJson.write(model), "m", EXTENSIONS));
    }
    if (name.equals("mlp")) {
      // 13 256 + 256, 256 256 + 256, 256 2 + 2
      assertEquals(69890, parameters(named(name, Shape.of(13), 2)));
    } else {
      var error = assertThrows(InvalidRequestException.class, () -> named(name, Shape.of(13), 2));
      assertTrue(String.valueOf(error.getMessage()).contains("images [C, H, W]"), name);
    }
  }

  /** The loss of the batch that two steps of Adam train on. */
  @ParameterizedTest
  @FieldSource("io.measureflow.config.Networks#NAMES")
  void everyReadyMadeNetworkLearnsABatch(String name) {
    ModelSpec model = named(name, Shape.of(1, 8, 8), 2);
    try (Backend backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        Workspace workspace = backend.newWorkspace();
        Executable step = workspace.compile(step(model, 2))) {
      Initialization.parameters(model, 1, Precision.FLOAT64).forEach(workspace::write);
      fill(step, 2);
      double[] losses = new double[3];
      for (int i = 0; i < losses.length; i++) {
        step.input(TrainingPrograms.STEP).set(0, i + 1);
        step.run();
        losses[i] = step.output(TrainingPrograms.LOSS).get(0);
      }
      assertTrue(losses[2] < losses[0], () -> name + ": " + losses[0] + " to " + losses[2]);
    }
  }

  private static Program step(ModelSpec model, int batch) {
    return TrainingPrograms.step(
        model,
        Objective.of(Losses.SOFTMAX_CROSS_ENTROPY),
        Adam.of(),
        Trainable.DEFAULT,
        false,
        7,
        batch);
  }

  private static void fill(Executable step, int classes) {
    var random = new SplittableRandom(3);
    int elements = step.input(TrainingPrograms.FEATURES).shape().size();
    for (int i = 0; i < elements; i++) {
      step.input(TrainingPrograms.FEATURES).set(i, random.nextDouble());
    }
    int rows = step.input(TrainingPrograms.TARGETS).shape().size();
    for (int i = 0; i < rows; i++) {
      step.input(TrainingPrograms.TARGETS).set(i, i % classes);
    }
    step.input(TrainingPrograms.RATE).set(0, 0.002);
  }

  @Test
  void dropoutDrawsTheSameBitsForAnyNumberOfThreads() {
    ModelSpec model =
        load(Map.of(
                "model.layers",
                "conv:3x3:8:padding=1,dropout:0.3,flatten,dense:32,dropout:0.5,dense"))
            .model()
            .spec(EXTENSIONS, Shape.of(3, 9, 9), 3);
    Map<String, float[]> one = afterTwoSteps(model, 1);
    Map<String, float[]> three = afterTwoSteps(model, 3);
    one.forEach((name, values) -> assertArrayEquals(values, three.get(name), name));
  }

  private static Map<String, float[]> afterTwoSteps(ModelSpec model, int threads) {
    var after = new LinkedHashMap<String, float[]>();
    try (Backend backend =
            EXTENSIONS
                .of(BackendProvider.KIND)
                .get("simd")
                .open(BackendSettings.of(threads, Precision.FLOAT32));
        Workspace workspace = backend.newWorkspace();
        Executable step = workspace.compile(step(model, 33))) {
      Initialization.parameters(model, 1, Precision.FLOAT32).forEach(workspace::write);
      fill(step, 3);
      for (int i = 1; i <= 2; i++) {
        step.input(TrainingPrograms.STEP).set(0, i);
        step.run();
      }
      for (String state : workspace.states()) {
        double[] values = workspace.read(state).toDoubles();
        float[] bits = new float[values.length];
        for (int i = 0; i < bits.length; i++) {
          bits[i] = (float) values[i];
        }
        after.put(state, bits);
      }
    }
    assertFalse(after.isEmpty());
    return after;
  }

  @Test
  void aNetworkMayBeAFileOrStandInTheConfiguration() throws IOException {
    var expected =
        new ModelSpec(
            Shape.of(2, 3, 4),
            List.of(
                new FlattenLayer(),
                new DenseLayer(Activations.RELU, true, 24, 5),
                new DenseLayer(Activations.IDENTITY, true, 5, 7)));
    String hocon =
        "layers = [{type = flatten}, {type = dense, outputs = 5, activation = relu}"
            + " # hidden\n {type = dense}]";
    String json =
        "{\"layers\": [{\"type\": \"flatten\"}, {\"type\": \"dense\", \"outputs\": 5,"
            + " \"activation\": \"relu\"}, {\"type\": \"dense\"}]}";
    Path conf = Files.writeString(folder.resolve("net.conf"), hocon);
    Path plain = Files.writeString(folder.resolve("net.json"), json);
    for (String network :
        List.of(conf.toString(), plain.toString(), "{" + hocon + "}", json, " " + json)) {
      assertEquals(expected, named(network, Shape.of(2, 3, 4), 7), network);
    }
    Path within =
        Files.writeString(
            folder.resolve("c.conf"), "measureflow { model.network { " + hocon + " } }");
    RunConfig config = RunConfig.load(Optional.of(within), Map.of());
    config.check(EXTENSIONS);
    assertTrue(config.modelGiven());
    assertEquals(expected, config.model().spec(EXTENSIONS, Shape.of(2, 3, 4), 7));
    // The command line takes its place as a whole.
    assertNotEquals(
        expected,
        RunConfig.load(Optional.of(within), Map.of("model.network", "lenet"))
            .model()
            .spec(EXTENSIONS, MNIST, 7));
  }

  @Test
  void aResolvedConfigurationHoldsTheWholeNetwork() throws IOException {
    RunConfig config = load(Map.of("model.network", "gm-resnet8"));
    ModelSpec spec = config.model().spec(EXTENSIONS, CIFAR, 10);
    var opened =
        new Backend.Description(
            "simd", "1", new Device("cpu", Device.Kind.CPU, "", 0, 2), 2, Precision.FLOAT32);
    var classes = new Schema.Target.Classes(List.of("a", "b"));
    for (RunConfig run : List.of(config, load(Map.of("init", "m.safetensors")))) {
      RunConfig resolved =
          run.resolved(
              spec, run.training().settings(EXTENSIONS, spec, classes, 1), opened, EXTENSIONS);
      Path file = Files.writeString(folder.resolve("config.conf"), resolved.render());
      RunConfig again = RunConfig.load(Optional.of(file), Map.of());
      assertEquals(spec, again.model().spec(EXTENSIONS, CIFAR, 10));
      assertEquals(resolved.json(), RunConfig.load(Optional.of(file), Map.of()).json());
    }
  }

  @Test
  void whatIsNoNetworkIsRefused() throws IOException {
    assertRefused(
        () -> load(Map.of("model.network", "lenet", "model.layers", "dense")),
        "measureflow.model.network: expected either a network or model.layers, found both");
    assertRefused(
        () -> load(Map.of("model.network", "letnet")),
        "measureflow.model.network: expected a file, or one of the networks mlp, lenet",
        "found 'letnet'");
    assertRefused(() -> load(Map.of("model.network", folder.toString())), "expected a file");
    assertRefused(() -> load(Map.of("model.network", "\0")), "model.network");
    assertRefused(() -> load(Map.of("model.network", "{layers = [")), "model.network");
    assertRefused(
        () -> load(Map.of("model.network", "{layers = 3}")).check(EXTENSIONS),
        "measureflow.model.network: expected an array 'layers', found number 3");
    Path file =
        Files.writeString(folder.resolve("n.conf"), "layers = [{type = conv, kernels = 3}]");
    assertRefused(
        () -> load(Map.of("model.network", file.toString())).check(EXTENSIONS),
        "measureflow.model.network, layer 0: expected only the keys",
        "'kernels'");
    String deep = "{layers = [{type = residual, layers = ".repeat(4000);
    assertRefused(() -> load(Map.of("model.network", deep)).check(EXTENSIONS), "network");
    String closed =
        "{layers=["
            + "{type=residual,layers=[".repeat(4000)
            + "{type=flatten}"
            + "]}".repeat(4000)
            + "]}";
    assertRefused(() -> load(Map.of("model.network", closed)).check(EXTENSIONS), "network");
    assertRefused(
        () -> named("lenet", Shape.of(1, 3, 3), 10), "layer 3: ", "kernel of at most the image");
  }

  private static void assertRefused(Runnable wrong, String... mentions) {
    String message =
        String.valueOf(assertThrows(InvalidRequestException.class, wrong::run).getMessage());
    for (String mention : mentions) {
      assertTrue(message.contains(mention), () -> "expected \"" + mention + "\" in: " + message);
    }
  }
}
