package io.measureflow.conformance;

import io.measureflow.api.program.Activation;
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

/** Small programs for every operation: all sizes, all kinds of broadcasting, and the extremes. */
final class OperationCases {

  /** Nothing, one, and sizes on both sides of every vector width. */
  private static final int[] SIZES = {0, 1, 3, 7, 15, 16, 17, 31, 33, 127, 129, 785, 20000};

  private final List<Case> cases = new ArrayList<>();

  private OperationCases() {}

  /**
   * One program and what it is run on.
   *
   * @param name what is tested
   * @param op the operation it is about
   * @param program the program
   * @param low inputs and states are drawn from low ...
   * @param high ... to high
   * @param given values that are not drawn, by name
   * @param relative whether each element has to agree relative to itself, not to the largest
   * @param spread the smallest positive standard deviation of the moments, 1 where there are none
   * @param magnitude the least size that an absolute tolerance is taken of: a sum may cancel
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

    /** A case of moments with standard deviations from this one on. */
    Case spreadFrom(double smallest) {
      return new Case(name, op, program, low, high, given, relative, smallest, magnitude);
    }

    /** A case whose results are sums of {@code terms} products of entries. */
    Case summing(int terms) {
      return new Case(name, op, program, low, high, given, relative, spread, Math.sqrt(terms));
    }

    Case with(String input, double[] values) {
      var more = new LinkedHashMap<>(given);
      more.put(input, values);
      return new Case(name, op, program, low, high, more, relative, spread, magnitude);
    }

    /** Values for all inputs and states, each a float32, so that every precision sees the same. */
    Map<String, double[]> values(SplittableRandom random) {
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

  /** All cases. */
  static List<Case> all() {
    var all = new OperationCases();
    all.elementwise();
    all.shapes();
    all.products();
    all.moments();
    all.losses();
    all.columns();
    all.updates();
    return List.copyOf(all.cases);
  }

  private static Case of(String name, Class<? extends Op> op, Consumer<ProgramBuilder> writer) {
    var program = new ProgramBuilder(name);
    writer.accept(program);
    return new Case(name, op, program.build(), -2, 2, Map.of(), false, 1, 0);
  }

  private void add(Case c) {
    cases.add(c);
  }

  private void elementwise() {
    for (Shape shape :
        List.of(Shape.SCALAR, Shape.of(0), Shape.of(17), Shape.of(3, 5), Shape.of(2, 3, 4))) {
      add(
          of(
              "constant " + shape,
              Op.Constant.class,
              p -> p.output("out", p.constant(-1.5, shape))));
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
            List.of(Shape.of(0, 3), Shape.of(1, 3)),
            List.of(Shape.of(3, 0), Shape.of(3, 1)),
            List.of(Shape.of(20000), Shape.of(20000)));
    for (Op.BinaryFunction f : Op.BinaryFunction.values()) {
      for (List<Shape> pair : pairs) {
        add(
            of(
                    "binary " + f + " " + pair,
                    Op.Binary.class,
                    p ->
                        p.output(
                            "out",
                            p.emit(
                                new Op.Binary(
                                    f, p.input("a", pair.get(0)), p.input("b", pair.get(1))))))
                .within(0.5, 2)
                .elementwise());
      }
    }
    for (int size : SIZES) {
      add(
          of(
              "affine " + size,
              Op.Affine.class,
              p -> p.output("out", p.affine(p.input("a", Shape.of(size)), -3, 0.5))));
    }
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
    // A state that is reshaped, read, and then updated must be read as it was.
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
        List.of(List.of(0), List.of(1), List.of(0, 1, 2), List.of(2, 3), List.of(0, 1, 2, 3));
    for (Activation activation : Activation.values()) {
      for (List<Integer> asked : orders) {
        for (int size : new int[] {0, 1, 3, 15, 16, 17, 129, 2500}) {
          add(moments(activation, asked, size).within(0.01, 2).spreadFrom(0.1).elementwise());
          add(
              of(
                      "derivatives " + asked + " of " + activation + " " + size,
                      Op.Activate.class,
                      p ->
                          asked.forEach(
                              j ->
                                  p.output(
                                      "G" + j,
                                      p.activate(activation, p.input("a", Shape.of(size)), j))))
                  .elementwise());
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
        Case all = moments(activation, List.of(0, 1, 2, 3), mean.length);
        add(
            new Case(
                "moments of " + activation + ", |t| up to 40, variance " + variance,
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
          of(
                  "derivatives of " + activation + " at zeros and extremes",
                  Op.Activate.class,
                  p ->
                      List.of(0, 1, 2, 3)
                          .forEach(
                              j ->
                                  p.output(
                                      "G" + j,
                                      p.activate(activation, p.input("a", Shape.of(7)), j))))
              .with("a", new double[] {0, -0.0, 1e-38, -1e-38, 3e38, -3e38, 1})
              .elementwise());
    }
  }

  private static Case moments(Activation activation, List<Integer> orders, int size) {
    return of(
        "moments " + orders + " of " + activation + " " + size,
        Op.GaussianMoments.class,
        p -> {
          Value mean = p.input("mean", Shape.of(size));
          Value variance = p.input("variance", Shape.of(size));
          orders.forEach(j -> p.output("G" + j, p.gaussianMoment(activation, mean, variance, j)));
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
            Shape.of(5, 6, 7))) {
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
  }
}
