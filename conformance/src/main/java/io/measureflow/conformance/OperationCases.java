package io.measureflow.conformance;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Small programs for every operation: all sizes, all kinds of broadcasting, and extremes. */
final class OperationCases {

  /** Zero, one, and sizes around every vector width. */
  private static final int[] SIZES = {0, 1, 3, 7, 15, 16, 17, 31, 33, 127, 129, 785, 20000};

  private static final List<Case> ALL = make();

  private final List<Case> cases = new ArrayList<>();

  private OperationCases() {}

  /**
   * One program and its data.
   *
   * @param name what is tested
   * @param op the operation under test
   * @param program the program
   * @param low the lower limit of random inputs and states
   * @param high the upper limit of random inputs and states
   * @param given values that are not random, by name
   * @param relative whether the error of each element is relative to itself, not to the largest
   * @param spread the smallest positive standard deviation of the moments, 1 if there are none
   * @param magnitude the minimum base of an absolute tolerance, as a sum may cancel
   */
  record Case(
      String name,
      Class<? extends Op> op,
      Program program,
      double low,
      double high,
      Map<String, double[]> given,
      boolean relative,
      double spread,
      double magnitude) {

    Case within(double newLow, double newHigh) {
      return new Case(name, op, program, newLow, newHigh, given, relative, spread, magnitude);
    }

    Case elementwise() {
      return new Case(name, op, program, low, high, given, true, spread, magnitude);
    }

    /** Returns a copy for moments with standard deviations from this one on. */
    Case spreadFrom(double smallest) {
      return new Case(name, op, program, low, high, given, relative, smallest, magnitude);
    }

    /** Returns a copy for results that are sums of {@code terms} products of entries. */
    Case summing(int terms) {
      return new Case(name, op, program, low, high, given, relative, spread, Math.sqrt(terms));
    }

    Case with(String input, double[] values) {
      var more = new LinkedHashMap<>(given);
      more.put(input, values);
      return new Case(name, op, program, low, high, more, relative, spread, magnitude);
    }

    /** Values for all inputs and states, each a float32, so that every precision has the same. */
    Map<String, double[]> values() {
      var random = new SplittableRandom(name.hashCode());
      var values = new LinkedHashMap<String, double[]>();
      for (List<Value> group : List.of(program.inputs(), program.states())) {
        for (Value value : group) {
          double[] fixed = given.get(value.name());
          double[] elements = fixed != null ? fixed.clone() : new double[value.shape().size()];
          for (int i = 0; fixed == null && i < elements.length; i++) {
            elements[i] = random.nextDouble(low, high);
          }
          for (int i = 0; i < elements.length; i++) {
            elements[i] = (float) elements[i];
          }
          values.put(value.name(), elements);
        }
      }
      return values;
    }
  }

  /** Returns all cases; every call returns the same ones. */
  static List<Case> all() {
    return ALL;
  }

  private static List<Case> make() {
    var all = new OperationCases();
    all.elementwise();
    all.shapes();
    all.permutations();
    all.products();
    all.stacksOfProducts();
    all.determinants();
    all.moments();
    all.losses();
    all.columns();
    all.updates();
    all.cases.addAll(NetworkCases.all());
    return List.copyOf(all.cases);
  }

  static Case of(String name, Class<? extends Op> op, Consumer<ProgramBuilder> writer) {
    var program = new ProgramBuilder(name);
    writer.accept(program);
    return new Case(name, op, program.build(), -2, 2, Map.of(), false, 1, 0);
  }

  private void add(Case c) {
    cases.add(c);
  }

