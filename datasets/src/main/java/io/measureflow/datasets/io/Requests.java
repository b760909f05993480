package io.measureflow.datasets.io;

import io.measureflow.api.data.DatasetRequest;
import io.measureflow.api.error.InvalidRequestException;

/** What some loaders cannot do, whatever the request says. */
public final class Requests {

  private Requests() {}

  /** For datasets that have test rows of their own. */
  public static void refuseTestFile(DatasetRequest request) {
    request
        .test()
        .ifPresent(
            file -> {
              throw InvalidRequestException.of(
                  "Dataset " + request.name(),
                  "no file of test rows, for it has its own",
                  file.toString(),
                  "Leave the file of test rows out.");
            });
  }

  /** For datasets whose files cannot be read from the middle. */
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
