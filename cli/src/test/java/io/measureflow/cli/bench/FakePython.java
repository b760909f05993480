package io.measureflow.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;

/** A shell script in place of Python, which speaks the protocol of the peers, or does not. */
public final class FakePython {

  private FakePython() {}

  /**
   * Writes a script, which is called with {@code -B SCRIPT MODE THREADS}.
   *
   * @param body its commands
   */
  public static Path of(Path folder, String body) throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "there is no /bin/sh");
    Path script = Files.writeString(folder.resolve("python"), "#!/bin/sh\n" + body);
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  /** The commands of a peer that greets and replies to every request in these ways. */
  public static String replies(String toPrepare, String toBurst) {
    return """
    echo "hello fake $3 $4"
    while read -r word rest; do
      echo "$3 $word $rest" >>"$0.requests"
      case $word in
        prepare) %s ;;
        burst) %s ;;
      esac
    done
    """
        .formatted(toPrepare, toBurst);
  }
}
