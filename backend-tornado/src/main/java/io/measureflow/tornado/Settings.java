package io.measureflow.tornado;

import io.measureflow.api.backend.Device;
import io.measureflow.api.error.InvalidRequestException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The section {@code measureflow.tornado}.
 *
 * @param device which device: an identifier {@code backend:device}, a kind, a part of a name, or
 *     auto
 * @param workGroup the number of work items per group in elementwise tasks; 0 for the default
 * @param bitstream the value of {@code tornado.precompiled.binary}; empty for none
 */
record Settings(String device, int workGroup, String bitstream) {

  private static final String SECTION = "measureflow.tornado";
  private static final String AUTO = "auto";
  private static final Set<String> KEYS = Set.of("device", "work-group", "bitstream");

  /** The largest group that can be requested. */
  private static final int LARGEST_GROUP = 1024;

  /**
   * Reads the section.
   *
   * @throws InvalidRequestException if a key is unknown or a value is wrong
   */
  static Settings of(Map<String, String> section) {
    for (String key : new TreeSet<>(section.keySet())) {
      if (!KEYS.contains(key)) {
        throw InvalidRequestException.of(
            SECTION + "." + key,
            "one of " + String.join(", ", new TreeSet<>(KEYS)),
            "'" + key + "'",
            "Remove it.");
      }
    }
    return new Settings(
        section.getOrDefault("device", AUTO).strip(),
        workGroup(section.getOrDefault("work-group", AUTO).strip()),
        section.getOrDefault("bitstream", "").strip());
  }

  private static int workGroup(String text) {
    if (text.equals(AUTO)) {
      return 0;
    }
    int size;
    try {
      size = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      size = -1;
    }
    if (size < 1 || size > LARGEST_GROUP) {
      throw InvalidRequestException.of(
          SECTION + ".work-group",
          "auto or a number from 1 to " + LARGEST_GROUP,
          "'" + text + "'",
          "Choose a multiple of 32 that the device allows.");
    }
    return size;
  }

  /**
   * Finds the selected device among these; by default the first GPU, else the first.
   *
   * @throws InvalidRequestException if none of them matches; the message lists them
   */
  int choose(List<Device> devices) {
    return find(devices)
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    SECTION + ".device",
                    "one of "
                        + String.join(
                            ", ",
                            devices.stream()
                                .map(
                                    d ->
                                        d.id()
                                            + " ("
                                            + d.kind().key()
                                            + " "
                                            + d.description()
                                            + ")")
                                .toList()),
                    "'" + device + "'",
                    "Give such an identifier, a kind (gpu, fpga, cpu) that is available, or a part"
                        + " of a name."));
  }

  private Optional<Integer> find(List<Device> devices) {
    if (devices.isEmpty()) {
      return Optional.empty();
    }
    String wanted = device.toLowerCase(Locale.ROOT);
    if (wanted.equals(AUTO)) {
      return first(devices, d -> d.kind() == Device.Kind.GPU).or(() -> Optional.of(0));
    }
    return first(devices, d -> d.id().equals(wanted))
        .or(() -> first(devices, d -> d.kind().key().equals(wanted)))
        .or(
            () ->
                wanted.isEmpty()
                    ? Optional.empty()
                    : first(
                        devices, d -> d.description().toLowerCase(Locale.ROOT).contains(wanted)));
  }

  private static Optional<Integer> first(
      List<Device> devices, java.util.function.Predicate<Device> wanted) {
    for (int i = 0; i < devices.size(); i++) {
      if (wanted.test(devices.get(i))) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }
}
