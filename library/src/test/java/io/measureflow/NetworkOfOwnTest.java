package io.measureflow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.data.Schema;
import io.measureflow.api.data.Table;
import io.measureflow.api.program.Shape;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.data.ArrayDataset;
import io.measureflow.core.layers.ConvLayer;
import io.measureflow.core.layers.FlattenLayer;
import io.measureflow.core.layers.Kernel;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The network that docs/networks.md makes in Java. */
class NetworkOfOwnTest {

  /** Images of 6x5 pixels, of two classes. */
  private record Images(ArrayDataset rows) implements Dataset {

    @Override
    public String name() {
      return "images";
    }

    @Override
    public Schema schema() {
      return new Schema(
          List.of(), 30, rows.schema().target(), Optional.of(new Schema.ImageShape(1, 6, 5)));
    }

    @Override
    public Table train() {
      return rows.train();
    }

    @Override
    public Optional<Table> test() {
      return Optional.empty();
    }

    @Override
    public String fingerprint() {
      return "images";
    }

    @Override
    public void close() {}
  }

  @Test
  void layersFollowFromTheShapeBeforeThem() {
    float[][] features = new float[20][30];
    int[] labels = new int[20];
    for (int i = 0; i < features.length; i++) {
      labels[i] = i % 2;
      features[i][i] = 1 - 2 * labels[i];
    }
    var images = new Images(ArrayDataset.classes(features, labels, List.of("a", "b")));
    try (Backend backend = Backends.open("reference")) {
      TrainedModel model =
          Training.of(
                  (input, outputs) ->
                      new ConvLayer(
                          Activations.RELU, true, input.dimension(0), 16, Kernel.square(5)),
                  (input, outputs) -> new FlattenLayer(),
                  Mixture.diagonal().components(64))
              .epochs(1)
              .backend(backend)
              .train(images);
      assertEquals(
          List.of(Shape.of(1, 6, 5), Shape.of(16, 6, 5), Shape.of(480), Shape.of(2)),
          model.model().spec().shapes());
    }
  }
}
