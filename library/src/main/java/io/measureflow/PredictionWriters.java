package io.measureflow;

import io.measureflow.api.data.PredictionWriter;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What writes predictions, by the extension of the file. */
public final class PredictionWriters {

  private final Registry<PredictionWriter> registry;

  private PredictionWriters(Registry<PredictionWriter> registry) {
    this.registry = registry;
  }

  /** The writers with these extensions. */
  public static PredictionWriters of(Extensions extensions) {
    return new PredictionWriters(
        extensions.of(PredictionWriter.KIND).map(writer -> writer.using(extensions)));
  }

  /** The writers of what is on the class path. */
  public static PredictionWriters onClassPath() {
    return of(Extensions.onClassPath());
  }

  /** The extensions of the files that can be written, sorted, without the first dot. */
  public List<String> extensions() {
    return List.copyOf(registry.names());
  }

  /**
   * The writer of files of this name, by the longest extension that it ends with.
   *
   * @param where what names the file, for messages
   * @throws InvalidRequestException if there is none
   */
  public PredictionWriter get(Path file, String where) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return registry.names().stream()
        .filter(extension -> name.endsWith("." + extension))
        .reduce((a, b) -> b.length() > a.length() ? b : a)
        .map(registry::get)
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    where + " " + file,
                    "a file whose extension is a format that can be written",
                    "'" + name.substring(name.lastIndexOf('.') + 1) + "'",
                    "Choose a name that ends with ." + String.join(", .", extensions()) + "."));
  }
}
