package io.measureflow.api.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AtomicFileTest {

  /** Larger than any process id that a system assigns. */
  private static final long NOBODY = 999_999_999_999L;

  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static AtomicFile.Content halfOf(String text) {
    return channel -> {
      AtomicFile.writeFully(channel, bytes(text));
      throw new IOException("No space left on device");
    };
  }

  // ---- content at once ----

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
    assertTrue(error.getMessage().contains("unchanged"), error.getMessage());
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
  void contentThatThrowsLeavesNothingNew() throws IOException {
    assertThrows(
        IllegalStateException.class,
        () ->
            AtomicFile.write(
                folder.resolve("a"),
                channel -> {
                  throw new IllegalStateException("no content");
                }));
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
  void aLinkToNothingYetStaysALink() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("b"), Path.of("a"));
    AtomicFile.write(link, "new");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(folder.resolve("a")));
  }

  // ---- piece by piece ----

  @Test
  void piecesAppearTogetherOnCommit() throws IOException {
    Path file = folder.resolve("a");
    AtomicFile.write(file, "old");
    byte[] content = new byte[300_000];
    new Random(1).nextBytes(content);
    try (AtomicFile output = AtomicFile.open(file)) {
      // Smaller and larger than the buffer.
      int at = 0;
      for (int length : new int[] {1, 65_535, 70_000, 2, 164_462}) {
        assertEquals(length, output.write(ByteBuffer.wrap(content, at, length)));
        at += length;
      }
      assertEquals(content.length, at);
      assertEquals("old", Files.readString(file));
      output.commit();
      assertArrayEquals(content, Files.readAllBytes(file));
      assertFalse(output.isOpen());
      assertThrows(IllegalStateException.class, output::commit);
    }
    assertEquals(List.of("a"), names());
  }

  @Test
  void withoutACommitNothingIsLeft() throws IOException {
    try (AtomicFile output = AtomicFile.open(folder.resolve("a"))) {
      output.write(bytes("x"));
      assertEquals(1, names().size());
    }
    assertEquals(List.of(), names());
  }

  @Test
  void piecesNeedAFolderAndAName() {
    for (Path file : List.of(folder, folder.resolve("none").resolve("a"))) {
      var error = assertThrows(InvalidRequestException.class, () -> AtomicFile.open(file).close());
      assertTrue(error.getMessage().contains(file.toString()), error.getMessage());
    }
  }

  @Test
  void aDeviceIsWrittenDirectly() throws IOException {
    Path device = Path.of("/dev/null");
    Assumptions.assumeTrue(Files.exists(device), "no /dev/null");
    try (AtomicFile output = AtomicFile.open(device)) {
      output.write(bytes("x"));
      output.commit();
    }
    assertTrue(Files.exists(device) && !Files.isRegularFile(device));
  }

  @Test
  void piecesKeepALink() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("b"), Path.of("a"));
    for (String content : List.of("first", "second")) {
      try (AtomicFile output = AtomicFile.open(link)) {
        output.write(bytes(content));
        output.commit();
      }
      assertTrue(Files.isSymbolicLink(link));
      assertEquals(content, Files.readString(folder.resolve("a")));
    }
  }

  // ---- what went wrong ----

  static Stream<Arguments> reasons() {
    return Stream.of(
        Arguments.of(new NoSuchFileException("a"), "no such file or folder: a"),
        Arguments.of(new AccessDeniedException("a"), "permission denied: a"),
        Arguments.of(new AccessDeniedException("a", null, "because"), "permission denied: a"),
        Arguments.of(
            new FileAlreadyExistsException("a"), "a file or folder of that name exists: a"),
        Arguments.of(new DirectoryNotEmptyException("a"), "the folder is not empty: a"),
        Arguments.of(new NotDirectoryException("a"), "not a folder: a"),
        Arguments.of(new FileSystemLoopException("a"), "symbolic links go round in a circle: a"),
        Arguments.of(
            new AtomicMoveNotSupportedException("a", "b", "x"),
            "the file system cannot replace a file at once: b"),
        Arguments.of(
            new FileSystemException("a", null, "Too many open files"), "Too many open files: a"),
        Arguments.of(new FileSystemException("a"), "no reason was given: a"),
        Arguments.of(new IOException("No space left on device"), "No space left on device"),
        Arguments.of(new IOException(), "no reason was given"),
        Arguments.of(new EOFException(), "the file ends too early"),
        Arguments.of(new MalformedInputException(1), "bytes that are not UTF-8"),
        Arguments.of(
            new UncheckedIOException(new AccessDeniedException("a")), "permission denied: a"),
        Arguments.of(new IllegalStateException("first line\nsecond"), "first line"));
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void reasonsAreWordsAndNameTheFile(Exception problem, String words) {
    assertEquals(words, AtomicFile.reason(problem));
  }

  @Test
  void reasonsOfTheFileSystemItself() throws IOException {
    Path file = Files.createFile(folder.resolve("a"));
    var inAFile = assertThrows(IOException.class, () -> Files.writeString(file.resolve("b"), "x"));
    assertTrue(AtomicFile.reason(inAFile).endsWith(": " + file.resolve("b")));
    var again = assertThrows(IOException.class, () -> Files.createFile(file));
    assertEquals("a file or folder of that name exists: " + file, AtomicFile.reason(again));
  }

  // ---- what killed writers leave ----

  @Test
  void removesWhatKilledWritersLeft() throws IOException {
    Files.writeString(folder.resolve(".a.17-1.partial"), "x");
    Files.writeString(folder.resolve("a"), "x");
    AtomicFile.removePartialFiles(folder);
    assertEquals(List.of("a"), names());
    assertFalse(Files.exists(folder.resolve(".a.17-1.partial")));
  }

  @Test
  void theNextWriterRemovesOnlyWhatDeadWritersOfTheSameFileLeft() throws IOException {
    String dead = ".a." + NOBODY + "-1.partial";
    List<String> others =
        List.of(
            ".a.b." + NOBODY + "-1.partial",
            ".a.name.partial",
            ".a.partial",
            ".b." + NOBODY + "-1.partial",
            "a." + NOBODY + "-1.partial");
    for (String name : others) {
      Files.writeString(folder.resolve(name), "x");
    }
    Files.writeString(folder.resolve(dead), "x");
    AtomicFile.write(folder.resolve("a"), "new");
    var expected = new ArrayList<>(others);
    expected.add("a");
    assertEquals(expected.stream().sorted().toList(), names());
  }

  @Test
  void writersOfTheSameFileDoNotDisturbEachOther() throws IOException {
    Path file = folder.resolve("a");
    try (AtomicFile first = AtomicFile.open(file);
        AtomicFile second = AtomicFile.open(file)) {
      first.write(bytes("first"));
      second.write(bytes("second"));
      second.commit();
      AtomicFile.write(file, "third");
      AtomicFile.removePartialFiles(folder);
      first.commit();
    }
    assertEquals("first", Files.readString(file));
    assertEquals(List.of("a"), names());
  }

  /** Opens a file, reports that, and waits to be killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws IOException {
      try (AtomicFile output = AtomicFile.open(Path.of(arguments[0]))) {
        output.write(ByteBuffer.allocate(100_000));
        Files.createFile(Path.of(arguments[1]));
        System.in.read();
      }
    }
  }

  @Test
  void whatAKilledProcessLeftGoesWithTheNextWriter() throws IOException, InterruptedException {
    Path file = folder.resolve("a");
    Path ready = folder.resolve("ready");
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path", "") + File.pathSeparator,
                Victim.class.getName(),
                file.toString(),
                ready.toString())
            .redirectErrorStream(true)
            .start();
    try {
      while (!Files.exists(ready)) {
        assertTrue(victim.isAlive(), "the other process has ended");
        Thread.sleep(10);
      }
      String partial =
          names().stream().filter(name -> name.endsWith(".partial")).findFirst().orElseThrow();
      AtomicFile.write(file, "while the other lives");
      AtomicFile.removePartialFiles(folder);
      assertEquals(List.of(partial, "a", "ready"), names());
    } finally {
      victim.destroyForcibly().waitFor();
    }
    assertEquals(3, names().size(), "a killed process cleans nothing up");
    AtomicFile.write(file, "new");
    assertEquals(List.of("a", "ready"), names());
    assertEquals("new", Files.readString(file));
  }
}
