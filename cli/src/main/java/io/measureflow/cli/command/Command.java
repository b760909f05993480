package io.measureflow.cli.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command of the command line. */
public interface Command {

  /** Returns its name on the command line. */
  String name();

  /** Adds its arguments and its help. */
  void describe(CommandSpec spec);

  /** Returns its subcommands. */
  default List<Command> subcommands() {
    return List.of();
  }

  /** Returns whether it normally opens a backend. */
  default boolean opensBackend() {
    return false;
  }

  /** Runs the command and returns the exit code. */
  int run(ParseResult arguments);
}
