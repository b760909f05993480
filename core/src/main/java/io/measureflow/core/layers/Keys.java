package io.measureflow.core.layers;

import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.program.Shape;
import java.util.function.ToIntFunction;

/** The keys of descriptions of layers, and what several layers read and check alike. */
final class Keys {

  static final String FAMILY = "family";
  static final String ACTIVATION = "activation";
  static final String BIAS = "bias";
  static final String INPUTS = "inputs";
  static final String OUTPUTS = "outputs";
  static final String COMPONENTS = "components";
  static final String RANK = "rank";
  static final String FEATURES = "features";
  static final String HEADS = "heads";
  static final String RATE = "rate";
  static final String LAYERS = "layers";
  static final String SHORTCUT = "shortcut";

  private Keys() {}

  /**
   * Returns a width that follows from the shape of the samples where it is not said. Without either
   * the layer is made to be checked, with a width that any layer may have.
   */
  static int width(LayerAttributes attributes, String key, ToIntFunction<Shape> of) {
    return width(attributes, key, of, 1);
  }

  /**
   * Returns a width as {@link #width(LayerAttributes, String, ToIntFunction)}.
   *
   * @param otherwise the width with which the layer is made to be checked
   */
  static int width(LayerAttributes attributes, String key, ToIntFunction<Shape> of, int otherwise) {
    if (attributes.has(key) || attributes.complete()) {
      return attributes.integer(key, 1);
    }
    return attributes.input().map(of::applyAsInt).orElse(otherwise);
  }

  static void requireSize(String what, int found, int least) {
    if (found < least) {
      throw new IllegalArgumentException(
          "Layer " + what + ": expected at least " + least + ", found " + found);
    }
  }

  /** Returns the shape of images. */
  static Shape requireImages(Shape input) {
    if (input.rank() != 3) {
      throw new IllegalArgumentException("expected images [C, H, W], found shape " + input);
    }
    return input;
  }

  /** Checks that images have so many channels. */
  static void requireChannels(Shape input, int channels) {
    if (requireImages(input).dimension(0) != channels) {
      throw new IllegalArgumentException(
          "expected images of " + channels + " channels, found shape " + input);
    }
  }

  /** Returns the channels of images, or the last axis of other samples. */
  static int channels(Shape input) {
    return input.dimension(input.rank() == 3 ? 0 : input.rank() - 1);
  }
}
