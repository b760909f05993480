package io.measureflow.datasets.image;

import java.util.Arrays;
import java.util.List;

/**
 * Draws 28x28 grey digits: strokes of several styles per digit under a random affine map and a
 * smooth random displacement, with random thickness, softness and intensity, stray strokes,
 * occlusion and noise.
 *
 * <p>Image i of a split is a pure function of (seed, split, i) and identical on every machine: only
 * exactly rounded arithmetic is used. Each group of ten images, from a multiple of ten, contains
 * each digit once, in random order.
 */
final class SyntheticDigits {

  static final int SIDE = 28;
  static final int PIXELS = SIDE * SIDE;
  static final int CLASSES = 10;

  /** Incremented whenever an image changes; part of the fingerprint. */
  static final int VERSION = 1;

  private final long stream;

  /** The images of one split. */
  SyntheticDigits(long seed, int split) {
    stream = Random.mix(seed + Random.mix(split + 1));
  }

  /** Returns the digit that image i shows. */
  int label(int i) {
    var random = new Random(Random.mix(stream ^ 0x1abe1L) + i / CLASSES);
    int[] digits = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    int wanted = i % CLASSES;
    for (int last = CLASSES - 1; last >= wanted; last--) {
      int other = random.below(last + 1);
      int digit = digits[other];
      digits[other] = digits[last];
      digits[last] = digit;
    }
    return digits[wanted];
  }

  /** Draws image i into {@code pen.image}, row by row from the top, 0 for paper and 255 for ink. */
  void draw(int i, Pen pen) {
    var random = new Random(Random.mix(stream) + i);
    pen.clear();
    List<Glyph> styles = Glyph.STYLES.get(label(i));
    Glyph glyph = styles.get(random.below(styles.size()));
    float thickness = random.between(0.9f, 1.9f);
    float softness = random.between(0.45f, 1.0f);
    var frame = new Frame(random);
    for (float[] stroke : glyph.strokes()) {
      pen.draw(frame.place(stroke), thickness, softness);
    }
    for (int strays = random.below(2); strays > 0; strays--) {
      pen.draw(stray(random), random.between(0.5f, 1.2f), softness);
    }
    int hidden = random.below(40) == 0 ? random.below(SIDE - 4) : -1;
    boolean hiddenRows = random.below(2) == 0;
    pen.finish(random, random.between(0.55f, 1f), random.between(0.02f, 0.1f), hidden, hiddenRows);
  }

  private static float[] stray(Random random) {
    float x = random.between(0, SIDE - 1);
    float y = random.between(0, SIDE - 1);
    return new float[] {x, y, x + random.between(-6, 6), y + random.between(-6, 6)};
  }

  /** SplitMix64 [steele2014]: fast, and valid for any seed. */
  static final class Random {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;
    private long state;

    Random(long seed) {
      state = mix(seed);
    }

    static long mix(long z) {
      z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      return z ^ (z >>> 31);
    }

    long next() {
      state += GAMMA;
      return mix(state);
    }

    int below(int bound) {
      return (int) (((next() >>> 32) * bound) >>> 32);
    }

    float between(float low, float high) {
      return low + (high - low) * ((next() >>> 40) * 0x1p-24f);
    }
  }

  /** Maps the coordinates of a glyph, x and y in [-1, 1], to pixels. */
  private static final class Frame {
    /**
     * The displacement is a bicubic-smooth interpolation of random vectors at GRID x GRID nodes.
     */
    private static final int GRID = 4;

    private static final float HALF_HEIGHT = 9f;
    private static final float DISPLACEMENT = 0.14f;

    private final float xx;
    private final float xy;
    private final float yx;
    private final float yy;
    private final float dx;
    private final float dy;
    private final float[] nodes = new float[2 * GRID * GRID];

    Frame(Random random) {
      float angle = random.between(-0.2f, 0.2f);
      float shear = random.between(-0.25f, 0.25f);
      float height = HALF_HEIGHT * random.between(0.85f, 1.15f);
      float width = height * random.between(0.7f, 1.15f);
      // sin and cos by exact operations only: the rational parametrization of the circle.
      float t = angle / 2;
      float cos = (1 - t * t) / (1 + t * t);
      float sin = 2 * t / (1 + t * t);
      xx = cos * width;
      xy = (shear * cos - sin) * height;
      yx = sin * width;
      yy = (shear * sin + cos) * height;
      dx = (SIDE - 1) / 2f + random.between(-2.5f, 2.5f);
      dy = (SIDE - 1) / 2f + random.between(-2.5f, 2.5f);
      for (int i = 0; i < nodes.length; i++) {
        nodes[i] = random.between(-DISPLACEMENT, DISPLACEMENT);
      }
    }

