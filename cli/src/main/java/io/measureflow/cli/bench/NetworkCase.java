package io.measureflow.cli.bench;

import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.config.Networks;
import io.measureflow.core.checkpoint.ModelJson;
import java.util.List;
import java.util.Locale;

/**
 * A network that is timed on images.
 *
 * @param network its name among {@link Networks#NAMES}
 * @param channels the channels of an image
 * @param side the height and the width of an image
 * @param classes the number of classes
 * @param batch the images of a batch
 * @param task {@link #TRAIN} or {@link #PREDICT}
 */
record NetworkCase(String network, int channels, int side, int classes, int batch, String task) {

  /** Forward, softmax cross-entropy, gradients, and Adam. */
  static final String TRAIN = "train";

  /** The outputs alone, in the mode of prediction. */
  static final String PREDICT = "predict";

  /** Returns the case of a request. */
  static NetworkCase of(List<String> words) {
    return new NetworkCase(
        words.get(0),
        Integer.parseInt(words.get(1)),
        Integer.parseInt(words.get(2)),
        Integer.parseInt(words.get(3)),
        Integer.parseInt(words.get(4)),
        words.get(5));
  }

  /** Returns the words of a request. */
  String request() {
    return String.format(
        Locale.ROOT, "%s %d %d %d %d %s", network, channels, side, classes, batch, task);
  }

  boolean isTraining() {
    return task.equals(TRAIN);
  }

  /** Returns the network for these images. */
  ModelSpec model(Extensions extensions) {
    Shape images = Shape.of(channels, side, side);
    return ModelJson.read(Networks.read(network, network), network, extensions, images, classes);
  }

  Sizes sizes() {
    return new Sizes(batch, channels * side * side, classes, 0);
  }
}
