package io.measureflow.core.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ModelSpecTest {

  private static Layer mixture(int inputs, int outputs, int components, int rank) {
    return new MixtureLayer(
        Families.DIAGONAL, Activations.RELU, true, inputs, outputs, components, rank);
  }

  private static Layer dense(int inputs, int outputs) {
    return new DenseLayer(Activations.RELU, true, inputs, outputs);
  }

  private static void assertRefused(Executable wrong, String... mentions) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, wrong).getMessage());
    for (String mention : mentions) {
      assertTrue(message.contains(mention), () -> "expected \"" + mention + "\" in: " + message);
    }
  }

  @Test
  void aStackTakesWhatItsFirstLayerTakesAndGivesWhatItsLastGives() {
    var spec = new ModelSpec(List.of(mixture(7, 5, 3, 0), dense(5, 4), dense(4, 2)));
    assertEquals(7, spec.inputs());
    assertEquals(2, spec.outputs());
  }

  @Test
  void layersThatDoNotFitTogetherAreRefused() {
    assertRefused(() -> new ModelSpec(List.of()), "at least one layer");
    assertRefused(
        () -> new ModelSpec(List.of(dense(7, 5), dense(5, 4), mixture(3, 2, 1, 0))),
        "layer 2",
        "expected 4 inputs",
        "found 3");
  }

  @Test
  void theShapeOfTheInputIsNeededWhereTheFirstLayerDoesNotTellIt() {
    Layer flatten = new FlattenLayer();
    assertRefused(
        () -> new ModelSpec(List.of(flatten, dense(6, 2))),
        "the shape of its input, which layer 0 of type flatten does not tell");
    var spec = new ModelSpec(Shape.of(1, 2, 3), List.of(flatten, dense(6, 2)));
    assertEquals(List.of(Shape.of(1, 2, 3), Shape.of(6), Shape.of(2)), spec.shapes());
    assertEquals(6, spec.inputs());
    for (Shape wrong : List.of(Shape.SCALAR, Shape.of(0), Shape.of(1, 1, 2, 3))) {
      assertRefused(
          () -> new ModelSpec(wrong, List.of(flatten)), "[d], [T, d] or [C, H, W], found " + wrong);
    }
  }

  @Test
  void layersWithinOthersHavePathsInTheOrderOfCheckpoints() {
    Layer inner = new ResidualLayer(List.of(dense(3, 3)), List.of());
    Layer outer = new ResidualLayer(List.of(inner, new LayerNormLayer(3)), List.of(dense(3, 3)));
    var spec = new ModelSpec(Shape.of(3), List.of(new FlattenLayer(), outer));
    assertEquals(
        List.of(
            "layers.0",
            "layers.1",
            "layers.1.layers.0",
            "layers.1.layers.0.layers.0",
            "layers.1.layers.1",
            "layers.1.shortcut.0"),
        List.copyOf(spec.byPath().keySet()));
  }

  @Test
  void sizesOfLayersAreChecked() {
    assertRefused(() -> mixture(0, 1, 1, 0), "inputs", "at least 1", "found 0");
    assertRefused(() -> mixture(1, 0, 1, 0), "outputs", "found 0");
    assertRefused(() -> mixture(1, 1, 0, 0), "components", "found 0");
    assertRefused(() -> mixture(1, 1, 1, -1), "rank", "at least 0", "found -1");
    assertRefused(() -> dense(-3, 1), "inputs", "found -3");
    assertRefused(() -> dense(1, 0), "outputs");
  }

  @Test
  void theListIsCopied() {
    var layers = new ArrayList<>(List.of(dense(2, 3)));
    var spec = new ModelSpec(layers);
    layers.clear();
    assertEquals(1, spec.layers().size());
    assertThrows(UnsupportedOperationException.class, () -> spec.layers().clear());
  }
}