  private void elementwise() {
    for (Shape shape :
        List.of(
            Shape.SCALAR,
            Shape.of(0),
            Shape.of(17),
            Shape.of(3, 5),
            Shape.of(2, 3, 4),
            Shape.of(2, 3, 2, 5))) {
      add(
          of(
              "constant " + shape,
              Op.Constant.class,
              p -> p.output("out", p.constant(-1.5, shape))));
      double[] elements = new double[shape.size()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = 0.75 * i - 3;
      }
      add(
          of(
              "literal " + shape,
              Op.Literal.class,
              p -> p.output("out", p.literal(shape, elements))));
    }
    for (Op.UnaryFunction f : Op.UnaryFunction.values()) {
      for (int size : SIZES) {
        add(unary(f, size).within(0.25, 4));
      }
      add(unary(f, 129).within(1e-30, 1e-28).elementwise());
      add(unary(f, 129).within(1e15, 1e17).elementwise());
    }
    add(
        unary(Op.UnaryFunction.EXP, 9)
            .with("a", new double[] {-200, -104, -88, -87, -1e-8, 0, 1, 88, 200})
            .elementwise());
    add(
        unary(Op.UnaryFunction.LOG, 5)
            .with("a", new double[] {1e-38, 1, 1.0000001, Math.E, 3e38})
            .elementwise());
    elementaryFunctions();
    add(unary(Op.UnaryFunction.SQRT, 4).with("a", new double[] {0, 1e-38, 1, 3e38}).elementwise());
    List<List<Shape>> pairs =
        List.of(
            List.of(Shape.SCALAR, Shape.SCALAR),
            List.of(Shape.of(785), Shape.SCALAR),
            List.of(Shape.SCALAR, Shape.of(33, 7)),
            List.of(Shape.of(33, 17), Shape.of(33, 17)),
            List.of(Shape.of(33, 17), Shape.of(17)),
            List.of(Shape.of(33, 17), Shape.of(33, 1)),
            List.of(Shape.of(1, 17), Shape.of(33, 1)),
            List.of(Shape.of(129, 200), Shape.of(1, 200)),
            List.of(Shape.of(129, 200), Shape.of(129, 1)),
            List.of(Shape.of(4, 5, 6), Shape.of(5, 1)),
            List.of(Shape.of(4, 1, 6), Shape.of(1, 5, 1)),
            List.of(Shape.of(4, 5, 6), Shape.of(4, 1, 1)),
            List.of(Shape.of(4, 5, 6), Shape.of(6)),
            List.of(Shape.of(9, 1, 17), Shape.of(1, 5, 17)),
            List.of(Shape.of(9, 1, 17), Shape.of(5, 17)),
            List.of(Shape.of(128, 4, 64), Shape.of(128, 1, 64)),
            List.of(Shape.of(33, 50, 1), Shape.of(33, 1, 1)),
            List.of(Shape.of(33, 129, 4), Shape.of(33, 129, 1)),
            List.of(Shape.of(1, 785), Shape.of(32, 1)),
            List.of(Shape.of(0, 3), Shape.of(1, 3)),
            List.of(Shape.of(3, 0), Shape.of(3, 1)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(3, 4, 5, 6)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(3, 1, 5, 1)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(4, 1, 6)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(1, 4, 5, 1)),
            List.of(Shape.of(3, 1, 5, 1), Shape.of(1, 4, 1, 6)),
            List.of(Shape.of(33, 4, 9, 17), Shape.of(33, 1, 9, 1)),
            List.of(Shape.of(33, 1, 9, 1), Shape.of(4, 1, 17)),
            List.of(Shape.of(2, 0, 3, 1), Shape.of(1, 1, 5)),
            List.of(Shape.of(20000), Shape.of(20000)));
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    for (Op.BinaryFunction f : Op.BinaryFunction.values()) {
      for (List<Shape> pair : pairs) {
        add(binary(f, pair.get(0), pair.get(1)).within(0.5, 2).elementwise());
        add(binary(f, pair.get(1), pair.get(0)).within(-2, -0.5).elementwise());
      }
      for (int size : SIZES) {
        add(binary(f, Shape.of(size), Shape.of(size)).elementwise());
      }
      add(
          binary(f, Shape.of(9), Shape.of(9))
              .with("a", new double[] {1, nan, nan, inf, inf, -inf, -3, 0, 3e38})
              .with("b", new double[] {nan, 1, nan, inf, -inf, 7, -5, 1e-38, -3e38})
              .elementwise());
      add(
          binary(f, Shape.of(5), Shape.SCALAR)
              .with("a", new double[] {1, nan, -1, inf, -inf})
              .with("b", new double[] {0.5})
              .elementwise());
      add(
          binary(f, Shape.SCALAR, Shape.of(3))
              .with("a", new double[] {nan})
              .with("b", new double[] {0.5, inf, nan})
              .elementwise());
    }
    for (int size : SIZES) {
      add(
          of(
              "affine " + size,
              Op.Affine.class,
              p -> p.output("out", p.affine(p.input("a", Shape.of(size)), -3, 0.5))));
    }
  }

