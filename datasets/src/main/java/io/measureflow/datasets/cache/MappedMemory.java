package io.measureflow.datasets.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mapped memory of one dataset. The files stay open, so that their length can be checked. */
final class MappedMemory implements AutoCloseable {

  private final Arena arena = Arena.ofShared();
  private final List<FileChannel> channels = new ArrayList<>();
  private final List<Path> files = new ArrayList<>();

  FileChannel open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file);
    channels.add(channel);
    files.add(file);
    return channel;
  }

  MemorySegment map(FileChannel channel) throws IOException {
    return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
  }

  MemorySegment allocate(long bytes) {
    return arena.allocate(bytes, Double.BYTES);
  }

  /** Deletes the files, so that they are created again; mapped memory stays valid. */
  void delete() throws IOException {
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  /** Unmaps everything; may be called more than once. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
      for (FileChannel channel : channels) {
        try {
          channel.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }
}
