package io.measureflow.core.activations;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** The activations on the class path, by the name that their keys begin with. */
public final class Activations {

  /** sigma(z) = z. */
  public static final Activation IDENTITY = new Identity();

  /** sigma(z) = max(z, 0). */
  public static final Activation RELU = new Relu();

  private static final Map<String, Activation> BY_NAME = load();

  private Activations() {}

  private static Map<String, Activation> load() {
    var activations = new TreeMap<String, Activation>();
    for (Activation activation :
        ServiceLoader.load(Activation.class, Activations.class.getClassLoader())) {
      Activation other = activations.putIfAbsent(activation.key(), activation);
      if (other != null) {
        throw new IllegalStateException(
            "Activation "
                + activation.key()
                + ": expected one implementation, found "
                + other.getClass().getName()
                + " and "
                + activation.getClass().getName());
      }
    }
    return activations;
  }

  /** The names of all activations, sorted. */
  public static Set<String> names() {
    return BY_NAME.keySet();
  }

  /**
   * The activation of a key, {@code relu}, or {@code leaky_relu(0.2)} with a parameter.
   *
   * @param where what names it, for messages
   * @throws InvalidRequestException if there is none of this name, or the parameter does not suit
   *     it
   */
  public static Activation get(String key, String where) {
    int parenthesis = key.endsWith(")") ? key.indexOf('(') : -1;
    String name = parenthesis < 0 ? key : key.substring(0, parenthesis);
    Activation activation = BY_NAME.get(name.strip());
    if (activation == null) {
      throw InvalidRequestException.of(
          where,
          "one of " + String.join(", ", names()),
          "'" + key + "'",
          "Choose one of them, or put the activation's jar on the class path.");
    }
    if (parenthesis < 0) {
      return activation;
    }
    String parameter = key.substring(parenthesis + 1, key.length() - 1).strip();
    try {
      return activation.withParameter(Double.parseDouble(parameter));
    } catch (NumberFormatException e) {
      throw new InvalidRequestException(
          where + ": expected a number in parentheses, found '" + key + "'. Correct it.", e);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(
          where + ", " + name + ": " + e.getMessage() + ". Correct the parameter.", e);
    }
  }
}
