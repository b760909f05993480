package io.measureflow.conformance;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.error.InvalidRequestException;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** The operations that a backend declares as missing. Everything else must work. */
final class Gaps {

  private Gaps() {}

  /**
   * Continues if the backend has every operation of the program. Otherwise checks that the backend
   * refuses the program and names the operation, and marks the test as skipped, not as passed.
   */
  static void requireNone(Backend backend, Program program) {
    Map<Class<? extends Op>, String> missing = backend.capabilities().missing();
    for (Instruction instruction : program.instructions()) {
      Class<? extends Op> op = instruction.op().getClass();
      if (missing.containsKey(op)) {
        try (Workspace workspace = backend.newWorkspace()) {
          var error =
              assertThrows(
                  InvalidRequestException.class,
                  () -> workspace.compile(program).close(),
                  () -> op.getSimpleName() + " is declared as missing");
          assertTrue(error.getMessage().contains(op.getSimpleName()), error::getMessage);
        }
        Assumptions.abort(
            backend.description().name()
                + " declares that it lacks "
                + op.getSimpleName()
                + ": "
                + missing.get(op));
      }
    }
  }
}
