package io.measureflow.experiments.results;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTest {

  @Test
  void fieldsAreQuotedWhereTheyHaveToBe() {
    assertEquals("a,,\"b,c\",\"d\"\"e\"", Csv.line(List.of("a", "", "b,c", "d\"e")));
  }

  @Test
  void aLineIsReadAsItWasWritten() {
    for (List<String> fields :
        List.of(
            List.of(""),
            List.of("", ""),
            List.of("gm:dirac:64x32,dense:10", "1"),
            List.of("\"", ",", "\",\"", "a\"b,c"))) {
      assertEquals(fields, Csv.parse(Csv.line(fields)));
    }
  }
}
