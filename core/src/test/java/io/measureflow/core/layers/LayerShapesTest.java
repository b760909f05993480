package io.measureflow.core.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.training.TrainingPrograms;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each layer takes and gives, and how it refuses the rest. */
class LayerShapesTest {

  private static Kernel kernel(int height, int width, int stride, int padding) {
    return new Kernel(List.of(height, width), List.of(stride, stride), List.of(padding, padding));
  }

  private static Layer conv(int inputs, int outputs, Kernel kernel) {
    return new ConvLayer(Activations.RELU, true, inputs, outputs, kernel);
  }

  private static Layer mixtureConv(int inputs, int outputs, Kernel kernel) {
    int width = inputs * kernel.size();
    return new MixtureConvLayer(mixture(width, outputs), inputs, kernel);
  }

  private static MixtureLayer mixture(int inputs, int outputs) {
    return new MixtureLayer(Families.DIAGONAL, Activations.RELU, true, inputs, outputs, 3, 0);
  }

  private static Layer dense(int inputs, int outputs) {
    return new DenseLayer(Activations.IDENTITY, true, inputs, outputs);
  }

  private static Layer pool(Kernel kernel) {
    return new PoolLayer(PoolLayer.Function.MAX, kernel);
  }

  static Stream<Arguments> taken() {
    Shape image = Shape.of(2, 7, 9);
    return Stream.of(
        // floor((n + 2 padding - kernel) / stride) + 1
        Arguments.of(conv(2, 5, kernel(3, 3, 1, 1)), image, Shape.of(5, 7, 9), 95),
        Arguments.of(conv(2, 5, kernel(3, 2, 2, 1)), image, Shape.of(5, 4, 5), 65),
        Arguments.of(conv(2, 5, kernel(7, 9, 1, 0)), image, Shape.of(5, 1, 1), 635),
        Arguments.of(mixtureConv(2, 5, kernel(3, 3, 2, 1)), image, Shape.of(5, 4, 5), 132),
        Arguments.of(pool(kernel(2, 2, 2, 0)), image, Shape.of(2, 3, 4), 0),
        Arguments.of(pool(kernel(3, 3, 2, 1)), image, Shape.of(2, 4, 5), 0),
        Arguments.of(
            new PoolLayer(PoolLayer.Function.AVERAGE, kernel(3, 2, 1, 1)),
            image,
            Shape.of(2, 7, 10),
            0),
        Arguments.of(new GlobalAveragePoolLayer(), image, Shape.of(2), 0),
        Arguments.of(new GlobalAveragePoolLayer(), Shape.of(7, 9), Shape.of(9), 0),
        Arguments.of(new BatchNormLayer(2), image, image, 8),
        Arguments.of(new BatchNormLayer(6), Shape.of(6), Shape.of(6), 24),
        Arguments.of(new LayerNormLayer(9), image, image, 18),
        Arguments.of(new LayerNormLayer(9), Shape.of(7, 9), Shape.of(7, 9), 18),
        Arguments.of(new ActivationLayer(Activations.RELU), image, image, 0),
        Arguments.of(new DropoutLayer(0.5), Shape.of(7, 9), Shape.of(7, 9), 0),
        Arguments.of(new FlattenLayer(), image, Shape.of(126), 0),
        Arguments.of(new TokensLayer(), image, Shape.of(63, 2), 0),
        Arguments.of(new PositionLayer(7, 9), Shape.of(7, 9), Shape.of(7, 9), 63),
        Arguments.of(new AttentionLayer(9, 3), Shape.of(7, 9), Shape.of(7, 9), 360),
        Arguments.of(dense(9, 4), Shape.of(7, 9), Shape.of(7, 4), 40),
        Arguments.of(dense(9, 4), image, Shape.of(2, 7, 4), 40),
        Arguments.of(dense(126, 4), image, Shape.of(4), 508),
        Arguments.of(mixture(9, 4), Shape.of(7, 9), Shape.of(7, 4), 75),
        Arguments.of(mixture(126, 4), image, Shape.of(4), 777),
        Arguments.of(
            new ResidualLayer(
                List.of(conv(2, 5, kernel(3, 3, 2, 1)), new BatchNormLayer(5)),
                List.of(conv(2, 5, kernel(1, 1, 2, 0)))),
            image,
            Shape.of(5, 4, 5),
            95 + 20 + 15),
        Arguments.of(
            new ResidualLayer(List.of(dense(9, 9)), List.of()),
            Shape.of(7, 9),
            Shape.of(7, 9),
            90));
  }

  @ParameterizedTest
  @MethodSource("taken")
  void aLayerGivesTheShapeThatItSaysAndHasSoManyParameters(
      Layer layer, Shape input, Shape output, int parameters) {
    assertEquals(output, layer.outputShape(input));
    var model = new ModelSpec(input, List.of(layer));
    assertEquals(List.of(input, output), model.shapes());
    // The writer checks what the layer writes.
    assertEquals(
        Shape.of(3, output.size()),
        TrainingPrograms.prediction(model, 3).outputs().firstEntry().getValue().shape());
    assertEquals(
        parameters,
        model.byPath().values().stream()
            .flatMap(each -> each.parameters().stream())
            .map(ParameterSpec::shape)
            .mapToInt(Shape::size)
            .sum());
  }

