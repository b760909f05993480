package io.measureflow.cli.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command of the command line. */
public interface Command {

  /** Its name on the command line. */
  String name();

  /** Adds its arguments and its help. */
  void describe(CommandSpec spec);

  /** Its subcommands. */
  default List<Command> subcommands() {
    return List.of();
  }

  /** Whether it usually opens a backend. */
  default boolean opensBackend() {
    return false;
  }

  /** Runs the command and returns the exit code. */
  int run(ParseResult arguments);
}