  /** Difficult arguments: near zeros and poles, and where a reduction loses digits. */
  private void elementaryFunctions() {
    double inf = Double.POSITIVE_INFINITY;
    double[] log = {0, -0.0, -1, -inf, inf, Double.NaN, 0.999, 1.001, 0.70710678, 0.7071068};
    add(unary(Op.UnaryFunction.LOG, log.length).with("a", log).elementwise());
    add(unary(Op.UnaryFunction.LOG, 20000).within(0.5, 1.5).elementwise());
    double[] log1p = {
      0, -1, -1.5, -inf, inf, Double.NaN, -0.9999999, -0.5, -0.3, 0.4, 1e-8, -1e-8, 1e-38, 3e38, 1e8
    };
    add(unary(Op.UnaryFunction.LOG1P, log1p.length).with("a", log1p).elementwise());
    add(unary(Op.UnaryFunction.LOG1P, 20000).within(-0.99, 3).elementwise());
    add(unary(Op.UnaryFunction.LOG1P, 129).within(-1e-6, 1e-6).elementwise());
    double[] steps = {0, -0.0, 1e-38, -1e-38, 3e38, -3e38, inf, -inf};
    add(unary(Op.UnaryFunction.HEAVISIDE, steps.length).with("a", steps).elementwise());
    add(unary(Op.UnaryFunction.HEAVISIDE, 129).elementwise());
    add(unary(Op.UnaryFunction.POSITIVE, steps.length).with("a", steps).elementwise());
    add(unary(Op.UnaryFunction.POSITIVE, 129).elementwise());
    double[] erf = {
      0,
      1e-30,
      -1e-30,
      1e-8,
      0.5,
      -1,
      2,
      3,
      3.9,
      3.92,
      -3.93,
      4,
      6,
      10,
      -10,
      3e38,
      inf,
      -inf,
      Double.NaN
    };
    add(unary(Op.UnaryFunction.ERF, erf.length).with("a", erf).elementwise());
    add(unary(Op.UnaryFunction.ERF, 20000).within(-4.5, 4.5).elementwise());
    // Multiples of pi/2 rounded to float32, and arguments around changes of the reduction.
    double[] angles = {
      0,
      1e-30,
      -1e-30,
      0.78539816,
      1.5707964,
      3.1415927,
      -6.2831855,
      9424.778,
      31415.926,
      99999,
      1e5,
      100001,
      -123456.7,
      1e10,
      -1e22,
      3e38,
      inf,
      -inf,
      Double.NaN
    };
    for (Op.UnaryFunction f : List.of(Op.UnaryFunction.SIN, Op.UnaryFunction.COS)) {
      add(unary(f, angles.length).with("a", angles).elementwise());
      add(unary(f, 20000).within(-7, 7));
      add(unary(f, 20000).within(-1e4, 1e4));
      add(unary(f, 129).within(9e4, 1.1e5));
    }
  }

  private static Case binary(Op.BinaryFunction f, Shape a, Shape b) {
    return of(
        "binary " + f + " " + a + ", " + b,
        Op.Binary.class,
        p -> p.output("out", p.emit(new Op.Binary(f, p.input("a", a), p.input("b", b)))));
  }

  private static Case unary(Op.UnaryFunction f, int size) {
    return of(
        "unary " + f + " " + size,
        Op.Unary.class,
        p -> p.output("out", p.unary(f, p.input("a", Shape.of(size)))));
  }

