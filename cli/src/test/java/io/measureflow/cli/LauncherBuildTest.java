package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the launcher builds, in a checkout with scripts in place of Maven and JDK that log calls.
 */
class LauncherBuildTest {

  private static final Path SHELL = Path.of("/bin/sh");

  private static final String MAVEN =
      """
      #!/bin/sh
      echo "$*" >>calls
      [ ! -e fail ] || { echo "no network"; exit 1; }
      if [ -e slow ]; then
        sleep 2
        echo "[INFO] Building MeasureFlow backend simd 0.1.0-SNAPSHOT                    [4/9]"
        sleep 2
      fi
      lib=cli/target/measureflow/lib
      rm -rf "$lib"
      mkdir -p "$lib"
      : >"$lib/measureflow.jar"
      case " $* " in *" -Pnd4j "*) : >"$lib/measureflow-backend-nd4j-0.1.0-SNAPSHOT.jar" ;; esac
      """;

  private static final String JAVA =
      """
      #!/bin/sh
      for argument; do
        case $argument in -XX:DumpLoadedClassList=* | -XX:SharedArchiveFile=*) : >"${argument#*=}" ;; esac
      done
      echo "WARNING: Using incubator modules: jdk.incubator.vector" >&2
      [ ! -e talk ] || {
        echo "options: $*" >>options
        echo "a library's complaint" >&2
        printf "without an end" >&2
        echo "the program's own" >&3
      }
      while [ "$1" != io.measureflow.cli.Main ] && [ $# -gt 1 ]; do shift; done
      shift
      echo "program: $*"
      """;

  @TempDir Path checkout;

