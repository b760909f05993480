package io.measureflow;

import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import java.nio.file.Path;
import java.util.List;

/** The writers of predictions, by file extension. */
public final class PredictionWriters {

  private final Registry<PredictionWriter> registry;

  private PredictionWriters(Registry<PredictionWriter> registry) {
    this.registry = registry;
  }

  /** Returns the writers with these extensions. */
  public static PredictionWriters of(Extensions extensions) {
    return new PredictionWriters(
        extensions.of(PredictionWriter.KIND).map(writer -> writer.using(extensions)));
  }

  /** Returns the writers on the class path. */
  public static PredictionWriters onClassPath() {
    return of(Extensions.onClassPath());
  }

  /** Returns the file extensions that can be written, sorted, without the first dot. */
  public List<String> extensions() {
    return List.copyOf(registry.names());
  }

  /**
   * Finds the writer for a file by the longest extension that its name ends with.
   *
   * @param where the place that names the file, for messages
   * @throws InvalidRequestException if there is none
   */
  public PredictionWriter get(Path file, String where) {
    String name = file.toString();
    return registry
        .extensionOf(file)
        .map(registry::get)
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    where + " " + file,
                    "a file whose extension is a format that can be written",
                    "'" + name.substring(name.lastIndexOf('.') + 1) + "'",
                    "Choose a name that ends with ." + String.join(", .", extensions()) + "."));
  }

  /**
   * Finds the writer for a format.
   *
   * @param extension the file extension that names it, without the first dot
   * @param where the place that names it, for messages
   * @throws InvalidRequestException if there is none
   */
  public PredictionWriter ofFormat(String extension, String where) {
    if (!registry.names().contains(extension)) {
      throw InvalidRequestException.of(
          where,
          "a format that can be written: " + String.join(", ", extensions()),
          "'" + extension + "'",
          "Choose one of them.");
    }
    return registry.get(extension);
  }
}