  private void shapes() {
    List<List<Shape>> sums =
        List.of(
            List.of(Shape.of(0), Shape.SCALAR),
            List.of(Shape.of(1), Shape.SCALAR),
            List.of(Shape.of(100003), Shape.SCALAR),
            List.of(Shape.of(128, 10), Shape.of(10)),
            List.of(Shape.of(129, 785), Shape.of(785)),
            List.of(Shape.of(129, 785), Shape.of(1, 785)),
            List.of(Shape.of(129, 785), Shape.of(129, 1)),
            List.of(Shape.of(129, 785), Shape.SCALAR),
            List.of(Shape.of(5, 6, 7), Shape.of(6, 7)),
            List.of(Shape.of(5, 6, 7), Shape.of(6, 1)),
            List.of(Shape.of(5, 6, 7), Shape.of(5, 1, 7)),
            List.of(Shape.of(5, 6, 7), Shape.of(1, 1, 7)),
            List.of(Shape.of(5, 6, 7), Shape.of(1, 6, 1)),
            List.of(Shape.of(129, 4, 64), Shape.of(129, 1, 64)),
            List.of(Shape.of(3, 130, 65), Shape.of(3, 1, 65)),
            List.of(Shape.of(33, 50, 1), Shape.of(33, 1, 1)),
            List.of(Shape.of(33, 129, 4), Shape.of(33, 129, 1)),
            List.of(Shape.of(33, 129, 8), Shape.of(33, 129, 1)),
            List.of(Shape.of(17, 3, 15), Shape.of(17, 3, 1)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(3, 4, 5, 1)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(3, 1, 5, 1)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(4, 1, 6)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(1, 4, 5, 1)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(3, 1, 1, 6)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(3, 4, 1, 6)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(5, 1)),
            List.of(Shape.of(3, 4, 5, 6), Shape.of(6)),
            List.of(Shape.of(9, 33, 65, 7), Shape.of(9, 1, 65, 1)),
            List.of(Shape.of(9, 33, 130, 7), Shape.of(1, 33, 1, 7)),
            List.of(Shape.of(3, 0, 5, 2), Shape.of(3, 1, 5, 1)),
            List.of(Shape.of(0, 4), Shape.of(4)),
            List.of(Shape.of(4, 0), Shape.of(4, 1)));
    for (List<Shape> pair : sums) {
      add(
          of(
                  "sum " + pair.get(0) + " to " + pair.get(1),
                  Op.SumTo.class,
                  p -> p.output("out", p.sumTo(p.input("a", pair.get(0)), pair.get(1))))
              .within(0, 1));
      add(
          of(
              "broadcast " + pair.get(1) + " to " + pair.get(0),
              Op.BroadcastTo.class,
              p -> p.output("out", p.broadcastTo(p.input("a", pair.get(1)), pair.get(0)))));
    }
    for (List<Shape> pair :
        List.of(
            List.of(Shape.of(6), Shape.of(2, 3)),
            List.of(Shape.of(2, 3, 4), Shape.of(8, 3)),
            List.of(Shape.of(6, 4), Shape.of(2, 3, 1, 4)),
            List.of(Shape.of(2, 3, 4, 5), Shape.of(6, 20)),
            List.of(Shape.of(1), Shape.SCALAR),
            List.of(Shape.of(0, 5), Shape.of(0)))) {
      add(
          of(
              "reshape input " + pair,
              Op.Reshape.class,
              p -> p.output("out", p.reshape(p.input("a", pair.get(0)), pair.get(1)))));
      add(
          of(
              "reshape computed " + pair,
              Op.Reshape.class,
              p -> {
                Value a = p.affine(p.input("a", pair.get(0)), 2, 1);
                p.output("out", p.reshape(a, pair.get(1)));
                p.output("source", a);
              }));
    }
    // A state that is reshaped, read, and then updated must be read before the update.
    add(
        of(
            "reshape of an updated state",
            Op.Reshape.class,
            p -> {
              Value s = p.state("s", Shape.of(6));
              p.output("out", p.reshape(s, Shape.of(2, 3)));
              p.update(new Op.Assign(s, p.affine(s, 2, 1)));
            }));
  }

