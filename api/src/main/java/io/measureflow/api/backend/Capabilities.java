package io.measureflow.api.backend;

import io.measureflow.api.program.Op;
import java.util.Map;

/**
 * What a backend can do. The conformance suite tests everything that is not listed as missing.
 *
 * @param missing the operations that it cannot compile, each with the reason; it refuses programs
 *     that contain one
 * @param drawsRows whether its programs draw batches from resident tables ({@link Workspace#hold})
 * @param reproducibility when the same program gives the same bits
 */
public record Capabilities(
    Map<Class<? extends Op>, String> missing, boolean drawsRows, Reproducibility reproducibility) {

  /** When the same program with the same inputs and states gives the same bits. */
  public enum Reproducibility {
    /** Always, for any number of threads. */
    ANY_THREADS,
    /** In every run with the same number of threads on the same device. */
    SAME_THREADS
  }

  /** Copies the map. */
  public Capabilities {
    missing = Map.copyOf(missing);
  }

  /** Returns the capabilities of a backend that supports everything. */
  public static Capabilities all(Reproducibility reproducibility) {
    return new Capabilities(Map.of(), true, reproducibility);
  }
}
