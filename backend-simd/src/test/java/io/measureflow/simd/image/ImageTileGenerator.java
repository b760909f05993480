package io.measureflow.simd.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Writes VectorImageTiles.java from its template. Run in the folder of the module: {@code java
 * src/test/java/io/measureflow/simd/image/ImageTileGenerator.java}.
 */
final class ImageTileGenerator {

  private static final Path FOLDER = Path.of("src/main/java/io/measureflow/simd/image");

  static final Path OUTPUT = FOLDER.resolve("VectorImageTiles.java");

  /** Of 16 registers twelve hold sums, two a vector each, and the others broadcast elements. */
  private static final int MOST_ROWS = 6;

  /** The rows per basic block. */
  private static final int BETWEEN = 2;

  /** The longest line of the format. */
  private static final int LINE = 100;

  private ImageTileGenerator() {}

  public static void main(String[] arguments) throws IOException {
    Files.writeString(OUTPUT, generate());
  }

  /** Returns the source of the class. */
  static String generate() throws IOException {
    var out = new StringBuilder();
    for (int rows = 1; rows <= MOST_ROWS; rows++) {
      correlate(rows, out);
    }
    for (int rows = 1; rows <= MOST_ROWS; rows++) {
      gradient(rows, out);
    }
    return Files.readString(FOLDER.resolve("VectorImageTiles.template")).replace("@TILES@\n", out);
  }

  private static void correlate(int rows, StringBuilder out) {
    line(out, 0, "");
    line(out, 2, "/** out = begin + weights x for %d rows. */", rows);
    parameters(
        out,
        "static void correlate" + rows,
        List.of(
            "int depth",
            "long[] offsets",
            "float[] weights",
            "int from",
            "long x",
            "float[] begin",
            "int at",
            "int step",
            "float[] out",
            "int to",
            "int stride",
            "int never"));
    sums(rows, "begin, at", "step", true, out);
    line(out, 4, "for (int k = 0; k < depth; k++) {");
    line(out, 6, "long q = x + offsets[k];");
    line(out, 6, "int p = from + k * WEIGHTS;");
    products(rows, "q", row -> "weights[p + " + row + "]", out);
    line(out, 4, "}");
    sums(rows, "out, to", "stride", false, out);
    line(out, 2, "}");
  }

  private static void gradient(int rows, StringBuilder out) {
    line(out, 0, "");
    line(out, 2, "/** sums = sums + x g' for %d elements. */", rows);
    var parameters = new ArrayList<>(List.of("int depth"));
    for (int i = 0; i < rows; i++) {
      parameters.add("long x" + i);
    }
    parameters.addAll(List.of("long g", "float[] sums", "int at", "int stride", "int never"));
    parameters(out, "static void gradient" + rows, parameters);
    sums(rows, "sums, at", "stride", true, out);
    line(out, 4, "for (int k = 0; k < depth; k++) {");
    line(out, 6, "long q = g + k * (2 * BYTES);");
    line(out, 6, "long p = 4L * k;");
    products(rows, "q", row -> "ALL.get(F, x" + row + " + p)", out);
    line(out, 4, "}");
    sums(rows, "sums, at", "stride", false, out);
    line(out, 2, "}");
  }

  /** Loads or stores the sums. */
  private static void sums(
      int rows, String array, String stride, boolean loads, StringBuilder out) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < 2; j++) {
        String place = array + plus(i, stride) + plus(j, "LANES");
        if (loads) {
          line(out, 4, "FloatVector c%d%d = FloatVector.fromArray(S, %s);", i, j, place);
        } else {
          line(out, 4, "c%d%d.intoArray(%s);", i, j, place);
        }
      }
    }
  }

  /** Adds the products of two vectors and an element of each row. */
  private static void products(
      int rows, String vectors, IntFunction<String> element, StringBuilder out) {
    for (int j = 0; j < 2; j++) {
      String address = vectors + plus(j, "BYTES");
      line(
          out,
          6,
          "FloatVector b%d = FloatVector.fromMemorySegment(S, ALL, %s, ORDER);",
          j,
          address);
    }
    int ends = 0;
    for (int i = 0; i < rows; i++) {
      if (i > 0 && i % BETWEEN == 0) {
        end(out, 6, "k", ends++);
      }
      String value = element.apply(i);
      line(out, 6, "FloatVector f%d = FloatVector.broadcast(S, %s);", i, value);
      for (int j = 0; j < 2; j++) {
        line(out, 6, "c%1$d%2$d = b%2$d.fma(f%1$d, c%1$d%2$d);", i, j);
      }
    }
    end(out, 6, "k", ends);
  }

  private static void parameters(StringBuilder out, String method, List<String> parameters) {
    String all = String.join(", ", parameters) + ") {";
    if (method.length() + all.length() + 3 <= LINE) {
      line(out, 2, "%s(%s", method, all);
      return;
    }
    line(out, 2, "%s(", method);
    if (all.length() + 6 <= LINE) {
      line(out, 6, "%s", all);
      return;
    }
    for (int i = 0; i < parameters.size(); i++) {
      line(out, 6, "%s%s", parameters.get(i), i == parameters.size() - 1 ? ") {" : ",");
    }
  }

  /** Ends a basic block: the counter is never what it is compared with. */
  private static void end(StringBuilder out, int indent, String counter, int number) {
    line(out, indent, "if (%s%s == never) {", counter, number == 0 ? "" : " + " + number);
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
