package io.measureflow.plots;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reduces pictures that have few colors apart from antialiased edges to at most 256. */
final class Palette {

  private static final int MOST_COLORS = 256;
  private static final int BITS = 4;

  private final IndexColorModel colors;
  private final Map<Integer, Byte> nearest = new HashMap<>();

  private Palette(IndexColorModel colors) {
    this.colors = colors;
  }

  /** Takes the most frequent colors, where similar colors count as one. */
  static Palette of(List<BufferedImage> images) {
    var counts = new HashMap<Integer, Map<Integer, Integer>>();
    for (BufferedImage image : images) {
      int width = image.getWidth();
      for (int y = 0; y < image.getHeight(); y++) {
        int[] row = image.getRGB(0, y, width, 1, null, 0, width);
        int start = 0;
        for (int x = 1; x <= width; x++) {
          // Counted by runs, since runs of one color are long.
          if (x == width || row[x] != row[start]) {
            int rgb = row[start] & 0xFFFFFF;
            counts
                .computeIfAbsent(coarse(rgb), c -> new HashMap<>())
                .merge(rgb, x - start, Integer::sum);
            start = x;
          }
        }
      }
    }
    var groups = new ArrayList<>(counts.values());
    groups.sort(
        Comparator.comparingInt(
            (Map<Integer, Integer> group) ->
                -group.values().stream().mapToInt(Integer::intValue).sum()));
    int size = Math.min(MOST_COLORS, groups.size());
    byte[] red = new byte[size];
    byte[] green = new byte[size];
    byte[] blue = new byte[size];
    for (int i = 0; i < size; i++) {
      int rgb =
          groups.get(i).entrySet().stream()
              .max(Map.Entry.<Integer, Integer>comparingByValue().thenComparing(Map.Entry::getKey))
              .orElseThrow()
              .getKey();
      red[i] = (byte) (rgb >> 16);
      green[i] = (byte) (rgb >> 8);
      blue[i] = (byte) rgb;
    }
    return new Palette(new IndexColorModel(8, size, red, green, blue));
  }

  private static int coarse(int rgb) {
    int mask = (0xFF << (8 - BITS)) & 0xFF;
    return rgb & (mask << 16 | mask << 8 | mask);
  }

  /** Redraws a picture with the colors of the palette; each pixel gets the nearest. */
  BufferedImage apply(BufferedImage image) {
    var indexed =
        new BufferedImage(
            image.getWidth(), image.getHeight(), BufferedImage.TYPE_BYTE_INDEXED, colors);
    int width = image.getWidth();
    byte[] pixels = new byte[width];
    for (int y = 0; y < image.getHeight(); y++) {
      int[] row = image.getRGB(0, y, width, 1, null, 0, width);
      for (int x = 0; x < width; x++) {
        pixels[x] =
            x > 0 && row[x] == row[x - 1]
                ? pixels[x - 1]
                : nearest.computeIfAbsent(row[x] & 0xFFFFFF, this::nearest);
      }
      indexed.getRaster().setDataElements(0, y, width, 1, pixels);
    }
    return indexed;
  }

  private byte nearest(int rgb) {
    int best = 0;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < colors.getMapSize(); i++) {
      int red = (rgb >> 16 & 0xFF) - colors.getRed(i);
      int green = (rgb >> 8 & 0xFF) - colors.getGreen(i);
      int blue = (rgb & 0xFF) - colors.getBlue(i);
      int distance = red * red + green * green + blue * blue;
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return (byte) best;
  }
}
