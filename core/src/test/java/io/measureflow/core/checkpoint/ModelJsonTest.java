package io.measureflow.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.inference.Predictor;
import io.measureflow.core.layers.ActivationLayer;
import io.measureflow.core.layers.AttentionLayer;
import io.measureflow.core.layers.BatchNormLayer;
import io.measureflow.core.layers.ConvLayer;
import io.measureflow.core.layers.DenseLayer;
import io.measureflow.core.layers.DropoutLayer;
import io.measureflow.core.layers.FlattenLayer;
import io.measureflow.core.layers.GlobalAveragePoolLayer;
import io.measureflow.core.layers.Kernel;
import io.measureflow.core.layers.LayerNormLayer;
import io.measureflow.core.layers.MixtureConvLayer;
import io.measureflow.core.layers.MixtureLayer;
import io.measureflow.core.layers.PoolLayer;
import io.measureflow.core.layers.PositionLayer;
import io.measureflow.core.layers.ResidualLayer;
import io.measureflow.core.layers.TokensLayer;
import io.measureflow.core.model.Initialization;
import io.measureflow.core.model.Model;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Descriptions of models: what is written, what is read, what is refused and where. */
class ModelJsonTest {

  private static final Extensions EXTENSIONS = Extensions.onClassPath();

  @TempDir Path folder;

  private static Kernel kernel(int size, int stride, int padding) {
    return new Kernel(List.of(size, size), List.of(stride, stride), List.of(padding, padding));
  }

  private static Activation named(String name) {
    return Activation.of(name, EXTENSIONS, "here");
  }

  private static ConvLayer conv(int inputs, int outputs, Kernel kernel) {
    return new ConvLayer(Activations.IDENTITY, false, inputs, outputs, kernel);
  }

  /** Every type of layer, and a residual block within a residual block. */
  static ModelSpec everything() {
    var windows = new MixtureLayer(Families.FACTORED, Activations.RELU, true, 9, 4, 3, 2);
    var inner =
        new ResidualLayer(
            List.of(conv(4, 4, kernel(1, 1, 0))),
            List.of(new DropoutLayer(0.125), new ActivationLayer(named("leaky_relu(0.2)"))));
    var outer =
        new ResidualLayer(
            List.of(inner, new PoolLayer(PoolLayer.Function.AVERAGE, kernel(3, 2, 1))),
            List.of(conv(4, 4, kernel(1, 2, 0)), new BatchNormLayer(4)));
    return new ModelSpec(
        Shape.of(1, 8, 8),
        List.of(
            new MixtureConvLayer(windows, 1, kernel(3, 1, 1)),
            new BatchNormLayer(4),
            new PoolLayer(PoolLayer.Function.MAX, kernel(2, 2, 0)),
            outer,
            new TokensLayer(),
            new PositionLayer(4, 4),
            new LayerNormLayer(4),
            new AttentionLayer(4, 2),
            new GlobalAveragePoolLayer(),
            new FlattenLayer(),
            new MixtureLayer(Families.FULL, named("gelu"), false, 4, 3, 2, 0),
            new DenseLayer(named("tanh"), true, 3, 2)));
  }

  private static InvalidRequestException refused(String text) {
    return assertThrows(
        InvalidRequestException.class, () -> ModelJson.read(text, "m", EXTENSIONS), text);
  }

  private static void assertMentions(InvalidRequestException error, String... mentions) {
    String message = String.valueOf(error.getMessage());
    for (String mention : mentions) {
      assertTrue(message.contains(mention), () -> "expected \"" + mention + "\" in: " + message);
    }
  }

  /** The text of format 1, which other programs read: not a character may change. */
  @Test
  void stacksOfRowsAreWrittenAsTheyAlwaysWere() {
    var spec =
        new ModelSpec(
            List.of(
                new MixtureLayer(Families.FACTORED, Activations.RELU, true, 784, 32, 64, 4),
                new MixtureLayer(Families.FULL, named("sin"), false, 32, 8, 16, 0),
                new DenseLayer(Activations.IDENTITY, true, 8, 10)));
    String text =
        "{\"layers\":[{\"type\":\"gm\",\"family\":\"factored\",\"activation\":\"relu\","
            + "\"bias\":true,\"inputs\":784,\"outputs\":32,\"components\":64,\"rank\":4},"
            + "{\"type\":\"gm\",\"family\":\"full\",\"activation\":\"sin\",\"bias\":false,"
            + "\"inputs\":32,\"outputs\":8,\"components\":16},"
            + "{\"type\":\"dense\",\"activation\":\"identity\",\"bias\":true,\"inputs\":8,"
            + "\"outputs\":10}]}";
    assertEquals(text, ModelJson.write(spec));
    assertEquals(spec, ModelJson.read(text, "m", EXTENSIONS));
  }