  static Stream<Arguments> notTaken() {
    Shape image = Shape.of(2, 7, 9);
    return Stream.of(
        Arguments.of(conv(3, 5, kernel(3, 3, 1, 1)), image, "images of 3 channels, found shape [2"),
        Arguments.of(conv(2, 5, kernel(3, 3, 1, 1)), Shape.of(126), "images [C, H, W], found"),
        Arguments.of(conv(2, 5, kernel(8, 3, 1, 0)), image, "a kernel of at most the image's hei"),
        Arguments.of(mixtureConv(3, 5, kernel(1, 1, 1, 0)), image, "images of 3 channels"),
        Arguments.of(pool(kernel(2, 2, 2, 0)), Shape.of(7, 9), "images [C, H, W], found shape [7"),
        Arguments.of(new GlobalAveragePoolLayer(), Shape.of(7), "images [C, H, W] or sequences"),
        Arguments.of(new BatchNormLayer(7), image, "expected 2 features, the first axis of shape"),
        Arguments.of(new BatchNormLayer(7), Shape.of(7, 9), "images [C, H, W] or rows [d], found"),
        Arguments.of(new LayerNormLayer(7), image, "expected 9 features, the last axis of shape"),
        Arguments.of(new TokensLayer(), Shape.of(7, 9), "images [C, H, W], found shape [7, 9]"),
        Arguments.of(new PositionLayer(7, 9), Shape.of(8, 9), "sequences [7, 9], found shape [8"),
        Arguments.of(new AttentionLayer(9, 3), Shape.of(7, 8), "sequences [T, 9], found shape [7"),
        Arguments.of(new AttentionLayer(9, 3), image, "sequences [T, 9], found"),
        Arguments.of(dense(5, 4), Shape.of(6), "expected 6 inputs, the outputs of the layer"),
        Arguments.of(dense(5, 4), image, "expected 9 inputs, the last axis, or 126, all elements"),
        Arguments.of(mixture(5, 4), Shape.of(7, 9), "expected 9 inputs, the last axis, or 63"),
        Arguments.of(
            new ResidualLayer(List.of(conv(2, 5, kernel(3, 3, 1, 1))), List.of()),
            image,
            "body and shortcut of one shape, found [5, 7, 9] and [2, 7, 9]"),
        Arguments.of(
            new ResidualLayer(List.of(new FlattenLayer(), dense(5, 4)), List.of()),
            image,
            "layers, layer 1: expected 126 inputs"),
        Arguments.of(
            new ResidualLayer(List.of(new FlattenLayer()), List.of(new BatchNormLayer(3))),
            image,
            "shortcut, layer 0: expected 2 features"));
  }

  @ParameterizedTest
  @MethodSource("notTaken")
  void aModelSaysWhichLayerDoesNotTakeItsInput(Layer layer, Shape input, String expected) {
    assertRefused(() -> layer.outputShape(input), expected);
    assertRefused(
        () -> new ModelSpec(input, List.of(new ActivationLayer(Activations.RELU), layer)),
        "Model: layer 1: ",
        expected);
  }

  private static void assertRefused(Executable wrong, String... mentions) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, wrong).getMessage());
    for (String mention : mentions) {
      assertTrue(message.contains(mention), () -> "expected \"" + mention + "\" in: " + message);
    }
  }

  @Test
  void impossibleLayersAreRefused() {
    assertRefused(() -> kernel(0, 3, 1, 0), "kernel", "at least 1", "[0, 3]");
    assertRefused(() -> kernel(3, 3, 0, 0), "stride", "at least 1");
    assertRefused(() -> kernel(3, 3, 1, -1), "padding", "at least 0");
    assertRefused(() -> new Kernel(List.of(3), List.of(1, 1), List.of(0, 0)), "two numbers");
    assertRefused(() -> pool(kernel(3, 3, 1, 2)), "padding", "half the kernel [3, 3]", "[2, 2]");
    assertRefused(() -> conv(0, 1, kernel(1, 1, 1, 0)), "inputs", "found 0");
    assertRefused(
        () -> new MixtureConvLayer(mixture(5, 1), 2, kernel(3, 3, 1, 0)),
        "windows of 18 elements, found 5");
    assertRefused(() -> new BatchNormLayer(0), "features", "found 0");
    assertRefused(() -> new LayerNormLayer(-1), "features", "found -1");
    assertRefused(() -> new DropoutLayer(1), "from 0 to below 1, found 1.0");
    assertRefused(() -> new DropoutLayer(Double.NaN), "found NaN");
    assertRefused(() -> new AttentionLayer(9, 2), "heads", "divisor of the features 9, found 2");
    assertRefused(() -> new PositionLayer(0, 9), "length", "found 0");
    assertRefused(() -> new ResidualLayer(List.of(), List.of()), "at least one layer");
  }
}
