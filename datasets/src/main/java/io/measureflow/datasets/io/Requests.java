package io.measureflow.datasets.io;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;

/** Refuses requests that some loaders cannot satisfy. */
public final class Requests {

  private Requests() {}

  /** Refuses a file of test rows for datasets that have test rows of their own. */
  public static void refuseTestFile(DatasetRequest request) {
    request
        .test()
        .ifPresent(
            file -> {
              throw InvalidRequestException.of(
                  "Dataset " + request.name(),
                  "no file of test rows, as it has its own",
                  file.toString(),
                  "Leave the file of test rows out.");
            });
  }

  /** Refuses streaming for datasets whose files have no random access. */
  public static void refuseStream(DatasetRequest request) {
    if (request.storage().kind() == DatasetRequest.Storage.Kind.STREAM) {
      throw InvalidRequestException.of(
          "Dataset " + request.name(),
          "storage memory or cache",
          "stream",
          "Only tables can be streamed, in formats such as Parquet and Arrow.");
    }
  }
}
