package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LauncherTest {

  private static final Pattern EAGER =
      Pattern.compile("CompileCommand=CompileThresholdScaling,(io[\\w.]+)::\\*,");

  /** The JVM says nothing about a name that it never meets. */
  @Test
  void classesThatAreCompiledAtOnceExist() throws Exception {
    Matcher named = EAGER.matcher(Files.readString(Path.of("..", "measureflow")));
    assertTrue(named.find(), "expected a class to compile at once");
    assertNotNull(Class.forName(named.group(1), false, LauncherTest.class.getClassLoader()));
  }
}
