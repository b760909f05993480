package io.measureflow.core.conversion;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Infers which module of a PyTorch file is which layer of a model: by the names and shapes of their
 * tensors, and among equal ones by numbers in the names of modules. A safetensors file is sorted by
 * name, so that the order of its tensors is not that of the layers.
 *
 * @param spec the model
 * @param weights the file
 */
public record MappingInference(ModelSpec spec, TorchWeights weights) {

  private static final Pattern NUMBERED = Pattern.compile("(.*?)(\\d*)");

  /** Layers and modules with tensors of the same names and shapes. */
  private static final class Group {
    private final String tensors;
    private final List<String> layers = new ArrayList<>();
    private final List<String> modules = new ArrayList<>();

    Group(String tensors) {
      this.tensors = tensors;
    }

    /** Returns two modules whose order does not follow from numbers, if there are any. */
    Optional<List<String>> ambiguous() {
      for (int i = 1; i < modules.size(); i++) {
        if (compare(modules.get(i - 1), modules.get(i)).isEmpty()) {
          return Optional.of(modules.subList(i - 1, i + 1));
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Infers the mapping.
   *
   * @throws InvalidRequestException if a layer has no module or a module no layer, or their order
   *     is ambiguous
   */
  public TensorMapping infer() {
    var whole = new LinkedHashMap<String, String>();
    SequencedMap<String, Group> groups = groups();
    for (Group group : groups.values()) {
      if (group.layers.size() != group.modules.size()) {
        throw InvalidRequestException.of(
            weights.file(),
            group.layers.isEmpty()
                ? "no tensors " + group.tensors + ", which no layer of the model has"
                : "one module with tensors " + group.tensors + " for each of " + group.layers,
            group.modules.isEmpty() ? "none" : group.modules.toString(),
            "Correct the model, or say with --mapping which tensor is which; --draft writes what"
                + " can be inferred.");
      }
    }
    for (Group group : groups.values()) {
      Optional<List<String>> ambiguous = group.ambiguous();
      if (ambiguous.isPresent()) {
        throw InvalidRequestException.of(
            weights.file() + ", tensors " + group.tensors,
            "modules whose names tell their order by numbers alone, for " + group.layers,
            String.join(" and ", ambiguous.get()),
            "Write a mapping with --draft, check it, and give it with --mapping.");
      }
      for (int i = 0; i < group.layers.size(); i++) {
        whole.put(group.layers.get(i), group.modules.get(i));
      }
    }
    return new TensorMapping(
        weights.file(), TensorMapping.names(spec.byPath(), whole, Map.of()), List.of());
  }

  /** Writes the lines of a mapping, by the best guess, with remarks on what is to be checked. */
  public String draft() {
    var lines = new LinkedHashMap<String, String>();
    spec.byPath()
        .forEach(
            (path, layer) -> {
              if (!layer.parameters().isEmpty()) {
                lines.put(path, "");
              }
            });
    var spare = new ArrayList<String>();
    for (Group group : groups().values()) {
      String check = group.ambiguous().isPresent() ? "  # check: one of " + group.modules : "";
      for (int i = 0; i < group.layers.size(); i++) {
        lines.put(
            group.layers.get(i),
            i < group.modules.size()
                ? group.layers.get(i) + " = " + group.modules.get(i) + check
                : "# " + group.layers.get(i) + " = ?  # tensors " + group.tensors);
      }
      for (int i = group.layers.size(); i < group.modules.size(); i++) {
        spare.add("# ignore = " + group.modules.get(i) + "  # tensors " + group.tensors);
      }
    }
    return String.join("\n", lines.values())
        + "\n"
        + (spare.isEmpty() ? "" : String.join("\n", spare) + "\n");
  }

  private SequencedMap<String, Group> groups() {
    var groups = new LinkedHashMap<String, Group>();
    for (Map.Entry<String, Layer> layer : spec.byPath().entrySet()) {
      var shapes = new TreeMap<String, Shape>();
      for (ParameterSpec parameter : layer.getValue().parameters()) {
        shapes.put(TorchWeights.torchName(layer.getValue(), parameter.name()), parameter.shape());
      }
      if (!shapes.isEmpty()) {
        groups.computeIfAbsent(shapes.toString(), Group::new).layers.add(layer.getKey());
      }
    }
    for (Map.Entry<String, TreeMap<String, Shape>> module : modules().entrySet()) {
      groups.computeIfAbsent(module.getValue().toString(), Group::new).modules.add(module.getKey());
    }
    groups.values().forEach(group -> group.modules.sort(MappingInference::natural));
    return groups;
  }

  /** Returns the shapes of the tensors of each module. */
  private Map<String, TreeMap<String, Shape>> modules() {
    var modules = new LinkedHashMap<String, TreeMap<String, Shape>>();
    for (Map.Entry<String, Tensor> tensor : weights.tensors().entrySet()) {
      // The output of an attention is a module within its module.
      String name = tensor.getKey().replaceFirst("\\.out_proj\\.", ".out_proj/");
      int dot = name.lastIndexOf('.');
      modules
          .computeIfAbsent(dot < 0 ? "" : name.substring(0, dot), _ -> new TreeMap<>())
          .put(name.substring(dot + 1).replace('/', '.'), tensor.getValue().shape());
    }
    return modules;
  }

  private static int natural(String left, String right) {
    return compare(left, right).orElseGet(() -> left.compareTo(right));
  }

  /** Compares the names of modules by number, if they differ in a number first. */
  private static Optional<Integer> compare(String left, String right) {
    String[] one = left.split("\\.", -1);
    String[] other = right.split("\\.", -1);
    int at = 0;
    while (at < one.length && at < other.length && one[at].equals(other[at])) {
      at++;
    }
    if (at == one.length || at == other.length) {
      return Optional.empty();
    }
    Matcher a = NUMBERED.matcher(one[at]);
    Matcher b = NUMBERED.matcher(other[at]);
    if (!a.matches()
        || !b.matches()
        || !a.group(1).equals(b.group(1))
        || a.group(2).isEmpty()
        || b.group(2).isEmpty()
        || a.group(2).length() > 9
        || b.group(2).length() > 9) {
      return Optional.empty();
    }
    return Optional.of(Integer.compare(Integer.parseInt(a.group(2)), Integer.parseInt(b.group(2))));
  }
}
