package io.measureflow.simd.product;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes VectorTiles.java and VectorSquares.java from their templates. Run in the folder of the
 * module: {@code java src/test/java/io/measureflow/simd/product/TileGenerator.java}.
 */
final class TileGenerator {

  private static final Path FOLDER = Path.of("src/main/java/io/measureflow/simd/product");

  /** The classes that are generated. */
  static final List<String> CLASSES = List.of("VectorTiles", "VectorSquares");

  /** The numbers of lanes of vectors that squares are transposed in: 128, 256 and 512 bits. */
  private static final List<Integer> LANES = List.of(4, 8, 16);

  /** The number of steps of k that a loop has written out: no more, or C1 runs out of registers. */
  private static final int STEPS = 2;

  /**
   * A shape of tile.
   *
   * @param rows the rows of the left factor
   * @param vectors the vectors of the right factor
   * @param between the number of rows per basic block
   */
  private record Tile(int rows, int vectors, int between) {}

  /** For 32 registers 8 and 4 rows, for 16 registers 6 and 4 rows with at most 2 vectors. */
  private static final List<Tile> TILES =
      List.of(
          new Tile(8, 3, 4),
          new Tile(8, 2, 4),
          new Tile(8, 1, 8),
          new Tile(6, 2, 2),
          new Tile(6, 1, 3),
          new Tile(4, 3, 4),
          new Tile(4, 2, 2),
          new Tile(4, 1, 4));

  private TileGenerator() {}

  public static void main(String[] arguments) throws IOException {
    for (String name : CLASSES) {
      Files.writeString(output(name), generate(name));
    }
  }

  static Path output(String name) {
    return FOLDER.resolve(name + ".java");
  }

  /** Returns the source of a class. */
  static String generate(String name) throws IOException {
    var tiles = new StringBuilder();
    TILES.forEach(tile -> append(tile, tiles));
    var squares = new StringBuilder();
    LANES.forEach(lanes -> appendSquares(lanes, squares));
    return Files.readString(FOLDER.resolve(name + ".template"))
        .replace("@TILES@\n", tiles)
        .replace("@SQUARES@\n", squares);
  }

  private static void appendSquares(int lanes, StringBuilder out) {
    line(out, 0, "");
    line(out, 2, "/** Vectors of %d elements. */", lanes);
    line(out, 2, "private static final class Lanes%d {", lanes);
    line(out, 0, "");
    line(
        out,
        4,
        "private static final VectorSpecies<Float> S = FloatVector.SPECIES_%d;",
        lanes * Float.SIZE);
    for (int i = 1; i < lanes; i++) {
      line(out, 4, "private static final VectorShuffle<Float> R%d = rotation(S, %d);", i, i);
    }
    for (int bit = 1; bit < lanes; bit *= 2) {
      line(out, 4, "private static final VectorMask<Float> M%d = lanesWith(S, %d);", bit, bit);
    }
    line(out, 0, "");
    line(out, 4, "private Lanes%d() {}", lanes);
    line(out, 0, "");
    line(out, 4, "static void transpose(");
    line(
        out,
        8,
        "float[] source, int from, int stride, int columns, float[] target, int to, int step) {");
    line(out, 6, "for (int j = 0; j < columns; j += %d) {", lanes);
    line(out, 8, "int p = from + j;");
    line(out, 8, "int q = to + j * step;");
    for (int i = 0; i < lanes; i++) {
      String load = "FloatVector.fromArray(S, source, p" + plus(i, "stride") + ")";
      if (i == 0) {
        line(out, 8, "FloatVector a0 = %s;", load);
      } else {
        line(out, 8, "FloatVector a%d = %s.rearrange(R%d);", i, load, i);
      }
    }
    // Names of the stages; the last one is stored at once.
    char stage = 'a';
    int bit = 1;
    for (; bit < lanes / 2; bit *= 2, stage++) {
      for (int i = 0; i < lanes; i++) {
        line(
            out,
            8,
            "FloatVector %1$c%2$d = %3$c%2$d.blend(%3$c%4$d, M%5$d);",
            stage + 1,
            i,
            stage,
            (i + bit) % lanes,
            bit);
      }
    }
    for (int j = 0; j < lanes; j++) {
      int i = (lanes - j) % lanes;
      String rotated = i == 0 ? "" : ".rearrange(R" + i + ")";
      line(
          out,
          8,
          "%1$c%2$d.blend(%1$c%3$d, M%4$d)%5$s.intoArray(target, q%6$s);",
          stage,
          i,
          (i + bit) % lanes,
          bit,
          rotated,
          plus(j, "step"));
    }
    line(out, 6, "}");
    line(out, 4, "}");
    line(out, 2, "}");
  }

