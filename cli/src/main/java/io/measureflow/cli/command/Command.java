package io.measureflow.cli.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** A command of the command line. */
public interface Command {

  /** The word by which it is called. */
  String name();

  /** Adds what it takes, and what its help says. */
  void describe(CommandSpec spec);

  /** The commands that are called by a further word. */
  default List<Command> subcommands() {
    return List.of();
  }

  /** Whether it opens a backend, most likely. */
  default boolean opensBackend() {
    return false;
  }

  /** Does it and returns the exit code. */
  int run(ParseResult arguments);
}
