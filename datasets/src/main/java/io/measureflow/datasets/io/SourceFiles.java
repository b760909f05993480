package io.measureflow.datasets.io;

import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;

/** Helpers for files that loaders read. */
public final class SourceFiles {

  private SourceFiles() {}

  /** Creates the error for a file or folder that cannot be read. */
  public static InvalidRequestException unreadable(Path path, IOException cause) {
    return new InvalidRequestException(
        path
            + ": expected a readable file, found that it cannot be read ("
            + AtomicFile.reason(cause)
            + "). Check the file and its permissions.",
        cause);
  }

  /** Returns whether a file that starts with these bytes is compressed with gzip. */
  public static boolean isGzip(byte[] start) {
    return start.length >= 2 && start[0] == 0x1f && start[1] == (byte) 0x8b;
  }
}
