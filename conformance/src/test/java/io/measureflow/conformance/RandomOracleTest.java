package io.measureflow.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The known answers that the authors of Philox publish with its reference implementation. */
class RandomOracleTest {

  private static BigInteger[] words(String hex) {
    return Arrays.stream(hex.split(" "))
        .map(word -> new BigInteger(word, 16))
        .toArray(BigInteger[]::new);
  }

  private static void check(String counter, String key, String expected) {
    assertArrayEquals(words(expected), RandomOracle.block(words(counter), words(key)));
  }

  @Test
  void blocksAreThoseOfTheKnownAnswers() {
    check("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    check(
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd");
    check(
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1");
  }
}
