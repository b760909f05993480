package io.measureflow.api.program;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PhiloxTest {

  private static int[] words(String hex) {
    return Arrays.stream(hex.split(" ")).mapToInt(w -> Integer.parseUnsignedInt(w, 16)).toArray();
  }

  private static void check(String key, String counter, String expected) {
    int[] k = words(key);
    int[] c = words(counter);
    int[] found = new int[Philox.WORDS];
    Philox.block(k[0], k[1], c[0], c[1], c[2], c[3], found);
    assertArrayEquals(words(expected), found);
  }

  /** The known answers that the authors of Philox publish with its reference implementation. */
  @Test
  void blocksAreThoseOfTheKnownAnswers() {
    check("0 0", "0 0 0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    check(
        "ffffffff ffffffff",
        "ffffffff ffffffff ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd");
    check(
        "a4093822 299f31d0",
        "243f6a88 85a308d3 13198a2e 03707344",
        "d16cfe09 94fdcceb 5001e420 24126ea1");
  }

  @Test
  void aSeedIsAKeyWithTheLowWordFirst() {
    int[] found = new int[Philox.WORDS];
    Philox.block(0x299f31d0a4093822L, 1, 2, 3, found);
    int[] expected = new int[Philox.WORDS];
    Philox.block(0xa4093822, 0x299f31d0, 1, 2, 3, 0, expected);
    assertArrayEquals(expected, found);
  }

  @Test
  void uniformNumbersAreExactInFloat32AndBetweenTheLimits() {
    assertEquals(0x1p-24, Philox.uniform(0));
    assertEquals(1 - 0x1p-24, Philox.uniform(-1));
    for (int word : new int[] {0, -1, 12345678, Integer.MIN_VALUE, 511, 512}) {
      double u = Philox.uniform(word);
      assertEquals(u, (float) u);
    }
  }

  @Test
  void partsOfADrawAreThoseOfTheWhole() {
    for (Op.Distribution distribution : Op.Distribution.values()) {
      double[] whole = new double[23];
      Philox.fill(distribution, 5, 1, 2, 0, whole.length, whole);
      double[] part = new double[11];
      Philox.fill(distribution, 5, 1, 2, 12, part.length, part);
      assertArrayEquals(Arrays.copyOfRange(whole, 12, 23), part);
    }
  }
}
