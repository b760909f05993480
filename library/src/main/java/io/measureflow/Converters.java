package io.measureflow;

import io.measureflow.api.data.DatasetConverter;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The formats into which datasets can be converted, by name. */
public final class Converters {

  private final Registry<DatasetConverter> registry;

  private Converters(Registry<DatasetConverter> registry) {
    this.registry = registry;
  }

  /** Returns the formats with these extensions. */
  public static Converters of(Extensions extensions) {
    return new Converters(
        extensions.of(DatasetConverter.KIND).map(converter -> converter.using(extensions)));
  }

  /** Returns the formats on the class path. */
  public static Converters onClassPath() {
    return of(Extensions.onClassPath());
  }

  /** Returns all formats, in the order of their converters. */
  public List<String> formats() {
    return registry.services().stream()
        .flatMap(
            converter ->
                converter.formats().stream()
                    .filter(format -> converter.equals(registry.byName().get(format))))
        .toList();
  }

  /**
   * Returns the longest format that the file name ends with, or else the part after its last dot.
   */
  public String formatOf(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return registry.extensionOf(file).orElse(name.substring(name.lastIndexOf('.') + 1));
  }

  /**
   * Finds the converter of a format.
   *
   * @param where the place that names it, for messages
   * @throws io.measureflow.api.error.InvalidRequestException if there is none
   */
  public DatasetConverter get(String format, String where) {
    return registry.get(format, where);
  }
}
