package io.measureflow.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The short forms of layers for images [3, 8, 8] or sequences [5, 6], and four outputs. */
class LayerSyntaxTest {

  private static final Extensions EXTENSIONS = Extensions.onClassPath();
  private static final Shape IMAGE = Shape.of(3, 8, 8);
  private static final Shape SEQUENCE = Shape.of(5, 6);

  private static List<Layer> parse(String text, Shape input) {
    RunConfig config = RunConfig.load(Optional.empty(), Map.of("model.layers", text));
    return config.model().spec(EXTENSIONS, input, 4).layers();
  }

  private static Kernel kernel(int height, int width, int stride, int padding) {
    return new Kernel(List.of(height, width), List.of(stride, stride), List.of(padding, padding));
  }

  private static ConvLayer conv(int inputs, int outputs, Kernel kernel) {
    return new ConvLayer(Activations.IDENTITY, true, inputs, outputs, kernel);
  }

  static Stream<Arguments> shortForms() {
    Activation leaky = Activation.of("leaky_relu(0.2)", EXTENSIONS, "here");
    return Stream.of(
        Arguments.of("conv:3x3:16", IMAGE, conv(3, 16, kernel(3, 3, 1, 0))),
        Arguments.of("conv:3x3:16:padding=1", IMAGE, conv(3, 16, kernel(3, 3, 1, 1))),
        Arguments.of("conv:3:16:padding=1x1:stride=2", IMAGE, conv(3, 16, kernel(3, 3, 2, 1))),
        Arguments.of(
            "conv:1x3:2:padding=0x1:bias=false:activation=leaky_relu(0.2)",
            IMAGE,
            new ConvLayer(
                leaky, false, 3, 2, new Kernel(List.of(1, 3), List.of(1, 1), List.of(0, 1)))),
        Arguments.of(
            "gm-conv:diagonal:32x16:5x5:padding=2",
            IMAGE,
            new MixtureConvLayer(
                new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 75, 16, 32, 0),
                3,
                kernel(5, 5, 1, 2))),
        Arguments.of(
            "gm-conv:factored:8:3:rank=2:activation=identity:bias=false",
            IMAGE,
            new MixtureConvLayer(
                new MixtureLayer(Families.FACTORED, Activations.IDENTITY, false, 27, 4, 8, 2),
                3,
                kernel(3, 3, 1, 0))),
        Arguments.of(
            "max-pool:2", IMAGE, new PoolLayer(PoolLayer.Function.MAX, kernel(2, 2, 2, 0))),
        Arguments.of(
            "max-pool:3x3:stride=2:padding=1",
            IMAGE,
            new PoolLayer(PoolLayer.Function.MAX, kernel(3, 3, 2, 1))),
        Arguments.of(
            "average-pool:4", IMAGE, new PoolLayer(PoolLayer.Function.AVERAGE, kernel(4, 4, 4, 0))),
        Arguments.of("global-average-pool", IMAGE, new GlobalAveragePoolLayer()),
        Arguments.of("batch-norm", IMAGE, new BatchNormLayer(3)),
        Arguments.of("layer-norm", SEQUENCE, new LayerNormLayer(6)),
        Arguments.of("activation:leaky_relu(0.2)", IMAGE, new ActivationLayer(leaky)),
        Arguments.of("dropout:0.25", IMAGE, new DropoutLayer(0.25)),
        Arguments.of("flatten", IMAGE, new FlattenLayer()),
        Arguments.of("tokens", IMAGE, new TokensLayer()),
        Arguments.of("position", SEQUENCE, new PositionLayer(5, 6)),
        Arguments.of("attention:3", SEQUENCE, new AttentionLayer(6, 3)),
        Arguments.of("dense:7", SEQUENCE, new DenseLayer(Activations.IDENTITY, true, 6, 7)),
        Arguments.of("dense", IMAGE, new DenseLayer(Activations.IDENTITY, true, 192, 4)),
        Arguments.of(
            "gm:diagonal:9x7",
            SEQUENCE,
            new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, 6, 7, 9, 0)),
        Arguments.of(
            "residual:[conv:3x3:3:padding=1,batch-norm]",
            IMAGE,
            new ResidualLayer(
                List.of(conv(3, 3, kernel(3, 3, 1, 1)), new BatchNormLayer(3)), List.of())),
        Arguments.of(
            "residual:[conv:3x3:16:padding=1:stride=2, batch-norm]"
                + ":shortcut=[conv:1x1:16:stride=2]",
            IMAGE,
            new ResidualLayer(
                List.of(conv(3, 16, kernel(3, 3, 2, 1)), new BatchNormLayer(16)),
                List.of(conv(3, 16, kernel(1, 1, 2, 0))))),
        Arguments.of(
            "residual:[residual:[layer-norm,attention:2],dropout:0.5]",
            SEQUENCE,
            new ResidualLayer(
                List.of(
                    new ResidualLayer(
                        List.of(new LayerNormLayer(6), new AttentionLayer(6, 2)), List.of()),
                    new DropoutLayer(0.5)),
                List.of())));
  }

  @ParameterizedTest
  @MethodSource("shortForms")
  void aShortFormIsALayer(String text, Shape input, Layer expected) {
    assertEquals(List.of(expected), parse(text, input));
    var spec = new ModelSpec(input, List.of(expected));
    String written = String.join(",", LayerSyntax.format(spec, EXTENSIONS));
    assertEquals(List.of(expected), parse(written, input), written);
    // It is found right without data as well.
    RunConfig.load(Optional.empty(), Map.of("model.layers", text)).check(EXTENSIONS);
  }

  @Test
  void everyTypeHasAShortFormHere() {
    var tested = new TreeSet<String>();
    shortForms().forEach(form -> tested.add(String.valueOf(form.get()[0]).split(":", 2)[0]));
    assertEquals(new TreeSet<>(EXTENSIONS.of(LayerType.KIND).names()), tested);
  }

  @Test
  void widthsFollowFromTheLayersBefore() {
    String text =
        "conv:3x3:16:padding=1,batch-norm,activation:relu,max-pool:2,"
            + "residual:[conv:3x3:16:padding=1,batch-norm],global-average-pool,gm:diagonal:8";
    RunConfig config = RunConfig.load(Optional.empty(), Map.of("model.layers", text));
    ModelSpec spec = config.model().spec(EXTENSIONS, IMAGE, 4);
    assertEquals(
        List.of(
            IMAGE,
            Shape.of(16, 8, 8),
            Shape.of(16, 8, 8),
            Shape.of(16, 8, 8),
            Shape.of(16, 4, 4),
            Shape.of(16, 4, 4),
            Shape.of(16),
            Shape.of(4)),
        spec.shapes());
    assertEquals(IMAGE, spec.input());
    // A first layer of rows flattens images, so that the checkpoint is that of rows.
    assertEquals(
        Shape.of(192),
        RunConfig.load(Optional.empty(), Map.of("model.layers", "gm:diagonal:8"))
            .model()
            .spec(EXTENSIONS, IMAGE, 4)
            .input());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "convolution:3:4; expected a type of layers: activation, attention",
        "conv:3x3x3:4; 2 numbers for kernel",
        "conv:0x3:4; number of kernel as a whole number of at least 1",
        "conv:3x:4; kernel",
        "conv:3x3:4:groups=2; one of the keys",
        "conv:3x3:4:inputs=3; one of the keys",
        "conv:9x9:4; kernel of at most the image",
        "conv:3x3,flatten; expected conv:KERNEL:OUTPUTS",
        "conv; expected conv:KERNEL:OUTPUTS",
        "gm-conv:diagonal:5x5; expected gm-conv:FAMILY:COMPONENTSxOUTPUTS:KERNEL",
        "max-pool; expected max-pool:KERNEL",
        "max-pool:2:padding=2; half the kernel",
        "dropout:1; rate from 0.0 to below 1.0",
        "dropout:NaN; rate from 0.0 to below 1.0",
        "dropout:much; rate from 0.0 to below 1.0, found 'much'",
        "batch-norm:3; expected batch-norm, found",
        "batch-norm:features=3; one of the keys",
        "flatten,batch-norm,conv:3x3:4; layers, layer 2 'conv:3x3:4': expected images",
        "attention:2; expected sequences",
        "activation:rilu; layer 0 'activation:rilu', activation",
        "residual:conv:3x3:4; expected residual:[LAYER,...]",
        "residual:flatten; layers in brackets",
        "residual:[flatten; layers in brackets",
        "residual:flatten]; layers in brackets",
        "residual:[]; at least one layer",
        "residual; at least one layer",
        "residual:[flatten]; body and shortcut of one shape",
        "residual:[flatten]:shortcut=flatten; shortcut in brackets",
        "residual:[flatten,conv:3x3:4]; layers, layer 1 'conv:3x3:4'",
        "residual:[dense]; only the last layer may omit it",
      })
  void aWrongShortFormIsRefused(String text, String expected) {
    var error = assertThrows(InvalidRequestException.class, () -> parse(text, IMAGE));
    String message = String.valueOf(error.getMessage());
    assertTrue(message.contains(expected), message);
  }

  @Test
  void bracketsWithoutEndAreRefusedAtAnyDepth() {
    for (String text : List.of("residual:[".repeat(3000), "]".repeat(3000), "[,".repeat(3000))) {
      assertThrows(InvalidRequestException.class, () -> parse(text, IMAGE));
    }
  }
}
