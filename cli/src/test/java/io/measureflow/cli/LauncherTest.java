package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LauncherTest {

  private static final Pattern EAGER =
      Pattern.compile("CompileCommand=CompileThresholdScaling,(io[\\w.]+)\\*::\\*,");

  /** The JVM says nothing about a name that it never meets. */
  @Test
  void classesThatAreCompiledAtOnceExist() throws Exception {
    Matcher named = EAGER.matcher(Files.readString(Path.of("..", "measureflow")));
    assertTrue(named.find(), "expected classes to compile at once");
    for (String rest : List.of("Kernels", "Tiles")) {
      String name = named.group(1) + rest;
      assertNotNull(Class.forName(name, false, LauncherTest.class.getClassLoader()));
    }
  }
}
