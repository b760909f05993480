package io.measureflow.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private static AtomicFile.Content halfOf(String text) {
    return channel -> {
      AtomicFile.writeFully(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      throw new IOException("No space left on device");
    };
  }

  @Test
  void replacesAFile() throws IOException {
    Path file = folder.resolve("a");
    AtomicFile.write(file, "old");
    AtomicFile.write(file, "new");
    assertEquals("new", Files.readString(file));
    assertEquals(List.of("a"), names());
  }

  @Test
  void aFullDiskLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("a");
    AtomicFile.write(file, "old");
    var error = assertThrows(RunFailedException.class, () -> AtomicFile.write(file, halfOf("new")));
    assertEquals(1, error.exitCode());
    assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
    assertTrue(error.getMessage().contains("No space left on device"), error.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("a"), names());
  }

  @Test
  void aFullDiskLeavesNothingNew() throws IOException {
    assertThrows(
        RunFailedException.class, () -> AtomicFile.write(folder.resolve("a"), halfOf("new")));
    assertEquals(List.of(), names());
  }

  @Test
  void aMissingFolder() {
    Path file = folder.resolve("none").resolve("a");
    var error = assertThrows(RunFailedException.class, () -> AtomicFile.write(file, "x"));
    assertTrue(error.getMessage().contains("no such file or folder"), error.getMessage());
  }

  @Test
  void whatIsNoFileIsNotReplaced() {
    assertThrows(InvalidRequestException.class, () -> AtomicFile.write(folder, "x"));
    assertTrue(Files.isDirectory(folder));
  }

  @Test
  void aLinkGoesOnPointingToTheFile() throws IOException {
    Path file = folder.resolve("a");
    AtomicFile.write(file, "old");
    Path link = Files.createSymbolicLink(folder.resolve("b"), file);
    AtomicFile.write(link, "new");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(file));
  }

  @Test
  void removesWhatKilledWritersLeft() throws IOException {
    Files.writeString(folder.resolve(".a.17-1.partial"), "x");
    Files.writeString(folder.resolve("a"), "x");
    AtomicFile.removePartialFiles(folder);
    assertEquals(List.of("a"), names());
    assertFalse(Files.exists(folder.resolve(".a.17-1.partial")));
  }
}
