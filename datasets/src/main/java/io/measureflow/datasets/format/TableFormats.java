package io.measureflow.datasets.format;

import io.measureflow.api.error.InvalidRequestException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The formats of tables by their names and extensions. A format that is wrong in itself, or takes a
 * name that another one has, is left out, with one message that names its class and jar; the others
 * work.
 */
public final class TableFormats {

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+([.-][a-z0-9]+)*");

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

  private TableFormats() {}

  /** These formats; the first of several with the same name or extension counts. */
  public static TableFormats of(Collection<? extends TableFormat> formats) {
    var all = new TableFormats();
    formats.forEach(all::add);
    return all;
  }

  /** The formats that a class loader finds, those of this module first. */
  public static TableFormats load(ClassLoader loader) {
    var all = new TableFormats();
    var found = new ArrayList<TableFormat>();
    FormatServices.load(loader, found::add, all.faults::add);
    Stream.concat(
            found.stream().filter(TableFormats::isBuiltIn),
            found.stream().filter(format -> !isBuiltIn(format)))
        .forEach(all::add);
    System.Logger log = System.getLogger(TableFormats.class.getName());
    all.faults.forEach(fault -> log.log(System.Logger.Level.WARNING, fault));
    return all;
  }

  /** The formats that are installed beside this class. They are looked for once. */
  public static TableFormats installed() {
    return Installed.FORMATS;
  }

  private static final class Installed {
    static final TableFormats FORMATS = load(TableFormats.class.getClassLoader());
  }

  private static boolean isBuiltIn(TableFormat format) {
    return FormatServices.jar(format.getClass()).equals(FormatServices.jar(TableFormats.class));
  }

  private void add(TableFormat format) {
    try {
      String name = checked("name", format.name());
      Entry other = names.get(name);
      if (other != null) {
        throw new IllegalArgumentException(
            "expected a name of its own, found '"
                + name
                + "' of "
                + FormatServices.describe(other.format));
      }
      String summary = format.summary();
      if (summary == null || summary.isBlank()) {
        throw new IllegalArgumentException("expected a summary, found none");
      }
      List<String> endings = format.extensions();
      if (endings == null) {
        throw new IllegalArgumentException("expected a list of extensions, found null");
      }
      for (String ending : endings) {
        Writable taken = extensions.get(checked("extension", ending));
        if (taken != null) {
          throw new IllegalArgumentException(
              "expected an extension of its own, found '"
                  + ending
                  + "' of "
                  + FormatServices.describe(taken.format));
        }
      }
      names.put(name, new Entry(name, summary, format));
      if (format instanceof WritableTableFormat writable) {
        endings.forEach(ending -> extensions.put(ending, new Writable(ending, writable)));
      }
    } catch (RuntimeException | LinkageError e) {
      faults.add(FormatServices.fault(format.getClass(), e));
    }
  }

  private static String checked(String what, String value) {
    if (value == null) {
      throw new IllegalArgumentException("expected a " + what + ", found null");
    }
    if (!NAME.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "expected the " + what + " in lower-case letters and digits, found '" + value + "'");
    }
    return value;
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
        FormatServices.describe(format)
            + " could not "
            + doing
            + ": "
            + cause
            + ". Check the file, or report this to the author of the format.",
        cause);
  }
}