  @Test
  void everyTypeOfLayerComesBack() {
    ModelSpec spec = everything();
    var types = new TreeSet<String>();
    spec.byPath().values().forEach(layer -> types.add(layer.type()));
    assertEquals(new TreeSet<>(EXTENSIONS.of(LayerType.KIND).names()), types);
    String text = ModelJson.write(spec);
    assertTrue(text.startsWith("{\"input\":[1,8,8],\"layers\":[{\"type\":\"gm-conv\""), text);
    assertEquals(spec, ModelJson.read(text, "m", EXTENSIONS));
    assertEquals(text, ModelJson.write(ModelJson.read(text, "m", EXTENSIONS)));
  }

  /** Exactly the tensors of the specification, by name; the file predicts what the model did. */
  @Test
  void aCheckpointOfNestedLayersPredictsWhatTheModelDid() {
    ModelSpec spec = everything();
    var model = new Model(spec, Initialization.parameters(spec, 3, Precision.FLOAT64));
    assertEquals(
        List.of(
            "layers.3.layers.0.layers.0.weight",
            "layers.3.shortcut.0.weight",
            "layers.3.shortcut.1.weight",
            "layers.3.shortcut.1.bias",
            "layers.3.shortcut.1.running_mean",
            "layers.3.shortcut.1.running_var"),
        model.parameters().keySet().stream().filter(name -> name.startsWith("layers.3.")).toList());
    Path file = folder.resolve("model.safetensors");
    new Checkpoint(model, Optional.empty(), Optional.empty()).save(file);
    Model loaded = Checkpoint.load(file).model();
    assertEquals(spec, loaded.spec());
    float[] row = new float[64];
    for (int i = 0; i < row.length; i++) {
      row[i] = (i * 37 % 64) / 64f;
    }
    try (Backend backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        var before = new Predictor(backend, model, Optional.empty());
        var after = new Predictor(backend, loaded, Optional.empty())) {
      assertArrayEquals(before.outputs(row), after.outputs(row));
    }
  }

