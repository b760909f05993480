package io.measureflow.api.data;

import io.measureflow.api.registry.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Downloads datasets. Found by {@link java.util.ServiceLoader}. Only {@link #fetch} uses the
 * network.
 */
public interface DatasetFetcher {

  /** Fetchers are found by the names of the datasets that they download. */
  Kind<DatasetFetcher> KIND =
      Kind.ofSeveral(
          DatasetFetcher.class,
          "dataset",
          "datasets that can be downloaded",
          fetcher -> fetcher.sources().stream().map(Source::name).toList());

  /** Returns the datasets that it can download. */
  List<Source> sources();

  /**
   * Downloads the missing files of a dataset. A file gets its name once its digest has been
   * checked. An interrupted download leaves a file ending in {@code .part}, which the next call
   * resumes.
   *
   * @return the folder to pass to a loader of the dataset
   * @throws io.measureflow.api.error.InvalidRequestException if something other than a file has the
   *     name of one
   * @throws io.measureflow.api.error.RunFailedException if the server does not respond or sends
   *     something unexpected, or the files cannot be written
   */
  Path fetch(Request request, Progress progress);

  /**
   * A dataset that can be downloaded.
   *
   * @param name the name of the dataset
   * @param bytes the size of the download in bytes
   */
  record Source(String name, long bytes) {}

  /**
   * A request for a download.
   *
   * @param name the name of a source
   * @param folder the target folder, created if missing
   * @param address the base address of the files, http or https
   * @param timeout how long to wait for a connection, for an answer, and for the next byte
   */
  record Request(String name, Path folder, URI address, Duration timeout) {}

  /** Receives the progress of a download. */
  interface Progress {

    /**
     * Called when more bytes of a file have arrived.
     *
     * @param done the bytes so far, including those of an earlier call
     * @param total the size of the file
     */
    void received(String file, long done, long total);

    /**
     * Called with a message about a file: that it is complete, was already there, or is being
     * retried.
     */
    void note(String file, String text);
  }
}
