package io.measureflow.config;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The short form of a stack of layers: {@code gm:FAMILY:COMPONENTSxOUTPUTS}, {@code dense:OUTPUTS}
 * and those of other types, each with further parts {@code key=value}. The outputs of the last
 * layer may be omitted.
 */
public final class LayerSyntax {

  private static final String INPUTS = "inputs";
  private static final String OUTPUTS = "outputs";

  /** The type of the layer that the section {@code model} describes. */
  private static final String MIXTURE = "gm";

  /** Means as many inputs as outputs, which is valid for every type. */
  private static final int AS_OUTPUTS = 0;

  private static final String REMEDY =
      "Write layers as gm:FAMILY:COMPONENTSxOUTPUTS or dense:OUTPUTS, for example"
          + " gm:diagonal:64x32,dense:10.";

  private LayerSyntax() {}

  /** Parses layers for data with this many features and outputs. */
  static List<Layer> parse(
      List<String> texts, ModelConfig defaults, Extensions extensions, int inputs, int outputs) {
    var layers = new ArrayList<Layer>();
    int width = inputs;
    for (int i = 0; i < texts.size(); i++) {
      boolean last = i == texts.size() - 1;
      Layer layer = layer(texts.get(i), i, defaults, extensions, width, last ? outputs : 0);
      layers.add(layer);
      width = layer.outputs();
    }
    return layers;
  }

  /** Makes each layer by itself, to find all errors except mismatched widths. */
  static List<Layer> check(List<String> texts, ModelConfig defaults, Extensions extensions) {
    var layers = new ArrayList<Layer>();
    for (int i = 0; i < texts.size(); i++) {
      int outputs = i == texts.size() - 1 ? 1 : 0;
      layers.add(layer(texts.get(i), i, defaults, extensions, AS_OUTPUTS, outputs));
    }
    return layers;
  }

  /** Returns the short form of each layer of a model, with all parts; {@link #parse} reads it. */
  static List<String> format(ModelSpec model, Extensions extensions) {
    return model.layers().stream().map(layer -> format(layer, extensions)).toList();
  }

  private static String format(Layer layer, Extensions extensions) {
    LayerType type = extensions.of(LayerType.KIND).get(layer.type());
    List<String> parts = type.positional(layer);
    Map<String, String> said = type.positional(parts);
    return layer.type()
        + parts.stream().map(part -> ":" + part).collect(Collectors.joining())
        + layer.attributes().entrySet().stream()
            .filter(entry -> !said.containsKey(entry.getKey()))
            .filter(entry -> !entry.getKey().equals(INPUTS) && !entry.getKey().equals(OUTPUTS))
            .map(entry -> ":" + entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining());
  }

  private static Layer layer(
      String text,
      int index,
      ModelConfig defaults,
      Extensions extensions,
      int inputs,
      int outputsOfData) {
    String where = "layers, layer " + index + " '" + text + "'";
    List<String> parts = List.of(text.strip().split(":", -1));
    Registry<LayerType> types = extensions.of(LayerType.KIND);
    LayerType type = types.byName().get(parts.getFirst());
    if (type == null) {
      throw InvalidRequestException.of(
          where,
          String.join(" or ", types.names().reversed().stream().map(n -> n + ":...").toList()),
          "'" + parts.getFirst() + "'",
          REMEDY);
    }
    int positional = 1;
    while (positional < parts.size() && !parts.get(positional).contains("=")) {
      positional++;
    }
    var given = new TreeMap<String, String>();
    try {
      given.putAll(type.positional(parts.subList(1, positional)));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          where + ": expected " + type.shortForm() + ", found '" + text + "'. " + REMEDY, e);
    }
    addOptions(given, parts.subList(positional, parts.size()), type, where);
    if (given.getOrDefault(OUTPUTS, "").isEmpty()) {
      if (outputsOfData == 0) {
        throw InvalidRequestException.of(
            where, "a number of outputs (only the last layer may omit it)", "none", REMEDY);
      }
      given.put(OUTPUTS, String.valueOf(outputsOfData));
    }
    String outputs = given.getOrDefault(OUTPUTS, "");
    given.put(
        INPUTS,
        inputs != AS_OUTPUTS
            ? String.valueOf(inputs)
            : outputs.matches("0*[1-9][0-9]{0,8}") ? outputs : "1");
    if (type.name().equals(MIXTURE)) {
      given.putIfAbsent("activation", defaults.activation().name());
      given.putIfAbsent("bias", String.valueOf(defaults.bias()));
      defaults.rank().ifPresent(rank -> given.putIfAbsent("rank", String.valueOf(rank)));
    }
    return type.layer(new Texts(given, where, extensions));
  }

  private static void addOptions(
      Map<String, String> given, List<String> parts, LayerType type, String where) {
    var known = new TreeSet<>(type.keys());
    known.remove(INPUTS);
    for (String part : parts) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw InvalidRequestException.of(
            where, "further parts key=value, each key once", "'" + part + "'", REMEDY);
      }
      String key = part.substring(0, equals);
      if (!known.contains(key)) {
        throw InvalidRequestException.of(
            where, "one of the keys " + String.join(", ", known), "'" + key + "'", REMEDY);
      }
      if (given.putIfAbsent(key, part.substring(equals + 1)) != null) {
        throw InvalidRequestException.of(
            where, "further parts key=value, each key once", "'" + part + "'", REMEDY);
      }
    }
  }

  /** A description made of strings. */
  private record Texts(Map<String, String> given, String where, Extensions extensions)
      implements LayerAttributes {

    @Override
    public boolean has(String key) {
      return given.containsKey(key);
    }

    @Override
    public String text(String key) {
      String text = given.get(key);
      if (text == null) {
        throw InvalidRequestException.of(where, "a value for " + key, "none", REMEDY);
      }
      return text;
    }

    @Override
    public int integer(String key, int least) {
      String text = text(key);
      try {
        int number = Integer.parseInt(text);
        if (number >= least) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new InvalidRequestException(wrongNumber(key, least, text), e);
      }
      throw new InvalidRequestException(wrongNumber(key, least, text));
    }

    private String wrongNumber(String key, int least, String text) {
      return where
          + ": expected the number of "
          + key
          + " as a whole number of at least "
          + least
          + ", found '"
          + text
          + "'. "
          + REMEDY;
    }

    @Override
    public boolean bool(String key, boolean otherwise) {
      String text = given.getOrDefault(key, String.valueOf(otherwise));
      if (!text.equals("true") && !text.equals("false")) {
        throw InvalidRequestException.of(
            where + ", " + key, "true or false", "'" + text + "'", "Correct the value.");
      }
      return text.equals("true");
    }

    @Override
    public boolean complete() {
      return false;
    }
  }
}
