package io.measureflow.core.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** The description of a model as JSON: in a checkpoint, or in a file that a user wrote. */
public final class ModelJson {

  private static final String INPUT = "input";
  private static final String LAYERS = "layers";
  private static final String TYPE = "type";
  private static final String OUTPUTS = "outputs";
  private static final String DESCRIBE =
      "Describe the model as the documentation of checkpoints says.";

  private final Extensions extensions;

  /** Whether the description says all widths. */
  private final boolean complete;

  private ModelJson(Extensions extensions, boolean complete) {
    this.extensions = extensions;
    this.complete = complete;
  }

  /** Writes a description. The input is left out where the first layer tells it. */
  public static String write(ModelSpec spec) {
    ObjectNode model = Json.object();
    if (!spec.layers().getFirst().inputShape().equals(Optional.of(spec.input()))) {
      ArrayNode input = model.putArray(INPUT);
      spec.input().dimensions().forEach(input::add);
    }
    write(spec.layers(), model.putArray(LAYERS));
    return Json.write(model);
  }

  private static void write(List<Layer> layers, ArrayNode into) {
    for (Layer layer : layers) {
      ObjectNode node = into.addObject().put(TYPE, layer.type());
      layer.attributes().forEach((key, value) -> put(node, key, value));
    }
  }

  private static void put(ObjectNode node, String key, Object value) {
    switch (value) {
      case String text -> node.put(key, text);
      case Integer number -> node.put(key, number);
      case Double number -> node.put(key, number);
      case Boolean truth -> node.put(key, truth);
      case List<?> list -> {
        ArrayNode array = node.putArray(key);
        for (Object element : list) {
          switch (element) {
            case Integer number -> array.add(number);
            case Layer layer -> write(List.of(layer), array);
            default -> throw unknown(key, element);
          }
        }
      }
      default -> throw unknown(key, value);
    }
  }

  private static IllegalStateException unknown(String key, Object value) {
    return new IllegalStateException(
        "Attribute "
            + key
            + ": expected a text, a number, a boolean, or a list of integers or layers, found "
            + value.getClass().getName());
  }

  /**
   * Reads a complete description and checks that every layer of it can be made.
   *
   * @throws InvalidRequestException if it is wrong
   */
  public static ModelSpec read(String text, String where, Extensions extensions) {
    return new ModelJson(extensions, true)
        .model(text, where, Optional.empty(), OptionalInt.empty());
  }

  /**
   * Reads a description that may leave out what follows from the data: the input, the inputs of
   * layers, and the outputs of the last one.
   *
   * @param input the shape of a sample of the data; another shape of as many elements may be said
   * @param outputs the outputs that the data need
   * @throws InvalidRequestException if it is wrong, or does not fit the data
   */
  public static ModelSpec read(
      String text, String where, Extensions extensions, Shape input, int outputs) {
    return new ModelJson(extensions, false)
        .model(text, where, Optional.of(input), OptionalInt.of(outputs));
  }

  /**
   * Makes each layer of a description that may leave out what follows from the data, to find all
   * errors except mismatched shapes.
   *
   * @throws InvalidRequestException if the description is wrong
   */
  public static void check(String text, String where, Extensions extensions) {
    ObjectNode model = Json.parseObject(text, where);
    Json.requireKnown(model, Set.of(INPUT, LAYERS), where);
    var json = new ModelJson(extensions, false);
    JsonNode layers = model.path(LAYERS);
    if (layers instanceof ArrayNode nodes) {
      for (int i = 0; i < nodes.size(); i++) {
        json.layer(nodes.get(i), where + ", layer " + i, Optional.empty(), OptionalInt.of(1));
      }
    } else {
      throw InvalidRequestException.of(
          where, "an array '" + LAYERS + "'", Json.shortened(layers), DESCRIBE);
    }
  }

  private ModelSpec model(String text, String where, Optional<Shape> ofData, OptionalInt outputs) {
    ObjectNode model = Json.parseObject(text, where);
    Json.requireKnown(model, Set.of(INPUT, LAYERS), where);
    try {
      Optional<Shape> input =
          model.has(INPUT) ? Optional.of(input(model.path(INPUT), where, ofData)) : ofData;
      var layers = layers(model.path(LAYERS), where, input, outputs);
      var spec = input.isPresent() ? new ModelSpec(input.get(), layers) : new ModelSpec(layers);
      // Shapes are computed here, so that impossible sizes are found before any tensor is read.
      spec.byPath().values().forEach(Layer::parameters);
      return spec;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidRequestException(
          where + ": " + e.getMessage() + ". Correct the description of the model.", e);
    }
  }

