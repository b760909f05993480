package io.measureflow.cli.report;

import io.measureflow.plots.Html;
import java.util.List;

/** What was chosen and why, and the settings. */
final class SettingsSection implements Section {

  /** A longer configuration is cut off. */
  private static final int MOST_CHARACTERS = 20_000;

  private static final String CHOSEN = "chosen ";

  private final String config;

  SettingsSection(String config) {
    this.config = config;
  }

  @Override
  public String title() {
    return "What was chosen";
  }

  @Override
  public void write(Html page) {
    List<String> chosen =
        config
            .lines()
            .takeWhile(line -> line.startsWith("#"))
            .map(line -> line.substring(1).strip())
            .filter(line -> line.startsWith(CHOSEN))
            .map(line -> "Chosen " + line.substring(CHOSEN.length()))
            .toList();
    if (chosen.isEmpty()) {
      page.element("p", "Nothing: every setting was given, or kept its default.");
    } else {
      chosen.forEach(line -> page.element("p", line));
    }
    page.open("details").element("summary", "All settings (config.conf)");
    page.open("pre", "tabindex", "0", "role", "region", "aria-label", "Settings")
        .text(config.length() <= MOST_CHARACTERS ? config : config.substring(0, MOST_CHARACTERS))
        .close("pre");
    if (config.length() > MOST_CHARACTERS) {
      page.element("p", "Cut off; the rest is in config.conf.");
    }
    page.close("details");
  }
}
