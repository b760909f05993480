package io.measureflow.datasets.io;

import java.nio.file.Path;

/**
 * What a loader says of a source that it reads: what it inferred where there is doubt, and what it
 * leaves out. One line each, with the option that decides.
 */
public final class Notices {

  private static final System.Logger LOG = System.getLogger(Notices.class.getName());

  private Notices() {}

  /** Says something of a file or folder. */
  public static void say(Path source, String text) {
    LOG.log(System.Logger.Level.INFO, "{0}: {1}", source, text);
  }
}