  private void permutations() {
    for (Shape shape :
        List.of(
            Shape.SCALAR,
            Shape.of(0),
            Shape.of(5),
            Shape.of(3, 4),
            Shape.of(0, 3),
            Shape.of(17, 33),
            Shape.of(1, 9),
            Shape.of(2000, 3),
            Shape.of(2, 3, 4),
            Shape.of(1, 5, 3),
            Shape.of(5, 1, 3),
            Shape.of(1, 1, 1),
            Shape.of(3, 0, 2),
            Shape.of(16, 17, 33),
            Shape.of(65, 129, 4),
            Shape.of(129, 4, 65),
            Shape.of(2, 3, 4, 5),
            Shape.of(1, 3, 1, 5),
            Shape.of(3, 0, 2, 4),
            Shape.of(5, 17, 3, 18),
            Shape.of(17, 6, 33, 9))) {
      for (List<Integer> order : orders(shape.rank())) {
        add(
            of(
                "permute " + shape + " to " + order,
                Op.Permute.class,
                p -> p.output("out", p.emit(new Op.Permute(p.input("a", shape), order)))));
      }
    }
  }

  /** Returns all orders of the axes of a rank. */
  private static List<List<Integer>> orders(int rank) {
    if (rank == 0) {
      return List.of(List.of());
    }
    var all = new ArrayList<List<Integer>>();
    for (List<Integer> shorter : orders(rank - 1)) {
      for (int place = 0; place < rank; place++) {
        var longer = new ArrayList<>(shorter);
        longer.add(place, rank - 1);
        all.add(List.copyOf(longer));
      }
    }
    return List.copyOf(all);
  }

  private void stacksOfProducts() {
    int[][] sizes = {
      {0, 3, 4, 5},
      {2, 0, 3, 4},
      {2, 3, 0, 4},
      {2, 3, 4, 0},
      {1, 1, 1, 1},
      {3, 5, 2, 7},
      {7, 17, 33, 15},
      {100, 4, 129, 4},
      {33, 129, 4, 4},
      {1024, 3, 2, 5},
      {2, 40, 600, 70},
      {3, 130, 190, 175}
    };
    for (int[] size : sizes) {
      int count = size[0];
      int rows = size[1];
      int inner = size[2];
      int columns = size[3];
      for (boolean ta : new boolean[] {false, true}) {
        for (boolean tb : new boolean[] {false, true}) {
          Shape a = ta ? Shape.of(count, inner, rows) : Shape.of(count, rows, inner);
          Shape b = tb ? Shape.of(count, columns, inner) : Shape.of(count, inner, columns);
          add(
              of(
                      "stack of products "
                          + Arrays.toString(size)
                          + (ta ? " A'" : " A")
                          + (tb ? "B'" : "B"),
                      Op.MatMul.class,
                      p -> p.output("out", p.matMul(p.input("a", a), ta, p.input("b", b), tb)))
                  .summing(inner));
        }
      }
    }
    add(
        of(
            "stack of products with itself",
            Op.MatMul.class,
            p -> {
              Value a = p.input("a", Shape.of(9, 33, 4));
              p.output("out", p.matMul(a, true, a, false));
            }));
  }

  private void determinants() {
    for (int size : new int[] {0, 1, 2, 3, 4, 8}) {
      for (int count : new int[] {0, 1, 3, 9}) {
        double[] plain = regular(count, size, 0);
        add(determinant(count, size).with("a", plain));
        add(inverse(count, size).with("a", plain));
      }
      add(determinant(3, size).with("a", regular(3, size, 15)));
      add(inverse(3, size).with("a", regular(3, size, 3)));
    }
    add(inverse(2, 17).with("a", regular(2, 17, 0)));
    add(determinant(2, 33).with("a", regular(2, 33, 0)));
    add(determinant(300, 4).with("a", regular(300, 4, 0)));
    add(inverse(300, 4).with("a", regular(300, 4, 0)));
    // No entries, a row of zeros, a column of zeros, equal rows; among regular ones.
    double[] singular = {
      0, 0, 0, 0, 0, 0, 0, 0, 0,
      2, 1, 0, 1, 3, 1, 0, 1, 2,
      1, 2, 3, 0, 0, 0, 4, 5, 7,
      1, 0, 3, 2, 0, 1, 4, 0, 7,
      1, 2, 4, 8, 1, 3, 1, 2, 4,
      0, 0, 1, 1, 0, 0, 0, 1, 0
    };
    add(determinant(6, 3).with("a", singular));
    add(inverse(6, 3).with("a", singular));
  }