  private static void append(Tile tile, StringBuilder out) {
    int rows = tile.rows;
    int vectors = tile.vectors;
    int pair = Math.min(vectors, 2);
    line(out, 0, "");
    line(out, 2, "/** c = begin + a b for %d rows and %d vectors. */", rows, vectors);
    line(out, 2, "static void tile%dx%d(", rows, vectors);
    for (String parameter :
        List.of(
            "int depth,",
            "float[] a,",
            "int from,",
            "long panel,",
            "float[] begin,",
            "int at,",
            "int step,",
            "float[] c,",
            "int to,",
            "int stride,",
            "int never) {")) {
      line(out, 6, parameter);
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        line(
            out,
            4,
            "FloatVector c%d%d = FloatVector.fromArray(S, begin, at%s%s);",
            i,
            j,
            plus(i, "step"),
            plus(j, "LANES"));
      }
    }
    if (vectors == 3) {
      line(out, 4, "long third = panel + depth * (2 * BYTES);");
    }
    line(out, 4, "for (int k = 0; k < depth; k += %d) {", STEPS);
    line(out, 6, "int p = from + k;");
    line(out, 6, "long q = panel + k * %s;", pair == 1 ? "BYTES" : "(2 * BYTES)");
    if (vectors == 3) {
      line(out, 6, "long r = third + k * BYTES;");
    }
    int ends = 0;
    for (int s = 0; s < STEPS; s++) {
      if (s > 0) {
        end(out, 6, ends++);
      }
      line(out, 6, "{");
      for (int j = 0; j < vectors; j++) {
        String address = j < 2 ? "q" + plus(s * pair + j, "BYTES") : "r" + plus(s, "BYTES");
        line(
            out,
            8,
            "FloatVector b%d = FloatVector.fromMemorySegment(S, ALL, %s, ORDER);",
            j,
            address);
      }
      for (int i = 0; i < rows; i++) {
        if (i > 0 && i % tile.between == 0) {
          end(out, 8, ends++);
        }
        line(
            out,
            8,
            "FloatVector f%d = FloatVector.broadcast(S, a[p%s%s]);",
            i,
            plus(i, "ROW_STRIDE"),
            s == 0 ? "" : " + " + s);
        for (int j = 0; j < vectors; j++) {
          line(out, 8, "c%1$d%2$d = b%2$d.fma(f%1$d, c%1$d%2$d);", i, j);
        }
      }
      line(out, 6, "}");
    }
    line(out, 4, "}");
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < vectors; j++) {
        line(out, 4, "c%d%d.intoArray(c, to%s%s);", i, j, plus(i, "stride"), plus(j, "LANES"));
      }
    }
    line(out, 2, "}");
  }

  /** Ends a basic block: k is never what it is compared with. */
  private static void end(StringBuilder out, int indent, int number) {
    line(out, indent, "if (k%s == never) {", number == 0 ? "" : " + " + number);
    line(out, indent + 2, "break;");
    line(out, indent, "}");
  }

  private static String plus(int times, String what) {
    return switch (times) {
      case 0 -> "";
      case 1 -> " + " + what;
      default -> " + " + times + " * " + what;
    };
  }

  @SuppressWarnings("AnnotateFormatMethod") // No dependence for an annotation.
  private static void line(StringBuilder out, int indent, String format, Object... values) {
    String text = String.format(format, values);
    out.append(" ".repeat(text.isEmpty() ? 0 : indent)).append(text).append('\n');
  }
}
