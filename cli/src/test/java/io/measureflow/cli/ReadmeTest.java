package io.measureflow.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.core.checkpoint.Checkpoint;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java example of the README compiles, trains, and saves a model that loads. */
class ReadmeTest {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String IMPORTS =
      """
      import com.google.inject.*;
      import com.google.inject.multibindings.*;
      import io.measureflow.api.backend.*;
      import io.measureflow.api.data.*;
      import io.measureflow.api.flow.*;
      import io.measureflow.api.measure.*;
      import io.measureflow.api.model.*;
      import io.measureflow.api.program.*;
      import io.measureflow.core.activations.*;
      import io.measureflow.core.checkpoint.*;
      import io.measureflow.config.*;
      import io.measureflow.core.families.*;
      import io.measureflow.core.flows.*;
      import io.measureflow.core.measures.*;
      import io.measureflow.core.model.*;
      import io.measureflow.core.reference.*;
      import io.measureflow.core.training.*;
      import java.nio.file.Path;
      import java.util.*;
      """;

  @Test
  void theExampleTrainsAndSavesAModel(@TempDir Path folder) throws Exception {
    Matcher example = JAVA.matcher(Files.readString(Path.of("..", "README.md")));
    assertTrue(example.find(), "README.md has no Java example");
    Path saved = folder.resolve("model.safetensors");
    String body = example.group(1).replace("\"model.safetensors\"", "args[0]");
    compile(
        IMPORTS + "public class Example { public static void main(String[] args) {" + body + "}}",
        folder);
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      var main = loader.loadClass("Example").getMethod("main", String[].class);
      CommandLineRun run =
          CommandLineRun.capture(
              () -> {
                try {
                  main.invoke(null, (Object) new String[] {saved.toString()});
                  return 0;
                } catch (ReflectiveOperationException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertTrue(run.out().contains("accuracy=0."), run.out());
    }
    assertEquals(784, Checkpoint.load(saved).model().spec().inputs());
  }

  /** What the reader is to write. */
  private static final String FAMILY_OF_ONES_OWN =
      """
      class RingFamily implements Family {
        public String name() { return "ring"; }
        public List<ParameterSpec> parameters(ComponentSize size) {
          return Families.DIRAC.parameters(size);
        }
        public Value output(Operands operands) { return Families.DIRAC.output(operands); }
      }
      """;

  @Test
  void everyExampleCompiles(@TempDir Path folder) throws IOException {
    Matcher example = JAVA.matcher(Files.readString(Path.of("..", "README.md")));
    int count = 0;
    while (example.find()) {
      compile(
          IMPORTS
              + FAMILY_OF_ONES_OWN
              + "class Example { void run() throws Exception {"
              + example.group(1)
              + "}}",
          folder);
      count++;
    }
    assertEquals(3, count);
  }

  private static void compile(String source, Path folder) throws IOException {
    var file =
        new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    var errors = new StringWriter();
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(
                errors,
                null,
                null,
                List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                null,
                List.of(file))
            .call();
    assertTrue(compiled, errors.toString());
  }
}
