package io.measureflow.simd.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.simd.SimdBackendProvider;
import io.measureflow.simd.SingleRowLatency;
import io.measureflow.simd.kernels.JvmFacts.Compiler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The choice of kernels: as a function of facts, and in JVMs with other options. */
class KernelChoiceTest {

  private static final String VECTOR_MODULE = "--add-modules=jdk.incubator.vector";
  private static final String BY_HAND = "-D" + KernelChoice.PROPERTY + "=";
  private static final String VECTORS = "Java Vector API, ";

  /** Prints the choice in its JVM and computes with it. */
  static final class Child {
    private Child() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) {
      var provider = new SimdBackendProvider();
      System.out.println(provider.availability());
      try (var backend = provider.open(BackendSettings.of(1, Precision.FLOAT32));
          var workspace = backend.newWorkspace();
          var executable = workspace.compile(SingleRowLatency.predictor(1))) {
        executable.run();
        System.out.println("computed " + executable.output("y").get(0));
      }
    }
  }

  @Test
  void factsDecide() {
    assertChoice(true, "compiled by C2", new JvmFacts(true, Compiler.C2, true, 256));
    assertChoice(true, "compiled by C2", new JvmFacts(true, Compiler.C2, true, 128));
    assertChoice(true, "does not tell", new JvmFacts(true, Compiler.UNKNOWN, true, 512));
    assertChoice(false, "absent", new JvmFacts(false, Compiler.C2, true, 0));
    assertChoice(false, "Vector API of this Java", new JvmFacts(true, Compiler.C2, true, 0));
    assertChoice(false, "C1 alone", new JvmFacts(true, Compiler.C1, true, 256));
    assertChoice(false, "interprets", new JvmFacts(true, Compiler.NONE, true, 256));
    assertChoice(false, "JVMCI", new JvmFacts(true, Compiler.JVMCI, true, 256));
    assertChoice(false, "64 bits", new JvmFacts(true, Compiler.C2, true, 64));
    assertChoice(false, "fused", new JvmFacts(true, Compiler.C2, false, 128));
  }

  private static void assertChoice(boolean vectors, String reason, JvmFacts facts) {
    KernelChoice choice = KernelChoice.of(facts, "auto");
    assertEquals(vectors, choice.vectors(), facts::toString);
    assertTrue(choice.reason().contains(reason), choice::reason);
    assertEquals(vectors, choice.remedy().isEmpty(), facts::toString);
  }

  @Test
  void thePropertyDecidesByHand() {
    var slow = new JvmFacts(true, Compiler.C1, true, 256);
    assertTrue(KernelChoice.of(slow, "vector").vectors());
    var fast = new JvmFacts(true, Compiler.C2, true, 256);
    assertFalse(KernelChoice.of(fast, "scalar").vectors());
    assertEquals("", KernelChoice.of(fast, "scalar").remedy());
    var without = new JvmFacts(false, Compiler.C2, true, 0);
    assertMessage("--add-modules jdk.incubator.vector", without, "vector");
    assertMessage("expected auto, scalar or vector, found fast", fast, "fast");
  }

  private static void assertMessage(String expected, JvmFacts facts, String wish) {
    var thrown = assertThrows(InvalidRequestException.class, () -> KernelChoice.of(facts, wish));
    assertTrue(String.valueOf(thrown.getMessage()).contains(expected), thrown::getMessage);
  }

  @Test
  void compiledByC2() throws Exception {
    assertInAnotherJvm(VECTORS, VECTOR_MODULE);
    assertInAnotherJvm(VECTORS, VECTOR_MODULE, "-XX:-TieredCompilation");
  }

  @Test
  void compiledByC1() throws Exception {
    assertInAnotherJvm(
        "scalar loops (the JVM compiles with C1", VECTOR_MODULE, "-XX:TieredStopAtLevel=1");
    assertInAnotherJvm(
        "scalar loops (the JVM compiles with C1", VECTOR_MODULE, "-XX:TieredStopAtLevel=3");
    assertInAnotherJvm(
        "scalar loops (the JVM compiles with C1", VECTOR_MODULE, "-XX:CompilationMode=quick-only");
  }

  @Test
  void interpreted() throws Exception {
    assertInAnotherJvm("scalar loops (the JVM interprets", VECTOR_MODULE, "-Xint");
  }

  @Test
  void withoutTheVectorModule() throws Exception {
    assertInAnotherJvm("scalar loops (module jdk.incubator.vector is absent");
  }

  @Test
  void withoutFusedMultiplyAdds() throws Exception {
    assertInAnotherJvm("scalar loops (the JVM has no instruction", VECTOR_MODULE, "-XX:-UseFMA");
  }

  @Test
  void byHand() throws Exception {
    assertInAnotherJvm(VECTORS, VECTOR_MODULE, "-XX:TieredStopAtLevel=1", BY_HAND + "vector");
    assertInAnotherJvm("scalar loops (asked for", VECTOR_MODULE, BY_HAND + "scalar");
  }

  @Test
  void withoutTheModuleOfManagement() throws Exception {
    String limit = "--limit-modules=java.base,jdk.incubator.vector";
    assertInAnotherJvm(VECTORS, VECTOR_MODULE, limit);
    assertInAnotherJvm(
        "scalar loops (the JVM compiles with C1", VECTOR_MODULE, limit, "-XX:TieredStopAtLevel=1");
  }

  @Test
  void whatCannotBeIsSaid() throws Exception {
    String output = inAnotherJvm(1, BY_HAND + "vector");
    assertTrue(output.contains("Unavailable[reason=System property"), output);
  }

  private static void assertInAnotherJvm(String expected, String... options) throws Exception {
    String output = inAnotherJvm(0, options);
    assertTrue(output.contains(expected), output);
    // The cost of scalar kernels is logged once as a warning; the normal case only for debugging.
    boolean said = output.contains("The simd backend computes with scalar loops: ");
    boolean slow = expected.startsWith("scalar") && !expected.contains("asked for");
    assertEquals(slow, said, output);
  }

  private static String inAnotherJvm(int exitCode, String... options)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Child.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(exitCode, process.waitFor(), output);
    assertTrue(exitCode != 0 || output.contains("computed 0.0"), output);
    return output;
  }
}
