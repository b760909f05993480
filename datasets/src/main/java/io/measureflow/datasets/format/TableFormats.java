package io.measureflow.datasets.format;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.registry.Extensions;
import io.measureflow.api.registry.Registry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The table formats by name and extension. A format that is invalid, or takes the extension of
 * another, is left out with a message that names its class and jar; the others work.
 */
public final class TableFormats {

  private static final System.Logger LOG = System.getLogger(TableFormats.class.getName());

  private static final Pattern EXTENSION = Pattern.compile("[a-z0-9]+([._-][a-z0-9]+)*");

  /** Caches results, so that messages are not repeated. */
  private static final Map<Registry<TableFormat>, TableFormats> MADE =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final Map<String, Entry> names = new LinkedHashMap<>();
  private final Map<String, Writable> extensions = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();

  /**
   * A format with its description.
   *
   * @param name the name to request it by
   * @param summary a description of one line
   */
  public record Entry(String name, String summary, TableFormat format) {}

  /**
   * A format for files with a certain extension.
   *
   * @param extension without the first dot
   */
  public record Writable(String extension, WritableTableFormat format) {}

  private TableFormats(Registry<TableFormat> registry) {
    registry.faults().forEach(fault -> faults.add(fault.message()));
    var ordered = new LinkedHashMap<TableFormat, String>();
    registry.services().forEach(format -> ordered.put(format, ""));
    registry.byName().forEach((name, format) -> ordered.put(format, name));
    ordered.forEach((format, name) -> add(name, format));
  }

  /** Returns the formats of a registry; of several with the same extension the first is used. */
  public static TableFormats of(Registry<TableFormat> registry) {
    return MADE.computeIfAbsent(registry, TableFormats::new);
  }

  /** Returns the formats among these extensions, with those of MeasureFlow first. */
  public static TableFormats of(Extensions extensions) {
    return of(extensions.of(TableFormat.KIND));
  }

  /** Returns the formats on the class path or module path. */
  public static TableFormats installed() {
    return of(Extensions.onClassPath());
  }

  private void add(String name, TableFormat format) {
    try {
      String summary = format.summary();
      if (summary == null || summary.isBlank()) {
        throw new IllegalArgumentException("expected a summary, found none");
      }
      List<String> endings = format.extensions();
      if (endings == null) {
        throw new IllegalArgumentException("expected a list of extensions, found null");
      }
      for (String ending : endings) {
        requireExtension(ending);
        Writable taken = extensions.get(ending);
        if (taken != null) {
          throw new IllegalArgumentException(
              "expected an extension of its own, found '"
                  + ending
                  + "' of "
                  + describe(taken.format));
        }
      }
      names.put(name, new Entry(name, summary, format));
      if (format instanceof WritableTableFormat writable) {
        endings.forEach(ending -> extensions.put(ending, new Writable(ending, writable)));
      }
    } catch (RuntimeException | LinkageError e) {
      String fault =
          TableFormat.KIND.label()
              + " "
              + describe(format)
              + " is left out: "
              // Our own messages do not need a class name.
              + (e.getClass().equals(IllegalArgumentException.class) ? e.getMessage() : e)
              + ". Update its jar, or take it from the class path.";
      faults.add(fault);
      LOG.log(System.Logger.Level.WARNING, fault);
    }
  }

  private static String describe(TableFormat format) {
    return Registry.origin(format.getClass());
  }

  private static void requireExtension(@Nullable String ending) {
    if (ending == null || !EXTENSION.matcher(ending).matches()) {
      throw new IllegalArgumentException(
          "expected an extension in lower-case letters and digits, found "
              + (ending == null ? "null" : "'" + ending + "'"));
    }
  }

  /** Returns the messages about formats that were left out. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /** Returns all formats. */
  public List<Entry> all() {
    return List.copyOf(names.values());
  }

  /** Returns the format of a name. */
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(names.get(name));
  }

  /** Returns the extensions of files that can be written. */
  public List<String> extensions() {
    return List.copyOf(extensions.keySet());
  }

  /** Returns the format that writes files with an extension. */
  public Optional<Writable> writing(String extension) {
    return Optional.ofNullable(extensions.get(extension));
  }

  /** Returns the format that writes files with this name, by the longest matching extension. */
  public Optional<Writable> writing(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return extensions.values().stream()
        .filter(writable -> name.endsWith("." + writable.extension))
        .reduce((a, b) -> b.extension.length() > a.extension.length() ? b : a);
  }

  /**
   * Creates the error for a format whose own code fails.
   *
   * @param doing what it was doing, as in "open data.csv"
   */
  public static InvalidRequestException failed(TableFormat format, String doing, Throwable cause) {
    return new InvalidRequestException(
        describe(format)
            + " could not "
            + doing
            + ": "
            + cause
            + ". Check the file, or report this to the author of the format.",
        cause);
  }
}