    float[] place(float[] stroke) {
      float[] placed = new float[stroke.length];
      for (int i = 0; i < stroke.length; i += 2) {
        float gx = (stroke[i] + 1) * ((GRID - 1) / 2f);
        float gy = (stroke[i + 1] + 1) * ((GRID - 1) / 2f);
        int column = Math.clamp((int) gx, 0, GRID - 2);
        int row = Math.clamp((int) gy, 0, GRID - 2);
        float u = smooth(gx - column);
        float v = smooth(gy - row);
        int node = 2 * (row * GRID + column);
        float x = stroke[i] + blend(node, u, v);
        float y = stroke[i + 1] + blend(node + 1, u, v);
        placed[i] = xx * x + xy * y + dx;
        placed[i + 1] = yx * x + yy * y + dy;
      }
      return placed;
    }

    private static float smooth(float t) {
      return t * t * (3 - 2 * t);
    }

    private float blend(int node, float u, float v) {
      float above = nodes[node] + u * (nodes[node + 2] - nodes[node]);
      int below = node + 2 * GRID;
      return above + v * (nodes[below] + u * (nodes[below + 2] - nodes[below]) - above);
    }
  }

  /** Draws ink on paper. Not thread-safe. */
  static final class Pen {
    /** The finished image, one byte per pixel. */
    final byte[] image = new byte[PIXELS];

    private final float[] ink = new float[PIXELS];

    private void clear() {
      Arrays.fill(ink, 0);
    }

    /** Draws a line through the points x0, y0, x1, y1, ... */
    private void draw(float[] points, float thickness, float softness) {
      for (int i = 0; i + 3 < points.length; i += 2) {
        segment(points[i], points[i + 1], points[i + 2], points[i + 3], thickness, softness);
      }
    }

    /**
     * Draws a segment. Ink falls from 1 to 0 as the distance to it goes from thickness - softness
     * to thickness + softness.
     */
    private void segment(float x0, float y0, float x1, float y1, float thickness, float softness) {
      float reach = thickness + softness;
      int left = Math.max(0, (int) (Math.min(x0, x1) - reach) + 1);
      int right = Math.min(SIDE - 1, (int) (Math.max(x0, x1) + reach));
      int top = Math.max(0, (int) (Math.min(y0, y1) - reach) + 1);
      int bottom = Math.min(SIDE - 1, (int) (Math.max(y0, y1) + reach));
      float dx = x1 - x0;
      float dy = y1 - y0;
      float scale = 1 / Math.max(dx * dx + dy * dy, 1e-6f);
      float slope = 0.5f / softness;
      for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
          float px = x - x0;
          float py = y - y0;
          float t = Math.max(0, Math.min(1, (px * dx + py * dy) * scale));
          float ex = px - t * dx;
          float ey = py - t * dy;
          float square = ex * ex + ey * ey;
          if (square < reach * reach) {
            float level = Math.min(1, (reach - (float) Math.sqrt(square)) * slope);
            int at = y * SIDE + x;
            ink[at] = Math.max(ink[at], level);
          }
        }
      }
    }

    /** Erases a band of the image if {@code hidden >= 0}, adds noise, and rounds to bytes. */
    private void finish(
        Random random, float intensity, float noise, int hidden, boolean hiddenRows) {
      if (hidden >= 0) {
        for (int y = 0; y < SIDE; y++) {
          for (int x = 0; x < SIDE; x++) {
            int across = (hiddenRows ? y : x) - hidden;
            if (across >= 0 && across < 4) {
              ink[y * SIDE + x] = 0;
            }
          }
        }
      }
      // Four 16-bit numbers per draw, for pixels in the four quarters of the image.
      float amplitude = noise * 255 / 32768;
      for (int i = 0; i < PIXELS / 4; i++) {
        long bits = random.next();
        for (int quarter = 0; quarter < 4; quarter++) {
          int at = quarter * (PIXELS / 4) + i;
          float value = ink[at] * intensity * 255 + (short) (bits >>> (16 * quarter)) * amplitude;
          image[at] = (byte) Math.max(0, Math.min(255, (int) (value + 0.5f)));
        }
      }
    }
  }
}
