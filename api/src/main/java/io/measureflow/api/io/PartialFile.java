package io.measureflow.api.io;

import io.measureflow.api.error.RunFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The partial file of one writer, {@code .NAME.PID-NUMBER.partial} beside its target, locked while
 * it is written; or a device, a pipe or standard output, which is written directly.
 */
final class PartialFile implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(PartialFile.class.getName());

  private static final String ENDING = ".partial";
  private static final Pattern OWNER = Pattern.compile("([0-9]{1,18})-[0-9]+");
  private static final AtomicLong COUNTER = new AtomicLong();

  /** The paths that this process is writing, each unique. */
  private static final Set<String> LIVE = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final WritableByteChannel channel;
  private final boolean direct;

  private PartialFile(Path path, WritableByteChannel channel, boolean direct) {
    this.path = path;
    this.channel = channel;
    this.direct = direct;
  }

  /** Creates a partial file and removes those that killed writers of the same target left. */
  static PartialFile create(Path target) throws IOException {
    removeAbandoned(target);
    long pid = ProcessHandle.current().pid();
    String name = "." + target.getFileName() + "." + pid + "-" + COUNTER.incrementAndGet() + ENDING;
    Path path = target.resolveSibling(name);
    LIVE.add(name);
    try {
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      lock(channel, path);
      return new PartialFile(path, channel, false);
    } catch (IOException | RuntimeException e) {
      LIVE.remove(name);
      throw e;
    }
  }

  /** Opens a device or a pipe. */
  static PartialFile direct(Path target) throws IOException {
    return new PartialFile(target, FileChannel.open(target, StandardOpenOption.WRITE), true);
  }

  /** Writes to standard output, which stays open. */
  static PartialFile standardOutput(Path name) {
    return new PartialFile(name, new StandardOutput(), true);
  }

  /** Standard output; its stream reports failures only when it is asked. */
  private static final class StandardOutput implements WritableByteChannel {

    private boolean open = true;

    @Override
    public int write(ByteBuffer source) throws IOException {
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      System.out.write(bytes, 0, bytes.length);
      if (System.out.checkError()) {
        throw new IOException("standard output is full or was closed");
      }
      return bytes.length;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
    }
  }

  Path path() {
    return path;
  }

  /** Everything that is written goes here. */
  WritableByteChannel channel() {
    return channel;
  }

  /** The channel of a partial file; a device may have none. */
  FileChannel fileChannel() {
    if (channel instanceof FileChannel file) {
      return file;
    }
    throw new IllegalStateException(path + " is no file.");
  }

  boolean isDirect() {
    return direct;
  }

  /** Locks the file; the lock ends with the channel, and so with the process. */
  private static void lock(FileChannel channel, Path path) {
    try {
      channel.tryLock();
    } catch (IOException e) {
      // Some network file systems have no locks.
      LOG.log(System.Logger.Level.DEBUG, "{0} was not locked: {1}", path, e);
    }
  }

  /**
   * Removes the partial files of a target whose processes are gone. A failure to do so does not
   * prevent writing.
   */
  private static void removeAbandoned(Path target) {
    Path folder = target.getParent();
    if (folder == null) {
      return;
    }
    String start = "." + target.getFileName() + ".";
    try (var files = Files.newDirectoryStream(folder, entry -> isAbandoned(entry, start))) {
      files.forEach(PartialFile::deleteQuietly);
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} was not searched: {1}", folder, e);
    }
  }

  private static boolean isAbandoned(Path entry, String start) {
    String name = String.valueOf(entry.getFileName());
    if (!name.startsWith(start)
        || !name.endsWith(ENDING)
        || name.length() < start.length() + ENDING.length()) {
      return false;
    }
    Matcher owner = OWNER.matcher(name.substring(start.length(), name.length() - ENDING.length()));
    if (!owner.matches()) {
      return false;
    }
    long pid = Long.parseLong(owner.group(1));
    boolean gone =
        pid == ProcessHandle.current().pid()
            || !ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    // In another container a live process may have the same id as a dead one here, or as ours.
    return gone && !isBeingWritten(entry, /* unknown= */ true);
  }

  /**
   * Returns whether a partial file belongs to this process, or another one holds its lock.
   *
   * @param unknown the result if the file system has no locks
   */
  private static boolean isBeingWritten(Path entry, boolean unknown) {
    if (LIVE.contains(String.valueOf(entry.getFileName()))) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(entry, StandardOpenOption.WRITE)) {
      return channel.tryLock() == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      return unknown;
    }
  }

  /** Removes the partial files of a folder that nobody is writing, as far as locks tell. */
  static void removeAll(Path folder) {
    try (var files = Files.newDirectoryStream(folder, ".*" + ENDING)) {
      for (Path file : files) {
        if (!isBeingWritten(file, /* unknown= */ false)) {
          deleteQuietly(file);
        }
      }
    } catch (IOException e) {
      throw new RunFailedException(folder + ": could not be read: " + AtomicFile.reason(e), e);
    }
  }

  private static void deleteQuietly(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} is left over and can be deleted", partial);
    }
  }

  /** Closes the file and deletes it unless it was moved to its target. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (!direct) {
        deleteQuietly(path);
        LIVE.remove(String.valueOf(path.getFileName()));
      }
    }
  }
}
