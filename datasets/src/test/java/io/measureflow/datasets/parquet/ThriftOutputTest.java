package io.measureflow.datasets.parquet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Compares with bytes worked out from the specification of Thrift's compact protocol. */
class ThriftOutputTest {

  private static void assertBytes(String expected, Consumer<ThriftOutput> body) {
    assertEquals(expected, HexFormat.ofDelimiter(" ").formatHex(ThriftOutput.struct(body)));
  }

  @Test
  void integersAreZigzagVariableLength() {
    assertBytes("00", out -> {});
    assertBytes("15 00 00", out -> out.i32(1, 0));
    assertBytes("15 01 00", out -> out.i32(1, -1));
    assertBytes("15 02 00", out -> out.i32(1, 1));
    assertBytes("15 7e 00", out -> out.i32(1, 63));
    assertBytes("15 80 01 00", out -> out.i32(1, 64));
    assertBytes("15 fe ff ff ff 0f 00", out -> out.i32(1, Integer.MAX_VALUE));
    assertBytes("15 ff ff ff ff 0f 00", out -> out.i32(1, Integer.MIN_VALUE));
    assertBytes("16 fe ff ff ff ff ff ff ff ff 01 00", out -> out.i64(1, Long.MAX_VALUE));
    assertBytes("16 ff ff ff ff ff ff ff ff ff 01 00", out -> out.i64(1, Long.MIN_VALUE));
  }

  @Test
  void bytesAndTruthValues() {
    assertBytes("11 12 00", out -> out.bool(1, true).bool(2, false));
    assertBytes("13 40 13 f8 00", out -> out.i8(1, 64).i8(2, -8));
  }

  @Test
  void fieldsCountFromTheOneBefore() {
    assertBytes("15 02 25 04 d6 06 00", out -> out.i32(1, 1).i32(3, 2).i64(16, 3));
    assertThrows(
        IllegalArgumentException.class, () -> ThriftOutput.struct(out -> out.i32(2, 0).i32(2, 0)));
    assertThrows(IllegalArgumentException.class, () -> ThriftOutput.struct(out -> out.i32(16, 0)));
  }

  @Test
  void textsAndStructuresAndLists() {
    assertBytes("18 03 61 c3 a9 00", out -> out.string(1, "aé"));
    assertBytes("2c 15 02 00 15 04 00", out -> out.struct(2, in -> in.i32(1, 1)).i32(3, 2));
    assertBytes("19 25 02 04 00", out -> out.i32s(1, List.of(1, 2)));
    assertBytes("19 18 01 78 00", out -> out.strings(1, List.of("x")));
    assertBytes(
        "19 2c 15 02 00 15 04 00 00",
        out -> out.structs(1, List.of(1, 2), (in, value) -> in.i32(1, value)));
    assertBytes(
        "19 f5 0f" + " 02".repeat(15) + " 00", out -> out.i32s(1, Collections.nCopies(15, 1)));
    assertBytes("19 e5" + " 02".repeat(14) + " 00", out -> out.i32s(1, Collections.nCopies(14, 1)));
  }
}
