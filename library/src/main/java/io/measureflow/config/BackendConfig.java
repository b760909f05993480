package io.measureflow.config;

import io.measureflow.api.backend.Device;
import io.measureflow.api.backend.Precision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * The section {@code backend}: what to compute on.
 *
 * @param name the name of the backend, or {@link #AUTO}
 * @param setBy who chose it: the command line, a file and its line, or the defaults
 * @param candidates the candidates of {@link #AUTO}, in this order
 * @param threads the number of threads; empty for one per processor
 * @param precision the precision; empty for the backend's first
 * @param sections the backends' own settings, by the name of the backend
 */
public record BackendConfig(
    String name,
    String setBy,
    List<Candidate> candidates,
    OptionalInt threads,
    Optional<Precision> precision,
    Map<String, SequencedMap<String, String>> sections) {

  /** Stands for a backend's name: the first available candidate. */
  public static final String AUTO = "auto";

  /**
   * A candidate of {@link #AUTO}.
   *
   * @param name its name
   * @param kind the kind of device that it must have; empty for any
   */
  public record Candidate(String name, Optional<Device.Kind> kind) {
    @Override
    public String toString() {
      return name + kind.map(k -> ":" + k.key()).orElse("");
    }
  }

  /** Copies the collections. */
  public BackendConfig {
    candidates = List.copyOf(candidates);
    var copy = new LinkedHashMap<String, SequencedMap<String, String>>();
    sections.forEach(
        (backend, settings) ->
            copy.put(backend, Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings))));
    sections = Collections.unmodifiableMap(copy);
  }

  /** Returns the default: backend simd on all processors. */
  public static BackendConfig defaults() {
    return RunConfig.defaults().backend();
  }

  /** Returns a copy with another backend, chosen by a program. */
  public BackendConfig withName(String other) {
    return new BackendConfig(other, "the program", candidates, threads, precision, sections);
  }

  /** Returns a copy with another answer to what chose the backend. */
  BackendConfig withSetBy(String other) {
    return new BackendConfig(name, other, candidates, threads, precision, sections);
  }

  /** Returns a copy with another number of threads. */
  public BackendConfig withThreads(int other) {
    return new BackendConfig(name, setBy, candidates, OptionalInt.of(other), precision, sections);
  }

  /** Returns a copy with another precision. */
  public BackendConfig withPrecision(Precision other) {
    return new BackendConfig(name, setBy, candidates, threads, Optional.of(other), sections);
  }

  /** Returns a copy with the named backend's own settings. */
  public BackendConfig withSection(Map<String, String> settings) {
    var changed = new LinkedHashMap<String, SequencedMap<String, String>>(sections);
    changed.put(name, new LinkedHashMap<>(settings));
    return new BackendConfig(name, setBy, candidates, threads, precision, changed);
  }

  static BackendConfig read(ConfigReader reader) {
    var candidates = new ArrayList<Candidate>();
    for (String text : reader.texts("auto-backends")) {
      candidates.add(candidate(text, reader));
    }
    String name = reader.text("backend");
    var sections = new LinkedHashMap<String, SequencedMap<String, String>>();
    sections.put(name, reader.section(name));
    candidates.forEach(c -> sections.put(c.name(), reader.section(c.name())));
    return new BackendConfig(
        name,
        reader.origin("backend"),
        candidates,
        reader.integerOrAuto("threads", 1),
        reader.choiceOrAuto("precision", Precision.class),
        sections);
  }

  private static Candidate candidate(String text, ConfigReader reader) {
    List<String> parts = List.of(text.split(":", -1));
    List<String> kinds = Stream.of(Device.Kind.values()).map(Device.Kind::key).toList();
    if (parts.size() > 2 || (parts.size() == 2 && !kinds.contains(parts.getLast()))) {
      throw reader.wrong(
          "auto-backends",
          "names of backends, each alone or followed by a kind of device ("
              + String.join(", ", kinds)
              + "), as in tornado:gpu",
          "Correct '" + text + "'.");
    }
    return new Candidate(
        parts.getFirst(),
        parts.size() == 1
            ? Optional.empty()
            : Optional.of(Device.Kind.valueOf(parts.getLast().toUpperCase(Locale.ROOT))));
  }

  void write(ConfigWriter writer) {
    writer.put("backend", name);
    writer.put(
        "auto-backends", String.join(", ", candidates.stream().map(String::valueOf).toList()));
    writer.putOrAuto("threads", threads);
    writer.putOrAuto("precision", precision.map(Precision::key));
    sections.forEach(
        (backend, settings) ->
            settings.forEach((key, value) -> writer.put(backend + "." + key, value)));
  }

  /** Returns the settings of a backend; empty if it has none. */
  public Map<String, String> section(String backend) {
    SequencedMap<String, String> settings = sections.get(backend);
    return settings == null ? Map.of() : settings;
  }

  /** Returns whether to take the first available candidate. */
  public boolean isAuto() {
    return name.equals(AUTO);
  }
}