  @BeforeEach
  void checkout() throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(SHELL), "there is no " + SHELL);
    Files.copy(Path.of("..", "measureflow"), checkout.resolve("measureflow"));
    Files.createDirectories(checkout.resolve(".mvn"));
    Files.copy(Path.of("..", ".mvn", "find-jdk"), checkout.resolve(".mvn/find-jdk"));
    Files.createFile(checkout.resolve("pom.xml"));
    Files.createDirectories(checkout.resolve("cli/src/main"));
    Files.createFile(checkout.resolve("cli/pom.xml"));
    script("bin/mvn", MAVEN);
    script("jdk/bin/java", JAVA);
    Files.writeString(checkout.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
  }

  private void script(String name, String text) throws IOException {
    Path file = checkout.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private CommandLineRun launch(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(SHELL.toString(), "measureflow"));
    command.addAll(List.of(arguments));
    Path out = checkout.resolve("out.txt");
    Path err = checkout.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(checkout.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    String path = checkout.resolve("bin") + File.pathSeparator + System.getenv("PATH");
    builder.environment().put("PATH", path);
    builder.environment().put("JAVA_HOME", checkout.resolve("jdk").toString());
    for (String variable :
        List.of("TORNADOVM_HOME", "MEASUREFLOW_JAVA_OPTS", "MEASUREFLOW_CLASSPATH")) {
      builder.environment().remove(variable);
    }
    Process process = builder.start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new CommandLineRun(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Returns the arguments of each call of Maven. */
  private List<String> calls() throws IOException {
    Path calls = checkout.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  private static boolean hasNd4j(String call) {
    return List.of(call.split(" ")).contains("-Pnd4j");
  }

  @Test
  void theFirstCommandBuildsOnceAndWithoutNd4j() throws Exception {
    CommandLineRun first = launch("train", "--backend", "simd", "--out", "nd4j");
    CommandLineRun.assertSuccess(first);
    assertTrue(first.err().startsWith("Building MeasureFlow (first run only;"), first.err());
    assertEquals("program: train --backend simd --out nd4j\n", first.out());
    CommandLineRun second = launch("backends");
    assertEquals("", second.err());
    assertEquals("program: backends\n", second.out());
    assertEquals(1, calls().size());
    assertFalse(hasNd4j(calls().getFirst()), calls().getFirst());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --backend nd4j",
        "train --backend=nd4j --epochs 1",
        "bench step --backend nd4j:cpu",
        "backends --set backend=nd4j",
        "evaluate --set=backend=nd4j:0",
        "train --set seed=2 --set measureflow.backend=nd4j"
      })
  void nd4jIsFetchedWhenItIsNamedAndStays(String arguments) throws Exception {
    CommandLineRun.assertSuccess(launch("backends"));
    CommandLineRun named = launch(arguments.split(" "));
    CommandLineRun.assertSuccess(named);
    assertTrue(
        named.err().startsWith("Building MeasureFlow with the backend nd4j (once; "), named.err());
    assertEquals("program: " + arguments + "\n", named.out());
    assertEquals("", launch(arguments.split(" ")).err());
    assertEquals("", launch("backends").err());
    assertEquals(2, calls().size());
    assertTrue(hasNd4j(calls().getLast()), calls().getLast());

    // Another build of the same checkout, for changed sources.
    Files.delete(checkout.resolve(".build/launcher/stamp"));
    CommandLineRun.assertSuccess(launch("backends"));
    assertEquals(3, calls().size());
    assertTrue(hasNd4j(calls().getLast()), calls().getLast());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --data nd4j",
        "train --set auto-backends=nd4j,simd",
        "train --backend auto",
        "train --set experiment.name=nd4j"
      })
  void otherWordsDoNotBringNd4j(String arguments) throws Exception {
    CommandLineRun.assertSuccess(launch(arguments.split(" ")));
    assertEquals(1, calls().size());
    assertFalse(hasNd4j(calls().getFirst()), calls().getFirst());
  }

  /** A build takes minutes; elsewhere than on a terminal it says each thing once. */
  @Test
  void aLongBuildSaysWhatItIsAt() throws Exception {
    Files.createFile(checkout.resolve("slow"));
    CommandLineRun run = launch("backends");
    CommandLineRun.assertSuccess(run);
    List<String> lines = run.err().lines().toList();
    assertEquals("  reading the project, fetching libraries", lines.get(1), run.err());
    assertEquals("  compiling backend simd (4 of 9)", lines.get(2), run.err());
    assertEquals("Preparing a fast start ...", lines.get(3), run.err());
    assertEquals(4, lines.size(), run.err());
  }

  /** The JVM has no option against its warning of the incubating module. */
  @Test
  void standardErrorIsThatOfTheJvmWithoutTheWarning() throws Exception {
    CommandLineRun.assertSuccess(launch("backends"));
    Files.createFile(checkout.resolve("talk"));
    String err = launch("backends").err();
    // The pipe may be slower than the program's own descriptor, and outlive the program.
    for (int i = 0; i < 100 && !err.contains("end"); i++) {
      Thread.sleep(20);
      err = Files.readString(checkout.resolve("err.txt"));
    }
    assertEquals(
        List.of("a library's complaint", "the program's own", "without an end"),
        err.lines().sorted().toList());
    List<String> options = Files.readAllLines(checkout.resolve("options"));
    assertTrue(options.getFirst().contains(" -Dstandard.error=3 "), options.getFirst());
  }

  /** What passes before the first step is counted from the end of a build. */
  @Test
  void aBuildIsNotCountedAsWaiting() throws Exception {
    Files.createFile(checkout.resolve("talk"));
    CommandLineRun.assertSuccess(launch("backends"));
    CommandLineRun.assertSuccess(launch("backends"));
    List<String> options = Files.readAllLines(checkout.resolve("options"));
    assertTrue(options.get(options.size() - 2).contains(" -Dlauncher.ready="), options::toString);
    assertFalse(options.getLast().contains("launcher.ready"), options.getLast());
  }

  @Test
  void whereNd4jCannotBeFetchedTheRestStillRuns() throws Exception {
    CommandLineRun.assertSuccess(launch("backends"));
    Files.createFile(checkout.resolve("fail"));
    CommandLineRun failed = launch("train", "--backend", "nd4j");
    assertEquals(1, failed.exitCode());
    assertEquals("", failed.out());
    assertTrue(failed.err().contains("no network"), failed.err());
    assertTrue(failed.err().contains("measureflow: the build failed"), failed.err());
    CommandLineRun other = launch("train");
    CommandLineRun.assertSuccess(other);
    assertEquals("", other.err());
  }
}
