package io.measureflow.core.config;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.LayerSpec;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.activations.Activations;
import io.measureflow.core.families.Families;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The short form of a stack of layers: {@code gm:FAMILY:COMPONENTSxOUTPUTS} and {@code
 * dense:OUTPUTS}, each with further parts {@code key=value}. The outputs of the last layer may be
 * left out.
 */
final class LayerSyntax {

  private static final String REMEDY =
      "Write layers as gm:FAMILY:COMPONENTSxOUTPUTS or dense:OUTPUTS, for example"
          + " gm:diagonal:64x32,dense:10.";

  private LayerSyntax() {}

  /** The layers for data with so many features and outputs. */
  static List<LayerSpec> parse(
      List<String> texts, ModelConfig defaults, Families families, int inputs, int outputs) {
    var layers = new ArrayList<LayerSpec>();
    int width = inputs;
    for (int i = 0; i < texts.size(); i++) {
      boolean last = i == texts.size() - 1;
      LayerSpec layer = layer(texts.get(i), i, defaults, families, width, last ? outputs : 0);
      layers.add(layer);
      width = layer.outputs();
    }
    return layers;
  }

  /** The short form of each layer of a model, complete; {@link #parse} reads it back. */
  static List<String> format(ModelSpec model) {
    return model.layers().stream()
        .map(
            layer ->
                switch (layer) {
                  case LayerSpec.GaussianMixture mixture ->
                      "gm:"
                          + mixture.family().name()
                          + ":"
                          + mixture.components()
                          + "x"
                          + mixture.outputs()
                          + common(mixture)
                          + (mixture.rank() > 0 ? ":rank=" + mixture.rank() : "");
                  case LayerSpec.Dense dense -> "dense:" + dense.outputs() + common(dense);
                })
        .toList();
  }

  private static String common(LayerSpec layer) {
    return ":activation=" + layer.activation().key() + ":bias=" + layer.bias();
  }

  private static LayerSpec layer(
      String text,
      int index,
      ModelConfig defaults,
      Families families,
      int inputs,
      int outputsOfData) {
    String where = "layers, layer " + index + " '" + text + "'";
    List<String> parts = List.of(text.strip().split(":", -1));
    int positional = 1;
    while (positional < parts.size() && !parts.get(positional).contains("=")) {
      positional++;
    }
    List<String> sizes = parts.subList(1, positional);
    Map<String, String> options = options(parts.subList(positional, parts.size()), where);
    return switch (parts.getFirst()) {
      case "gm" -> {
        requireKnown(options, Set.of("activation", "bias", "rank"), where);
        if (sizes.size() != 2) {
          throw InvalidRequestException.of(
              where, "gm:FAMILY:COMPONENTSxOUTPUTS", "'" + text + "'", REMEDY);
        }
        String[] counts = sizes.get(1).split("x", 2);
        Family family = families.get(sizes.getFirst());
        yield new LayerSpec.GaussianMixture(
            family,
            activation(options, defaults.activation(), where),
            bias(options, defaults.bias(), where),
            inputs,
            outputs(counts.length == 2 ? counts[1] : "", outputsOfData, where),
            count(counts[0], "the number of components", where),
            options.containsKey("rank")
                ? count(options.get("rank"), "rank", where)
                : defaults.rankOf(family));
      }
      case "dense" -> {
        requireKnown(options, Set.of("activation", "bias"), where);
        if (sizes.size() > 1) {
          throw InvalidRequestException.of(where, "dense:OUTPUTS", "'" + text + "'", REMEDY);
        }
        yield new LayerSpec.Dense(
            activation(options, Activations.IDENTITY, where),
            bias(options, true, where),
            inputs,
            outputs(sizes.isEmpty() ? "" : sizes.getFirst(), outputsOfData, where));
      }
      default ->
          throw InvalidRequestException.of(
              where, "gm:... or dense:...", "'" + parts.getFirst() + "'", REMEDY);
    };
  }

  private static Map<String, String> options(List<String> parts, String where) {
    var options = new TreeMap<String, String>();
    for (String part : parts) {
      int equals = part.indexOf('=');
      if (equals < 1
          || options.putIfAbsent(part.substring(0, equals), part.substring(equals + 1)) != null) {
        throw InvalidRequestException.of(
            where, "further parts key=value, each key once", "'" + part + "'", REMEDY);
      }
    }
    return options;
  }

  private static void requireKnown(Map<String, String> options, Set<String> known, String where) {
    for (String key : options.keySet()) {
      if (!known.contains(key)) {
        throw InvalidRequestException.of(
            where,
            "one of the keys " + String.join(", ", known.stream().sorted().toList()),
            "'" + key + "'",
            REMEDY);
      }
    }
  }

  private static int outputs(String text, int outputsOfData, String where) {
    if (text.isEmpty() && outputsOfData > 0) {
      return outputsOfData;
    }
    return count(text, "the number of outputs (only the last layer may leave it out)", where);
  }

  private static int count(String text, String what, String where) {
    try {
      int count = Integer.parseInt(text);
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw InvalidRequestException.of(
          where, what + " as a whole number of at least 1", "'" + text + "'", REMEDY);
    }
    throw InvalidRequestException.of(
        where, what + " as a whole number of at least 1", "'" + text + "'", REMEDY);
  }

  private static boolean bias(Map<String, String> options, boolean otherwise, String where) {
    String text = options.getOrDefault("bias", String.valueOf(otherwise));
    if (!text.equals("true") && !text.equals("false")) {
      throw InvalidRequestException.of(
          where + ", bias", "true or false", "'" + text + "'", "Correct the value.");
    }
    return text.equals("true");
  }

  private static Activation activation(
      Map<String, String> options, Activation otherwise, String where) {
    String text = options.get("activation");
    return text == null ? otherwise : Activations.get(text, where + ", activation");
  }
}
