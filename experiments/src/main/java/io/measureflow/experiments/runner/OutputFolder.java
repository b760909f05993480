package io.measureflow.experiments.runner;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** A folder in which one process at a time works. */
final class OutputFolder implements AutoCloseable {

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private OutputFolder(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Makes the folder, if it is not there, and takes possession of it. What a process left that was
   * killed while it wrote is removed.
   *
   * @throws InvalidRequestException if it cannot be made or written, or another process has it
   */
  static OutputFolder open(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw unusable(path, Files.exists(path) ? "a file of that name" : AtomicFile.reason(e), e);
    }
    try {
      FileChannel channel =
          FileChannel.open(
              path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      @Nullable FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw InvalidRequestException.of(
            "--output " + path,
            "a folder in which no other process works",
            "one that does",
            "Wait for it, or choose another folder.");
      }
      AtomicFile.removePartialFiles(path);
      return new OutputFolder(path, channel, lock);
    } catch (IOException e) {
      throw unusable(path, AtomicFile.reason(e), e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another thread of this process has it.
      return null;
    }
  }

  private static InvalidRequestException unusable(Path folder, String found, IOException cause) {
    var refused =
        InvalidRequestException.of(
            "--output " + folder,
            "a folder that can be made and written",
            found,
            "Choose another folder.");
    refused.initCause(cause);
    return refused;
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      System.getLogger(OutputFolder.class.getName())
          .log(System.Logger.Level.DEBUG, "The lock of {0} was not released: {1}", path, e);
    }
  }
}
