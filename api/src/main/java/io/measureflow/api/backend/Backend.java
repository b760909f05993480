package io.measureflow.api.backend;

/**
 * An open backend. Safe to share between threads; its workspaces are not.
 *
 * <p>Closing it releases its threads and devices and closes workspaces that are still open.
 */
public interface Backend extends AutoCloseable {

  /** Returns what was opened, for logs and the provenance of results. */
  Description description();

  /** Returns the operations it lacks, and when its results repeat bit for bit. */
  Capabilities capabilities();

  /** Creates an empty workspace: a scope of states and compiled programs. */
  Workspace newWorkspace();

  @Override
  void close();

  /**
   * A description of an open backend.
   *
   * @param name the provider's name
   * @param version the version of the computing library
   * @param device the device in use
   * @param threads the number of threads in use
   * @param precision the precision in use
   */
  record Description(
      String name, String version, Device device, int threads, Precision precision) {}
}