  private static Case determinant(int count, int size) {
    return of(
            "log-determinants of " + count + " x " + size,
            Op.LogDeterminant.class,
            p -> p.output("out", p.logDeterminant(p.input("a", Shape.of(count, size, size)))))
        .summing(1);
  }

  private static Case inverse(int count, int size) {
    return of(
        "transposed inverses of " + count + " x " + size,
        Op.InverseTranspose.class,
        p ->
            p.output(
                "out", p.emit(new Op.InverseTranspose(p.input("a", Shape.of(count, size, size))))));
  }

  /**
   * Matrices with a dominant entry in every row, though not on the diagonal, whose rows are scaled
   * by powers of ten up to this one.
   */
  private static double[] regular(int count, int size, int decades) {
    var random = new SplittableRandom(size);
    double[] a = new double[count * size * size];
    for (int i = 0; i < a.length; i++) {
      int row = i / size % size;
      int column = i % size;
      double entry = random.nextDouble(-1, 1) + (column == (row + 1) % size ? size : 0);
      double scale = decades == 0 ? 1 : Math.pow(10, row * 7 % (2 * decades + 1) - decades);
      a[i] = entry * scale;
    }
    return a;
  }

  private void products() {
    int[][] sizes = {
      {0, 3, 4},
      {3, 0, 4},
      {3, 4, 0},
      {1, 1, 1},
      {3, 5, 2},
      {1, 785, 1},
      {7, 1, 9},
      {17, 33, 15},
      {16, 16, 16},
      {31, 127, 33},
      {128, 785, 10},
      {10, 128, 785},
      {129, 65, 200},
      {128, 1100, 64}
    };
    for (int[] size : sizes) {
      int rows = size[0];
      int inner = size[1];
      int columns = size[2];
      for (boolean ta : new boolean[] {false, true}) {
        for (boolean tb : new boolean[] {false, true}) {
          add(
              of(
                      "matmul " + Arrays.toString(size) + (ta ? " A'" : " A") + (tb ? "B'" : "B"),
                      Op.MatMul.class,
                      p ->
                          p.output(
                              "out",
                              p.matMul(
                                  p.input("a", ta ? Shape.of(inner, rows) : Shape.of(rows, inner)),
                                  ta,
                                  p.input(
                                      "b",
                                      tb ? Shape.of(columns, inner) : Shape.of(inner, columns)),
                                  tb)))
                  .summing(inner));
        }
      }
      add(
          of(
              "variance product " + Arrays.toString(size),
              Op.VarianceProduct.class,
              p ->
                  p.output(
                      "out",
                      p.varianceProduct(
                          p.input("x", Shape.of(rows, inner)),
                          p.input("s", Shape.of(columns, inner))))));
    }
    add(
        of(
            "matmul with itself",
            Op.MatMul.class,
            p -> {
              Value a = p.input("a", Shape.of(33, 20));
              p.output("out", p.matMul(a, false, a, true));
            }));
  }

