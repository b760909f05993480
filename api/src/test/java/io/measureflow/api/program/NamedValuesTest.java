package io.measureflow.api.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamedValuesTest {

  private final Value value = new Value(0, Value.Kind.REAL, Shape.of(2), "a");

  @Test
  void valuesAreFoundByName() {
    assertSame(value, new NamedValues(Map.of("mean", value)).get("mean"));
  }

  @Test
  void aMissingNameIsSaidWithThoseThereAre() {
    var values = new NamedValues(Map.of("weight", value, "bias", value));
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> values.get("wieght")).getMessage());
    assertTrue(message.contains("wieght"), message);
    assertTrue(message.contains("[bias, weight]"), message);
  }

  @Test
  void theMapIsCopied() {
    var map = new HashMap<>(Map.of("a", value));
    var values = new NamedValues(map);
    map.clear();
    assertEquals(Map.of("a", value), values.byName());
  }
}
