package io.measureflow.core.conversion;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.core.model.Model;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Which tensor of a PyTorch file is which parameter of a model.
 *
 * <p>As text, a mapping has lines {@code ours = theirs}: a layer and a module, {@code layers.0 =
 * conv1}, for all their tensors, or a parameter and a tensor, {@code layers.0.weight =
 * conv1.weight}, which takes precedence. {@code ignore = NAME} leaves out a tensor, or all of a
 * module. Empty lines and what stands behind # have no meaning.
 *
 * @param where where it is from, for messages
 * @param names the names of tensors by those of parameters
 * @param ignored tensors and modules that are no part of the model
 */
public record TensorMapping(
    String where, SequencedMap<String, String> names, List<String> ignored) {

  private static final long MAX_BYTES = 1 << 20;
  private static final String IGNORE = "ignore";

  /** Copies the collections. */
  public TensorMapping {
    names = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(names));
    ignored = List.copyOf(ignored);
  }

  /**
   * Reads a mapping.
   *
   * @throws InvalidRequestException if the file cannot be read, or a line is malformed or names no
   *     layer and no parameter of the model; the message says which line
   */
  public static TensorMapping read(Path file, ModelSpec spec) {
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES) {
        return parse(Files.readString(file), file.toString(), spec);
      }
    } catch (CharacterCodingException e) {
      throw new InvalidRequestException(
          file + ": expected text in UTF-8, found other bytes. Check that it is the right file.",
          e);
    } catch (IOException e) {
      throw new InvalidRequestException(
          file + ": could not be read (" + AtomicFile.reason(e) + "). Check its permissions.", e);
    }
    throw InvalidRequestException.of(
        file.toString(),
        "a mapping of at most " + (MAX_BYTES >> 10) + " KiB",
        Files.exists(file) ? "something else" : "nothing of that name",
        "Check the path.");
  }

  /**
   * Parses a mapping.
   *
   * @param where where the text is from, for messages
   */
  public static TensorMapping parse(String text, String where, ModelSpec spec) {
    SequencedMap<String, Layer> layers = spec.byPath();
    var single = new LinkedHashMap<String, String>();
    var whole = new LinkedHashMap<String, String>();
    var ignored = new ArrayList<String>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      String place = where + ", line " + (i + 1);
      String[] sides = line.split("=", -1);
      if (sides.length != 2 || sides[0].isBlank() || sides[1].isBlank()) {
        throw InvalidRequestException.of(
            place, "OURS = THEIRS", "'" + line + "'", "Write, for example, layers.0 = conv1.");
      }
      String ours = sides[0].strip();
      String theirs = sides[1].strip();
      if (ours.equals(IGNORE)) {
        ignored.add(theirs);
        continue;
      }
      Layer layer = layers.get(ours);
      boolean isWhole = layer != null && !layer.parameters().isEmpty();
      if (!isWhole && !isParameter(layers, ours)) {
        throw InvalidRequestException.of(
            place,
            "a layer with parameters, " + paths(layers) + ", or one of their parameters",
            "'" + ours + "'",
            "Correct the name.");
      }
      if ((isWhole ? whole : single).put(ours, theirs) != null) {
        throw InvalidRequestException.of(
            place, "one line for " + ours, "a second one", "Leave one of them out.");
      }
    }
    return new TensorMapping(where, names(layers, whole, single), ignored);
  }

  private static boolean isParameter(Map<String, Layer> layers, String name) {
    int dot = name.lastIndexOf('.');
    Layer layer = dot < 0 ? null : layers.get(name.substring(0, dot));
    return layer != null
        && layer.parameters().stream()
            .anyMatch(parameter -> parameter.name().equals(name.substring(dot + 1)));
  }

  private static List<String> paths(Map<String, Layer> layers) {
    return layers.entrySet().stream()
        .filter(layer -> !layer.getValue().parameters().isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Returns the names for lines of layers and of parameters. */
  static SequencedMap<String, String> names(
      SequencedMap<String, Layer> layers, Map<String, String> whole, Map<String, String> single) {
    var names = new LinkedHashMap<String, String>();
    for (Map.Entry<String, Layer> layer : layers.entrySet()) {
      for (ParameterSpec parameter : layer.getValue().parameters()) {
        String ours = Model.parameterName(layer.getKey(), parameter.name());
        String module = whole.get(layer.getKey());
        if (single.containsKey(ours)) {
          names.put(ours, single.get(ours));
        } else if (module != null) {
          names.put(
              ours, module + "." + TorchWeights.torchName(layer.getValue(), parameter.name()));
        }
      }
    }
    return names;
  }

  boolean ignores(String tensor) {
    return ignored.stream().anyMatch(name -> tensor.equals(name) || tensor.startsWith(name + "."));
  }
}
