package io.measureflow.cli.tune;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import io.measureflow.tune.SearchSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * What a search is asked for, besides the settings that all trials have.
 *
 * @param tries what to vary, as typed
 * @param trials the number of trials of the first round
 * @param reduction eta
 * @param least the number of epochs of the first round; empty for the full number over eta for each
 *     further round
 * @param folds k of cross-validation; 0 for a validation split
 * @param metric the name of the metric, or auto
 */
record TuneRequest(
    List<String> tries, int trials, int reduction, OptionalInt least, int folds, String metric) {

  private static final long MAX_BYTES = 1 << 20;

  /** Copies the list. */
  TuneRequest {
    tries = List.copyOf(tries);
  }

  /** Returns the space that is searched. */
  SearchSpace space() {
    return SearchedSettings.parse(tries);
  }

  /**
   * Returns the text of {@code search.json}.
   *
   * @param fingerprint the fingerprint of the data
   */
  String json(String fingerprint) {
    return "{\n"
        + ("  \"try\": ["
            + tries.stream().map(ConfigUtil::quoteString).collect(Collectors.joining(", "))
            + "],\n")
        + ("  \"trials\": " + trials + ",\n")
        + ("  \"reduction\": " + reduction + ",\n")
        + (least.isPresent() ? "  \"least\": " + least.getAsInt() + ",\n" : "")
        + ("  \"folds\": " + folds + ",\n")
        + ("  \"metric\": " + ConfigUtil.quoteString(metric) + ",\n")
        + ("  \"data\": " + ConfigUtil.quoteString(fingerprint) + "\n")
        + "}\n";
  }

  /**
   * Reads {@code search.json}.
   *
   * @throws InvalidRequestException if it is not what {@link #json} returns
   */
  static TuneRequest read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw InvalidRequestException.of(
            file.toString(), "the file of a search", "a larger file", "Check the path.");
      }
      Config json =
          ConfigFactory.parseString(
              Files.readString(file),
              ConfigParseOptions.defaults()
                  .setSyntax(ConfigSyntax.JSON)
                  .setOriginDescription(file.toString()));
      return new TuneRequest(
          json.getStringList("try"),
          json.getInt("trials"),
          json.getInt("reduction"),
          json.hasPath("least") ? OptionalInt.of(json.getInt("least")) : OptionalInt.empty(),
          json.getInt("folds"),
          json.getString("metric"));
    } catch (IOException e) {
      throw new InvalidRequestException(
          file + ": could not be read (" + AtomicFile.reason(e) + "). Check the path.", e);
    } catch (ConfigException e) {
      throw new InvalidRequestException(
          file
              + ": expected the file that tune wrote, found something else ("
              + e.getMessage()
              + "). Start the search again in another folder.",
          e);
    }
  }
}
