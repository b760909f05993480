package io.measureflow.cli.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The lock of a folder: a file {@code .lock} in it, locked by the operating system, so that it is
 * released when its process ends for any reason. While it is held, the file names the process, for
 * messages of others; afterwards the file remains, empty.
 */
final class FolderLock implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(FolderLock.class.getName());
  private static final String NAME = ".lock";

  /** The locked byte lies beyond the text, as Windows prevents reading of a locked region. */
  private static final long LOCKED_BYTE = 1L << 30;

  private static final Pattern HOLDER = Pattern.compile("process [0-9]{1,18} on [\\w.-]{1,255}");

  /**
   * The folders locked by this process. POSIX releases a lock when its process closes any channel
   * of the file, so a second channel must not be opened.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Locks a folder.
   *
   * @return the lock; empty if another process, or another run in this one, has it
   * @throws IOException if no file can be created in the folder
   */
  static Optional<FolderLock> take(Path folder) throws IOException {
    Path file = folder.toRealPath().resolve(NAME);
    if (!HELD.add(file)) {
      return Optional.empty();
    }
    boolean taken = false;
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        // A run that wrote nothing removes its file: the locked file might no longer exist.
        taken = tryLock(channel, file) && Files.exists(file);
        if (taken) {
          write(channel, "process " + ProcessHandle.current().pid() + " on " + host());
        }
      } finally {
        if (!taken) {
          channel.close();
        }
      }
      return taken ? Optional.of(new FolderLock(file, channel)) : Optional.empty();
    } finally {
      if (!taken) {
        HELD.remove(file);
      }
    }
  }

  private static boolean tryLock(FileChannel channel, Path file) {
    try {
      @Nullable FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      // Some network file systems have no locks.
      LOG.log(System.Logger.Level.DEBUG, "{0} was not locked: {1}", file, e.toString());
      return true;
    }
  }

  private static void write(FileChannel channel, String text) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
  }

  /** Returns the process that holds the lock, for example "process 1234 on host", if known. */
  static Optional<String> holder(Path folder) {
    try {
      Path file = folder.toRealPath().resolve(NAME);
      if (HELD.contains(file)) {
        return Optional.of("this process");
      }
      String text = Files.readString(file).strip();
      return HOLDER.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static boolean isLockFile(Path file) {
    return String.valueOf(file.getFileName()).equals(NAME);
  }

  /** Returns the name of the machine, without a network request. */
  private static String host() {
    String name = "";
    try {
      name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      for (String variable : new String[] {"COMPUTERNAME", "HOSTNAME"}) {
        @Nullable String value = System.getenv(variable);
        name = name.isEmpty() && value != null ? value : name;
      }
    }
    return name.isEmpty() ? "this-machine" : name.replaceAll("[^\\w.-]", "_");
  }

  /** Removes the file, while the lock is held. */
  void removeFile() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was not removed: {1}", file, e.toString());
    }
  }

  /** Releases the lock. */
  @Override
  public void close() {
    try {
      channel.truncate(0);
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was not released: {1}", file, e.toString());
    } finally {
      HELD.remove(file);
    }
  }
}
