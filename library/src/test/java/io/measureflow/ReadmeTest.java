package io.measureflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Java programs of the README compile and run as they are, each in a JVM of its own. */
class ReadmeTest {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("^public class (\\w+)", Pattern.MULTILINE);

  @TempDir Path folder;

  private static Map<String, String> programs() throws IOException {
    var programs = new LinkedHashMap<String, String>();
    Matcher block = JAVA.matcher(Files.readString(Path.of("..", "README.md")));
    while (block.find()) {
      Matcher name = CLASS.matcher(block.group(1));
      assertTrue(name.find(), "a Java example of the README is no program:\n" + block.group(1));
      programs.put(name.group(1), block.group(1));
    }
    return programs;
  }

  @ParameterizedTest
  @CsvSource({
    "Xor, same different different same",
    "Service, sin(5) is about -",
    "Wired, simd trains [MixtureLayer[ring",
    "Measures, MW2 of two layers",
  })
  void theProgramsOfTheReadmeRun(String name, String printed) throws Exception {
    Map<String, String> programs = programs();
    assertEquals(4, programs.size(), programs.keySet().toString());
    String text = programs.get(name);
    assertTrue(text != null, "expected a program " + name + " in " + programs.keySet());
    Path source = Files.writeString(folder.resolve(name + ".java"), String.valueOf(text));
    String output = run(List.of(source.toString()));
    assertTrue(output.contains(printed), output);
  }

  /** Runs a source file with the source launcher of Java. */
  private String run(List<String> arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "--add-modules", "jdk.incubator.vector"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("-Dguice_bytecode_gen_option=DISABLED");
    command.addAll(arguments);
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the program does not end");
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), output);
    return output;
  }
}
