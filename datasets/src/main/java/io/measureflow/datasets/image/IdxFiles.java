package io.measureflow.datasets.image;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.datasets.io.SourceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The four files of a dataset, under the names that MNIST, its copies on Kaggle and EMNIST have:
 * {@code train-images-idx3-ubyte}, {@code train-images.idx3-ubyte}, {@code
 * emnist-letters-train-images-idx3-ubyte}, plain or with {@code .gz}, also in folders of their own
 * names.
 *
 * @param prefix what all names begin with, such as {@code emnist-letters-}; usually nothing
 * @param paths training images and labels, test images and labels
 */
record IdxFiles(String prefix, List<Path> paths) {

  private static final Pattern NAME =
      Pattern.compile(
          "(?<prefix>.*-)?(?<part>train|t10k|test)-(?<what>images|labels)[-.]idx[13]-ubyte(\\.gz)?");

  /** The usual names. */
  static final List<String> DEFAULT =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");

  /**
   * Finds the files in a folder.
   *
   * @param where the dataset and the folder, for messages
   */
  static IdxFiles find(Path folder, String where, String howToGet) {
    // By prefix, a place for each of the four.
    Map<String, List<Optional<Path>>> found = new TreeMap<>();
    try (Stream<Path> entries = Files.list(folder)) {
      entries.sorted().forEach(entry -> add(entry, found));
    } catch (IOException e) {
      throw SourceFiles.unreadable(folder, e);
    }
    List<String> complete =
        found.entrySet().stream()
            .filter(entry -> entry.getValue().stream().allMatch(Optional::isPresent))
            .map(Map.Entry::getKey)
            .toList();
    if (complete.isEmpty()) {
      List<Optional<Path>> usual =
          found.getOrDefault("", found.isEmpty() ? nothing() : found.values().iterator().next());
      var missing = new ArrayList<String>();
      for (int i = 0; i < usual.size(); i++) {
        if (usual.get(i).isEmpty()) {
          missing.add("no " + DEFAULT.get(i) + "[.gz]");
        }
      }
      throw InvalidRequestException.of(
          where, "its four files", String.join(", ", missing), howToGet);
    }
    if (complete.size() > 1 && !complete.contains("")) {
      throw InvalidRequestException.of(
          where,
          "the files of one dataset",
          "those of " + String.join(", ", complete),
          "Put the four files that you want into a folder of their own.");
    }
    String prefix = complete.getFirst();
    return new IdxFiles(
        prefix, found.getOrDefault(prefix, List.of()).stream().flatMap(Optional::stream).toList());
  }

  private static List<Optional<Path>> nothing() {
    return List.of(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static void add(Path entry, Map<String, List<Optional<Path>>> found) {
    String name = String.valueOf(entry.getFileName());
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return;
    }
    // Archives from Kaggle unpack to folders with a file of the same name.
    Path file = Files.isDirectory(entry) ? entry.resolve(name) : entry;
    if (!Files.isRegularFile(file)) {
      return;
    }
    String prefix = matcher.group("prefix");
    List<Optional<Path>> files =
        found.computeIfAbsent(prefix == null ? "" : prefix, ignored -> new ArrayList<>(nothing()));
    int place =
        (String.valueOf(matcher.group("part")).equals("train") ? 0 : 2)
            + (String.valueOf(matcher.group("what")).equals("images") ? 0 : 1);
    // The plain file goes before the compressed one, the usual name before others.
    if (files.get(place).isEmpty()) {
      files.set(place, Optional.of(file));
    }
  }
}
