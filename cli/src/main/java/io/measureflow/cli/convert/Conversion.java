package io.measureflow.cli.convert;

import io.measureflow.TrainedModel;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.run.RunFolder;
import io.measureflow.cli.summary.SummaryCommand;
import java.nio.file.Path;
import java.util.OptionalDouble;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What the commands of this package have in common. */
final class Conversion {

  private static final String MODEL = "--model";
  static final String OUTPUT = "--output";

  private Conversion() {}

  static OptionSpec model() {
    return Setting.option(
            MODEL, "PATH", "The checkpoint (safetensors), or a run folder for its result.")
        .required(true)
        .build();
  }

  static Path modelFile(ParseResult arguments) {
    return RunFolder.checkpoint(MODEL, Path.of(Setting.given(arguments, MODEL).orElseThrow()));
  }

  static OptionSpec output() {
    return Setting.option(OUTPUT, "FILE", "The checkpoint to write (safetensors).")
        .required(true)
        .build();
  }

  /** Writes the result, and prints its layers. */
  static void write(ParseResult arguments, TrainedModel model) {
    Path file = Path.of(Setting.given(arguments, OUTPUT).orElseThrow());
    model.save(file);
    SummaryCommand.print(model.model().spec());
  }

  /**
   * Returns the number that an option gives.
   *
   * @throws InvalidRequestException if it is none
   */
  static OptionalDouble number(ParseResult arguments, String option) {
    return Setting.given(arguments, option)
        .map(text -> OptionalDouble.of(number(option, text)))
        .orElseGet(OptionalDouble::empty);
  }

  static double number(String option, String text) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new InvalidRequestException(
          option + ": expected a number, found '" + text + "'. Correct it.", e);
    }
  }

  /**
   * Returns the whole number of at least 1 that a text says.
   *
   * @throws InvalidRequestException if it is none
   */
  static int count(String option, String text) {
    try {
      int count = Integer.parseInt(text.strip());
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Refused below, with what was typed.
    }
    throw InvalidRequestException.of(
        option, "a whole number of at least 1", "'" + text + "'", "Correct the number.");
  }
}
