package io.measureflow.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.data.DatasetRequest.Scaling;
import io.measureflow.api.data.Encoding;
import io.measureflow.api.data.Link;
import io.measureflow.api.data.Preprocessing;
import io.measureflow.api.data.Schema;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.flows.Adam;
import io.measureflow.core.flows.Momentum;
import io.measureflow.core.flows.Wasserstein;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.layers.ResidualLayer;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.training.Trainable;
import io.measureflow.core.training.TrainingState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointTest {

  private static final ModelSpec SPEC =
      new ModelSpec(
          List.of(
              new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 3, 2, 4, 0),
              new DenseLayer(Activations.IDENTITY, true, 2, 2)));

  static final Preprocessing PREPROCESSING =
      new Preprocessing(
          List.of("u", "v, \"w\"", "\u00e9"),
          3,
          new Encoding(
              List.of(new Encoding.Category("v, \"", List.of("a", "(missing)"), 1)), List.of("u")),
          new Schema.Target.Classes(List.of("no", "yes")),
          Scaling.STANDARDISE,
          List.of(0.1, -2.5, 1e-300),
          List.of(0.1, -2.5, 1.0 / 3),
          List.of(1.0, 0.3, 7e200),
          List.of(),
          List.of(),
          Link.IDENTITY);

  @TempDir Path folder;

  static Provenance provenance() {
    var metrics = new LinkedHashMap<String, Double>();
    metrics.put("test_loss", 0.25);
    metrics.put("test_accuracy", Double.NaN);
    var versions = new LinkedHashMap<String, String>();
    versions.put("java", "25");
    return new Provenance(
        "{\"seed\":1}",
        1,
        "digits",
        "abc",
        new Backend.Description(
            "reference",
            "1",
            new Device("cpu", Device.Kind.CPU, "plain", 0, 1),
            1,
            Precision.FLOAT64),
        versions,
        Instant.EPOCH,
        1.5,
        metrics);
  }

  private static Model model(Precision precision) {
    return new Model(SPEC, Initialization.parameters(SPEC, 5, precision));
  }

  private static Checkpoint checkpoint(Model model) {
    return new Checkpoint(model, Optional.of(PREPROCESSING), Optional.of(provenance().json()));
  }

  @Test
  void keepsHowOutputsBecomePredictions() {
    Path file = folder.resolve("link");
    Preprocessing linked = PREPROCESSING.withLink(Link.EXPONENTIAL);
    new Checkpoint(model(Precision.FLOAT32), Optional.of(linked), Optional.empty()).save(file);
    assertEquals(linked, Checkpoint.load(file).preprocessing().orElseThrow());
  }

  @Test
  void comesBackBitForBit() {
    for (Precision precision : Precision.values()) {
      Path file = folder.resolve(precision.key());
      Model model = model(precision);
      checkpoint(model).save(file);
      Checkpoint loaded = Checkpoint.load(file);
      assertEquals(PREPROCESSING, loaded.preprocessing().orElseThrow());
      assertEquals(SPEC, loaded.model().spec());
      assertEquals(
          List.copyOf(model.parameters().keySet()),
          List.copyOf(loaded.model().parameters().keySet()));
      model
          .parameters()
          .forEach(
              (name, tensor) -> {
                Tensor back = required(loaded.model().parameters(), name);
                assertEquals(precision.elementType(), back.type());
                assertArrayEquals(tensor.toDoubles(), back.toDoubles());
              });
      assertEquals(
          "{\"configuration\":{\"seed\":1},\"seed\":1,"
              + "\"data\":{\"name\":\"digits\",\"fingerprint\":\"abc\"},"
              + "\"backend\":{\"name\":\"reference\",\"version\":\"1\",\"device\":\"cpu (plain)\","
              + "\"threads\":1,\"precision\":\"float64\"},\"versions\":{\"java\":\"25\"},"
              + "\"time\":\"1970-01-01T00:00:00Z\",\"training_seconds\":1.5,"
              + "\"metrics\":{\"test_loss\":0.25}}",
          loaded.provenance().orElseThrow());
    }
  }

  private static Tensor required(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  @Test
  void theDescriptionIsThatOfTheFormat() {
    Path file = folder.resolve("m");
    checkpoint(model(Precision.FLOAT32)).save(file);
    Map<String, String> metadata = Safetensors.read(file).metadata();
    assertEquals("1", metadata.get("measureflow.format"));
    assertEquals(
        "{\"layers\":[{\"type\":\"gm\",\"family\":\"diagonal\",\"activation\":\"relu\",\"bias\":true,"
            + "\"inputs\":3,\"outputs\":2,\"components\":4},"
            + "{\"type\":\"dense\",\"activation\":\"identity\",\"bias\":true,\"inputs\":2,\"outputs\":2}]}",
        metadata.get("measureflow.model"));
  }

  /**
   * Returns a dirac layer of one component from two inputs to one output, as another program writes
   * it.
   */
  private static byte[] foreign(String model, String meanShape, float last, String extra) {
    String header =
        "{\"__metadata__\":{\"measureflow.format\":\"1\",\"measureflow.model\":\""
            + model.replace("\"", "\\\"")
            + "\"},"
            + "\"layers.0.in_mean\":{\"dtype\":\"F32\",\"shape\":"
            + meanShape
            + ",\"data_offsets\":[0,12]},"
            + "\"layers.0.out_mean\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[12,16]}"
            + extra
            + "}";
    byte[] data =
        ByteBuffer.allocate(extra.isEmpty() ? 16 : 24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putFloat(1)
            .putFloat(2)
            .putFloat(last)
            .putFloat(4)
            .array();
    return SafetensorsTest.file(header, data);
  }

  private static final String DIRAC =
      "{\"layers\":[{\"type\":\"gm\",\"family\":\"dirac\",\"activation\":\"relu\",\"bias\":true,"
          + "\"inputs\":2,\"outputs\":1,\"components\":1}]}";

  @Test
  void aFileOfAnotherProgramLoads() throws IOException {
    Path file = folder.resolve("foreign");
    Files.write(
        file,
        foreign(
            DIRAC,
            "[1,3]",
            3,
            ",\"optimizer.steps\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[16,24]}"));
    Checkpoint loaded = Checkpoint.load(file);
    assertTrue(loaded.provenance().isEmpty());
    assertArrayEquals(
        new float[] {1, 2, 3},
        required(loaded.model().parameters(), "layers.0.in_mean").toFloats());
    assertArrayEquals(
        new float[] {0}, required(loaded.model().parameters(), "layers.0.log_weights").toFloats());
  }

  @Test
  void denseLayersHaveDefaults() {
    assertEquals(
        new ModelSpec(List.of(new DenseLayer(Activations.IDENTITY, true, 2, 3))),
        ModelJson.read(
            "{\"layers\":[{\"type\":\"dense\",\"inputs\":2,\"outputs\":3}]}",
            "here",
            Extensions.onClassPath()));
  }

  static Stream<Arguments> misfits() {
    String extra =
        ",\"layers.0.in_std\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[16,24]}";
    return Stream.of(
        Arguments.of(
            foreign(DIRAC, "[3,1]", 3, ""),
            "layers.0.in_mean: expected shape [1, 3], found shape [3, 1]"),
        Arguments.of(
            foreign(DIRAC, "[1,3]", Float.NaN, ""),
            "layers.0.in_mean, index [0, 2]: expected a finite number, found NaN"),
        Arguments.of(foreign(DIRAC, "[1,3]", Float.NEGATIVE_INFINITY, ""), "-Infinity"),
        Arguments.of(foreign(DIRAC, "[1,3]", 3, extra), "layers.0.in_std"),
        Arguments.of(
            foreign(DIRAC.replace("dirac", "isotropic"), "[1,3]", 3, ""), "layers.0.in_std"),
        Arguments.of(foreign(DIRAC.replace("dirac", "cauchy"), "[1,3]", 3, ""), "'cauchy'"),
        Arguments.of(foreign(DIRAC.replace("relu", "swish"), "[1,3]", 3, ""), "'swish'"),
        Arguments.of(foreign(DIRAC.replace("gm", "lstm"), "[1,3]", 3, ""), "'lstm'"),
        Arguments.of(foreign(DIRAC.replace("bias", "bios"), "[1,3]", 3, ""), "'bios'"),
        Arguments.of(foreign(DIRAC.replace(":true", ":1"), "[1,3]", 3, ""), "true or false"),
        Arguments.of(
            foreign(DIRAC.replace("\"inputs\":2", "\"inputs\":0"), "[1,3]", 3, ""), "inputs"),
        Arguments.of(
            foreign(DIRAC.replace("\"inputs\":2", "\"inputs\":2.0"), "[1,3]", 3, ""), "inputs"),
        Arguments.of(
            foreign(
                DIRAC
                    .replace("\"inputs\":2", "\"inputs\":2147483647")
                    .replace("\"components\":1", "\"components\":2147483647"),
                "[1,3]",
                3,
                ""),
            "model"),
        Arguments.of(foreign("{\"layers\":[]}", "[1,3]", 3, ""), "at least one layer"),
        Arguments.of(foreign("{\"layers\":7}", "[1,3]", 3, ""), "an array 'layers'"),
        Arguments.of(foreign("{", "[1,3]", 3, ""), "JSON object"),
        Arguments.of(SafetensorsTest.file("{}", new byte[0]), "the key measureflow.format"),
        Arguments.of(
            SafetensorsTest.file("{\"__metadata__\":{\"measureflow.format\":\"2\"}}", new byte[0]),
            "'2'"),
        Arguments.of(
            SafetensorsTest.file("{\"__metadata__\":{\"measureflow.format\":\"1\"}}", new byte[0]),
            "the key measureflow.model"));
  }

  @ParameterizedTest
  @MethodSource("misfits")
  void saysWhatDoesNotFit(byte[] bytes, String expected) throws IOException {
    Path file = Files.write(folder.resolve("misfit"), bytes);
    var error = assertThrows(InvalidRequestException.class, () -> Checkpoint.load(file));
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }

  @Test
  void whatDivergedDoesNotReplaceWhatIsSound() throws IOException {
    Path file = folder.resolve("m");
    checkpoint(model(Precision.FLOAT32)).save(file);
    byte[] before = Files.readAllBytes(file);
    Model diverged = model(Precision.FLOAT32);
    required(diverged.parameters(), "layers.1.bias").set(1, Double.NaN);
    var error = assertThrows(RunFailedException.class, () -> checkpoint(diverged).save(file));
    assertTrue(error.getMessage().contains("layers.1.bias, index [1]"), error.getMessage());
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  private static TrainingState state(int epoch, int bestEpoch) {
    Model now = model(Precision.FLOAT32);
    var tensors = new LinkedHashMap<String, Tensor>(now.parameters());
    now.parameters()
        .forEach(
            (name, tensor) -> {
              if (!name.endsWith("log_weights")) {
                tensors.put(
                    "flow." + name + ".velocity",
                    Tensor.of(tensor.shape(), new float[tensor.shape().size()]));
              }
            });
    var best = Initialization.parameters(SPEC, 6, Precision.FLOAT32);
    return new TrainingState(
        tensors,
        epoch,
        100L * epoch,
        bestEpoch == epoch ? now.parameters() : best,
        bestEpoch,
        bestEpoch == 0 ? Double.POSITIVE_INFINITY : 0.1 + 0.2,
        bestEpoch == 0 ? Double.NaN : 0.7 + 0.1);
  }

  @Test
  void aRunComesBackBitForBit() {
    Path file = folder.resolve("last");
    var flow = Momentum.of();
    assertEquals(List.of("velocity"), flow.memory());
    for (int bestEpoch : new int[] {0, 2, 3}) {
      TrainingState state = state(3, bestEpoch);
      new TrainingCheckpoint(SPEC, state, "f").save(file, PREPROCESSING, provenance());
      TrainingCheckpoint loaded =
          TrainingCheckpoint.load(file, flow, Trainable.DEFAULT, Extensions.onClassPath());
      assertEquals(SPEC, loaded.spec());
      assertEquals("f", loaded.fingerprint());
      assertEquals(3, loaded.state().epoch());
      assertEquals(300, loaded.state().step());
      assertEquals(bestEpoch, loaded.state().bestEpoch());
      assertEquals(state.bestLoss(), loaded.state().bestLoss());
      // A file without it, as one of an earlier version, has none.
      assertEquals(state.firstLoss(), loaded.state().firstLoss());
      assertSame(state.tensors(), loaded.state().tensors());
      assertSame(bestEpoch == 0 ? Map.of() : state.best(), loaded.state().best());
      assertSame(model(Precision.FLOAT32).parameters(), Checkpoint.load(file).model().parameters());
    }
  }

  @Test
  void theMemoryOfLayersWithinABlockComesBack() {
    Path file = folder.resolve("last");
    var inner = new DenseLayer(Activations.RELU, true, 3, 3);
    var spec =
        new ModelSpec(
            List.of(
                inner, new ResidualLayer(List.of(inner), List.of(inner)), SPEC.layers().get(0)));
    var tensors = new LinkedHashMap<>(Initialization.parameters(spec, 5, Precision.FLOAT32));
    for (String name : List.copyOf(tensors.keySet())) {
      if (!name.endsWith("log_weights")) {
        Shape shape = required(tensors, name).shape();
        float[] memory = new float[shape.size()];
        Arrays.fill(memory, tensors.size());
        tensors.put("flow." + name + ".velocity", Tensor.of(shape, memory));
      }
    }
    var state = new TrainingState(tensors, 1, 10, new LinkedHashMap<>(), 0, 1, 1);
    new TrainingCheckpoint(spec, state, "f").save(file, PREPROCESSING, provenance());
    TrainingState loaded =
        TrainingCheckpoint.load(file, Momentum.of(), Trainable.DEFAULT, Extensions.onClassPath())
            .state();
    assertTrue(loaded.tensors().containsKey("flow.layers.1.shortcut.0.weight.velocity"));
    assertSame(tensors, loaded.tensors());
  }

  private static void assertSame(Map<String, Tensor> expected, Map<String, Tensor> found) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach(
        (name, tensor) ->
            assertArrayEquals(tensor.toDoubles(), required(found, name).toDoubles(), name));
  }

  @Test
  void aRunGoesOnWithItsOwnFlowOnly() {
    Path file = folder.resolve("last");
    new TrainingCheckpoint(SPEC, state(3, 3), "f").save(file, PREPROCESSING, provenance());
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                TrainingCheckpoint.load(
                    file, Adam.of(), Trainable.DEFAULT, Extensions.onClassPath()));
    assertTrue(error.getMessage().contains("flow adam"), error.getMessage());
  }

  @Test
  void aModelIsNoRun() {
    Path file = folder.resolve("m");
    checkpoint(model(Precision.FLOAT32)).save(file);
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                TrainingCheckpoint.load(
                    file, Wasserstein.of(), Trainable.DEFAULT, Extensions.onClassPath()));
    assertTrue(error.getMessage().contains("measureflow.training"), error.getMessage());
  }

  @Test
  void aTensorOfAnotherShapeIsNoMemory() {
    Path file = folder.resolve("last");
    TrainingState state = state(3, 3);
    var tensors = new LinkedHashMap<>(state.tensors());
    tensors.put("flow.layers.1.bias.velocity", Tensor.of(Shape.of(3), new float[3]));
    new TrainingCheckpoint(
            SPEC, new TrainingState(tensors, 3, 300, state.best(), 3, state.bestLoss(), 1), "f")
        .save(file, PREPROCESSING, provenance());
    var error =
        assertThrows(
            InvalidRequestException.class,
            () ->
                TrainingCheckpoint.load(
                    file, Momentum.of(), Trainable.DEFAULT, Extensions.onClassPath()));
    assertTrue(error.getMessage().contains("expected shape [2]"), error.getMessage());
  }
}
