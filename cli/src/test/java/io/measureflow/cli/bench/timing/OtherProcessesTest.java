package io.measureflow.cli.bench.timing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherProcessesTest {

  @TempDir Path proc;

  private void process(String id, String name, int user, int system) throws IOException {
    Files.createDirectories(proc.resolve(id));
    Files.writeString(
        proc.resolve(id).resolve("stat"),
        "77 (%s) S 1 77 77 0 -1 4194560 9 8 7 6 %d %d 0 0 20 0 1\n".formatted(name, user, system));
  }

  @Test
  void whatIsNotOursIsThatOfOthers() throws IOException {
    // User, nice, system, idle, waiting, interrupts (2), stolen, guests (2); in hundredths.
    Files.writeString(proc.resolve("stat"), "cpu  400 50 100 9999 777 20 30 55 0 0\ncpu0 1 2 3\n");
    process("self", "java", 150, 50);
    process("42", "a (strange) name", 60, 40);
    assertEquals(4, new OtherProcesses(proc, List.of()).seconds(), 1e-12);
    assertEquals(3, new OtherProcesses(proc, List.of(42L)).seconds(), 1e-12);
  }

  @Test
  void whereNothingIsReportedOthersUseNothing() throws IOException {
    var others = new OtherProcesses(proc.resolve("none"), List.of());
    others.start();
    assertEquals(0, others.share());
    Files.writeString(proc.resolve("stat"), "another format\n");
    assertEquals(0, new OtherProcesses(proc, List.of()).seconds());
  }
}
