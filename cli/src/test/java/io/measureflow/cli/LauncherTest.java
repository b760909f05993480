package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LauncherTest {

  private static final Pattern EAGER =
      Pattern.compile("CompileCommand=CompileThresholdScaling,(io[\\w.]+)\\*::\\*,");

  /** The JVM silently ignores unknown names. */
  @Test
  void classesThatAreCompiledAtOnceExist() throws Exception {
    Matcher named = EAGER.matcher(Files.readString(Path.of("..", "measureflow")));
    assertTrue(named.find(), "expected classes to compile at once");
    for (String rest : List.of("Kernels", "Dots")) {
      String name = named.group(1) + rest;
      assertNotNull(Class.forName(name, false, LauncherTest.class.getClassLoader()));
    }
    // Compiled before the profile knows what follows its loop, a tile keeps its sums as objects.
    String tiles = "io.measureflow.simd.product.VectorTiles";
    assertNotNull(Class.forName(tiles, false, LauncherTest.class.getClassLoader()));
    assertFalse(tiles.startsWith(named.group(1)));
  }

  /** Both launchers pass the same JVM options, so that neither falls behind the other. */
  @Test
  void bothLaunchersStartTheSameJvm() throws IOException {
    Set<String> shell = optionsOfTheShellScript(Files.readString(Path.of("..", "measureflow")));
    String windows = Files.readString(Path.of("..", ".mvn", "measureflow.ps1"));
    assertEquals(shell, optionsOfPowerShell(windows));
    assertTrue(shell.size() > 8, shell.toString());
  }

  /** A build without the profile would have no such backend. */
  @Test
  void bothLaunchersBuildTheBackendNd4jForTheSameArguments() throws IOException {
    String shell = Files.readString(Path.of("..", "measureflow"));
    String windows = Files.readString(Path.of("..", ".mvn", "measureflow.ps1"));
    Matcher cases = Pattern.compile("case \\$option\\$word in\n(.*)\\) return 0").matcher(shell);
    assertTrue(cases.find(), "expected the arguments that name nd4j");
    Matcher patterns = Pattern.compile("\\$patterns = (.*)\n").matcher(windows);
    assertTrue(patterns.find(), "expected the arguments that name nd4j");
    List<String> expected = List.of(cases.group(1).strip().split(" \\| ", -1));
    List<String> found = List.of(patterns.group(1).replace("'", "").strip().split(", ", -1));
    assertEquals(expected, found);
    assertTrue(expected.size() > 3, expected.toString());
    for (String script : List.of(shell, windows)) {
      assertTrue(script.contains("-Pnd4j"), script);
    }
    assertTrue(windows.contains("-pl cli -am @nd4j "), windows);
  }

  /** The words of its exec, with the usual values of the variables among them. */
  private static Set<String> optionsOfTheShellScript(String script) {
    Matcher exec = Pattern.compile("\\n  exec \"\\$java\"((?:.*\\\\\n)*.*)\n").matcher(script);
    assertTrue(exec.find(), "expected the command that starts the JVM");
    var values = new LinkedHashMap<String, String>();
    Matcher assignment =
        Pattern.compile("\\b(collector|eager|native)=([\\w:.,*+=-]+)").matcher(script);
    while (assignment.find()) {
      values.putIfAbsent(assignment.group(1), assignment.group(2));
    }
    var options = new TreeSet<String>();
    String before = "";
    for (String quoted : exec.group(1).strip().split("[\\s\\\\]+", -1)) {
      String word = quoted.replace("\"", "");
      for (Map.Entry<String, String> value : values.entrySet()) {
        word = word.replace("$" + value.getKey(), value.getValue());
      }
      before = add(options, before, word);
    }
    return options;
  }

  /** Returns the quoted strings after the comment that names this test. */
  private static Set<String> optionsOfPowerShell(String script) {
    int from = script.indexOf("$collector = @()");
    assertTrue(from > 0, "expected the options of the JVM");
    var options = new TreeSet<String>();
    String before = "";
    Matcher quoted = Pattern.compile("'([\\w:.,*+/=-]+)'").matcher(script.substring(from));
    while (quoted.find()) {
      before = add(options, before, quoted.group(1));
    }
    return options;
  }

  /** Adds an option, with its argument if that is a separate word; returns the last word. */
  private static String add(Set<String> options, String before, String word) {
    if (before.equals("--add-modules")) {
      options.add(before + " " + word);
    } else if (word.startsWith("-") && !word.equals("--add-modules")) {
      options.add(word);
    }
    return word;
  }
}
