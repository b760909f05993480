package io.measureflow.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import io.measureflow.api.error.InvalidRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Descriptions of networks: ready-made ones by name, and files. */
public final class Networks {

  /** The names of the ready-made descriptions. */
  public static final List<String> NAMES =
      List.of("mlp", "lenet", "gm-lenet", "resnet8", "gm-resnet8", "vit-tiny", "gm-vit-tiny");

  private Networks() {}

  /**
   * Reads a description.
   *
   * @param network a name of {@link #NAMES}, a file in JSON or HOCON, or the description itself in
   *     braces
   * @param where what gave it, for messages
   * @return the description as JSON
   * @throws InvalidRequestException if it is none of them
   */
  public static String read(String network, String where) {
    if (network.startsWith("{")) {
      return json(ConfigFile.parse(network, where));
    }
    if (NAMES.contains(network)) {
      return json(ConfigFile.parse(resource(network), network));
    }
    Path file = file(network, where);
    if (!Files.isRegularFile(file)) {
      throw InvalidRequestException.of(
          where,
          "a file, or one of the networks " + String.join(", ", NAMES),
          "'" + network + "'",
          "Check the path, or choose one of these networks.");
    }
    return json(ConfigFile.parse(file));
  }

  private static Path file(String network, String where) {
    try {
      return Path.of(network);
    } catch (InvalidPathException e) {
      throw new InvalidRequestException(
          where + ": expected a path, found '" + network + "'. Correct it.", e);
    }
  }

  private static String json(Config config) {
    return config
        .resolve(ConfigResolveOptions.noSystem())
        .root()
        .render(ConfigRenderOptions.concise());
  }

  private static String resource(String name) {
    String path = "networks/" + name + ".conf";
    try (InputStream stream =
        Objects.requireNonNull(Networks.class.getResourceAsStream(path), path)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
