package io.measureflow.api.data;

import io.measureflow.api.registry.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Downloads the files of datasets, found by {@link java.util.ServiceLoader}. Nothing but {@link
 * #fetch} uses the network.
 */
public interface DatasetFetcher {

  /** Fetchers are found by the names of the datasets that they download. */
  Kind<DatasetFetcher> KIND =
      Kind.ofSeveral(
          DatasetFetcher.class,
          "dataset",
          "datasets that can be downloaded",
          fetcher -> fetcher.sources().stream().map(Source::name).toList());

  /** The datasets that it can download. */
  List<Source> sources();

  /**
   * Downloads the files of a dataset that are not there yet. Each appears under its name when its
   * digest is right; what a broken connection leaves is a file with {@code .part} at the end, with
   * which the next call goes on.
   *
   * @return the folder that a loader of the dataset takes
   * @throws io.measureflow.api.error.InvalidRequestException if there is something else in the
   *     place of a file
   * @throws io.measureflow.api.error.RunFailedException if the server does not answer, or with
   *     something else, or the files cannot be written
   */
  Path fetch(Request request, Progress progress);

  /**
   * A dataset that can be downloaded.
   *
   * @param name the name of the dataset
   * @param bytes what is downloaded in all
   */
  record Source(String name, long bytes) {}

  /**
   * What is to be downloaded.
   *
   * @param name the name of a source
   * @param folder where the files go; it is made if need be
   * @param address the address under which the files lie, http or https
   * @param timeout how long to wait for a connection, for an answer, and for the next byte
   */
  record Request(String name, Path folder, URI address, Duration timeout) {}

  /** Hears how it goes on. */
  interface Progress {

    /**
     * Some bytes of a file have come.
     *
     * @param done how many there are, with those of an earlier call
     * @param total how many there will be
     */
    void received(String file, long done, long total);

    /**
     * Something about a file that is worth a line: that it is complete, was there, or is asked for
     * again.
     */
    void note(String file, String text);
  }
}
