package io.measureflow.cli.command;

import com.typesafe.config.ConfigFactory;
import io.measureflow.api.activation.Activation;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.data.DatasetProvider;
import io.measureflow.api.flow.Flow;
import io.measureflow.api.measure.Family;
import io.measureflow.api.model.Loss;
import io.measureflow.config.RunConfig;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The values that the shell completes. They are looked up when the completion script is written.
 */
public final class Candidates {

  private Candidates() {}

  /** Returns the values of a setting that can be listed; none for numbers and files. */
  static Iterable<String> of(Setting setting) {
    return switch (setting.option()) {
      case "--dataset" -> datasets();
      case "--family" -> late(() -> Wiring.defaults().extensions().of(Family.KIND).names());
      case "--activation" -> late(() -> Wiring.defaults().extensions().of(Activation.KIND).names());
      case "--flow" -> late(() -> Wiring.defaults().extensions().of(Flow.KIND).names());
      case "--loss" -> late(() -> Wiring.defaults().extensions().of(Loss.KIND).names());
      case "--backend" ->
          late(
              () ->
                  Wiring.defaults().backends().providers().stream()
                      .map(BackendProvider::name)
                      .toList());
      case "--schedule" -> List.of("constant", "cosine", "one-cycle", "step");
      case "--train" -> List.of("means", "means,spread", "means,spread,weights");
      default ->
          setting.label().toLowerCase(Locale.ROOT).equals(setting.label())
              ? List.of(setting.label().split("\\|", -1))
              : List.of();
    };
  }

  /** Returns the names of datasets and file formats. */
  public static Iterable<String> datasets() {
    return late(
        () ->
            Wiring.defaults().datasets().descriptions().stream()
                .map(DatasetProvider.Description::name)
                .toList());
  }

  /** Returns all keys of the configuration, for {@code --set}. */
  static Iterable<String> keys() {
    return late(
        () ->
            ConfigFactory.parseResources(RunConfig.class.getClassLoader(), "reference.conf")
                .getConfig(RunConfig.ROOT)
                .entrySet()
                .stream()
                .map(entry -> entry.getKey() + "=")
                .sorted()
                .toList());
  }

  private static Iterable<String> late(Supplier<? extends Collection<String>> names) {
    return () -> List.copyOf(names.get()).iterator();
  }
}