  @Test
  void whatFollowsFromTheDataMayBeLeftOut() {
    String text =
        "{\"layers\":[{\"type\":\"conv\",\"kernel\":3,\"outputs\":4,\"padding\":1},"
            + "{\"type\":\"batch-norm\"},{\"type\":\"max-pool\",\"kernel\":[2,2]},"
            + "{\"type\":\"residual\",\"layers\":[{\"type\":\"gm-conv\",\"family\":\"factored\","
            + "\"kernel\":[1,1],\"components\":5,\"outputs\":4}]},"
            + "{\"type\":\"gm\",\"family\":\"diagonal\",\"components\":7}]}";
    var windows = new MixtureLayer(Families.FACTORED, Activations.RELU, true, 4, 4, 5, 4);
    var expected =
        new ModelSpec(
            Shape.of(3, 8, 8),
            List.of(
                new ConvLayer(Activations.IDENTITY, true, 3, 4, kernel(3, 1, 1)),
                new BatchNormLayer(4),
                new PoolLayer(PoolLayer.Function.MAX, kernel(2, 2, 0)),
                new ResidualLayer(
                    List.of(new MixtureConvLayer(windows, 4, kernel(1, 1, 0))), List.of()),
                new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 64, 10, 7, 0)));
    assertEquals(expected, ModelJson.read(text, "m", EXTENSIONS, Shape.of(3, 8, 8), 10));
    ModelJson.check(text, "m", EXTENSIONS);
    // A complete description says everything.
    assertMentions(refused(text), "m, layer 0");
    // Another shape of as many elements may be said.
    String seen = "{\"input\":[3,8,8]," + text.substring(1);
    assertEquals(expected, ModelJson.read(seen, "m", EXTENSIONS, Shape.of(192), 10));
    String wrong = seen.replace("[3,8,8]", "[3,8,9]");
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> ModelJson.read(wrong, "m", EXTENSIONS, Shape.of(192), 10)),
        "m, input: expected [192]",
        "found [3, 8, 9]");
  }

  /** Without data nothing is known of shapes, and nothing may be refused for them. */
  @Test
  void aCheckWithoutDataRefusesNothingThatSomeDataFit() {
    String blocks =
        "{\"layers\":[{\"type\":\"residual\",\"layers\":[{\"type\":\"dense\",\"outputs\":8},"
            + "{\"type\":\"attention\",\"heads\":4},{\"type\":\"layer-norm\"},"
            + "{\"type\":\"gm\",\"family\":\"diagonal\",\"components\":3,\"outputs\":8}]}]}";
    ModelJson.check(blocks, "m", EXTENSIONS);
    assertEquals(
        Shape.of(5, 8),
        ModelJson.read(blocks, "m", EXTENSIONS, Shape.of(5, 8), 10).shapes().getLast());
    assertMentions(
        assertThrows(
            InvalidRequestException.class,
            () -> ModelJson.check(blocks.replace("diagonal", "diagnal"), "m", EXTENSIONS)),
        "m, layer 0, layers, layer 3, family");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{}; m: expected an array 'layers', found nothing",
        "{\"layers\":[]}; at least one layer",
        "{\"layers\":{}}; m: expected an array 'layers', found object {}",
        "{\"layers\":[3]}; m, layer 0: expected an object, found number 3",
        "{\"layers\":[{}]}; m, layer 0, type: expected a string, found nothing",
        "{\"layers\":[{\"type\":\"dens\"}]}; m, layer 0, type: expected",
        "{\"layers\":[{\"type\":\"flatten\"}]}; the shape of its input",
        "{\"layers\":[{\"type\":\"flatten\"}],\"x\":1}; only the keys",
        "{\"input\":3,\"layers\":[]}; m, input: expected an array of 1 to 3 whole numbers, found",
        "{\"input\":[1,2,3,4],\"layers\":[]}; m, input: expected an array of 1 to 3",
        "{\"input\":[0],\"layers\":[]}; m, input, number 0: expected a whole number of at least 1",
        "{\"input\":[1.5],\"layers\":[]}; m, input, number 0",
        "{\"input\":[4],\"layers\":[{\"type\":\"dropout\",\"rate\":1}]}; m, layer 0, rate: expected"
            + " a number from 0.0 to below 1.0, found number 1",
        "{\"input\":[4],\"layers\":[{\"type\":\"dropout\",\"rate\":\"0.5\"}]}; found string",
        "{\"input\":[4],\"layers\":[{\"type\":\"dropout\",\"rat\":0.5}]}; found 'rat'",
        "{\"input\":[4],\"layers\":[{\"type\":\"batch-norm\"}]}; m, layer 0, features: expected a"
            + " whole number",
        "{\"input\":[4],\"layers\":[{\"type\":\"batch-norm\",\"features\":5}]}; m, layer 0:"
            + " expected 4 features",
        "{\"input\":[4],\"layers\":[{\"type\":\"max-pool\",\"kernel\":2}]}; m, layer 0, kernel:"
            + " expected an array of 2 whole numbers, found number 2",
        "{\"input\":[4],\"layers\":[{\"type\":\"max-pool\",\"kernel\":[2,2,2]}]}; m, layer 0,"
            + " kernel: expected an array of 2",
        "{\"input\":[4],\"layers\":[{\"type\":\"max-pool\",\"kernel\":[2,2],\"padding\":[2,2]}]};"
            + " m, layer 0: Layer padding",
        "{\"input\":[4],\"layers\":[{\"type\":\"residual\"}]}; m, layer 0: Layer layers",
        "{\"input\":[4],\"layers\":[{\"type\":\"residual\",\"layers\":{}}]}; m, layer 0, layers:"
            + " expected an array",
        "{\"input\":[4],\"layers\":[{\"type\":\"residual\",\"layers\":[{\"type\":\"activation\",\"activation\":\"rilu\"}]}]};"
            + " m, layer 0, layers, layer 0, activation",
        "{\"input\":[4],\"layers\":[{\"type\":\"conv\",\"inputs\":2147483647,\"outputs\":2147483647,\"kernel\":[2147483647,9]}]};"
            + " m",
        "{\"input\":[9,9,9],\"layers\":[{\"type\":\"conv\",\"inputs\":9,\"outputs\":2147483647,\"kernel\":[9,9]}]};"
            + " m",
        "{\"input\":[9,9,9],\"layers\":[{\"type\":\"max-pool\",\"kernel\":[1,1],\"stride\":[1,1],\"padding\":[2147483647,0]}]};"
            + " m, layer 0",
        "{\"input\":[65536,65536,65536],\"layers\":[{\"type\":\"flatten\"}]}; m",
        "{\"input\":[4],\"layers\":[{\"type\":\"attention\",\"features\":4,\"heads\":3}]}; m, layer"
            + " 0: Layer heads",
      })
  void whatIsWrongIsRefusedWithItsPlace(String text, String expected) {
    assertMentions(refused(text), expected);
  }

  @Test
  void nestingHasALimit() {
    int levels = 6;
    assertEquals(Shape.of(4), ModelJson.read(nested(levels), "m", EXTENSIONS).shapes().getLast());
    assertMentions(refused(nested(30)), "levels deep");
    assertMentions(refused(nested(100_000)), "levels deep");
  }

  private static String nested(int levels) {
    return "{\"input\":[4],\"layers\":["
        + "{\"type\":\"residual\",\"layers\":[".repeat(levels)
        + "{\"type\":\"flatten\"}"
        + "]}".repeat(levels)
        + "]}";
  }

  /** A layer that is written refuses what it would refuse on reading. */
  @Test
  void everyLayerReadsItsOwnDescription() {
    for (Layer layer : everything().byPath().values()) {
      var attributes = new ArrayList<>(layer.attributes().keySet());
      LayerType type = EXTENSIONS.of(LayerType.KIND).get(layer.type());
      assertTrue(type.keys().containsAll(attributes), layer.type());
    }
    assertEquals(
        everything().byPath().size(),
        Stream.of(ModelJson.write(everything()).split("\"type\":", -1)).skip(1).count());
  }
}
