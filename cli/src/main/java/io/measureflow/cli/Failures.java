package io.measureflow.cli;

import com.google.inject.ProvisionException;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.MeasureFlowException;
import io.measureflow.cli.command.MachineLimits;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Prints error messages, one per failure, and chooses the exit code. */
final class Failures {

  static final int FAILED = 1;
  static final int WRONG_REQUEST = 2;

  private Failures() {}

  /**
   * Reports a failure.
   *
   * @param options the names of the command's options
   * @param verbose whether to print the stack trace too
   * @return the exit code
   */
  static int report(Throwable failure, List<String> options, boolean verbose) {
    // Guice wraps what a provider throws.
    Throwable thrown =
        failure instanceof ProvisionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    Optional<? extends MeasureFlowException> known = MachineLimits.explain(thrown, options);
    if (known.isEmpty() && thrown instanceof MeasureFlowException expected) {
      known = Optional.of(expected);
    }
    if (known.isEmpty() && thrown instanceof InvalidPathException path) {
      known = Optional.of(invalidPath(path));
    }
    if (known.isEmpty() && thrown instanceof NoClassDefFoundError missing && !verbose) {
      error(Main.withoutClass(missing));
      return FAILED;
    }
    if (known.isEmpty()) {
      unexpected(thrown, verbose);
      return FAILED;
    }
    error(known.get().getMessage());
    if (verbose) {
      thrown.printStackTrace();
    }
    return known.get().exitCode();
  }

  /** Reports arguments that do not fit the command, and returns the exit code. */
  static int wrongArguments(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    String message = String.valueOf(wrong.getMessage());
    if (wrong instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      message += ". Did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?";
    }
    error(message);
    System.err.println(
        "'" + command.getCommandSpec().qualifiedName() + " --help' lists the options.");
    return WRONG_REQUEST;
  }

  /**
   * Refuses arguments with characters that the locale does not have: the JVM could not name such
   * files.
   */
  static void requireEncodable(String[] args, Charset charset) {
    for (String argument : args) {
      if (charset.canEncode() && !charset.newEncoder().canEncode(argument)) {
        throw outsideTheLocale("argument '" + argument + "'", charset);
      }
    }
  }

  /** Returns the charset of arguments and file names. */
  static Charset charsetOfNames() {
    return Charset.forName(
        System.getProperty("sun.jnu.encoding", "UTF-8"), Charset.defaultCharset());
  }

  private static InvalidRequestException invalidPath(InvalidPathException path) {
    Charset charset = charsetOfNames();
    return charset.canEncode() && !charset.newEncoder().canEncode(path.getInput())
        ? outsideTheLocale("path '" + path.getInput() + "'", charset)
        : InvalidRequestException.of(
            "path '" + path.getInput() + "'", "a valid path", path.getReason(), "Correct it.");
  }

  private static InvalidRequestException outsideTheLocale(String where, Charset charset) {
    return InvalidRequestException.of(
        where,
        "characters that the locale has (" + charset + ")",
        "others",
        "Choose a UTF-8 locale, for example LC_ALL=C.UTF-8, and try again.");
  }

  private static void unexpected(Throwable unexpected, boolean verbose) {
    String message =
        "unexpected "
            + unexpected.getClass().getSimpleName()
            + (unexpected.getMessage() == null
                ? ""
                : ": " + MeasureFlowException.printable(unexpected.getMessage()));
    if (verbose) {
      error(message);
      unexpected.printStackTrace();
      return;
    }
    try {
      Path trace = Files.createTempFile("measureflow-error-", ".txt");
      try (var writer = new PrintWriter(Files.newBufferedWriter(trace))) {
        unexpected.printStackTrace(writer);
      }
      error(message + ". This is a bug in measureflow; please report it with " + trace);
    } catch (IOException e) {
      error(message + ". This is a bug in measureflow; --verbose shows its stack trace");
    }
  }

  static void error(String message) {
    System.err.println("measureflow: error: " + message);
  }
}