  private static Shape input(JsonNode node, String where, Optional<Shape> ofData) {
    String place = where + ", " + INPUT;
    List<Integer> dimensions = integers(node, place, 1, 3, 1);
    Shape shape = new Shape(dimensions);
    if (ofData.isPresent() && ofData.get().size() != shape.size()) {
      throw InvalidRequestException.of(
          place,
          ofData.get() + ", the shape of a sample of the data, or another of as many elements",
          shape.toString(),
          "Correct the shape, or leave it out.");
    }
    return shape;
  }

  private static List<Integer> integers(
      JsonNode node, String where, int fewest, int most, int least) {
    if (!(node instanceof ArrayNode array) || array.size() < fewest || array.size() > most) {
      throw InvalidRequestException.of(
          where,
          "an array of " + (fewest == most ? "" : fewest + " to ") + most + " whole numbers",
          Json.shortened(node),
          "Correct the description.");
    }
    var numbers = new ArrayList<Integer>();
    for (int i = 0; i < array.size(); i++) {
      numbers.add(Json.integer(array.get(i), where + ", number " + i, least));
    }
    return List.copyOf(numbers);
  }

  /** Makes layers, each for the shape that the one before it gives. */
  private List<Layer> layers(
      JsonNode found, String where, Optional<Shape> input, OptionalInt outputs) {
    if (!(found instanceof ArrayNode nodes)) {
      throw InvalidRequestException.of(
          where, "an array '" + LAYERS + "'", Json.shortened(found), DESCRIBE);
    }
    var layers = new ArrayList<Layer>();
    Optional<Shape> shape = input;
    for (int i = 0; i < nodes.size(); i++) {
      boolean last = i == nodes.size() - 1;
      String place = where + ", layer " + i;
      Layer layer = layer(nodes.get(i), place, shape, last ? outputs : OptionalInt.empty());
      layers.add(layer);
      // Without data, a layer that takes rows may as well stand where sequences go through.
      Optional<Shape> taken = complete ? shape.or(layer::inputShape) : shape;
      try {
        shape = taken.map(layer::outputShape);
      } catch (IllegalArgumentException e) {
        throw new InvalidRequestException(
            place + ": " + e.getMessage() + ". Correct the description of the model.", e);
      }
    }
    return List.copyOf(layers);
  }

  private Layer layer(JsonNode node, String where, Optional<Shape> input, OptionalInt outputs) {
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
      return type.layer(
          new Attributes(
              layer, where, input, known.contains(OUTPUTS) ? outputs : OptionalInt.empty()));
    } catch (InvalidRequestException e) {
      if (String.valueOf(e.getMessage()).startsWith(where)) {
        throw e;
      }
      // The rank does not suit its family; that message lacks the file.
      throw new InvalidRequestException(where + ", " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          where + ": " + e.getMessage() + ". Correct the description of the model.", e);
    }
  }

  /** The description of a layer. */
  private final class Attributes implements LayerAttributes {

    private final ObjectNode layer;
    private final String where;
    private final Optional<Shape> input;
    private final OptionalInt outputs;

    /**
     * @param outputs the outputs where the description says none
     */
    Attributes(ObjectNode layer, String where, Optional<Shape> input, OptionalInt outputs) {
      this.layer = layer;
      this.where = where;
      this.input = input;
      this.outputs = outputs;
    }

    @Override
    public String where() {
      return where;
    }

    @Override
    public Extensions extensions() {
      return extensions;
    }

    @Override
    public boolean complete() {
      return complete;
    }

    @Override
    public Optional<Shape> input() {
      return input;
    }

    @Override
    public boolean has(String key) {
      return layer.has(key);
    }

    @Override
    public String text(String key) {
      return Json.text(layer.path(key), place(key));
    }

    @Override
    public int integer(String key, int least) {
      if (key.equals(OUTPUTS) && !layer.has(key) && outputs.isPresent()) {
        return outputs.getAsInt();
      }
      return Json.integer(layer.path(key), place(key), least);
    }

    @Override
    public double number(String key, double least, double limit) {
      return Json.number(layer.path(key), place(key), least, limit);
    }

    @Override
    public List<Integer> integers(String key, int count, int least) {
      JsonNode node = layer.path(key);
      if (!complete && node.isIntegralNumber()) {
        int number = Json.integer(node, place(key), least);
        return Collections.nCopies(count, number);
      }
      return ModelJson.integers(node, place(key), count, count, least);
    }

    @Override
    public List<Layer> layers(String key, Optional<Shape> of) {
      return layer.has(key)
          ? ModelJson.this.layers(layer.path(key), place(key), of, OptionalInt.empty())
          : List.of();
    }

    @Override
    public boolean bool(String key, boolean otherwise) {
      return layer.has(key) ? Json.bool(layer.path(key), place(key)) : otherwise;
    }

    private String place(String key) {
      return where + ", " + key;
    }
  }
}
