package io.measureflow.api.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapeTest {

  private static Shape shape(String dimensions) {
    return Shape.of(
        Arrays.stream(dimensions.split(" "))
            .filter(text -> !text.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray());
  }

  /** The result of {@code numpy.broadcast_shapes}; "-" where it raises an error. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''      | ''      | ''",
        "''      | 3       | 3",
        "1       | ''      | 1",
        "3       | 3       | 3",
        "3       | 1       | 3",
        "3       | 4       | -",
        "4 3     | 3       | 4 3",
        "4 3     | 4       | -",
        "4 3     | 4 1     | 4 3",
        "4 1     | 3       | 4 3",
        "1 3     | 4 1     | 4 3",
        "5 4 3   | 4 3     | 5 4 3",
        "5 4 3   | 5 1 3   | 5 4 3",
        "5 1 3   | 4 1     | 5 4 3",
        "5 4 3   | 5 4     | -",
        "0       | 1       | 0",
        "0       | ''      | 0",
        "0       | 2       | -",
        "2 0     | 2 1     | 2 0",
        "2 1     | 0       | 2 0",
        "2 0     | 2 0     | 2 0",
      })
  void broadcastsAsInNumPy(String a, String b, String expected) {
    if (expected.equals("-")) {
      var error = assertThrows(IllegalArgumentException.class, () -> shape(a).broadcast(shape(b)));
      assertTrue(
          String.valueOf(error.getMessage()).contains(shape(a) + " and " + shape(b)),
          error::getMessage);
      assertThrows(IllegalArgumentException.class, () -> shape(b).broadcast(shape(a)));
    } else {
      assertEquals(shape(expected), shape(a).broadcast(shape(b)));
      assertEquals(shape(expected), shape(b).broadcast(shape(a)));
    }
  }

  /**
   * Returns the rule in other words: at most one length besides 1 at each position, counted from
   * the end.
   */
  private static Optional<List<Integer>> rule(Shape a, Shape b) {
    var result = new ArrayList<Integer>();
    for (int fromEnd = 1; fromEnd <= Math.max(a.rank(), b.rank()); fromEnd++) {
      var lengths = new TreeSet<Integer>();
      for (Shape shape : List.of(a, b)) {
        if (fromEnd <= shape.rank()) {
          lengths.add(shape.dimension(shape.rank() - fromEnd));
        }
      }
      lengths.remove(1);
      if (lengths.size() > 1) {
        return Optional.empty();
      }
      result.addFirst(lengths.isEmpty() ? 1 : lengths.first());
    }
    return Optional.of(result);
  }

  private static List<Shape> everySmallShape() {
    var shapes = new ArrayList<Shape>(List.of(Shape.SCALAR));
    for (int from = 0, rank = 1; rank <= Shape.MAX_RANK; rank++) {
      int to = shapes.size();
      for (Shape shape : List.copyOf(shapes.subList(from, to))) {
        for (int length : new int[] {0, 1, 2, 3}) {
          var dimensions = new ArrayList<>(shape.dimensions());
          dimensions.add(length);
          shapes.add(new Shape(dimensions));
        }
      }
      from = to;
    }
    return shapes;
  }

  @Test
  void everyPairOfSmallShapesFollowsTheRule() {
    List<Shape> shapes = everySmallShape();
    assertEquals(1 + 4 + 16 + 64 + 256, shapes.size());
    for (Shape a : shapes) {
      for (Shape b : shapes) {
        Optional<List<Integer>> expected = rule(a, b);
        if (expected.isPresent()) {
          assertEquals(expected.get(), a.broadcast(b).dimensions());
        } else {
          assertThrows(IllegalArgumentException.class, () -> a.broadcast(b));
        }
        assertEquals(expected.equals(Optional.of(b.dimensions())), a.broadcastsTo(b), a + " " + b);
      }
    }
  }

  @Test
  void sizeRankAndAlignment() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(24, shape.size());
    assertEquals(3, shape.rank());
    assertEquals(3, shape.dimension(1));
    assertEquals("[2, 3, 4]", shape.toString());
    assertEquals(1, Shape.SCALAR.size());
    assertEquals(0, Shape.of(5, 0).size());
    assertEquals(1, Shape.of(7).aligned(0, 3));
    assertEquals(1, Shape.of(7).aligned(1, 3));
    assertEquals(7, Shape.of(7).aligned(2, 3));
    assertFalse(Shape.of(1, 7).equals(Shape.of(7)));
  }

  @Test
  void shapesThatCannotBeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Shape.of(1, 2, 3, 4, 5));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -1));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(1 << 16, 1 << 15));
    assertEquals(Integer.MAX_VALUE, Shape.of(Integer.MAX_VALUE).size());
  }

  @Test
  void aShapeKeepsItsDimensions() {
    var dimensions = new ArrayList<>(List.of(2, 3));
    var shape = new Shape(dimensions);
    dimensions.set(0, 9);
    assertEquals(Shape.of(2, 3), shape);
  }
}
