package io.measureflow.api.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackendSettingsTest {

  @Test
  void thereIsAtLeastOneThread() {
    assertEquals(1, BackendSettings.of(1, Precision.FLOAT32).threads());
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> BackendSettings.of(0, Precision.FLOAT32));
    assertTrue(String.valueOf(error.getMessage()).contains("found 0"), error::getMessage);
  }

  @Test
  void theSectionIsCopied() {
    var section = new HashMap<>(Map.of("device", "0"));
    var settings = new BackendSettings(2, Precision.FLOAT64, section);
    section.put("device", "1");
    assertEquals(Map.of("device", "0"), settings.section());
  }

  @Test
  void precisionsHaveTheNamesOfTheSpecification() {
    assertEquals("float32", Precision.FLOAT32.key());
    assertEquals("float64", Precision.FLOAT64.key());
    assertEquals(4, Precision.FLOAT32.elementType().bytes());
    assertEquals(8, Precision.FLOAT64.elementType().bytes());
  }
}
