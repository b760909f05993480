package io.measureflow.api.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class MeasureFlowExceptionTest {

  @Test
  void aWrongRequestSaysWhereWhatAndWhatToDo() {
    var error = InvalidRequestException.of("rows.csv, row 3", "a number", "'x'", "Correct it.");
    assertEquals("rows.csv, row 3: expected a number, found 'x'. Correct it.", error.getMessage());
    assertEquals(2, error.exitCode());
  }

  @Test
  void aFailureKeepsItsCause() {
    var cause = new IOException("No space left on device");
    MeasureFlowException failed = new RunFailedException("y.csv could not be written", cause);
    assertEquals("y.csv could not be written", failed.getMessage());
    assertSame(cause, failed.getCause());
    assertEquals(1, failed.exitCode());
    assertSame(cause, new InvalidRequestException("y.csv", cause).getCause());
  }
}
