package io.measureflow.api.registry;

import io.measureflow.api.registry.Registry.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Loads services one by one, so that a broken one does not hide the others. */
final class Services {

  private static final Logger LOG = System.getLogger(Registry.class.getName());

  /** The limit for an iterator that keeps failing at the same place. */
  private static final int MOST_FAULTS = 100;

  private Services() {}

  static <T> List<T> load(Kind<T> kind, ClassLoader loader, List<Fault> faults) {
    // On the module path only services that a module declares with "uses" are found; kinds may come
    // from other modules.
    Services.class.getModule().addUses(kind.type());
    var services = new ArrayList<T>();
    Iterator<ServiceLoader.Provider<T>> providers =
        ServiceLoader.load(kind.type(), loader).stream().iterator();
    while (faults.size() < MOST_FAULTS) {
      @Nullable Class<? extends T> type = null;
      try {
        if (!providers.hasNext()) {
          break;
        }
        ServiceLoader.Provider<T> provider = providers.next();
        type = provider.type();
        services.add(provider.get());
      } catch (ServiceConfigurationError | LinkageError e) {
        faults.add(
            fault(
                kind,
                type == null ? listedIn(kind, loader, e) : origin(type),
                reason(e),
                Optional.of(e)));
      }
    }
    return services;
  }

  /** Creates a fault and logs it. */
  static Fault fault(Kind<?> kind, String what, String problem, Optional<Throwable> cause) {
    var fault =
        new Fault(
            kind.label()
                + " "
                + what
                + " is left out: "
                + problem
                + ". Update its jar, or take it from the class path.");
    LOG.log(Level.WARNING, fault.message());
    cause.ifPresent(e -> LOG.log(Level.DEBUG, fault.message(), e));
    return fault;
  }

  /** Returns the first cause whose message says more than that something failed. */
  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return e.getCause() == null ? String.valueOf(e.getMessage()) : cause.toString();
  }

  /** Returns the class and where it was loaded from. */
  static String origin(Class<?> type) {
    @Nullable CodeSource source = type.getProtectionDomain().getCodeSource();
    return type.getName()
        + (source == null || source.getLocation() == null ? "" : " in " + source.getLocation());
  }

  /** Returns the service file that lists a class named by the error. */
  private static String listedIn(Kind<?> kind, ClassLoader loader, Throwable error) {
    String message = String.valueOf(error.getMessage());
    try {
      for (URL file : Collections.list(loader.getResources(file(kind)))) {
        try (var reader =
            new BufferedReader(new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
          for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            String name = line.replaceFirst("#.*", "").strip();
            if (!name.isEmpty() && message.contains(name)) {
              return name + ", listed in " + file;
            }
          }
        }
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "Service files of " + kind.type().getName() + " could not be read", e);
    }
    return "of a service file";
  }

  private static String file(Kind<?> kind) {
    return "META-INF/services/" + kind.type().getName();
  }
}
