package io.measureflow.cli.run;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reserves a folder for this process until it is closed: one to which the same command returns, as
 * it holds several runs that may be interrupted.
 */
public final class FolderClaim implements AutoCloseable {

  private final Path path;
  private final FolderLock lock;
  private final Path mark;

  /** The folders created for the claim, the deepest first. */
  private final Deque<Path> made;

  private FolderClaim(Path path, FolderLock lock, Path mark, Deque<Path> made) {
    this.path = path;
    this.lock = lock;
    this.mark = mark;
    this.made = made;
  }

  /**
   * Claims a folder that is new, empty, or has the mark of an earlier attempt.
   *
   * @param option the option that names the folder, for messages
   * @param mark the name of the file that tells whose folder it is; the caller writes it
   * @throws InvalidRequestException if the folder cannot be created, contains other files, or is
   *     claimed by another process
   */
  public static FolderClaim of(String option, Path path, String mark) {
    var made = new ArrayDeque<Path>();
    try {
      if (!Files.isDirectory(path)) {
        RunClaim.make(option + " ", path, made);
      }
      FolderLock lock =
          FolderLock.take(path)
              .orElseThrow(
                  () ->
                      InvalidRequestException.of(
                          option + " " + path,
                          "a folder that no other process works in",
                          FolderLock.holder(path)
                              .map(holder -> "one of " + holder)
                              .orElse("one of another process"),
                          "Wait until it has ended, or stop it."));
      var claim = new FolderClaim(path, lock, path.resolve(mark), made);
      try {
        claim.requireOwn(option);
        AtomicFile.removePartialFiles(path);
      } catch (RuntimeException | IOException e) {
        claim.close();
        throw e;
      }
      return claim;
    } catch (IOException e) {
      RunClaim.remove(made);
      throw new RunFailedException(
          path + ": expected a folder that can be written, found: " + AtomicFile.reason(e) + ".",
          e);
    } catch (RuntimeException e) {
      RunClaim.remove(made);
      throw e;
    }
  }

  private void requireOwn(String option) throws IOException {
    if (!isContinued()) {
      try (var files = Files.newDirectoryStream(path, file -> !FolderLock.isLockFile(file))) {
        if (files.iterator().hasNext()) {
          throw InvalidRequestException.of(
              option + " " + path,
              "a new or empty folder, or one that this command has begun",
              "a folder with other files in it",
              "Choose another name.");
        }
      }
    }
  }

  /** Whether there was an earlier attempt. */
  public boolean isContinued() {
    return Files.exists(mark);
  }

  /** Returns the folder. */
  public Path path() {
    return path;
  }

  /** Releases the folder; if it was created in vain, it is removed. */
  @Override
  public void close() {
    boolean unused = !isContinued();
    if (unused) {
      lock.removeFile();
    }
    lock.close();
    if (unused) {
      RunClaim.remove(made);
    }
  }
}