  private void moments() {
    List<List<Integer>> orders =
        List.of(
            List.of(0),
            List.of(1),
            List.of(4),
            List.of(0, 1, 2),
            List.of(2, 3),
            List.of(2, 4),
            List.of(0, 1, 2, 3, 4));
    for (List<Integer> asked : orders) {
      for (int size : new int[] {0, 1, 3, 15, 16, 17, 129, 2500}) {
        add(moments(asked, size).within(0.01, 2).spreadFrom(0.1).elementwise());
      }
    }
    for (double variance : new double[] {0, 1e-30, 1e-12, 1e-4, 1, 1e4, 1e12}) {
      double[] mean = new double[321];
      double[] variances = new double[mean.length];
      Arrays.fill(variances, variance);
      for (int i = 0; i < mean.length; i++) {
        double t = (i - 160) / 4.0;
        mean[i] = t * (variance == 0 ? 1 : Math.sqrt(variance));
      }
      Case all = moments(List.of(0, 1, 2, 3, 4), mean.length);
      add(
          new Case(
              "moments of relu, |t| up to 40, variance " + variance,
              all.op(),
              all.program(),
              0,
              1,
              Map.of("mean", mean, "variance", variances),
              true,
              variance == 0 ? 1 : Math.sqrt(variance),
              0));
    }
    add(
        moments(List.of(0, 1, 2, 3, 4), 7)
            .with("mean", new double[] {0, -0.0, 1e-38, -1e-38, 3e38, -3e38, 1})
            .with("variance", new double[7])
            .elementwise());
  }

  private static Case moments(List<Integer> orders, int size) {
    return of(
        "moments " + orders + " of relu " + size,
        Op.ReluMoments.class,
        p -> {
          Value mean = p.input("mean", Shape.of(size));
          Value variance = p.input("variance", Shape.of(size));
          orders.forEach(j -> p.output("G" + j, p.reluMoment(mean, variance, j)));
        });
  }

  private void losses() {
    for (Shape shape :
        List.of(
            Shape.of(1),
            Shape.of(7),
            Shape.of(1000),
            Shape.of(3, 10),
            Shape.of(129, 17),
            Shape.of(2, 3, 4),
            Shape.of(2, 3, 4, 5),
            Shape.of(0, 5))) {
      Case softmax =
          of(
              "softmax " + shape,
              Op.Softmax.class,
              p -> p.output("out", p.softmax(p.input("a", shape))));
      add(softmax.within(-5, 5));
      add(softmax.within(-3e4, 3e4));
      add(softmax.within(1, 1.0000001));
    }
    int[][] sizes = {{0, 5}, {1, 1}, {1, 10}, {7, 3}, {128, 10}, {65, 129}};
    for (int[] size : sizes) {
      int batch = size[0];
      int classes = size[1];
      double[] labels = new double[batch];
      for (int i = 0; i < batch; i++) {
        labels[i] = i * 7 % classes;
      }
      for (double range : new double[] {3, 3e4, 1e-6}) {
        String name = batch + " x " + classes + " within " + range;
        add(
            of(
                    "cross-entropy " + name,
                    Op.SoftmaxCrossEntropy.class,
                    p ->
                        p.output(
                            "out",
                            p.softmaxCrossEntropy(
                                p.input("logits", Shape.of(batch, classes)),
                                p.integerInput("labels", batch))))
                .with("labels", labels)
                .within(-range, range));
        add(
            of(
                    "cross-entropy gradient " + name,
                    Op.SoftmaxCrossEntropyGradient.class,
                    p ->
                        p.output(
                            "out",
                            p.emit(
                                new Op.SoftmaxCrossEntropyGradient(
                                    p.input("logits", Shape.of(batch, classes)),
                                    p.integerInput("labels", batch)))))
                .with("labels", labels)
                .within(-range, range));
        add(
            of(
                    "correct count " + name,
                    Op.CorrectCount.class,
                    p ->
                        p.output(
                            "out",
                            p.correctCount(
                                p.input("logits", Shape.of(batch, classes)),
                                p.integerInput("labels", batch))))
                .with("labels", labels)
                .within(-range, range));
      }
      add(
          of(
              "squared error " + Arrays.toString(size),
              Op.SquaredError.class,
              p ->
                  p.output(
                      "out",
                      p.squaredError(
                          p.input("prediction", Shape.of(batch, classes)),
                          p.input("target", Shape.of(batch, classes))))));
    }
    add(
        of(
                "correct count of ties",
                Op.CorrectCount.class,
                p ->
                    p.output(
                        "out",
                        p.correctCount(
                            p.input("logits", Shape.of(3, 3)), p.integerInput("labels", 3))))
            .with("logits", new double[] {1, 1, 0, 2, 5, 5, 4, 4, 4})
            .with("labels", new double[] {0, 2, 0}));
  }

