package io.measureflow.cli.compute;

import static io.measureflow.cli.CommandLineRun.assertRefused;
import static io.measureflow.cli.CommandLineRun.assertSuccess;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.cli.CommandLineRun;
import io.measureflow.cli.Fixtures;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The backend nd4j in its own process, with and without its native libraries. */
@Tag("nd4j")
class Nd4jTest {

  private static final String NATIVE = "(linux|macosx|windows)-[a-z0-9_]+\\.jar";

  @TempDir Path folder;

  @BeforeEach
  void data() throws IOException {
    Fixtures.clouds(folder.resolve("train.csv"), 200, 1);
  }

  /** Runs the command without those jars of the class path whose names match. */
  private CommandLineRun runWithout(String jars, Object... arguments) throws Exception {
    Pattern left = Pattern.compile(jars);
    List<String> whole =
        List.of(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)));
    String classPath =
        whole.stream()
            .filter(entry -> !left.matcher(Path.of(entry).getFileName().toString()).matches())
            .collect(Collectors.joining(File.pathSeparator));
    if (!jars.isEmpty()) {
      assertNotEquals(String.join(File.pathSeparator, whole), classPath, "no such jar: " + jars);
    }
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--add-modules=jdk.incubator.vector",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dguice_bytecode_gen_option=DISABLED",
                "-cp",
                classPath,
                "io.measureflow.cli.Main"));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    // The JVM's warning about the incubator module, which the launcher suppresses.
    String said =
        Files.readString(err)
            .lines()
            .filter(line -> !line.contains("Using incubator modules"))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    return new CommandLineRun(process.exitValue(), Files.readString(out), said);
  }

  private Object[] train(String backend, Object... more) {
    var words =
        new ArrayList<Object>(
            List.of("train", "--dataset", "csv", "--data", folder.resolve("train.csv")));
    words.addAll(List.of("--components", 4, "--epochs", 1, "--out", folder.resolve(backend)));
    words.addAll(List.of("--backend", backend));
    words.addAll(List.of(more));
    return words.toArray();
  }

  @Test
  void librariesThatAreThereAreUsedInSilence() throws Exception {
    CommandLineRun backends = runWithout("", "backends");
    assertSuccess(backends);
    assertEquals("", backends.err());
    assertTrue(backends.out().contains("nd4j: available\n  version       ND4J "), backends.out());
    CommandLineRun run = runWithout("", train("nd4j", "--threads", 1));
    assertSuccess(run);
    assertTrue(run.err().contains("backend nd4j: ND4J "), run.err());
    assertFalse((run.out() + run.err()).contains("org.nd4j"), run.err());
    CommandLineRun other = runWithout("", train("simd", "--threads", 1));
    assertSuccess(other);
    assertEquals(other.err().lines().count(), run.err().lines().count(), run.err());
    assertEquals(other.out().lines().count(), run.out().lines().count(), run.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"nd4j-(native|cuda).*-" + NATIVE, "openblas-.*-" + NATIVE, "javacpp-.*"})
  void aBackendThatIsNamedAndCannotBeLoadedIsAnError(String jars) throws Exception {
    CommandLineRun run = runWithout(jars, train("nd4j"));
    assertRefused(
        2,
        run,
        "measureflow.backend (set by the command line)",
        "a backend that is available here");
    assertTrue(run.err().contains("the native libraries of ND4J cannot be loaded: "), run.err());
    assertTrue(run.err().contains("Put nd4j-native, openblas and javacpp with"), run.err());
    assertFalse(Files.exists(folder.resolve("nd4j")));
  }

  @Test
  void autoPassesOverLibrariesThatCannotBeLoaded() throws Exception {
    String natives = "nd4j-(native|cuda).*-" + NATIVE;
    CommandLineRun run = runWithout(natives, train("auto", "--set", "auto-backends=nd4j,simd"));
    assertSuccess(run);
    assertTrue(run.err().contains("backend simd: "), run.err());
    assertTrue(
        run.err().contains("passed over nd4j: the native libraries of ND4J cannot be loaded: "),
        run.err());
    assertTrue(Files.exists(folder.resolve("auto/model.safetensors")));
    CommandLineRun backends = runWithout(natives, "backends");
    assertSuccess(backends);
    assertEquals("", backends.err());
    assertTrue(backends.out().contains("nd4j: not available\n  reason        "), backends.out());
  }
}
