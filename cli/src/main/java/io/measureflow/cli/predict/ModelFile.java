package io.measureflow.cli.predict;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.cli.command.Setting;
import io.measureflow.cli.run.RunFolder;
import java.nio.file.Path;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The option {@code --model}: a checkpoint, or a run folder for the one in it. */
final class ModelFile {

  private static final String OPTION = "--model";

  private ModelFile() {}

  static OptionSpec option() {
    return Setting.option(
            OPTION, "PATH", "The checkpoint (safetensors), or a run folder for its result.")
        .required(true)
        .build();
  }

  /**
   * Returns the checkpoint that was named.
   *
   * @throws InvalidRequestException if a folder was named that holds none
   */
  static Path of(ParseResult arguments) {
    return RunFolder.checkpoint(OPTION, Path.of(Setting.given(arguments, OPTION).orElseThrow()));
  }
}
