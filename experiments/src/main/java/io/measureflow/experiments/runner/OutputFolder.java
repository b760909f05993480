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

/** An output folder that one process at a time may use. */
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
   * Creates the folder if necessary, locks it, and removes partial files left by a killed process.
   *
   * @throws InvalidRequestException if the folder cannot be created or written to, or another
   *     process uses it
   */
  static OutputFolder open(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw unusable(path, Files.exists(path) ? "a file with that name" : AtomicFile.reason(e), e);
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
            "a folder that no other process uses",
            "one in use",
            "Wait until it ends, or choose another folder.");
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
      // Another thread of this process holds the lock.
      return null;
    }
  }

  private static InvalidRequestException unusable(Path folder, String found, IOException cause) {
    var refused =
        InvalidRequestException.of(
            "--output " + folder,
            "a folder that can be created and written to",
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
