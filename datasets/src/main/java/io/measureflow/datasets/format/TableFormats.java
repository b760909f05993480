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
 * The formats of tables by their names and extensions. A format that is wrong in itself, or takes
 * an extension that another one has, is left out, with one message that names its class and jar;
 * the others work.
 */
public final class TableFormats {

  private static final System.Logger LOG = System.getLogger(TableFormats.class.getName());

  private static final Pattern EXTENSION = Pattern.compile("[a-z0-9]+([._-][a-z0-9]+)*");

  /** Whoever asks for the same formats again gets them without the same messages. */
  private static final Map<Registry<TableFormat>, TableFormats> MADE =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final Map<String, Entry> names = new LinkedHashMap<>();
  private final Map<String, Writable> extensions = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();

  /**
   * A format, with what it says of itself.
   *
   * @param name to ask by
   * @param summary what it is, in one line
   */
  public record Entry(String name, String summary, TableFormat format) {}

  /**
   * A format of files with some extension.
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

  /** The formats of a registry; the first of several with the same extension counts. */
  public static TableFormats of(Registry<TableFormat> registry) {
    return MADE.computeIfAbsent(registry, TableFormats::new);
  }

  /** The formats among these extensions, those of MeasureFlow first. */
  public static TableFormats of(Extensions extensions) {
    return of(extensions.of(TableFormat.KIND));
  }

  /** The formats that are installed beside this class. */
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
              // Our own messages need no name of a class.
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

  /** What is wrong with formats that were left out, a message each. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /** All formats. */
  public List<Entry> all() {
    return List.copyOf(names.values());
  }

  /** The format of a name. */
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(names.get(name));
  }

  /** The extensions of files that can be written. */
  public List<String> extensions() {
    return List.copyOf(extensions.keySet());
  }

  /** The format that writes files with an extension. */
  public Optional<Writable> writing(String extension) {
    return Optional.ofNullable(extensions.get(extension));
  }

  /** The format that writes files of this name, by the longest extension that it ends with. */
  public Optional<Writable> writing(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return extensions.values().stream()
        .filter(writable -> name.endsWith("." + writable.extension))
        .reduce((a, b) -> b.extension.length() > a.extension.length() ? b : a);
  }

  /**
   * The error for a format whose own code fails.
   *
   * @param doing what it was asked for, as "open data.csv"
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
