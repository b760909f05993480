package io.measureflow.experiments;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.error.RunFailedException;
import io.measureflow.core.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The results of an experiment on the disk: a CSV file that is replaced as a whole when a run is
 * done, so that it holds all rows of a run or none. One process at a time may have it open.
 */
final class ResultsFile implements AutoCloseable {

  private final Path file;
  private final List<String> columns;
  private final FileChannel channel;
  private final FileLock lock;
  private final List<Results.Row> rows = new ArrayList<>();

  private ResultsFile(Path file, List<String> columns, FileChannel channel, FileLock lock) {
    this.file = file;
    this.columns = List.copyOf(columns);
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Opens the file in its folder, or makes both.
   *
   * @throws InvalidRequestException if the folder cannot be made or written, another process works
   *     there, or the file is that of another experiment
   */
  static ResultsFile open(Path folder, String name, List<String> columns) {
    makeFolder(folder);
    Path lockFile = folder.resolve("." + name + ".lock");
    @Nullable FileChannel channel = null;
    try {
      channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      @Nullable FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw InvalidRequestException.of(
            "--output " + folder,
            "a folder in which no other process works",
            "one that does",
            "Wait for it, or choose another folder.");
      }
      var results = new ResultsFile(folder.resolve(name + ".csv"), columns, channel, lock);
      try {
        results.read();
      } catch (RuntimeException e) {
        results.close();
        throw e;
      }
      return results;
    } catch (IOException e) {
      throw unusable(folder, AtomicFile.reason(e), e);
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

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw unusable(
          folder,
          Files.exists(folder) ? "a file of that name" : AtomicFile.reason(e),
          e);
    }
    if (!Files.isWritable(folder)) {
      throw unusable(folder, "a folder that is read-only", new IOException("read-only"));
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

  private void read() {
    if (!Files.exists(file)) {
      return;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new RunFailedException(file + ": could not be read: " + AtomicFile.reason(e) + ".", e);
    }
    if (lines.isEmpty() || !Csv.parse(lines.getFirst()).equals(columns)) {
      throw InvalidRequestException.of(
          file.toString(),
          "the columns " + Csv.line(columns),
          lines.isEmpty() ? "none" : lines.getFirst(),
          "Choose another folder for the results of this version.");
    }
    for (int i = 1; i < lines.size(); i++) {
      List<String> fields = Csv.parse(lines.get(i));
      if (fields.size() != columns.size()) {
        throw InvalidRequestException.of(
            file + ", line " + (i + 1),
            columns.size() + " fields",
            String.valueOf(fields.size()),
            "Remove the line; its run will be done again.");
      }
      var cells = new LinkedHashMap<String, String>();
      for (int j = 0; j < fields.size(); j++) {
        if (!fields.get(j).isEmpty()) {
          cells.put(columns.get(j), fields.get(j));
        }
      }
      rows.add(new Results.Row(cells));
    }
  }

  /** What is in the file. */
  Results results() {
    return new Results(rows);
  }

  /** Adds the result of a run, all of it or, if that fails, nothing. */
  void append(List<Map<String, String>> result) {
    int before = rows.size();
    result.forEach(cells -> rows.add(new Results.Row(cells)));
    var text = new StringBuilder(Csv.line(columns)).append('\n');
    for (Results.Row row : rows) {
      text.append(Csv.line(columns.stream().map(row::text).toList())).append('\n');
    }
    try {
      AtomicFile.write(file, text.toString());
    } catch (RuntimeException e) {
      rows.subList(before, rows.size()).clear();
      throw e;
    }
  }

  Path path() {
    return file;
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      System.getLogger(ResultsFile.class.getName())
          .log(System.Logger.Level.DEBUG, "The lock of {0} was not released: {1}", file, e);
    }
  }
}
