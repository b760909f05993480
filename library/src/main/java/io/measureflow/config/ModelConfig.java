package io.measureflow.config;

import io.measureflow.api.activation.Activation;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Shape;
import io.measureflow.api.registry.Extensions;
import io.measureflow.core.checkpoint.ModelJson;
import io.measureflow.core.layers.MixtureLayer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The section {@code model}: which model to train, apart from its widths, which the data decide.
 * What is empty is chosen from the data ({@link RunConfig#completed}), or else 64 factored
 * components.
 *
 * @param family the family of components
 * @param components K
 * @param rank r; empty for the default of the family
 * @param activation sigma of mixture layers
 * @param bias whether mixture layers append a constant 1 to their input
 * @param layers a stack in the short form described in {@code reference.conf}; empty for a single
 *     layer
 * @param network a network as JSON, in place of all of these; empty for none
 */
public record ModelConfig(
    Optional<Named> family,
    OptionalInt components,
    OptionalInt rank,
    Named activation,
    boolean bias,
    List<String> layers,
    Optional<String> network) {

  private static final String NETWORK = "model.network";

  /**
   * Copies the list.
   *
   * @throws InvalidRequestException if there are both layers and a network
   */
  public ModelConfig {
    layers = List.copyOf(layers);
    if (network.isPresent() && !layers.isEmpty()) {
      throw InvalidRequestException.of(
          RunConfig.ROOT + "." + NETWORK,
          "either a network or model.layers",
          "both",
          "Leave one of them out.");
    }
  }

  /** Returns the section that describes this model, without its widths. */
  public static ModelConfig of(ModelSpec spec, Extensions extensions) {
    ModelConfig plain = RunConfig.defaults().model();
    boolean onRows =
        spec.input().rank() == 1
            && spec.layers().stream().allMatch(layer -> layer.within().isEmpty());
    return onRows
        ? plain.withLayers(LayerSyntax.format(spec, extensions))
        : plain.withNetwork(ModelJson.write(spec));
  }

  static ModelConfig read(ConfigReader reader) {
    return new ModelConfig(
        reader.namedOrAuto("model.family"),
        reader.integerOrAuto("model.components", 1),
        reader.integerOrAuto("model.rank", 0),
        reader.named("model.activation"),
        reader.bool("model.bias"),
        reader.texts("model.layers"),
        reader.network(NETWORK));
  }

  void write(ConfigWriter writer) {
    writer.putOrAuto("model.family", family.map(Named::name));
    writer.putOrAuto("model.components", components);
    writer.putOrAuto("model.rank", rank);
    writer.put("model.activation", activation.name());
    writer.put("model.bias", bias);
    writer.put("model.layers", layers);
    writer.put(NETWORK, network.<Object>map(ConfigFile::values).orElse(""));
  }

  /** Returns a copy with a stack of layers in their short form in place of a single layer. */
  public ModelConfig withLayers(List<String> others) {
    return new ModelConfig(family, components, rank, activation, bias, others, Optional.empty());
  }

  /** Returns a copy with a network as JSON in place of everything else. */
  public ModelConfig withNetwork(String json) {
    return new ModelConfig(
        family, components, rank, activation, bias, List.of(), Optional.of(json));
  }

  /**
   * Creates the model for data.
   *
   * @param extensions where names are looked up
   * @param input the shape of a sample of the data
   * @param outputs the outputs that their target needs
   * @throws InvalidRequestException if a layer is malformed or names something unknown, or two
   *     neighbours do not match
   */
  public ModelSpec spec(Extensions extensions, Shape input, int outputs) {
    if (network.isPresent()) {
      return ModelJson.read(
          network.get(), RunConfig.ROOT + "." + NETWORK, extensions, input, outputs);
    }
    return sound(
        () ->
            layers.isEmpty()
                ? new ModelSpec(List.of(single(extensions, input.size(), outputs)))
                : stack(LayerSyntax.parse(layers, this, extensions, input, outputs), input),
        spec -> spec.byPath().values());
  }

  /** Makes a stack; its input is rows where the first layer flattens the samples by itself. */
  private static ModelSpec stack(List<Layer> layers, Shape input) {
    return layers
        .getFirst()
        .inputShape()
        .filter(rows -> rows.size() == input.size())
        .map(rows -> new ModelSpec(layers))
        .orElseGet(() -> new ModelSpec(input, layers));
  }

  private static <T> T sound(Supplier<T> made, Function<T, Collection<Layer>> layers) {
    try {
      T sound = made.get();
      layers.apply(sound).forEach(Layer::parameters);
      return sound;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidRequestException(
          RunConfig.ROOT + ".model: " + e.getMessage() + ". Choose smaller layers.", e);
    }
  }

  private Layer single(Extensions extensions, int inputs, int outputs) {
    Family of = family(extensions);
    return new MixtureLayer(
        of,
        Activation.of(activation.name(), extensions, activation.place(Activation.KIND)),
        bias,
        inputs,
        outputs,
        components.orElse(Defaults.PLAIN_COMPONENTS),
        rank.orElseGet(() -> MixtureLayer.defaultRank(of)));
  }

  private Family family(Extensions extensions) {
    return family.orElseGet(() -> Named.of(Defaults.PLAIN.family())).in(extensions, Family.KIND);
  }

  /** The same with the family and the components that it has where nothing is chosen. */
  ModelConfig orPlain() {
    return new ModelConfig(
        Optional.of(family.orElseGet(() -> Named.of(Defaults.PLAIN.family()))),
        OptionalInt.of(components.orElse(Defaults.PLAIN_COMPONENTS)),
        rank,
        activation,
        bias,
        layers,
        network);
  }

  /** The same with a family and a number of components, chosen for rows of these features. */
  ModelConfig completed(Extensions extensions, String usualFamily, int features) {
    Named chosen = family.orElseGet(() -> Named.of(usualFamily));
    return new ModelConfig(
        Optional.of(chosen),
        OptionalInt.of(
            components.orElseGet(
                () -> Defaults.components(chosen.in(extensions, Family.KIND), features))),
        rank,
        activation,
        bias,
        layers,
        network);
  }

  /**
   * Looks up all names, to find wrong ones before anything is opened or loaded.
   *
   * @throws InvalidRequestException if a name is unknown
   */
  void check(Extensions extensions) {
    if (network.isPresent()) {
      ModelJson.check(network.get(), RunConfig.ROOT + "." + NETWORK, extensions);
    } else if (layers.isEmpty()) {
      spec(extensions, Shape.of(1), 1);
    } else {
      sound(() -> LayerSyntax.check(layers, this, extensions), List::copyOf);
    }
  }
}
