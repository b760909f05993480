package io.measureflow.api.model;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.measure.Family;
import io.measureflow.api.registry.Extensions;

/**
 * The description of a layer as it stands in a checkpoint or on the command line. What is missing
 * or wrong is an {@link io.measureflow.api.error.InvalidRequestException} that names the place.
 */
public interface LayerAttributes {

  /** The place of the description, for messages. */
  String where();

  /** Whether there is a value under a key. */
  boolean has(String key);

  /** A text. */
  String text(String key);

  /** A whole number of at least {@code least}. */
  int integer(String key, int least);

  /** True or false; {@code otherwise} where there is none. */
  boolean truth(String key, boolean otherwise);

  /** Where names are looked up. */
  Extensions extensions();

  /**
   * Whether everything that decides the layer is said, as in a checkpoint; a short form leaves out
   * what has a usual value.
   */
  boolean complete();

  /** The family that a key names. */
  default Family family(String key) {
    return extensions().of(Family.KIND).get(text(key), where() + ", " + key);
  }

  /** The activation that a key names, with its parameter. */
  default Activation activation(String key) {
    return Activation.of(text(key), extensions(), where() + ", " + key);
  }
}
