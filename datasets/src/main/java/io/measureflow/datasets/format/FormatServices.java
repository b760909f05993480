package io.measureflow.datasets.format;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** Finds formats by {@link ServiceLoader}, one by one, so that a broken one harms no other. */
final class FormatServices {

  private static final String FILE = "META-INF/services/" + TableFormat.class.getName();

  /** More than this are no accident of some jars. */
  private static final int MOST_FAULTS = 100;

  private FormatServices() {}

  /**
   * Makes all formats.
   *
   * @param faults takes a message for each one that cannot be made
   */
  static void load(ClassLoader loader, Consumer<TableFormat> formats, Consumer<String> faults) {
    Iterator<ServiceLoader.Provider<TableFormat>> providers =
        ServiceLoader.load(TableFormat.class, loader).stream().iterator();
    for (int failed = 0; failed < MOST_FAULTS; ) {
      try {
        if (!providers.hasNext()) {
          return;
        }
        ServiceLoader.Provider<TableFormat> provider = providers.next();
        try {
          formats.accept(provider.get());
        } catch (ServiceConfigurationError | LinkageError e) {
          failed++;
          faults.accept(fault(provider.type(), cause(e)));
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        failed++; // A class that is missing, or is no format.
        faults.accept(
            "A table format is left out: "
                + message(cause(e))
                + origin(loader, e).map(url -> " (listed in " + url + ")").orElse("")
                + ". Update its jar, or take it from the class path.");
      }
    }
  }

  /** The line of a service file that names the class in the message, for there is no other hint. */
  private static Optional<String> origin(ClassLoader loader, Throwable e) {
    String message = String.valueOf(e.getMessage()).replace('/', '.');
    try {
      for (URL url : Collections.list(loader.getResources(FILE))) {
        try (var reader =
            new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
          if (reader
              .lines()
              .map(line -> line.replaceFirst("#.*", "").strip())
              .anyMatch(name -> !name.isEmpty() && message.contains(name))) {
            return Optional.of(url.toString());
          }
        }
      }
    } catch (IOException another) {
      e.addSuppressed(another);
    }
    return Optional.empty();
  }

  /** What went wrong, below what only says that something did. */
  private static Throwable cause(Throwable e) {
    Throwable cause = e.getCause();
    boolean wrapper =
        e instanceof ServiceConfigurationError || e instanceof ExceptionInInitializerError;
    return wrapper && cause != null ? cause(cause) : e;
  }

  /** The message for a class that cannot be used. */
  static String fault(Class<?> type, Throwable cause) {
    return "Table format "
        + describe(type)
        + " is left out: "
        + message(cause)
        + ". Update its jar, or take it from the class path.";
  }

  /** Our own messages, and those of the service loader, need no name of a class. */
  private static String message(Throwable cause) {
    String message = cause.getMessage();
    boolean plain =
        cause instanceof ServiceConfigurationError
            || cause.getClass().equals(IllegalArgumentException.class);
    return plain && message != null ? message : cause.toString();
  }

  static String describe(TableFormat format) {
    return describe(format.getClass());
  }

  private static String describe(Class<?> type) {
    return type.getName() + jar(type).map(jar -> " of " + jar).orElse("");
  }

  /** The jar or folder that a class comes from, where that is known. */
  static Optional<String> jar(Class<?> type) {
    return Optional.ofNullable(type.getProtectionDomain().getCodeSource())
        .map(CodeSource::getLocation)
        .map(URL::getPath);
  }
}
