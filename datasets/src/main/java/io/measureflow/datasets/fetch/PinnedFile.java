package io.measureflow.datasets.fetch;

import io.measureflow.datasets.io.Hashes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * A file with known content.
 *
 * @param name its name
 * @param bytes its length
 * @param sha256 its digest in hexadecimal digits
 */
record PinnedFile(String name, long bytes, String sha256) {

  /** Returns the digest of a file. */
  static String digest(Path file) throws IOException {
    MessageDigest digest = Hashes.sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return Hashes.hex(digest);
  }

  /** Returns whether a file has this content. */
  boolean matches(Path file) throws IOException {
    return Files.size(file) == bytes && digest(file).equals(sha256);
  }
}
