package io.measureflow.api.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.program.Shape;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ByteRowsTest {

  private static final MemorySegment SIX = MemorySegment.ofArray(new byte[6]);

  @Test
  void numbersAreRoundedOnce() {
    var rows = new ByteRows(Shape.of(2, 3), SIX, 255);
    for (int value = 0; value < 256; value++) {
      assertEquals(value / 255f, (float) rows.number(value, Precision.FLOAT32), 0f);
      assertEquals(value / 255.0, rows.number(value, Precision.FLOAT64), 0.0);
    }
    assertEquals(255, new ByteRows(Shape.of(2, 3), SIX, 1).number(255, Precision.FLOAT32));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertRefused("[6]", Shape.of(6), 1);
    assertRefused("6 bytes", Shape.of(2, 4), 1);
    assertRefused("NaN", Shape.of(2, 3), Double.NaN);
    assertRefused("found 0", Shape.of(2, 3), 0);
  }

  private static void assertRefused(String inMessage, Shape shape, double divisor) {
    var error =
        assertThrows(IllegalArgumentException.class, () -> new ByteRows(shape, SIX, divisor));
    assertTrue(error.toString().contains(inMessage), error.toString());
  }
}
