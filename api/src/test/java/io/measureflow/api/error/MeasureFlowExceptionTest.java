package io.measureflow.api.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
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

  @Test
  void linesOfTheProgramStayLines() {
    var error = new InvalidRequestException(List.of("not here:", "install a\nb", "try again"));
    assertEquals(
        List.of("not here:", "  install a b", "  try again"), error.getMessage().lines().toList());
  }

  @Test
  void aMessageIsOneLineThatATerminalDoesNotObey() {
    var error =
        InvalidRequestException.of(
            "t.csv, column \"\u001b[31mred\"",
            "ä, 漢 or 😀",
            "a\r\nb\u0000\u202ec\u2028d\u009be",
            "Mend it.");
    assertEquals(
        "t.csv, column \"\\u001b[31mred\": expected ä, 漢 or 😀, found a  b\\u0000\\u202ec"
            + " d\\u009be. Mend it.",
        error.getMessage());
    assertEquals("a b", new RunFailedException("a\nb").getMessage());
  }

  @Test
  void aVeryLongMessageKeepsItsBeginningAndItsEnd() {
    String message = new InvalidRequestException("file" + "x".repeat(100_000) + "end").getMessage();
    assertTrue(message.length() < 2000, message);
    assertTrue(message.startsWith("filexxx"), message);
    assertTrue(message.endsWith("xxxend"), message);
    assertTrue(new InvalidRequestException("\u0000".repeat(1400)).getMessage().length() < 2000);
    String whole = "y".repeat(1500);
    assertEquals(whole, new InvalidRequestException(whole).getMessage());
  }
}
