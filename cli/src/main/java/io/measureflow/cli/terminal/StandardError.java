package io.measureflow.cli.terminal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;

/**
 * Standard error where the launcher has moved it: the JVM warns of incubating modules by itself at
 * each start, so the launcher lets it write into a pipe that leaves this line out, and names the
 * descriptor of the true standard error.
 */
public final class StandardError {

  private static final String DESCRIPTOR = "standard.error";
  private static final int BUFFER = 8192;

  private StandardError() {}

  /** Lets {@code System.err} write to the descriptor that the launcher named, if it did. */
  public static void restore() {
    Integer descriptor = Integer.getInteger(DESCRIPTOR);
    if (descriptor == null) {
      return;
    }
    try {
      // There is no public way to write to an inherited descriptor; opening /dev/fd/3 would begin
      // anew at the start of a file.
      Constructor<FileDescriptor> constructor =
          FileDescriptor.class.getDeclaredConstructor(int.class);
      constructor.setAccessible(true);
      var out = new FileOutputStream(constructor.newInstance(descriptor));
      System.setErr(
          new PrintStream(new BufferedOutputStream(out, BUFFER), true, System.err.charset()));
    } catch (ReflectiveOperationException | RuntimeException e) {
      // What System.err has been so far arrives too, by way of the pipe.
      System.clearProperty(DESCRIPTOR);
    }
  }

  /** The number of the descriptor of standard error. */
  static int descriptor() {
    return Integer.getInteger(DESCRIPTOR, 2);
  }
}
