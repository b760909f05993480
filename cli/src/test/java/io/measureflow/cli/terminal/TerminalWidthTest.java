package io.measureflow.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalWidthTest {

  @Test
  void theFullestTextThatLeavesAColumnFreeIsChosen() {
    List<String> texts = List.of("0123456789", "01234", "012");
    assertEquals("0123456789", TerminalWidth.fitting(11, texts));
    assertEquals("01234", TerminalWidth.fitting(10, texts));
    assertEquals("01", TerminalWidth.fitting(3, texts));
    assertEquals("", TerminalWidth.fitting(0, texts));
  }

  @Test
  void columnsAreTheSecondNumber() {
    assertEquals(40, TerminalWidth.parse("24 40\n"));
    assertEquals(0, TerminalWidth.parse("0 0\n"));
  }
}
