package io.measureflow.core.model;

import io.measureflow.api.backend.Tensor;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Initializer;
import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.measure.Role;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A stack of layers and the values of its parameters on the host.
 *
 * @param spec the stack
 * @param parameters every parameter of every layer under its full name, {@code layers.<i>.<name>},
 *     in the order of application
 */
public record Model(ModelSpec spec, SequencedMap<String, Tensor> parameters) {

  /** Copies the map; the tensors are shared. */
  public Model {
    parameters = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(parameters));
  }

  /**
   * Returns the full name of a parameter, as in checkpoints.
   *
   * @param path the path of its layer, {@code layers.0}
   */
  public static String parameterName(String path, String name) {
    return path + "." + name;
  }

  /** Returns the full name of a parameter of a layer of the stack. */
  public static String parameterName(int layer, String name) {
    return parameterName("layers." + layer, name);
  }

  /**
   * Creates a model from tensors; others in the map are ignored. Parameters with a constant initial
   * value, {@code log_weights}, may be omitted.
   *
   * @param where the source of the tensors, for messages
   * @throws InvalidRequestException if a tensor is missing or its shape differs from its layer's
   */
  public static Model of(ModelSpec spec, Map<String, Tensor> tensors, String where) {
    var parameters = new LinkedHashMap<String, Tensor>();
    for (Map.Entry<String, Layer> layer : spec.byPath().entrySet()) {
      for (ParameterSpec parameter : layer.getValue().parameters()) {
        String name = parameterName(layer.getKey(), parameter.name());
        Tensor tensor = tensors.get(name);
        if (tensor == null
            && parameter.role().equals(Role.WEIGHTS)
            && parameter.initializer() instanceof Initializer.Constant(double value)) {
          tensor = filled(parameter.shape(), value);
        }
        if (tensor == null) {
          throw InvalidRequestException.of(
              where + ", tensor " + name,
              "shape " + parameter.shape(),
              "no such tensor among " + tensors.keySet(),
              "The model of this file needs it.");
        }
        if (!tensor.shape().equals(parameter.shape())) {
          throw InvalidRequestException.of(
              where + ", tensor " + name,
              "shape " + parameter.shape(),
              "shape " + tensor.shape(),
              "Give the tensor the shape that the model describes, or correct the description.");
        }
        parameters.put(name, tensor);
      }
    }
    return new Model(spec, parameters);
  }

  /** Returns the number of entries of all parameters; running statistics are none. */
  public long parameterCount() {
    return parameterCount(spec.byPath().values());
  }

  /** Returns the number of entries of the parameters of layers, apart from those within them. */
  public static long parameterCount(Collection<Layer> layers) {
    return layers.stream()
        .flatMap(layer -> layer.parameters().stream())
        .filter(parameter -> !parameter.role().equals(Role.STATISTICS))
        .mapToLong(parameter -> parameter.shape().size())
        .sum();
  }

  /**
   * Returns the values of a parameter.
   *
   * @param name its full name
   * @throws IllegalArgumentException if the model has none of this name
   */
  public Tensor parameter(String name) {
    Tensor tensor = parameters.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "Parameter " + name + ": expected one of " + parameters.keySet());
    }
    return tensor;
  }

  private static Tensor filled(Shape shape, double value) {
    double[] elements = new double[shape.size()];
    Arrays.fill(elements, value);
    return Tensor.of(shape, elements);
  }
}
