package io.measureflow.cli;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The completion scripts, queried as the shell does. */
class CompletionTest {

  @TempDir Path folder;
  private Path script = Path.of("");

  @BeforeEach
  void requireBash() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
    CommandLineRun run = CommandLineRun.of("completion", "bash");
    assertSuccess(run);
    script = Files.writeString(folder.resolve("completion"), run.out());
  }

  private static String bash(String... words) throws Exception {
    var command = new ArrayList<>(List.of("/bin/bash"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);
    return printed;
  }

  @Test
  void theScriptIsOneOfBash() throws Exception {
    assertEquals("", bash("-n", script.toString()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tr                             | train",
        "train --fam                    | --family",
        "train --family di              | diagonal dirac",
        "train --flow ad                | adam adamw",
        "train --seed 1 --backend simd --learn | --learning-rate",
        "train --scaling s              | standardise",
        "train --set training.ep        | training.epochs=",
        "evaluate --set dataset.la      | dataset.label=",
        "datasets de                    | describe",
        "datasets describe fashion      | fashion-mnist",
        "datasets fetch --time          | --timeout",
        "bench st                       | step",
        "bench ne                       | network",
        "bench pr                       | product",
        "completion z                   | zsh",
        "train --out r                  | ''",
        "train --epochs                 | --epochs",
        "plot ru                        | ''",
        "tune --try comp                | components=",
        "tune --metric rm               | rmse",
      })
  void whatIsTypedIsCompleted(String typed, String completions) throws Exception {
    String words = "measureflow " + typed;
    String answer =
        bash(
            "-c",
            "source \"$0\"; COMP_WORDS=("
                + words
                + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _measureflow; echo ${COMPREPLY[@]}",
            script.toString());
    assertEquals(completions, answer.strip());
  }

  /** Every option in the help can be completed. */
  @Test
  void everyOptionOfTheHelpIsThere() throws IOException {
    List<String> lines = Files.readAllLines(script);
    for (String command :
        List.of(
            "train",
            "tune",
            "evaluate",
            "predict",
            "import",
            "lift",
            "sample",
            "backends",
            "bench",
            "experiment",
            "plot",
            "report",
            "datasets",
            "datasets describe",
            "datasets convert",
            "datasets fetch")) {
      String words =
          lines.stream()
              .filter(line -> line.strip().startsWith("'" + command + "')"))
              .findFirst()
              .orElseThrow();
      CommandLineRun help = CommandLineRun.of((Object[]) (command + " --help").split(" "));
      assertSuccess(help);
      var option = Pattern.compile("^ {2,8}(?:-\\w, )?(--[a-z-]+)").matcher("");
      long found =
          help.out()
              .lines()
              .filter(line -> option.reset(line).find())
              .peek(
                  line -> {
                    option.reset(line).find();
                    assertTrue(
                        words.matches(".*[ '=]" + option.group(1) + "[ '].*"),
                        () -> command + ": " + line);
                  })
              .count();
      assertTrue(found >= 3, help.out());
      // What picocli makes of a variable that it does not know.
      assertFalse(help.out().contains("null"), help.out());
    }
  }

  @Test
  void zshLoadsItsEmulationFirst() {
    CommandLineRun run = CommandLineRun.of("completion", "zsh");
    assertSuccess(run);
    assertTrue(run.out().startsWith("autoload -U +X bashcompinit && bashcompinit\n"), run.out());
  }

  @Test
  void otherShellsAreRefused() {
    assertRefused(2, CommandLineRun.of("completion", "fish"), "bash or zsh", "'fish'");
    assertRefused(2, CommandLineRun.of("completion"), "SHELL");
  }
}
