package io.measureflow.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeSet;

/** The description of a model in a checkpoint. */
final class ModelJson {

  private static final String LAYERS = "layers";
  private static final String TYPE = "type";

  private ModelJson() {}

  static String write(ModelSpec spec) {
    ObjectNode model = Json.object();
    ArrayNode layers = model.putArray(LAYERS);
    for (Layer layer : spec.layers()) {
      ObjectNode node = layers.addObject().put(TYPE, layer.type());
      layer.attributes().forEach((key, value) -> put(node, key, value));
    }
    return Json.write(model);
  }

  private static void put(ObjectNode node, String key, Object value) {
    switch (value) {
      case String text -> node.put(key, text);
      case Integer number -> node.put(key, number);
      case Boolean truth -> node.put(key, truth);
      default ->
          throw new IllegalStateException(
              "Attribute "
                  + key
                  + ": expected a text, a whole number or a boolean, found "
                  + value.getClass().getName());
    }
  }

  /** Reads a description and checks that every layer of it can be made. */
  static ModelSpec read(String text, String where, Extensions extensions) {
    ObjectNode model = Json.parseObject(text, where);
    Json.requireKnown(model, Set.of(LAYERS), where);
    if (!(model.path(LAYERS) instanceof ArrayNode nodes)) {
      throw InvalidRequestException.of(
          where,
          "an array 'layers'",
          Json.shortened(model.path(LAYERS)),
          "Describe the model as the documentation of checkpoints says.");
    }
    var layers = new ArrayList<Layer>();
    try {
      for (int i = 0; i < nodes.size(); i++) {
        layers.add(layer(nodes.get(i), where + ", layer " + i, extensions));
      }
      var spec = new ModelSpec(layers);
      // Shapes are computed here, so that impossible sizes are found before any tensor is read.
      spec.layers().forEach(Layer::parameters);
      return spec;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidRequestException(
          where + ": " + e.getMessage() + ". Correct the description of the model.", e);
    }
  }

  private static Layer layer(JsonNode node, String where, Extensions extensions) {
    if (!(node instanceof ObjectNode layer)) {
      throw InvalidRequestException.of(
          where, "an object", Json.shortened(node), "Correct the description.");
    }
    LayerType type =
        extensions
            .of(LayerType.KIND)
            .get(Json.text(layer.path(TYPE), where + ", " + TYPE), where + ", " + TYPE);
    Set<String> known = new TreeSet<>(type.keys());
    known.add(TYPE);
    Json.requireKnown(layer, known, where);
    try {
      return type.layer(new Attributes(layer, where, extensions));
    } catch (InvalidRequestException e) {
      if (String.valueOf(e.getMessage()).startsWith(where)) {
        throw e;
      }
      // The rank does not suit its family; that message lacks the file.
      throw new InvalidRequestException(where + ", " + e.getMessage(), e);
    }
  }

  private record Attributes(ObjectNode layer, String where, Extensions extensions)
      implements LayerAttributes {

    @Override
    public boolean has(String key) {
      return layer.has(key);
    }

    @Override
    public String text(String key) {
      return Json.text(layer.path(key), where + ", " + key);
    }

    @Override
    public int integer(String key, int least) {
      return Json.integer(layer.path(key), where + ", " + key, least);
    }

    @Override
    public boolean bool(String key, boolean otherwise) {
      return layer.has(key) ? Json.bool(layer.path(key), where + ", " + key) : otherwise;
    }

    @Override
    public boolean complete() {
      return true;
    }
  }
}
