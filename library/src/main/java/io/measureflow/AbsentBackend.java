package io.measureflow;

import io.measureflow.api.backend.Availability;
import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendProvider;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.error.InvalidRequestException;
import java.util.List;

/**
 * A backend of MeasureFlow that is missing from the class path. It stands in for the provider, so
 * that configurations with its settings are valid on every machine, and opening it says what to do.
 *
 * @param name the name of the backend
 * @param precisions the precisions of the real backend
 * @param reason what is missing and what to do
 */
record AbsentBackend(String name, List<Precision> precisions, String reason)
    implements BackendProvider {

  /** All backends of MeasureFlow outside this module. */
  static final List<AbsentBackend> ALL =
      List.of(
          new AbsentBackend(
              "simd",
              List.of(Precision.FLOAT32),
              "it is not on the class path; put measureflow-backend-simd there"),
          new AbsentBackend(
              "nd4j",
              List.of(Precision.FLOAT32, Precision.FLOAT64),
              """
              this build was made without it.
                Run ./measureflow train --backend nd4j, which fetches (125 MB) and builds it, or put
                measureflow-backend-nd4j and its libraries on the class path\
              """),
          new AbsentBackend(
              "tornado",
              List.of(Precision.FLOAT32),
              """
              this build was made without a TornadoVM SDK.
                Install TornadoVM 5.2.0 for JDK 25 (https://www.tornadovm.org), set TORNADOVM_HOME to its folder,
                in which tornado-argfile lies, and start ./measureflow again, which builds the backend\
              """));

  @Override
  public Availability availability() {
    return new Availability.Unavailable(reason);
  }

  @Override
  public Backend open(BackendSettings settings) {
    throw InvalidRequestException.of(
        "Backend " + name, "one that is part of this build", "none: " + reason, "");
  }
}
