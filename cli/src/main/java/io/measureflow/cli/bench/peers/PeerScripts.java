package io.measureflow.cli.bench.peers;

import io.measureflow.api.error.RunFailedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The scripts of the peers, in a temporary folder that goes when the JVM ends. */
public final class PeerScripts {

  private static final List<String> NAMES =
      List.of("serve.py", "torch_peer.py", "jax_peer.py", "torch_networks.py");

  private final Path folder;

  private PeerScripts(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes the scripts.
   *
   * @throws RunFailedException if the temporary folder cannot be written
   */
  public static PeerScripts write() {
    try {
      Path folder = Files.createTempDirectory("measureflow-peers");
      var scripts = new PeerScripts(folder);
      // Files are deleted in the opposite order, even if the user interrupts the command.
      folder.toFile().deleteOnExit();
      for (String name : NAMES) {
        try (InputStream in = PeerScripts.class.getResourceAsStream(name)) {
          if (in == null) {
            throw new FileNotFoundException(name);
          }
          Files.copy(in, scripts.file(name));
        }
      }
      return scripts;
    } catch (IOException e) {
      throw new RunFailedException(
          "The scripts of the peers could not be written to a temporary folder ("
              + e
              + "). Make room there, or choose another folder with -Djava.io.tmpdir.",
          e);
    }
  }

  /** Returns a file of the folder, which is deleted with it. */
  Path file(String name) {
    Path file = folder.resolve(name);
    file.toFile().deleteOnExit();
    return file;
  }
}