  private void columns() {
    int[][] sizes = {{0, 3}, {1, 1}, {3, 0}, {17, 31}, {128, 784}};
    for (int[] size : sizes) {
      Shape shape = Shape.of(size);
      int width = size[1];
      add(
          of(
              "append ones " + shape,
              Op.AppendOnes.class,
              p -> p.output("out", p.appendOnes(p.input("a", shape)))));
      for (int[] range : new int[][] {{0, width}, {0, 0}, {width / 3, width - width / 4}}) {
        add(
            of(
                "slice " + shape + " " + Arrays.toString(range),
                Op.SliceColumns.class,
                p -> p.output("out", p.sliceColumns(p.input("a", shape), range[0], range[1]))));
        add(
            of(
                "pad " + shape + " " + Arrays.toString(range),
                Op.PadColumns.class,
                p -> p.output("out", p.padColumns(p.input("a", shape), range[0], range[1]))));
      }
    }
  }

  private void updates() {
    for (Shape shape :
        List.of(
            Shape.of(0),
            Shape.of(1),
            Shape.of(17),
            Shape.of(0, 5),
            Shape.of(33, 17),
            Shape.of(64, 785),
            Shape.of(5, 6, 7),
            Shape.of(3, 4, 5, 2))) {
      for (boolean perRow : new boolean[] {false, true}) {
        Shape scale = perRow ? Shape.of(shape.dimension(0)) : Shape.SCALAR;
        String name = shape + (perRow ? " by row" : "");
        add(
            of(
                "assign " + name,
                Op.Assign.class,
                p -> p.update(new Op.Assign(p.state("s", shape), p.input("v", shape)))));
        add(
            of(
                "euler " + name,
                Op.EulerStep.class,
                p ->
                    p.update(
                        new Op.EulerStep(
                            p.state("s", shape),
                            p.input("g", shape),
                            p.input("scale", scale),
                            p.input("rate", Shape.SCALAR)))));
        for (boolean nesterov : new boolean[] {false, true}) {
          add(
              of(
                  (nesterov ? "nesterov " : "heavy ball ") + name,
                  Op.MomentumStep.class,
                  p ->
                      p.update(
                          new Op.MomentumStep(
                              p.state("s", shape),
                              p.state("u", shape),
                              p.input("g", shape),
                              p.input("scale", scale),
                              p.input("rate", Shape.SCALAR),
                              0.9,
                              nesterov))));
        }
        for (double decay : new double[] {0, 0.01}) {
          add(
              of(
                      "adam with decay " + decay + " " + name,
                      Op.AdamStep.class,
                      p ->
                          p.update(
                              new Op.AdamStep(
                                  p.state("s", shape),
                                  p.state("first", shape),
                                  p.state("second", shape),
                                  p.input("g", shape),
                                  p.input("scale", scale),
                                  p.input("rate", Shape.SCALAR),
                                  p.input("step", Shape.SCALAR),
                                  0.9,
                                  0.999,
                                  1e-8,
                                  decay)))
                  .within(0.1, 1)
                  .with("step", new double[] {3}));
        }
      }
    }
    for (int size : new int[] {1, 3, 17, 129, 1000}) {
      for (double range : new double[] {2, 3e4, 1e-6}) {
        add(
            of(
                    "log-normalize " + size + " within " + range,
                    Op.LogNormalize.class,
                    p -> p.update(new Op.LogNormalize(p.state("s", Shape.of(size)))))
                .within(-range, range));
      }
      add(
          of(
              "log-normalize after another update " + size,
              Op.LogNormalize.class,
              p -> {
                Value s = p.state("s", Shape.of(size));
                p.output("before", p.affine(s, 2, 0));
                p.update(
                    new Op.EulerStep(
                        s, p.input("g", s.shape()), p.constant(1), p.input("rate", Shape.SCALAR)));
                p.update(new Op.LogNormalize(s));
              }));
    }
  }
}
