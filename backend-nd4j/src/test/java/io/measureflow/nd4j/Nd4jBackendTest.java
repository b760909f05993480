package io.measureflow.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** Tests that the backend frees its memory. */
class Nd4jBackendTest {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Shape LARGE = Shape.of(1000, 1000);
  private static final Shape SMALL = Shape.of(3);

  private static Backend open(int threads) {
    return new Nd4jBackendProvider().open(BackendSettings.of(threads, Precision.FLOAT32));
  }

  /** total := total + x, and x x': buffers of every kind, 4 MB each, and a product. */
  private static Program sum() {
    var builder = new ProgramBuilder("sum");
    Value x = builder.input("x", LARGE);
    Value total = builder.state("total", LARGE);
    Value next = builder.add(total, x);
    builder.output(
        "product", builder.matMul(x, true, builder.constant(1, Shape.of(1000, 1)), false));
    builder.update(new Op.Assign(total, next));
    return builder.build();
  }

  private static Program withStates(Shape first, Shape second) {
    var builder = new ProgramBuilder("states");
    Value a = builder.state("a", first);
    Value b = builder.state("b", second);
    builder.output("a", builder.square(a));
    builder.output("b", builder.square(b));
    return builder.build();
  }

  private static long residentMebibytes() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A leak of one buffer per round would leave at least 150 MiB after 40 rounds. */
  private static void assertMemoryReturns(Runnable round) {
    Assumptions.assumeTrue(Files.isReadable(STATUS), "there is no " + STATUS);
    for (int i = 0; i < 5; i++) {
      round.run();
    }
    long before = residentMebibytes();
    for (int i = 0; i < 40; i++) {
      round.run();
    }
    long grown = residentMebibytes() - before;
    assertTrue(grown < 100, () -> "resident memory has grown by " + grown + " MiB");
  }

  private static void runOnce(Executable executable) {
    executable.input("x").set(0, 1);
    executable.run();
    assertEquals(1, executable.output("product").get(0));
  }

  @Test
  void closedExecutablesLeaveNoMemory() {
    try (Backend backend = open(2);
        Workspace workspace = backend.newWorkspace()) {
      int[] rounds = {0};
      assertMemoryReturns(
          () -> {
            try (Executable executable = workspace.compile(sum())) {
              runOnce(executable);
              rounds[0]++;
            }
          });
      assertEquals(rounds[0], workspace.read("total").get(0));
    }
  }

  @Test
  void closedWorkspacesLeaveNoMemory() {
    try (Backend backend = open(2)) {
      assertMemoryReturns(
          () -> {
            try (Workspace workspace = backend.newWorkspace()) {
              runOnce(workspace.compile(sum()));
            }
          });
    }
  }

  @Test
  void closedBackendsLeaveNeitherMemoryNorThreads() {
    Set<Thread> before = workers();
    assertMemoryReturns(
        () -> {
          try (Backend backend = open(2)) {
            runOnce(backend.newWorkspace().compile(sum()));
          }
        });
    assertEquals(before, workers());
  }

  @Test
  void programsThatCannotBeCompiledLeaveNoMemory() {
    try (Backend backend = open(1);
        Workspace workspace = backend.newWorkspace()) {
      workspace.compile(withStates(SMALL, SMALL)).close();
      var builder = new ProgramBuilder("other");
      builder.output("new", builder.square(builder.state("a_new_one", LARGE)));
      builder.output("b", builder.square(builder.state("b", Shape.of(4))));
      Program wrong = builder.build();
      assertMemoryReturns(
          () -> assertThrows(IllegalArgumentException.class, () -> workspace.compile(wrong)));
      assertEquals(Set.of("a", "b"), workspace.states());
    }
  }

  @Test
  void whatIsClosedIsNotUsed() {
    Backend backend = open(2);
    Workspace workspace = backend.newWorkspace();
    Executable first = workspace.compile(sum());
    Executable second = workspace.compile(sum());
    Tensor input = first.input("x");
    first.close();
    assertThrows(IllegalStateException.class, first::run);
    assertThrows(IllegalStateException.class, () -> input.get(0));
    runOnce(second);
    backend.close();
    backend.close();
    assertThrows(IllegalStateException.class, second::run);
    assertThrows(IllegalStateException.class, workspace::states);
    assertThrows(IllegalStateException.class, backend::newWorkspace);
  }

  private static Set<Thread> workers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("measureflow-nd4j-"))
        .collect(Collectors.toSet());
  }

  private static void assertThreads(int expected) {
    assertEquals(expected, Nd4j.getEnvironment().maxMasterThreads());
    assertEquals(expected, Nd4j.factory().blas().getMaxThreads());
  }

  @Test
  void threadsAreThoseOfTheSettingsInEveryRun() {
    int before = workers().size();
    try (Backend one = open(1)) {
      assertEquals(1, one.description().threads());
      assertThreads(1);
      assertEquals(before, workers().size());
      try (Backend two = open(2)) {
        assertEquals(2, two.description().threads());
        assertThreads(2);
        assertEquals(before + 1, workers().size());
        runOnce(one.newWorkspace().compile(sum()));
        assertThreads(1);
        runOnce(two.newWorkspace().compile(sum()));
        assertThreads(2);
      }
    }
    assertEquals(before, workers().size());
  }

  @Test
  void loopsThatFailAreReportedAndTheThreadsGoOn() {
    try (var workers = new Workers(2)) {
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  workers.run(
                      100,
                      1,
                      (from, to) -> {
                        if (from > 0) {
                          throw new IllegalArgumentException("on purpose");
                        }
                      }));
      assertInstanceOf(IllegalArgumentException.class, thrown.getCause());
      int[] seen = new int[1000];
      workers.run(
          seen.length,
          1,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              seen[i]++;
            }
          });
      for (int count : seen) {
        assertEquals(1, count);
      }
    }
    var closed = new Workers(2);
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.run(10, 1, (from, to) -> {}));
  }

  @Test
  void availabilityNamesTheLibrariesAndTheDevice() {
    Availability.Available found =
        assertInstanceOf(Availability.Available.class, new Nd4jBackendProvider().availability());
    assertTrue(found.version().startsWith("ND4J "), found.version());
    assertFalse(found.devices().isEmpty());
    assertTrue(found.devices().getFirst().memoryBytes() > 0);
  }

  @Test
  void settingsThatItHasNotAreRefused() {
    var settings = new BackendSettings(1, Precision.FLOAT32, Map.of("device", "0"));
    InvalidRequestException thrown =
        assertThrows(InvalidRequestException.class, () -> new Nd4jBackendProvider().open(settings));
    assertTrue(thrown.getMessage().contains("device"), thrown.getMessage());
  }
}
