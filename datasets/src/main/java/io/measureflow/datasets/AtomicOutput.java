package io.measureflow.datasets;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A file that appears whole, under its name, when it is committed, or not at all: it is written
 * beside its place, forced to the disk, and moved. A place that is a device or a pipe is written to
 * as it is.
 */
final class AtomicOutput implements WritableByteChannel {

  private static final int BUFFER = 1 << 16;
  private static final AtomicLong COUNTER = new AtomicLong();

  private final Path file;
  private final Path target;
  private final boolean inPlace;
  private final Path written;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private boolean committed;

  /**
   * Begins to write.
   *
   * @throws InvalidRequestException if there is no folder for the file, or a folder in its place
   */
  static AtomicOutput open(Path file) {
    Path absolute = file.toAbsolutePath();
    try {
      // A link stays, and what it names is replaced.
      Path target = Files.exists(absolute) ? absolute.toRealPath() : absolute;
      if (Files.isDirectory(target) || target.getFileName() == null) {
        throw InvalidRequestException.of(
            file.toString(), "a file to write", "a folder", "Name a file in it.");
      }
      Path folder = target.getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw InvalidRequestException.of(
            file.toString(),
            "a file in a folder that exists",
            "no folder " + folder,
            "Make the folder, or name another.");
      }
      return new AtomicOutput(file, target, folder);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private AtomicOutput(Path file, Path target, Path folder) throws IOException {
    this.file = file;
    this.target = target;
    inPlace = Files.exists(target) && !Files.isRegularFile(target);
    if (inPlace) {
      written = target;
      channel = FileChannel.open(target, StandardOpenOption.WRITE);
    } else {
      String suffix = ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
      written = folder.resolve("." + target.getFileName() + "." + suffix + ".part");
      channel = FileChannel.open(written, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }
  }

  static RunFailedException failed(Path file, IOException cause) {
    return new RunFailedException(
        file
            + " could not be written ("
            + cause.getMessage()
            + "). What was there before is as it was; make room, or check the permissions, and try"
            + " again.",
        cause);
  }

  Path file() {
    return file;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int length = source.remaining();
    if (length > buffer.remaining()) {
      drain();
    }
    if (length > buffer.remaining()) {
      writeFully(source);
    } else {
      buffer.put(source);
    }
    return length;
  }

  private void drain() throws IOException {
    writeFully(buffer.flip());
    buffer.clear();
  }

  private void writeFully(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      channel.write(source);
    }
  }

  /** Puts the file in its place. */
  void commit() throws IOException {
    drain();
    if (!inPlace) {
      channel.force(true);
      channel.close();
      try {
        Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        throw new IOException("the file system cannot replace a file at once", e);
      }
    }
    committed = true;
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  /** Ends writing; without a commit, nothing is left. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (!committed && !inPlace) {
        Files.deleteIfExists(written);
      }
    }
  }
}
