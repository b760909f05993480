package io.measureflow.api.backend;

/**
 * An opened accelerator. Safe to share between threads; its workspaces are not.
 *
 * <p>Closing it releases its threads and devices; workspaces still open are closed with it.
 */
public interface Backend extends AutoCloseable {

  /** What was opened, for logs and for the provenance of results. */
  Description description();

  /** What it does not do, and when it repeats itself. */
  Capabilities capabilities();

  /** A new, empty scope of states and compiled programs. */
  Workspace newWorkspace();

  @Override
  void close();

  /**
   * What an opened backend is.
   *
   * @param name the provider's name
   * @param version the version of what computes
   * @param device the device in use
   * @param threads the number of threads in use
   * @param precision the precision in use
   */
  record Description(
      String name, String version, Device device, int threads, Precision precision) {}
}
