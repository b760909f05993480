package io.measureflow.api.program;

/**
 * Philox4x32-10 [salmon2011], the counter-based generator of {@link Op.Random}: four words of 32
 * bits for each key and counter, without a state.
 *
 * <p>Element i of a draw is word i mod 4 for the key {@code seed} (low word first) and the counter
 * (i / 4, step, stream, 0). A uniform number is ((word &gt;&gt;&gt; 9) + 1/2) / 2^23, which float32
 * represents exactly. Normal numbers come in pairs by Box and Muller: with u, v the uniform numbers
 * of elements 2j and 2j + 1, they are sqrt(-2 log u) cos(2 pi v) and sqrt(-2 log u) sin(2 pi v).
 */
public final class Philox {

  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  /** The number of words of a block. */
  public static final int WORDS = 4;

  private static final double STEP = 1.0 / (1 << 23);

  private Philox() {}

  /**
   * Computes the four words of a counter.
   *
   * @param block the first word of the counter
   * @param into receives the words
   */
  public static void block(long seed, int block, int step, int stream, int[] into) {
    block((int) seed, (int) (seed >>> Integer.SIZE), block, step, stream, 0, into);
  }

  /** Computes the four words of a key of two words and a counter of four. */
  static void block(int key0, int key1, int w0, int w1, int w2, int w3, int[] into) {
    int k0 = key0;
    int k1 = key1;
    int c0 = w0;
    int c1 = w1;
    int c2 = w2;
    int c3 = w3;
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = MULTIPLIER_0 * (c0 & 0xFFFFFFFFL);
      long p1 = MULTIPLIER_1 * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    into[0] = c0;
    into[1] = c1;
    into[2] = c2;
    into[3] = c3;
  }

  /** Returns the uniform number of a word. */
  public static double uniform(int word) {
    return ((word >>> 9) + 0.5) * STEP;
  }

  /**
   * Fills a range with the numbers of a draw, as doubles.
   *
   * @param from the first element, a multiple of {@value #WORDS}
   * @param into receives elements {@code from} to {@code from + count}
   */
  public static void fill(
      Op.Distribution distribution,
      long seed,
      int stream,
      int step,
      int from,
      int count,
      double[] into) {
    int[] words = new int[WORDS];
    for (int i = 0; i < count; i += WORDS) {
      block(seed, (from + i) / WORDS, step, stream, words);
      for (int j = 0; j < WORDS; j += 2) {
        double a = uniform(words[j]);
        double b = uniform(words[j + 1]);
        if (distribution == Op.Distribution.NORMAL) {
          double radius = Math.sqrt(-2 * Math.log(a));
          double angle = 2 * Math.PI * b;
          a = radius * Math.cos(angle);
          b = radius * Math.sin(angle);
        }
        if (i + j < count) {
          into[i + j] = a;
        }
        if (i + j + 1 < count) {
          into[i + j + 1] = b;
        }
      }
    }
  }
}
