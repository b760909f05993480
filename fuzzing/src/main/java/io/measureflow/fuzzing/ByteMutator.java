package io.measureflow.fuzzing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Mutates valid files: flipped bits, numbers at the limits of their types, wrong lengths, cuts,
 * repetitions, and pieces of other files. The same seed gives the same changes.
 */
final class ByteMutator {

  /** Inputs are cut to this length. */
  static final int LARGEST = 1 << 16;

  private static final int MOST_CHANGES = 6;
  private static final int LONGEST_BLOCK = 64;
  private static final int MOST_REPETITIONS = 32;
  private static final int ATTEMPTS = 64;

  private static final long[] EDGES = {
    0,
    1,
    2,
    -1,
    -2,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    65536,
    1 << 20,
    1 << 24,
    1 << 28,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MAX_VALUE - 1,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 40,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final SplittableRandom random;
  private final List<byte[]> tokens;

  /**
   * @param tokens byte sequences with a meaning in the format
   */
  ByteMutator(SplittableRandom random, List<byte[]> tokens) {
    this.random = random;
    this.tokens = tokens;
  }

  /** Returns a changed copy of {@code input}, which may contain pieces of {@code other}. */
  byte[] mutate(byte[] input, byte[] other) {
    byte[] bytes = input.clone();
    // Mostly few changes, so that the reader gets far.
    int changes = 1 + random.nextInt(1 + random.nextInt(MOST_CHANGES));
    for (int i = 0; i < changes; i++) {
      bytes = change(bytes, other);
    }
    return bytes.length > LARGEST ? Arrays.copyOf(bytes, LARGEST) : bytes;
  }

  private byte[] change(byte[] bytes, byte[] other) {
    if (bytes.length == 0) {
      return insert(bytes, 0, noise(1 + random.nextInt(LONGEST_BLOCK)));
    }
    int at = random.nextInt(bytes.length);
    return switch (random.nextInt(16)) {
      case 0, 1 -> {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        yield bytes;
      }
      case 2 -> {
        bytes[at] = (byte) random.nextInt(256);
        yield bytes;
      }
      case 3, 4 -> number(bytes, at, edge(bytes.length));
      case 5 -> number(bytes, at, random.nextInt(-4, 5) + (bytes[at] & 0xff));
      case 6, 7 -> length(bytes);
      case 8 -> variableLength(bytes, at);
      case 9 -> Arrays.copyOf(bytes, at);
      case 10 -> {
        int n = Math.min(1 + random.nextInt(LONGEST_BLOCK), bytes.length - at);
        byte[] shorter = Arrays.copyOf(bytes, bytes.length - n);
        System.arraycopy(bytes, at + n, shorter, at, shorter.length - at);
        yield shorter;
      }
      case 11 -> insert(bytes, at, noise(1 + random.nextInt(LONGEST_BLOCK)));
      case 12 -> repeat(bytes, at);
      case 13 -> {
        int n = Math.min(1 + random.nextInt(LONGEST_BLOCK), bytes.length - at);
        System.arraycopy(bytes, random.nextInt(bytes.length - n + 1), bytes, at, n);
        yield bytes;
      }
      case 14 -> splice(bytes, at, other);
      default -> token(bytes, at);
    };
  }

  private long edge(int length) {
    return switch (random.nextInt(4)) {
      case 0 -> length + random.nextInt(-1, 2);
      case 1 -> (1L << random.nextInt(64)) - random.nextInt(2);
      default -> EDGES[random.nextInt(EDGES.length)];
    };
  }

  /** Overwrites a number of 1, 2, 4 or 8 bytes, in either order. */
  private byte[] number(byte[] bytes, int at, long value) {
    int width = Math.min(1 << random.nextInt(4), bytes.length - at);
    boolean big = random.nextBoolean();
    for (int i = 0; i < width; i++) {
      bytes[at + i] = (byte) (value >>> (8 * (big ? width - 1 - i : i)));
    }
    return bytes;
  }

  /** Changes something that may be a length or an offset. */
  private byte[] length(byte[] bytes) {
    for (int attempt = 0; attempt < ATTEMPTS && bytes.length >= 4; attempt++) {
      int at = random.nextInt(bytes.length - 3);
      ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
      int value = buffer.getInt(at);
      if (value > 0 && value <= bytes.length) {
        int lie =
            switch (random.nextInt(6)) {
              case 0 -> value + 1;
              case 1 -> value - 1;
              case 2 -> -value;
              case 3 -> value * (2 + random.nextInt(1000));
              case 4 -> bytes.length - random.nextInt(Math.min(bytes.length, 64));
              default -> (int) edge(bytes.length);
            };
        buffer.putInt(at, lie);
        return bytes;
      }
    }
    return bytes;
  }

  /** Writes a number in groups of seven bits, sometimes with one group too many. */
  private byte[] variableLength(byte[] bytes, int at) {
    int n = Math.min(1 + random.nextInt(11), bytes.length - at);
    Arrays.fill(bytes, at, at + n, (byte) 0xff);
    bytes[at + n - 1] = (byte) random.nextInt(128);
    return bytes;
  }

  private byte[] repeat(byte[] bytes, int at) {
    int n = Math.min(1 + random.nextInt(LONGEST_BLOCK), bytes.length - at);
    int times = 1 + random.nextInt(MOST_REPETITIONS);
    byte[] piece = new byte[n * times];
    for (int i = 0; i < piece.length; i++) {
      piece[i] = bytes[at + i % n];
    }
    return insert(bytes, at, piece);
  }

  private byte[] splice(byte[] bytes, int at, byte[] other) {
    int from = random.nextInt(other.length + 1);
    byte[] spliced = Arrays.copyOf(bytes, at + other.length - from);
    System.arraycopy(other, from, spliced, at, other.length - from);
    return spliced;
  }

  private byte[] token(byte[] bytes, int at) {
    if (tokens.isEmpty()) {
      return number(bytes, at, edge(bytes.length));
    }
    byte[] token = tokens.get(random.nextInt(tokens.size()));
    if (random.nextBoolean()) {
      return insert(bytes, at, token);
    }
    System.arraycopy(token, 0, bytes, at, Math.min(token.length, bytes.length - at));
    return bytes;
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    if (random.nextBoolean()) {
      random.nextBytes(noise);
    } else {
      Arrays.fill(noise, (byte) random.nextInt(256));
    }
    return noise;
  }

  private static byte[] insert(byte[] bytes, int at, byte[] piece) {
    byte[] longer = Arrays.copyOf(bytes, bytes.length + piece.length);
    System.arraycopy(piece, 0, longer, at, piece.length);
    System.arraycopy(bytes, at, longer, at + piece.length, bytes.length - at);
    return longer;
  }
}
