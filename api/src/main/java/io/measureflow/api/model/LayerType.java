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

  /** The name in checkpoints and in short forms, lower case: {@code gm}. */
  String name();

  /** The keys that a description may have, besides {@code type}. Others are refused. */
  Set<String> keys();

  /** The short form, for messages: {@code gm:FAMILY:COMPONENTSxOUTPUTS}. */
  String shortForm();

  /**
   * What the parts between the colons of a short form say, by key: {@code gm:diagonal:64x32} has
   * the parts {@code diagonal} and {@code 64x32}. Parts {@code key=value} are not among them, nor
   * is the number of outputs of the last layer where it was left out.
   *
   * @throws IllegalArgumentException if there are too few or too many
   */
  Map<String, String> positional(List<String> parts);

  /** The parts of {@link #positional} that lead back to a layer. */
  List<String> positional(Layer layer);

  /**
   * Makes a layer.
   *
   * @throws io.measureflow.api.error.InvalidRequestException if the description is wrong
   */
  Layer layer(LayerAttributes attributes);
}
