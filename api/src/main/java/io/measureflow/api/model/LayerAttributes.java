package io.measureflow.api.model;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.measure.Family;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import java.util.List;
import java.util.Optional;

/**
 * The description of a layer in a checkpoint or on the command line. Missing and invalid values
 * throw {@link io.measureflow.api.error.InvalidRequestException} with their place.
 */
public interface LayerAttributes {

  /** Returns the place of the description, for messages. */
  String where();

  /** Returns whether a key has a value. */
  boolean has(String key);

  /** Returns the string under a key. */
  String text(String key);

  /** Returns the integer under a key, at least {@code least}. */
  int integer(String key, int least);

  /** Returns the number under a key, from {@code least} to below {@code limit}. */
  double number(String key, double least, double limit);

  /**
   * Returns the integers under a key, each at least {@code least}; one alone stands for all.
   *
   * @param count how many
   */
  List<Integer> integers(String key, int count, int least);

  /**
   * Returns the layers under a key; none if it has no value.
   *
   * @param input the shape of the samples that the first of them takes, if it is known
   */
  List<Layer> layers(String key, Optional<Shape> input);

  /**
   * Returns the shape of the samples that the layer is given, if it is known. A short form omits
   * the widths that follow from it.
   */
  Optional<Shape> input();

  /** Returns the boolean under a key, or {@code otherwise} if there is none. */
  boolean bool(String key, boolean otherwise);

  /** Returns the extensions among which names are looked up. */
  Extensions extensions();

  /**
   * Returns whether the description is complete, as in a checkpoint; a short form omits values that
   * have defaults.
   */
  boolean complete();

  /** Returns the family that a key names. */
  default Family family(String key) {
    return extensions().of(Family.KIND).get(text(key), where() + ", " + key);
  }

  /** Returns the activation that a key names, with its parameter. */
  default Activation activation(String key) {
    return Activation.of(text(key), extensions(), where() + ", " + key);
  }
}
