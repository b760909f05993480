package io.measureflow.api.io;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnmappableCharacterException;
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
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipException;

/**
 * Writes a file atomically: readers see the old file or the complete new one. The content goes to a
 * partial file in the same folder, is forced to disk, and is then renamed. A symbolic link stays a
 * link; the file it points to is replaced.
 *
 * <p>Either write the content at once:
 *
 * <pre>{@code
 * AtomicFile.write(file, "text");
 * }</pre>
 *
 * <p>or piece by piece. Without {@link #commit} no file is left:
 *
 * <pre>{@code
 * try (AtomicFile output = AtomicFile.open(file)) {
 *   output.write(buffer);
 *   output.commit();
 * }
 * }</pre>
 *
 * <p>A killed process leaves its partial file. The next writer of the same file removes it, and
 * {@link #removePartialFiles} removes those of a whole folder. An instance is not thread-safe.
 */
public final class AtomicFile implements WritableByteChannel {

  /** Stands for standard output, as do the names that Unix systems give it. */
  public static final Path STANDARD_OUTPUT = Path.of("-");

  private static final List<String> STANDARD_OUTPUT_NAMES =
      List.of("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final Path target;
  private final PartialFile partial;
  private final WritableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private boolean committed;

  private AtomicFile(Path file, Path target, PartialFile partial) {
    this.file = file;
    this.target = target;
    this.partial = partial;
    channel = partial.channel();
  }

  // ---- content at once ----

  /** Writes the bytes of a file. */
  @FunctionalInterface
  public interface Content {

    /** Writes everything to the channel, which is at the beginning of an empty file. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes a file, replacing an earlier one once the new one is complete.
   *
   * @throws RunFailedException if writing failed, for example because the disk is full; an earlier
   *     file is unchanged, and the partial file is deleted
   * @throws InvalidRequestException if the path names something that is not a file
   */
  public static void write(Path file, Content content) {
    try {
      Path target = resolved(file);
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        throw InvalidRequestException.of(
            file.toString(),
            "a file that can be replaced, or none",
            Files.isDirectory(target) ? "a folder" : "a device",
            "Choose another name.");
      }
      try (PartialFile partial = PartialFile.create(target)) {
        content.writeTo(partial.fileChannel());
        put(partial, target);
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Writes a text in UTF-8. See {@link #write(Path, Content)}. */
  public static void write(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes these bytes. See {@link #write(Path, Content)}. */
  public static void write(Path file, byte[] bytes) {
    write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /** Writes a whole buffer, in as many calls as that takes. */
  public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  // ---- piece by piece ----

  /**
   * Opens a file to be written piece by piece. A device, a pipe and {@linkplain #isStandardOutput
   * standard output} are written directly.
   *
   * @throws InvalidRequestException if the folder does not exist, or the path names a folder
   * @throws RunFailedException if the file cannot be created
   */
  public static AtomicFile open(Path file) {
    if (isStandardOutput(file)) {
      return new AtomicFile(file, file, PartialFile.standardOutput(file));
    }
    try {
      Path target = resolved(file);
      Path folder = target.getParent();
      if (Files.isDirectory(target) || folder == null) {
        throw InvalidRequestException.of(
            file.toString(), "a file to write", "a folder", "Name a file in it.");
      }
      if (!Files.isDirectory(folder)) {
        throw InvalidRequestException.of(
            file.toString(),
            "a file in a folder that exists",
            "no folder " + folder,
            "Make the folder, or name another.");
      }
      boolean direct = Files.exists(target) && !Files.isRegularFile(target);
      return new AtomicFile(
          file, target, direct ? PartialFile.direct(target) : PartialFile.create(target));
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Returns whether a name stands for standard output: {@code -} or {@code /dev/stdout}. */
  public static boolean isStandardOutput(Path file) {
    return STANDARD_OUTPUT_NAMES.contains(file.toString());
  }

  /** Returns whether what is written to a file appears at once: a device, a pipe. */
  public static boolean isWrittenDirectly(Path file) {
    return isStandardOutput(file) || (Files.exists(file) && !Files.isRegularFile(file));
  }

  /** Returns the file, as it was named. */
  public Path file() {
    return file;
  }

  /** Writes the whole buffer. */
  @Override
  public int write(ByteBuffer source) throws IOException {
    int length = source.remaining();
    if (length > buffer.remaining()) {
      drain();
    }
    if (length > buffer.remaining()) {
      writeFully(channel, source);
    } else {
      buffer.put(source);
    }
    return length;
  }

  private void drain() throws IOException {
    writeFully(channel, buffer.flip());
    buffer.clear();
  }

  /** Completes the file and moves it into place. */
  public void commit() throws IOException {
    if (committed) {
      throw new IllegalStateException(file + " is complete.");
    }
    drain();
    put(partial, target);
    committed = true;
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  /** Closes the file. Without a commit, the partial file is deleted. */
  @Override
  public void close() throws IOException {
    partial.close();
  }

  // ---- both ----

  /** Resolves a path: follows symbolic links, even to a file that does not exist yet. */
  private static Path resolved(Path file) throws IOException {
    Path target = file.toAbsolutePath();
    if (Files.exists(target)) {
      return Files.isSymbolicLink(target) ? target.toRealPath() : target;
    }
    return Files.isSymbolicLink(target)
        ? target.resolveSibling(Files.readSymbolicLink(target))
        : target;
  }

  private static void put(PartialFile partial, Path target) throws IOException {
    if (partial.isDirect()) {
      return;
    }
    partial.fileChannel().force(true);
    partial.channel().close(); // Windows does not move open files.
    Files.move(partial.path(), target, StandardCopyOption.ATOMIC_MOVE);
    forceFolderOf(target);
  }

  /** Forces the folder to disk, so that the new name survives a crash of the machine. */
  private static void forceFolderOf(Path target) {
    Path folder = target.getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows cannot open folders; the file itself is on disk already.
      System.getLogger(AtomicFile.class.getName())
          .log(System.Logger.Level.DEBUG, "Folder {0} was not forced to disk: {1}", folder, e);
    }
  }

  /**
   * Removes the partial files of killed writers from a folder. Files being written are kept if the
   * file system supports locks; otherwise, make sure that nobody is writing to the folder.
   */
  public static void removePartialFiles(Path folder) {
    PartialFile.removeAll(folder);
  }

  /** Creates the error for a file that could not be written. */
  public static RunFailedException failed(Path file, IOException cause) {
    return new RunFailedException(
        file
            + ": could not be written: "
            + reason(cause)
            + ". "
            + (isWrittenDirectly(file)
                ? "What was written so far is not complete."
                : Files.isRegularFile(file)
                    ? "The file that was there before is unchanged."
                    : "No file was left behind.")
            + " Make room, or check the permissions, and try again.",
        cause);
  }

  /**
   * What went wrong, in words: {@code no such file or folder: a/b}, {@code permission denied: a}.
   * The message of an I/O error is often only the name of a file, and its kind the name of a class.
   */
  public static String reason(Throwable problem) {
    String message = Objects.requireNonNullElse(problem.getMessage(), "").strip();
    return switch (problem) {
      case UncheckedIOException unchecked when unchecked.getCause() != null ->
          reason(unchecked.getCause());
      case FileSystemException e -> {
        String file = Objects.requireNonNullElse(e.getOtherFile(), e.getFile());
        yield reasonOf(e) + (file == null ? "" : ": " + file);
      }
      case EOFException _ -> "the file ends too early";
      case ZipException _ -> "damaged compressed data" + (message.isEmpty() ? "" : ": " + message);
      case MalformedInputException _, UnmappableCharacterException _ -> "bytes that are not UTF-8";
      case ClosedByInterruptException _ -> "interrupted";
      case ClosedChannelException _ -> "the file was closed meanwhile";
      default -> message.isEmpty() ? "no reason was given" : message.lines().findFirst().orElse("");
    };
  }

  /** Java names a class where it knows the kind, and has the words of the system for the others. */
  private static String reasonOf(FileSystemException problem) {
    return switch (problem) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "a file or folder of that name exists";
      case DirectoryNotEmptyException _ -> "the folder is not empty";
      case NotDirectoryException _ -> "not a folder";
      case FileSystemLoopException _ -> "symbolic links go round in a circle";
      case AtomicMoveNotSupportedException _ -> "the file system cannot replace a file at once";
      default -> Objects.requireNonNullElse(problem.getReason(), "no reason was given");
    };
  }
}
