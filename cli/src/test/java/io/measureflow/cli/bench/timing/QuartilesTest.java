package io.measureflow.cli.bench.timing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class QuartilesTest {

  @Test
  void quartilesAreThoseOfTheTextbook() {
    assertEquals(new Quartiles(2, 3, 4), Quartiles.of(5, 1, 4, 2, 3));
    assertEquals(new Quartiles(1.75, 2.5, 3.25), Quartiles.of(4, 3, 2, 1));
    assertEquals(new Quartiles(7, 7, 7), Quartiles.of(7));
    assertEquals(new Quartiles(1.25, 1.5, 1.75), Quartiles.of(1, 2));
  }

  @Test
  void theArgumentsStayAsTheyAre() {
    double[] numbers = {3, 1, 2};
    Quartiles.of(numbers);
    assertEquals(3, numbers[0]);
  }

  @Test
  void nothingAndNanHaveNone() {
    assertThrows(IllegalArgumentException.class, Quartiles::of);
    assertThrows(IllegalArgumentException.class, () -> Quartiles.of(1, Double.NaN));
  }
}
