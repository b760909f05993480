package io.measureflow.api.model;

import io.measureflow.api.registry.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A kind of layer: makes layers from their descriptions in checkpoints and on the command line.
 * Implementations are found by {@link java.util.ServiceLoader} and have a public constructor
 * without parameters.
 */
public interface LayerType {

  /** Types of layers are found by name. */
  Kind<LayerType> KIND = Kind.of(LayerType.class, "layer", "layers", LayerType::name);

  /** Returns the name in checkpoints and in short forms, lower case: {@code gm}. */
  String name();

  /** Returns the keys of a description, besides {@code type}. Others are refused. */
  default Set<String> keys() {
    return Set.of();
  }

  /**
   * Returns the short form, for messages: {@code gm:FAMILY:COMPONENTSxOUTPUTS}; the name alone
   * unless there are {@linkplain #positional(List) parts}.
   */
  default String shortForm() {
    return name();
  }

  /**
   * Assigns keys to the parts between the colons of a short form: {@code gm:diagonal:64x32} has the
   * parts {@code diagonal} and {@code 64x32}. Parts {@code key=value} are not passed, nor is the
   * number of outputs of the last layer if it was omitted. By default there are no parts.
   *
   * @throws IllegalArgumentException if there are too few or too many
   */
  default Map<String, String> positional(List<String> parts) {
    if (!parts.isEmpty()) {
      throw new IllegalArgumentException("expected no further part, found " + parts);
    }
    return Map.of();
  }

  /** Returns the parts of a short form from which {@link #positional(List)} recovers a layer. */
  default List<String> positional(Layer layer) {
    return List.of();
  }

  /**
   * Makes a layer.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the description is wrong
   */
  Layer layer(LayerAttributes attributes);
}
