package io.measureflow.cli.bench;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Setting;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * An option with a default.
 *
 * @param option its name
 * @param label the name of its value in the help
 * @param defaultValue its default
 * @param description its description in the help
 */
record Choice(String option, String label, String defaultValue, String description) {

  void addTo(CommandSpec spec) {
    spec.addOption(
        Setting.option(option, label, description + " Default: " + defaultValue + ".").build());
  }

  String text(ParseResult arguments) {
    return Setting.given(arguments, option).orElse(defaultValue);
  }

  List<String> texts(ParseResult arguments) {
    return List.of(text(arguments).strip().split("\\s*,\\s*", -1));
  }

  int wholeNumber(ParseResult arguments) {
    return wholeNumber(text(arguments));
  }

  int wholeNumber(String text) {
    if (!text.matches("0*[1-9][0-9]{0,6}")) {
      throw wrong("a whole number of at least 1", text);
    }
    return Integer.parseInt(text);
  }

  List<Integer> wholeNumbers(ParseResult arguments) {
    return texts(arguments).stream().map(this::wholeNumber).toList();
  }

  double seconds(ParseResult arguments) {
    String text = text(arguments);
    if (!text.matches("[0-9]{1,4}(\\.[0-9]*)?")) {
      throw wrong("a number of seconds", text);
    }
    return Double.parseDouble(text);
  }

  private InvalidRequestException wrong(String expected, String found) {
    return InvalidRequestException.of(option, expected, "'" + found + "'", "Correct the value.");
  }
}
