package io.measureflow.conformance;

import io.measureflow.api.program.Op;
import java.math.BigInteger;

/**
 * Philox4x32-10 [salmon2011] in arbitrary precision, and the numbers of {@link Op.Random} made of
 * it.
 */
final class RandomOracle {

  private static final BigInteger WORD = BigInteger.TWO.pow(32);
  private static final BigInteger FIRST = new BigInteger("D2511F53", 16);
  private static final BigInteger SECOND = new BigInteger("CD9E8D57", 16);
  private static final BigInteger GOLDEN_RATIO = new BigInteger("9E3779B9", 16);
  private static final BigInteger ROOT_OF_THREE = new BigInteger("BB67AE85", 16);
  private static final int ROUNDS = 10;

  private RandomOracle() {}

  private static BigInteger word(long value) {
    return BigInteger.valueOf(value).mod(WORD);
  }

  /** Returns the block of a counter under a key. */
  static BigInteger[] block(BigInteger[] counter, BigInteger[] key) {
    BigInteger[] c = counter.clone();
    for (int round = 0; round < ROUNDS; round++) {
      BigInteger turns = BigInteger.valueOf(round);
      BigInteger k0 = key[0].add(GOLDEN_RATIO.multiply(turns)).mod(WORD);
      BigInteger k1 = key[1].add(ROOT_OF_THREE.multiply(turns)).mod(WORD);
      BigInteger[] first = FIRST.multiply(c[0]).divideAndRemainder(WORD);
      BigInteger[] second = SECOND.multiply(c[2]).divideAndRemainder(WORD);
      c =
          new BigInteger[] {
            second[0].xor(c[1]).xor(k0), second[1], first[0].xor(c[3]).xor(k1), first[1]
          };
    }
    return c;
  }

  private static double uniform(Op.Random op, int step, int element) {
    BigInteger[] counter = {word(element / 4), word(step), word(op.stream()), BigInteger.ZERO};
    BigInteger[] key = {word(op.seed()), word(op.seed() >> 32)};
    BigInteger word = block(counter, key)[element % 4];
    return (word.shiftRight(9).doubleValue() + 0.5) / Math.pow(2, 23);
  }

  /** Returns the numbers of a step. */
  static double[] draw(Op.Random op, int step) {
    double[] out = new double[op.shape().size()];
    for (int i = 0; i < out.length; i++) {
      if (op.distribution() == Op.Distribution.UNIFORM) {
        out[i] = uniform(op, step, i);
      } else {
        double u = uniform(op, step, i - i % 2);
        double v = uniform(op, step, i - i % 2 + 1);
        double angle = 2 * Math.PI * v;
        out[i] = Math.sqrt(-2 * Math.log(u)) * (i % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
      }
    }
    return out;
  }
}
