package io.measureflow;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.measureflow.api.data.Dataset;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.config.RunConfig;

/**
 * The run that a model is from, as its file says.
 *
 * @param config the configuration of the run. What it names is for the reader to trust or not
 * @param data the name of the dataset
 * @param fingerprint the hash of the content of the dataset, after any split
 */
public record Origin(RunConfig config, String data, String fingerprint) {

  /**
   * Reads a provenance.
   *
   * @param provenance the JSON object
   * @throws InvalidRequestException if it is not one of this version
   */
  static Origin parse(String provenance) {
    try {
      Config root =
          ConfigFactory.parseString(
              provenance, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
      return new Origin(
          RunConfig.of(root.getConfig("configuration")),
          root.getString("data.name"),
          root.getString("data.fingerprint"));
    } catch (ConfigException | InvalidRequestException e) {
      throw new InvalidRequestException(
          "provenance of the model: expected the configuration of a run of this version, found"
              + " something else ("
              + e.getMessage()
              + "). Name the data, or use the version that made it.",
          e);
    }
  }

  /** Returns whether the data were loaded by name, so that the configuration tells which. */
  public boolean namesData() {
    return data.equals(config.dataset().name());
  }

  /**
   * Checks that data are those that the model was trained on, so that the same rows are held out.
   *
   * @param where the data, for the message
   * @param loaded the same, with the split of the run
   * @throws InvalidRequestException if they are not
   */
  public void requireSame(String where, Dataset loaded) {
    if (!loaded.fingerprint().equals(fingerprint)) {
      throw InvalidRequestException.of(
          where,
          "the data that the model was trained on, of fingerprint " + fingerprint,
          "data of fingerprint " + loaded.fingerprint(),
          "They changed since. Restore them, or name the data with --data.");
    }
  }
}
