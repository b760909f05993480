package io.measureflow.core.checkpoint;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes files that a reader sees whole or not at all: the content goes to a partial file in the
 * same folder, reaches the disk, and only then takes the name.
 */
public final class AtomicFile {

  private static final String PARTIAL = ".partial";
  private static final AtomicLong COUNTER = new AtomicLong();

  private AtomicFile() {}

  /** Writes the bytes of a file. */
  @FunctionalInterface
  public interface Content {

    /** Writes everything to the channel, which stands at the beginning of an empty file. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes a file. An earlier file of that name is replaced once the new one is complete.
   *
   * @throws RunFailedException if writing failed, for example because the disk is full; the earlier
   *     file, if any, is as it was, and the partial one is gone
   * @throws InvalidRequestException if the name belongs to something that is no file
   */
  public static void write(Path file, Content content) {
    Path target = file.toAbsolutePath();
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw InvalidRequestException.of(
          file.toString(),
          "a file that can be replaced, or none",
          Files.isDirectory(target) ? "a folder" : "a device",
          "Choose another name.");
    }
    @Nullable Path partial = null;
    try {
      if (Files.isSymbolicLink(target)) {
        target = target.toRealPath();
      }
      Path begun = partialOf(target);
      partial = begun;
      try (FileChannel channel =
          FileChannel.open(begun, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(begun, target, StandardCopyOption.ATOMIC_MOVE);
      partial = null;
      forceFolderOf(target);
    } catch (IOException e) {
      throw new RunFailedException(
          file
              + ": could not be written: "
              + reason(e)
              + ". "
              + (Files.exists(target)
                  ? "The file that was there before is unchanged."
                  : "No file was left behind."),
          e);
    } finally {
      if (partial != null) {
        deleteQuietly(partial);
      }
    }
  }

  /** Writes a text in UTF-8. */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes these bytes. */
  public static void write(Path file, byte[] bytes) {
    write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /** Writes all of a buffer, however many calls that takes. */
  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Removes what writers that were killed left in a folder. Only for a folder that nobody writes
   * to.
   */
  public static void removePartialFiles(Path folder) {
    try (var files = Files.newDirectoryStream(folder, ".*" + PARTIAL)) {
      files.forEach(AtomicFile::deleteQuietly);
    } catch (IOException e) {
      throw new RunFailedException(folder + ": could not be read: " + reason(e), e);
    }
  }

  /** What went wrong, in words: the message of an I/O error is often only the name of the file. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException missing) {
      return "no such file or folder: " + missing.getFile();
    }
    if (e instanceof FileSystemException problem && problem.getReason() != null) {
      return problem.getReason();
    }
    if (e instanceof FileSystemException) {
      return e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static Path partialOf(Path target) {
    return target.resolveSibling(
        "."
            + target.getFileName()
            + "."
            + ProcessHandle.current().pid()
            + "-"
            + COUNTER.incrementAndGet()
            + PARTIAL);
  }

  /** Makes the new name survive a crash of the machine, where folders can be opened at all. */
  private static void forceFolderOf(Path target) {
    Path folder = target.getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows does not open folders; the file itself is on the disk already.
      System.getLogger(AtomicFile.class.getName())
          .log(System.Logger.Level.DEBUG, "Folder {0} was not forced to disk: {1}", folder, e);
    }
  }

  private static void deleteQuietly(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      System.getLogger(AtomicFile.class.getName())
          .log(System.Logger.Level.WARNING, "{0} is left over and can be deleted", partial);
    }
  }
}
