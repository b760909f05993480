package io.measureflow.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import io.measureflow.core.layers.Layers;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The description of a model as it stands in a checkpoint. */
final class ModelJson {

  private static final String LAYERS = "layers";
  private static final String TYPE = "type";
  private static final String MIXTURE = "gm";
  private static final String DENSE = "dense";
  private static final String FAMILY = "family";
  private static final String ACTIVATION = "activation";
  private static final String BIAS = "bias";
  private static final String INPUTS = "inputs";
  private static final String OUTPUTS = "outputs";
  private static final String COMPONENTS = "components";
  private static final String RANK = "rank";

  private static final Set<String> DENSE_KEYS = ordered(TYPE, ACTIVATION, BIAS, INPUTS, OUTPUTS);
  private static final Set<String> MIXTURE_KEYS =
      ordered(TYPE, FAMILY, ACTIVATION, BIAS, INPUTS, OUTPUTS, COMPONENTS, RANK);

  private ModelJson() {}

  static String write(ModelSpec spec) {
    ObjectNode model = Json.object();
    ArrayNode layers = model.putArray(LAYERS);
    for (LayerSpec layer : spec.layers()) {
      ObjectNode node = layers.addObject();
      switch (layer) {
        case LayerSpec.GaussianMixture mixture -> {
          node.put(TYPE, MIXTURE)
              .put(FAMILY, mixture.family().name())
              .put(ACTIVATION, mixture.activation().key())
              .put(BIAS, mixture.bias())
              .put(INPUTS, mixture.inputs())
              .put(OUTPUTS, mixture.outputs())
              .put(COMPONENTS, mixture.components());
          if (mixture.rank() > 0) {
            node.put(RANK, mixture.rank());
          }
        }
        case LayerSpec.Dense dense ->
            node.put(TYPE, DENSE)
                .put(ACTIVATION, dense.activation().key())
                .put(BIAS, dense.bias())
                .put(INPUTS, dense.inputs())
                .put(OUTPUTS, dense.outputs());
      }
    }
    return Json.write(model);
  }

  /** Reads a description and checks that every layer of it can be made. */
  static ModelSpec read(String text, String where, Families families) {
    ObjectNode model = Json.parseObject(text, where);
    Json.requireKnown(model, Set.of(LAYERS), where);
    if (!(model.path(LAYERS) instanceof ArrayNode nodes)) {
      throw InvalidRequestException.of(
          where,
          "an array 'layers'",
          Json.shortened(model.path(LAYERS)),
          "Describe the model as the documentation of checkpoints says.");
    }
    var layers = new ArrayList<LayerSpec>();
    for (int i = 0; i < nodes.size(); i++) {
      layers.add(layer(nodes.get(i), where + ", layer " + i, families));
    }
    try {
      var spec = new ModelSpec(layers);
      // Shapes are worked out here, so that sizes that cannot be are found before any tensor is
      // read.
      Layers.of(spec).forEach(Layer::parameters);
      return Layers.canonical(spec);
    } catch (InvalidRequestException e) {
      // A rank that does not suit its family, which says nothing of the file.
      throw new InvalidRequestException(where + ", " + e.getMessage(), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidRequestException(
          where + ": " + e.getMessage() + ". Correct the description of the model.", e);
    }
  }

  private static LayerSpec layer(JsonNode node, String where, Families families) {
    if (!(node instanceof ObjectNode layer)) {
      throw InvalidRequestException.of(
          where, "an object", Json.shortened(node), "Correct the description.");
    }
    String type = Json.text(layer.path(TYPE), where + ", " + TYPE);
    int inputs = Json.integer(layer.path(INPUTS), where + ", " + INPUTS, 1);
    int outputs = Json.integer(layer.path(OUTPUTS), where + ", " + OUTPUTS, 1);
    boolean bias =
        layer.path(BIAS).isMissingNode() || Json.truth(layer.path(BIAS), where + ", bias");
    return switch (type) {
      case MIXTURE -> {
        Json.requireKnown(layer, MIXTURE_KEYS, where);
        yield new LayerSpec.GaussianMixture(
            family(layer.path(FAMILY), where, families),
            activation(layer.path(ACTIVATION), where),
            bias,
            inputs,
            outputs,
            Json.integer(layer.path(COMPONENTS), where + ", " + COMPONENTS, 1),
            layer.path(RANK).isMissingNode()
                ? 0
                : Json.integer(layer.path(RANK), where + ", " + RANK, 0));
      }
      case DENSE -> {
        Json.requireKnown(layer, DENSE_KEYS, where);
        yield new LayerSpec.Dense(
            layer.path(ACTIVATION).isMissingNode()
                ? Activations.IDENTITY
                : activation(layer.path(ACTIVATION), where),
            bias,
            inputs,
            outputs);
      }
      default ->
          throw InvalidRequestException.of(
              where + ", " + TYPE,
              MIXTURE + " or " + DENSE,
              "'" + type + "'",
              "Correct the description.");
    };
  }

  private static Family family(JsonNode node, String where, Families families) {
    String name = Json.text(node, where + ", " + FAMILY);
    try {
      return families.get(name);
    } catch (InvalidRequestException e) {
      throw new InvalidRequestException(where + ", " + e.getMessage(), e);
    }
  }

  private static Activation activation(JsonNode node, String where) {
    String place = where + ", " + ACTIVATION;
    return Activations.get(Json.text(node, place), place);
  }

  private static Set<String> ordered(String... keys) {
    return new LinkedHashSet<>(List.of(keys));
  }
}
