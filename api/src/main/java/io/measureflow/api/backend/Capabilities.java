package io.measureflow.api.backend;

import io.measureflow.api.program.Op;
import java.util.Map;

/**
 * How far a backend goes. The conformance suite holds it to everything that it does not name here.
 *
 * @param missing the operations that it cannot compile, each with the reason; compiling a program
 *     that has one is refused
 * @param drawsRows whether its programs draw batches from rows that a workspace holds ({@link
 *     Workspace#hold})
 * @param reproducibility when the same program gives the same bits
 */
public record Capabilities(
    Map<Class<? extends Op>, String> missing, boolean drawsRows, Reproducibility reproducibility) {

  /** When the same program with the same inputs and states gives the same bits. */
  public enum Reproducibility {
    /** Always, whatever the number of threads. */
    ANY_THREADS,
    /** Every time with the same number of threads on the same device. */
    SAME_THREADS
  }

  /** Copies the map. */
  public Capabilities {
    missing = Map.copyOf(missing);
  }

  /** Everything. */
  public static Capabilities all(Reproducibility reproducibility) {
    return new Capabilities(Map.of(), true, reproducibility);
  }
}
