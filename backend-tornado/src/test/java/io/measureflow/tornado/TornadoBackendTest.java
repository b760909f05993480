package io.measureflow.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Tests opening, sharing states between programs, and freeing memory. */
final class TornadoBackendTest {

  private static BackendSettings settings(Precision precision, Map<String, String> section) {
    return new BackendSettings(1, precision, section);
  }

  @Test
  void wrongSettingsAreRefused() {
    TestDevice.open().close();
    var provider = new TornadoBackendProvider();
    var precision =
        assertThrows(
            InvalidRequestException.class,
            () -> provider.open(settings(Precision.FLOAT64, Map.of())));
    assertTrue(precision.getMessage().contains("float64"), precision.getMessage());
    var device =
        assertThrows(
            InvalidRequestException.class,
            () -> provider.open(settings(Precision.FLOAT32, Map.of("device", "9:9"))));
    assertTrue(device.getMessage().contains("0:0"), device.getMessage());
    assertThrows(
        InvalidRequestException.class,
        () -> provider.open(settings(Precision.FLOAT32, Map.of("speed", "high"))));
  }

  @Test
  void devicesAreDescribed() {
    TestDevice.open().close();
    var available =
        assertInstanceOf(Availability.Available.class, new TornadoBackendProvider().availability());
    assertTrue(available.version().startsWith("TornadoVM"), available.version());
    assertEquals("0:0", available.devices().getFirst().id());
    assertTrue(available.devices().getFirst().memoryBytes() > 0);
    assertTrue(available.devices().getFirst().parallelism() > 0);
  }

  private static Program counting(String name, double by) {
    var program = new ProgramBuilder(name);
    Value count = program.state("count", Shape.of(3));
    program.output("before", program.affine(count, 1, 0.25));
    program.update(new Op.Assign(count, program.affine(count, 1, by)));
    return program.build();
  }

  /** Programs that take turns, a host that writes in between, and a program that is closed. */
  @Test
  void theNewestStateIsFoundWhereverItIs() {
    try (Backend backend = TestDevice.open();
        Workspace workspace = backend.newWorkspace();
        Executable one = workspace.compile(counting("one", 1))) {
      double expected = 0;
      Executable ten = workspace.compile(counting("ten", 10));
      for (int round = 0; round < 5; round++) {
        one.run();
        one.run();
        ten.run();
        assertEquals(expected + 2.25, ten.output("before").get(2));
        expected += 12;
        if (round == 2) {
          workspace.write("count", Tensor.of(Shape.of(3), new float[] {7, 7, 7}));
          expected = 7;
        }
      }
      ten.run();
      ten.close();
      assertEquals(expected + 10, workspace.read("count").get(0));
      one.run();
      assertEquals(expected + 10.25, one.output("before").get(1));
    }
  }

  /** Measures the process after many programs of 40 MB each have been opened, run and closed. */
  @Test
  void closingGivesMemoryBack() throws IOException {
    Path status = Path.of("/proc/self/status");
    Assumptions.assumeTrue(Files.exists(status), "The resident memory is read from " + status);
    var program = new ProgramBuilder("large");
    Value state = program.state("s", Shape.of(5_000_000));
    program.update(new Op.Assign(state, program.affine(state, 1, 1)));
    Program large = program.build();
    try (Backend backend = TestDevice.open()) {
      long settled = 0;
      for (int round = 0; round < 16; round++) {
        try (Workspace workspace = backend.newWorkspace();
            Executable executable = workspace.compile(large)) {
          executable.run();
        }
        // Host arrays of TornadoVM are freed with their Java objects.
        System.gc();
        if (round == 5) {
          settled = residentKilobytes(status);
        }
      }
      long grown = residentKilobytes(status) - settled;
      // A leak in ten rounds would hold 400 MB more.
      assertTrue(grown < 150_000, "resident memory grew by " + grown + " kB");
    }
  }

  private static long residentKilobytes(Path status) throws IOException {
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("No VmRSS in " + status);
  }
}
