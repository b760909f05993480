package io.measureflow.config;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerAttributes;
import io.measureflow.api.model.LayerType;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The short form of a stack of layers: {@code gm:FAMILY:COMPONENTSxOUTPUTS}, {@code dense:OUTPUTS}
 * and those of other types, each with further parts {@code key=value}. The outputs of the last
 * layer may be omitted.
 */
public final class LayerSyntax {

  private static final String OUTPUTS = "outputs";

  /** The keys that follow from the data and from the layer before. */
  private static final Set<String> FOLLOWING = Set.of("inputs", OUTPUTS, "features");

  /** The key that layers of a measure have, to which the section {@code model} has defaults. */
  private static final String FAMILY = "family";

  private static final String REMEDY =
      "Write layers as gm:FAMILY:COMPONENTSxOUTPUTS or dense:OUTPUTS, for example"
          + " gm:diagonal:64x32,dense:10; docs/networks.md has the other types.";

  private final ModelConfig defaults;
  private final Extensions extensions;

  private LayerSyntax(ModelConfig defaults, Extensions extensions) {
    this.defaults = defaults;
    this.extensions = extensions;
  }

  /** Parses layers for data of this shape, whose target needs so many outputs. */
  static List<Layer> parse(
      List<String> texts, ModelConfig defaults, Extensions extensions, Shape input, int outputs) {
    return new LayerSyntax(defaults, extensions)
        .layers(texts, "layers", Optional.of(input), OptionalInt.of(outputs));
  }

  /** Makes each layer by itself, to find all errors except mismatched widths. */
  static List<Layer> check(List<String> texts, ModelConfig defaults, Extensions extensions) {
    var syntax = new LayerSyntax(defaults, extensions);
    var layers = new ArrayList<Layer>();
    for (int i = 0; i < texts.size(); i++) {
      boolean last = i == texts.size() - 1;
      layers.add(
          syntax.layer(
              texts.get(i),
              "layers, layer " + i,
              Optional.empty(),
              last ? OptionalInt.of(1) : OptionalInt.empty()));
    }
    return layers;
  }

  /** Makes layers, each for the shape that the one before it gives. */
  private List<Layer> layers(
      List<String> texts, String where, Optional<Shape> input, OptionalInt outputs) {
    var layers = new ArrayList<Layer>();
    Optional<Shape> shape = input;
    for (int i = 0; i < texts.size(); i++) {
      boolean last = i == texts.size() - 1;
      String place = where + ", layer " + i;
      Layer layer = layer(texts.get(i), place, shape, last ? outputs : OptionalInt.empty());
      layers.add(layer);
      try {
        shape = shape.map(layer::outputShape);
      } catch (IllegalArgumentException e) {
        throw new InvalidRequestException(
            place + " '" + texts.get(i) + "': " + e.getMessage() + ". " + REMEDY, e);
      }
    }
    return layers;
  }

