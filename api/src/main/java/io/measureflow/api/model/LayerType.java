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
  Set<String> keys();

  /** Returns the short form, for messages: {@code gm:FAMILY:COMPONENTSxOUTPUTS}. */
  String shortForm();

  /**
   * Assigns keys to the parts between the colons of a short form: {@code gm:diagonal:64x32} has the
   * parts {@code diagonal} and {@code 64x32}. Parts {@code key=value} are not passed, nor is the
   * number of outputs of the last layer if it was omitted.
   *
   * @throws IllegalArgumentException if there are too few or too many
   */
  Map<String, String> positional(List<String> parts);

  /** Returns the parts of a short form from which {@link #positional(List)} recovers a layer. */
  List<String> positional(Layer layer);

  /**
   * Makes a layer.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the description is wrong
   */
  Layer layer(LayerAttributes attributes);
}
