package io.measureflow.simd.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The kernels in this JVM, and as on other processors: with narrower vectors, or with none. */
class KernelsTest {

  private static final String VECTOR_MODULE = "--add-modules=jdk.incubator.vector";

  @TestFactory
  Stream<DynamicTest> inThisJvm() {
    return KernelChecks.all().entrySet().stream()
        .map(check -> DynamicTest.dynamicTest(check.getKey(), check.getValue()::run));
  }

  @Tag("slow")
  @Test
  void vectorsOf256Bits() throws Exception {
    checkInAnotherJvm("256 bits", VECTOR_MODULE, "-XX:MaxVectorSize=32");
  }

  @Tag("slow")
  @Test
  void vectorsOf128Bits() throws Exception {
    checkInAnotherJvm("128 bits", VECTOR_MODULE, "-XX:MaxVectorSize=16");
  }

  @Tag("slow")
  @Test
  void noVectorModule() throws Exception {
    checkInAnotherJvm("scalar loops");
  }

  private static void checkInAnotherJvm(String expectedKernels, String... options)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(KernelChecks.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains(expectedKernels), output);
  }
}