  /** Splits a text at a separator that stands outside of brackets. */
  static List<String> split(String text, char separator) {
    var parts = new ArrayList<String>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == separator && depth == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  /** Returns the short form of each layer of a model, with all parts; {@link #parse} reads it. */
  static List<String> format(ModelSpec model, Extensions extensions) {
    return model.layers().stream().map(layer -> format(layer, extensions)).toList();
  }

  private static String format(Object value, Extensions extensions) {
    return switch (value) {
      case Layer layer -> format(layer, extensions);
      case List<?> list when !list.isEmpty() && list.getFirst() instanceof Integer ->
          list.stream().map(String::valueOf).collect(Collectors.joining("x"));
      case List<?> list ->
          list.stream()
              .map(element -> format(element, extensions))
              .collect(Collectors.joining(",", "[", "]"));
      default -> String.valueOf(value);
    };
  }

  private static String format(Layer layer, Extensions extensions) {
    LayerType type = extensions.of(LayerType.KIND).get(layer.type());
    List<String> parts = type.positional(layer);
    Map<String, String> said = type.positional(parts);
    return layer.type()
        + parts.stream().map(part -> ":" + part).collect(Collectors.joining())
        + layer.attributes().entrySet().stream()
            .filter(entry -> !said.containsKey(entry.getKey()))
            .filter(entry -> !FOLLOWING.contains(entry.getKey()))
            .map(entry -> ":" + entry.getKey() + "=" + format(entry.getValue(), extensions))
            .collect(Collectors.joining());
  }

  private Layer layer(String text, String at, Optional<Shape> input, OptionalInt outputsOfData) {
    String where = at + " '" + text + "'";
    List<String> parts = split(text.strip(), ':');
    Registry<LayerType> types = extensions.of(LayerType.KIND);
    LayerType type = types.byName().get(parts.getFirst());
    if (type == null) {
      throw InvalidRequestException.of(
          where,
          "a type of layers: " + String.join(", ", types.names()),
          "'" + parts.getFirst() + "'",
          REMEDY);
    }
    int positional = 1;
    while (positional < parts.size() && !isOption(parts.get(positional))) {
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
    if (type.keys().contains(OUTPUTS) && given.getOrDefault(OUTPUTS, "").isEmpty()) {
      if (outputsOfData.isEmpty()) {
        throw InvalidRequestException.of(
            where, "a number of outputs (only the last layer may omit it)", "none", REMEDY);
      }
      given.put(OUTPUTS, String.valueOf(outputsOfData.getAsInt()));
    }
    if (type.keys().contains(FAMILY)) {
      given.putIfAbsent("activation", defaults.activation().name());
      given.putIfAbsent("bias", String.valueOf(defaults.bias()));
      defaults.rank().ifPresent(rank -> given.putIfAbsent("rank", String.valueOf(rank)));
    }
    try {
      return type.layer(new Texts(given, where, input));
    } catch (InvalidRequestException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(where + ": " + e.getMessage() + ". " + REMEDY, e);
    }
  }

  /** Returns whether a part is of the form key=value. */
  private static boolean isOption(String part) {
    int equals = part.indexOf('=');
    int bracket = part.indexOf('[');
    return equals >= 0 && (bracket < 0 || equals < bracket);
  }

  private static void addOptions(
      Map<String, String> given, List<String> parts, LayerType type, String where) {
    var known = new TreeSet<>(type.keys());
    known.removeAll(Set.of("inputs", "features"));
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
  private final class Texts implements LayerAttributes {

    private final Map<String, String> given;
    private final String where;
    private final Optional<Shape> input;

    Texts(Map<String, String> given, String where, Optional<Shape> input) {
      this.given = given;
      this.where = where;
      this.input = input;
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
    public Optional<Shape> input() {
      return input;
    }

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
      return integer(key, text(key), least);
    }

    private int integer(String key, String text, int least) {
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

    @Override
    public double number(String key, double least, double limit) {
      String text = text(key);
      try {
        double number = Double.parseDouble(text);
        if (number >= least && number < limit) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new InvalidRequestException(wrongNumber(key, least, limit, text), e);
      }
      throw new InvalidRequestException(wrongNumber(key, least, limit, text));
    }

    private String wrongNumber(String key, double least, double limit, String text) {
      return where
          + ": expected "
          + key
          + " from "
          + least
          + " to below "
          + limit
          + ", found '"
          + text
          + "'. "
          + REMEDY;
    }

    @Override
    public List<Integer> integers(String key, int count, int least) {
      String text = text(key);
      List<String> parts = List.of(text.split("x", -1));
      if (parts.size() == 1) {
        return Collections.nCopies(count, integer(key, text, least));
      }
      if (parts.size() != count) {
        throw InvalidRequestException.of(
            where, count + " numbers for " + key + ", such as 3x3", "'" + text + "'", REMEDY);
      }
      return parts.stream().map(part -> integer(key, part, least)).toList();
    }

    @Override
    public List<Layer> layers(String key, Optional<Shape> of) {
      String text = given.getOrDefault(key, "[]").strip();
      if (!text.startsWith("[") || !text.endsWith("]")) {
        throw InvalidRequestException.of(
            where, key + " in brackets, [LAYER,...]", "'" + text + "'", REMEDY);
      }
      String inner = text.substring(1, text.length() - 1).strip();
      return inner.isEmpty()
          ? List.of()
          : LayerSyntax.this.layers(split(inner, ','), where + ", " + key, of, OptionalInt.empty());
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
