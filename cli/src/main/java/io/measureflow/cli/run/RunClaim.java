package io.measureflow.cli.run;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reserves a run folder for this process until it is closed. Two processes cannot claim the same
 * folder: it is created atomically, and locked while the run is active. The operating system
 * releases the lock of a process that crashes.
 */
public final class RunClaim implements AutoCloseable {

  private static final String OUT = "--out ";
  private static final String RESUME = "--resume ";

  private final RunFolder folder;
  private final FolderLock lock;

  /** The folders created for the claim, the deepest first. */
  private final Deque<Path> made;

  private RunClaim(RunFolder folder, FolderLock lock, Deque<Path> made) {
    this.folder = folder;
    this.lock = lock;
    this.made = made;
  }

  /**
   * Claims the folder of a new run.
   *
   * @param path a folder that is empty or does not exist
   * @throws InvalidRequestException if the folder cannot be created, contains files, or is claimed
   *     by another run
   */
  public static RunClaim ofNewRun(Path path) {
    var made = new ArrayDeque<Path>();
    try {
      make(OUT, path, made);
      requireEmpty(path);
      FolderLock lock =
          FolderLock.take(path)
              .orElseThrow(() -> held(OUT, path, "a folder that no other run has claimed"));
      try {
        // Another run may have started and ended in the meantime.
        requireEmpty(path);
      } catch (RuntimeException | IOException e) {
        lock.close();
        throw e;
      }
      return new RunClaim(new RunFolder(path), lock, made);
    } catch (RuntimeException e) {
      remove(made);
      throw e;
    } catch (IOException e) {
      remove(made);
      throw unusable(path, e);
    }
  }

  /**
   * Claims the default folder of a new run: the first of {@code path}, {@code path-2}, {@code
   * path-3} and so on that does not exist.
   */
  public static RunClaim ofNewRunNear(Path path) {
    Path next = path;
    for (int i = 2; ; i++) {
      Optional<RunClaim> claim = tryNew(next);
      if (claim.isPresent()) {
        return claim.get();
      }
      next = path.resolveSibling(path.getFileName() + "-" + i);
    }
  }

  /** Claims a folder that does not exist; empty if it does, or another run was faster. */
  private static Optional<RunClaim> tryNew(Path path) {
    var made = new ArrayDeque<Path>();
    try {
      Path above = path.toAbsolutePath().getParent();
      if (above != null) {
        make(OUT, above, made);
      }
      Files.createDirectory(path);
      made.push(path);
      return FolderLock.take(path).map(lock -> new RunClaim(new RunFolder(path), lock, made));
    } catch (FileAlreadyExistsException e) {
      return Optional.empty();
    } catch (IOException e) {
      remove(made);
      throw unusable(path, e);
    }
  }

  /**
   * Claims the folder of an earlier run, and removes the partial files in it.
   *
   * @throws InvalidRequestException if it contains no run, or one that is still active
   */
  public static RunClaim ofEarlierRun(Path path) {
    var folder = new RunFolder(path);
    if (!Files.isRegularFile(folder.config())) {
      throw InvalidRequestException.of(
          RESUME + path,
          "a run folder, with a file " + folder.config().getFileName(),
          Files.isDirectory(path) ? "a folder without one" : "no such folder",
          "Check the path.");
    }
    try {
      FolderLock lock =
          FolderLock.take(path).orElseThrow(() -> held(RESUME, path, "a run that has ended"));
      try {
        AtomicFile.removePartialFiles(path);
      } catch (RuntimeException e) {
        lock.close();
        throw e;
      }
      return new RunClaim(folder, lock, new ArrayDeque<>());
    } catch (IOException e) {
      throw new RunFailedException(
          path + ": expected a folder that can be written, found: " + AtomicFile.reason(e) + ".",
          e);
    }
  }

  /** Returns the folder. */
  public RunFolder folder() {
    return folder;
  }

  /** Releases the folder; if it was created for a run that wrote nothing, it is removed. */
  @Override
  public void close() {
    boolean unused = !Files.exists(folder.config());
    if (unused) {
      lock.removeFile();
    }
    lock.close();
    if (unused) {
      remove(made);
    }
  }

  /**
   * Creates a folder and its parents; adds those that did not exist to the list.
   *
   * @param option the option that names the folder, and a space
   */
  static void make(String option, Path path, Deque<Path> made) throws IOException {
    var missing = new ArrayDeque<Path>();
    @Nullable Path at = path.toAbsolutePath();
    for (; at != null && !Files.exists(at); at = at.getParent()) {
      missing.push(at);
    }
    if (!missing.isEmpty() && (at == null || !Files.isDirectory(at) || !Files.isWritable(at))) {
      throw InvalidRequestException.of(
          option + path,
          "a place where a folder can be made",
          at == null
              ? "nothing above it"
              : at + ", which is " + (Files.isDirectory(at) ? "read-only" : "a file"),
          "Choose another name.");
    }
    for (Path folder : missing) {
      try {
        Files.createDirectory(folder);
        made.push(folder);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder)) {
          throw e;
        }
        // Another process created it in the meantime.
      }
    }
  }

  /** Removes folders while they are empty; files of others are kept. */
  static void remove(Deque<Path> made) {
    try {
      for (Path folder : made) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      System.getLogger(RunClaim.class.getName())
          .log(System.Logger.Level.DEBUG, "A folder was not removed: {0}", e.toString());
    }
  }

  private static void requireEmpty(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw InvalidRequestException.of(
          OUT + path, "a new folder", "a file of that name", "Choose another name.");
    }
    try (var files = Files.newDirectoryStream(path, file -> !FolderLock.isLockFile(file))) {
      if (files.iterator().hasNext()) {
        boolean run = Files.exists(new RunFolder(path).config());
        throw InvalidRequestException.of(
            OUT + path,
            "a new or empty folder",
            run ? "an earlier run" : "a folder with files in it",
            run
                ? "Choose another name, or continue that run with --resume " + path + "."
                : "Choose another name.");
      }
    }
  }

  private static InvalidRequestException held(String option, Path path, String expected) {
    return InvalidRequestException.of(
        option + path,
        expected,
        FolderLock.holder(path).map(holder -> "one of " + holder).orElse("one of another process"),
        option.equals(OUT) ? "Choose another name." : "Wait until it has ended, or stop it.");
  }

  private static InvalidRequestException unusable(Path path, IOException e) {
    var refused =
        InvalidRequestException.of(
            OUT + path,
            "a folder that can be made and written",
            AtomicFile.reason(e),
            "Choose another name.");
    refused.initCause(e);
    return refused;
  }
}
