package io.measureflow.cli.tune;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.api.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of a search.
 *
 * @param path the folder
 */
record TuneFolder(Path path) {

  /** The name of the file that makes a folder one of a search. */
  static final String MARK = "search.json";

  /** What is searched, and in which data. */
  Path search() {
    return path.resolve(MARK);
  }

  /** The settings that all trials have. */
  Path settings() {
    return path.resolve("settings.conf");
  }

  /** One row for each trial of each round. */
  Path trials() {
    return path.resolve("trials.csv");
  }

  /** The best settings. */
  Path best() {
    return path.resolve("best.conf");
  }

  /** The page about the search. */
  Path page() {
    return path.resolve("tune.html");
  }

  /** The picture of it. */
  Path picture() {
    return path.resolve("tune.svg");
  }

  private Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /**
   * Returns where a trial pauses.
   *
   * @param trial its index, from 0
   * @param part the index of the fold, from 0
   */
  Path checkpoint(int trial, int part) {
    return checkpoints().resolve((trial + 1) + "-" + (part + 1) + ".safetensors");
  }

  /** Creates the folder of the checkpoints. */
  void prepareCheckpoints() {
    try {
      Files.createDirectories(checkpoints());
      AtomicFile.removePartialFiles(checkpoints());
    } catch (IOException e) {
      throw new RunFailedException(
          checkpoints() + ": could not be made: " + AtomicFile.reason(e) + ".", e);
    }
  }

  /** Removes the checkpoints of all trials but these. */
  void keepCheckpoints(List<Integer> trials) {
    if (!Files.isDirectory(checkpoints())) {
      return;
    }
    try (Stream<Path> files = Files.list(checkpoints())) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.matches("\\d{1,9}-\\d{1,9}\\.safetensors")
            && !trials.contains(Integer.parseInt(name.substring(0, name.indexOf('-'))) - 1)) {
          Files.delete(file);
        }
      }
      if (trials.isEmpty()) {
        Files.deleteIfExists(checkpoints());
      }
    } catch (IOException e) {
      System.getLogger(TuneFolder.class.getName())
          .log(
              System.Logger.Level.DEBUG,
              "A checkpoint in {0} was not removed: {1}",
              checkpoints(),
              e.toString());
    }
  }

  /**
   * Begins a search, or checks that the one that was begun here is the same.
   *
   * @param search the text of {@link #search}
   * @param fixed the text of {@link #settings}
   * @param resumed whether {@code fixed} was read from this folder, apart from paths
   * @throws InvalidRequestException if another search was begun here
   */
  void begin(String search, String fixed, boolean resumed) {
    try {
      if (!Files.exists(search())) {
        AtomicFile.write(settings(), fixed);
        AtomicFile.write(search(), search);
        return;
      }
      requireSame(search(), search);
      if (!resumed) {
        requireSame(settings(), fixed);
      }
    } catch (IOException e) {
      throw new RunFailedException(path + ": could not be read: " + AtomicFile.reason(e) + ".", e);
    }
  }

  private void requireSame(Path file, String wanted) throws IOException {
    List<String> before = Files.readAllLines(file);
    List<String> now = wanted.lines().toList();
    if (before.equals(now)) {
      return;
    }
    int line = 0;
    while (line < Math.min(before.size(), now.size()) && before.get(line).equals(now.get(line))) {
      line++;
    }
    throw InvalidRequestException.of(
        path.toString(),
        "the search that was begun there ("
            + (line < before.size() ? before.get(line).strip() : "no more settings")
            + ")",
        "another one (" + (line < now.size() ? now.get(line).strip() : "no more settings") + ")",
        "Choose another folder, or continue the search there with: measureflow tune --resume "
            + path);
  }
}
