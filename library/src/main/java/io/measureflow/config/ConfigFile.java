package io.measureflow.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads HOCON from untrusted files: bounded in size, depth and growth, and reading nothing but
 * files that it includes by name.
 */
final class ConfigFile {

  private static final long MAX_BYTES = 256 << 10;
  private static final int MAX_DEPTH = 64;

  /**
   * The limit of substitutions, each of which may repeat the growth of others: with this many,
   * {@link #MAX_BYTES} become at most some tens of megabytes.
   */
  private static final int MAX_SUBSTITUTIONS = 16;

  private static final int MAX_INCLUDES = 8;

  private ConfigFile() {}

  /**
   * Parses a file.
   *
   * @throws InvalidRequestException if there is none, or it exceeds a bound or includes more than
   *     files
   */
  static Config parse(Path file) {
    return parse(file, 0);
  }

  private static Config parse(Path file, int depth) {
    if (!Files.isRegularFile(file)) {
      throw InvalidRequestException.of(
          file.toString(),
          "a configuration file",
          Files.isDirectory(file) ? "a folder" : "nothing of that name",
          "Check the path.");
    }
    if (depth > MAX_INCLUDES) {
      throw InvalidRequestException.of(
          file.toString(),
          "at most " + MAX_INCLUDES + " files that include each other",
          "one more",
          "Put the settings into fewer files.");
    }
    return parse(read(file), file.toString(), new Includes(file, depth));
  }

  private static String read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw InvalidRequestException.of(
            file.toString(),
            "a configuration of at most " + (MAX_BYTES >> 10) + " KiB",
            (size >> 10) + " KiB",
            "Check that it is the right file.");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidRequestException(
          file + ": expected text in UTF-8, found other bytes. Check that it is the right file.",
          e);
    } catch (IOException e) {
      throw new InvalidRequestException(
          file + ": could not be read (" + AtomicFile.reason(e) + "). Check its permissions.", e);
    }
  }

  /**
   * Parses a text without includes.
   *
   * @param origin its name in messages
   */
  static Config parse(String text, String origin) {
    return parse(text, origin, new Includes(null, 0));
  }

  /** Returns the values of a JSON object. */
  static Map<String, Object> values(String json) {
    return parse(json, "JSON").root().unwrapped();
  }

  private static Config parse(String text, String origin, Includes includes) {
    requireBounded(text, origin);
    return ConfigFactory.parseString(
        text,
        ConfigParseOptions.defaults()
            .setSyntax(ConfigSyntax.CONF)
            .setOriginDescription(origin)
            .setIncluder(includes));
  }

  /** Checks depth and substitutions before the parser recurses over or multiplies them. */
  private static void requireBounded(String text, String origin) {
    int depth = 0;
    int substitutions = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        i = endOfQuotes(text, i);
      } else if (c == '#' || text.startsWith("//", i)) {
        i = endOf(text, "\n", i);
      } else if (c == '{' || c == '[') {
        depth++;
        if (c == '{' && i > 0 && text.charAt(i - 1) == '$') {
          substitutions++;
        }
      } else if (c == '}' || c == ']') {
        depth--;
      }
      if (depth > MAX_DEPTH) {
        throw InvalidRequestException.of(
            origin,
            "settings nested at most " + MAX_DEPTH + " deep",
            "more",
            "Check that it is the right file.");
      }
      if (substitutions > MAX_SUBSTITUTIONS) {
        throw InvalidRequestException.of(
            origin,
            "at most " + MAX_SUBSTITUTIONS + " substitutions ${...}",
            "more",
            "Write the values out.");
      }
    }
  }

  /** Returns the position of the last character of a quoted string that begins at {@code start}. */
  private static int endOfQuotes(String text, int start) {
    String three = "\"\"\"";
    if (text.startsWith(three, start)) {
      return endOf(text, three, start + three.length());
    }
    for (int i = start + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"' || c == '\n') {
        return i;
      }
    }
    return text.length();
  }

  private static int endOf(String text, String end, int from) {
    int found = text.indexOf(end, from);
    return found < 0 ? text.length() : found + end.length() - 1;
  }

  /** Includes files by name, relative to the including one, and refuses all other includes. */
  private static final class Includes
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {

    private final @Nullable Path from;
    private final int depth;

    Includes(@Nullable Path from, int depth) {
      this.from = from;
      this.depth = depth;
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      // The parser's own includer could access the network.
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      return file(what);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      return file(what.getPath());
    }

    private ConfigObject file(String name) {
      if (from == null || name.contains("://")) {
        throw refused(name);
      }
      try {
        return parse(from.resolveSibling(name), depth + 1).root();
      } catch (InvalidPathException e) {
        throw new InvalidRequestException(
            from + ", include: expected a path, found '" + name + "'. Correct it.", e);
      }
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      throw refused(what.toString());
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      throw refused(what);
    }

    private InvalidRequestException refused(String what) {
      return InvalidRequestException.of(
          (from == null ? "configuration" : from.toString()) + ", include",
          "a file by its name, as in include \"other.conf\"",
          "'" + what + "'",
          "Configurations reach neither the network nor the class path.");
    }
  }
}
