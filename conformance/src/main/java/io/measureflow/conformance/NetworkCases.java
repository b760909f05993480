package io.measureflow.conformance;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import io.measureflow.conformance.OperationCases.Case;
import io.measureflow.core.autodiff.Gradients;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Cases of the operations of networks: images, maxima, indices, selections, random numbers. */
final class NetworkCases {

  private static final List<Window> WINDOWS =
      List.of(
          new Window(1, 1, 1, 1, 1, 1, 0, 0),
          new Window(5, 7, 1, 1, 1, 1, 0, 0),
          new Window(5, 7, 3, 3, 1, 1, 1, 1),
          new Window(6, 5, 3, 3, 1, 1, 0, 0),
          new Window(8, 8, 2, 2, 2, 2, 0, 0),
          new Window(7, 9, 3, 2, 2, 2, 1, 0),
          new Window(9, 7, 5, 3, 2, 1, 2, 1),
          new Window(4, 6, 1, 3, 3, 2, 0, 1),
          new Window(7, 7, 2, 2, 3, 3, 0, 0),
          new Window(3, 3, 4, 4, 1, 1, 2, 2),
          new Window(4, 6, 4, 6, 1, 1, 0, 0),
          new Window(28, 28, 5, 5, 1, 1, 2, 2));

  private static final int[] BATCHES = {0, 1, 3};

  private static final int[] CHANNELS = {1, 2, 17};

  private final List<Case> cases = new ArrayList<>();

  private NetworkCases() {}

  static List<Case> all() {
    var all = new NetworkCases();
    all.selections();
    all.maxima();
    all.indices();
    all.randomNumbers();
    all.images();
    all.specialImages();
    all.convolutions();
    all.densely();
    return all.cases;
  }

  private Case add(String name, Class<? extends Op> op, Consumer<ProgramBuilder> writer) {
    Case c = OperationCases.of(name, op, writer);
    cases.add(c);
    return c;
  }

  private void replaceLast(Case c) {
    cases.set(cases.size() - 1, c);
  }

  // ---- selections and maxima ----

  private void selections() {
    for (Shape shape :
        List.of(
            Shape.SCALAR,
            Shape.of(0),
            Shape.of(17),
            Shape.of(33, 129),
            Shape.of(2, 3, 4, 5),
            Shape.of(20000))) {
      add("select " + shape, Op.Select.class, p -> select(p, shape));
    }
    double nan = Double.NaN;
    double inf = Double.POSITIVE_INFINITY;
    Case special = add("select by special numbers", Op.Select.class, p -> select(p, Shape.of(9)));
    replaceLast(
        special
            .with("condition", new double[] {nan, 0, -0.0, 1e-38, -1e-38, inf, -inf, 1, -1})
            .with("a", new double[] {nan, nan, nan, 1, nan, 2, nan, inf, nan})
            .with("b", new double[] {1, 2, 3, nan, 4, nan, 5, nan, -inf})
            .elementwise());
    add(
        "select of computed operands",
        Op.Select.class,
        p -> {
          Value x = p.input("x", Shape.of(129, 200));
          Value scaled = p.multiply(x, p.input("scale", Shape.of(200)));
          p.output("out", p.select(p.affine(x, 2, 1), scaled, p.affine(scaled, 0.25, 0)));
        });
  }

  private static void select(ProgramBuilder p, Shape shape) {
    p.output(
        "out", p.select(p.input("condition", shape), p.input("a", shape), p.input("b", shape)));
  }

  private void maxima() {
    for (List<Shape> pair :
        List.of(
            List.of(Shape.of(1), Shape.SCALAR),
            List.of(Shape.of(20000), Shape.SCALAR),
            List.of(Shape.of(33, 129), Shape.of(129)),
            List.of(Shape.of(33, 129), Shape.of(33, 1)),
            List.of(Shape.of(0, 4), Shape.of(0, 1)),
            List.of(Shape.of(17, 5, 3), Shape.of(17, 1, 3)),
            List.of(Shape.of(17, 5, 3), Shape.of(5, 1)),
            List.of(Shape.of(4, 5, 6, 7), Shape.of(4, 1, 6, 1)),
            List.of(Shape.of(4, 5, 6, 7), Shape.of(1, 5, 1, 7)),
            List.of(Shape.of(4, 5, 6, 7), Shape.of(4, 1, 1, 7)))) {
      Shape from = pair.get(0);
      double[] ties = new double[from.size()];
      double[] withNaN = new double[from.size()];
      var random = new SplittableRandom(from.size());
      for (int i = 0; i < ties.length; i++) {
        ties[i] = random.nextInt(-3, 2);
        withNaN[i] = i % 11 == 5 || i % 13 == 3 ? Double.NaN : ties[i];
      }
      for (boolean first : new boolean[] {false, true}) {
        String name = (first ? "first maxima of " : "maxima of ") + from + " to " + pair.get(1);
        Class<? extends Op> op = first ? Op.FirstMaximum.class : Op.MaxTo.class;
        Consumer<ProgramBuilder> writer =
            p -> {
              Value a = p.input("a", from);
              p.output(
                  "out",
                  p.emit(
                      first ? new Op.FirstMaximum(a, pair.get(1)) : new Op.MaxTo(a, pair.get(1))));
            };
        add(name, op, writer);
        replaceLast(add(name + ", ties", op, writer).with("a", ties));
        replaceLast(add(name + ", NaN", op, writer).with("a", withNaN).elementwise());
      }
    }
  }

  // ---- indices ----

  private void indices() {
    int[][] sizes = {{0, 3, 4}, {1, 1, 1}, {5, 3, 0}, {7, 3, 5}, {129, 17, 33}, {64, 1000, 128}};
    for (int[] size : sizes) {
      int count = size[0];
      int rows = size[1];
      int width = size[2];
      var random = new SplittableRandom(count);
      double[] indices = new double[count];
      for (int i = 0; i < count; i++) {
        indices[i] = random.nextInt(rows);
      }
      String name = count + " of " + rows + " x " + width;
      replaceLast(
          add(
                  "one-hot " + count + " of " + rows,
                  Op.OneHot.class,
                  p -> p.output("out", p.oneHot(p.integerInput("indices", count), rows)))
              .with("indices", indices));
      replaceLast(
          add(
                  "gather " + name,
                  Op.Gather.class,
                  p ->
                      p.output(
                          "out",
                          p.gather(
                              p.input("a", Shape.of(rows, width)),
                              p.integerInput("indices", count))))
              .with("indices", indices));
      replaceLast(
          add(
                  "scatter-add " + name,
                  Op.ScatterAdd.class,
                  p ->
                      p.output(
                          "out",
                          p.emit(
                              new Op.ScatterAdd(
                                  p.input("a", Shape.of(count, width)),
                                  p.integerInput("indices", count),
                                  rows))))
              .with("indices", indices));
    }
    replaceLast(
        add(
                "gather from a state",
                Op.Gather.class,
                p -> {
                  Value table = p.state("table", Shape.of(7, 5));
                  Value indices = p.integerInput("indices", 4);
                  Value rows = p.gather(table, indices);
                  p.output("rows", rows);
                  p.update(
                      new Op.EulerStep(
                          table,
                          p.emit(new Op.ScatterAdd(rows, indices, 7)),
                          p.constant(1),
                          p.constant(0.5)));
                })
            .with("indices", new double[] {6, 0, 6, 3}));
  }

  // ---- random numbers ----

  private void randomNumbers() {
    for (Op.Distribution distribution : Op.Distribution.values()) {
      for (Shape shape :
          List.of(
              Shape.SCALAR,
              Shape.of(0),
              Shape.of(3),
              Shape.of(4),
              Shape.of(7, 3),
              Shape.of(2, 3, 4, 5),
              Shape.of(4099))) {
        random(distribution, 1, 0, 0, shape);
      }
      random(distribution, -1, 3, 1, Shape.of(17));
      random(distribution, 0x0123456789abcdefL, Integer.MAX_VALUE, 1 << 24, Shape.of(17));
      random(distribution, Long.MIN_VALUE, Integer.MIN_VALUE, 12345, Shape.of(17));
    }
  }

  private void random(Op.Distribution distribution, long seed, int stream, int step, Shape shape) {
    Case c =
        add(
                distribution + " of " + shape + " for " + seed + ", " + stream + ", " + step,
                Op.Random.class,
                p ->
                    p.output(
                        "out",
                        p.emit(
                            new Op.Random(
                                distribution, seed, stream, p.input("step", Shape.SCALAR), shape))))
            .with("step", new double[] {step});
    replaceLast(c);
  }

  // ---- images ----

  private void images() {
    for (Window w : WINDOWS) {
      for (int batch : BATCHES) {
        for (int channels : CHANNELS) {
          if (w.pixels() < 500 || channels < 17) {
            images(w, batch, channels);
          }
        }
      }
    }
    images(new Window(12, 12, 3, 3, 1, 1, 1, 1), 70, 5);
  }

  private void images(Window w, int batch, int channels) {
    Shape images = Shape.of(batch * w.pixels(), channels);
    Shape places = Shape.of(batch * w.places(), channels);
    Shape patches = Shape.of(batch * w.places(), channels * w.kernelSize());
    String name = " of " + batch + " x " + channels + " channels, " + w;
    add(
        "patches" + name,
        SpatialOp.Patches.class,
        p -> p.output("out", p.patches(p.input("a", images), w)));
    replaceLast(
        add(
                "adjoint of patches" + name,
                SpatialOp.PatchesAdjoint.class,
                p ->
                    p.output("out", p.emit(new SpatialOp.PatchesAdjoint(p.input("a", patches), w))))
            .summing(w.kernelSize()));
    if (w.paddingHeight() > w.kernelHeight() / 2 || w.paddingWidth() > w.kernelWidth() / 2) {
      return;
    }
    double[] ties = new double[images.size()];
    double[] withNaN = new double[images.size()];
    var random = new SplittableRandom(images.size());
    for (int i = 0; i < ties.length; i++) {
      ties[i] = random.nextInt(-2, 2);
      withNaN[i] = random.nextInt(9) == 0 ? Double.NaN : random.nextDouble(-1, 1);
    }
    Consumer<ProgramBuilder> pool = p -> p.output("out", p.maxPool(p.input("a", images), w));
    Consumer<ProgramBuilder> gradient =
        p ->
            p.output(
                "out",
                p.emit(
                    new SpatialOp.MaxPoolGradient(p.input("a", images), p.input("g", places), w)));
    add("maxima" + name, SpatialOp.MaxPool.class, pool);
    replaceLast(add("maxima, NaN" + name, SpatialOp.MaxPool.class, pool).with("a", withNaN));
    add("gradient of maxima" + name, SpatialOp.MaxPoolGradient.class, gradient);
    replaceLast(
        add("gradient of maxima, ties" + name, SpatialOp.MaxPoolGradient.class, gradient)
            .with("a", ties)
            .summing(w.kernelSize()));
    replaceLast(
        add("gradient of maxima, NaN" + name, SpatialOp.MaxPoolGradient.class, gradient)
            .with("a", withNaN)
            .summing(w.kernelSize()));
    add(
        "means" + name,
        SpatialOp.AveragePool.class,
        p -> p.output("out", p.averagePool(p.input("a", images), w)));
    add(
        "adjoint of means" + name,
        SpatialOp.AveragePoolAdjoint.class,
        p -> p.output("out", p.emit(new SpatialOp.AveragePoolAdjoint(p.input("a", places), w))));
  }

  private void specialImages() {
    var w = new Window(3, 3, 2, 2, 1, 1, 1, 1);
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    replaceLast(
        add(
                "maxima of infinities",
                SpatialOp.MaxPool.class,
                p -> p.output("out", p.maxPool(p.input("a", Shape.of(9, 1)), w)))
            .with("a", new double[] {-inf, -inf, 1, -inf, nan, inf, -inf, -inf, -0.0}));
  }

  /** Convolution, selection, pools and a product with their gradients, in one program. */
  private void convolutions() {
    for (int batch : new int[] {1, 9, 128}) {
      var same = new Window(6, 4, 3, 3, 1, 1, 1, 1);
      var half = new Window(6, 4, 2, 2, 2, 2, 0, 0);
      replaceLast(
          add(
                  "network of a convolution, batch " + batch,
                  SpatialOp.Patches.class,
                  p -> {
                    Value a = p.input("a", Shape.of(batch * 24, 2));
                    Value kernel = p.input("kernel", Shape.of(5, 18));
                    Value weights = p.input("weights", Shape.of(3, 30));
                    Value sums = p.matMul(p.patches(a, same), false, kernel, true);
                    Value leaky = p.select(sums, sums, p.affine(sums, 0.1, 0));
                    Value pooled = p.add(p.maxPool(leaky, half), p.averagePool(leaky, half));
                    // Images as rows, by channels.
                    Value images = p.reshape(pooled, Shape.of(6, batch, 5));
                    Value rows = p.reshape(p.permute(images, 1, 2, 0), Shape.of(batch, 30));
                    Value logits = p.matMul(rows, false, weights, true);
                    Value loss = p.softmaxCrossEntropy(logits, p.integerInput("labels", batch));
                    p.output("logits", logits);
                    List<Value> gradients = Gradients.of(p, loss, List.of(a, kernel, weights));
                    for (int i = 0; i < gradients.size(); i++) {
                      p.output("gradient " + i, p.affine(gradients.get(i), batch, 0));
                    }
                  })
              .with("labels", new double[batch])
              .within(-0.5, 0.5)
              .summing(18));
    }
  }

  /** Leaky units and dropout between products, with the updates of the weights. */
  private void densely() {
    for (int batch : new int[] {1, 9, 130}) {
      for (boolean dropout : new boolean[] {false, true}) {
        String name = dropout ? "dropout" : "leaky units";
        replaceLast(
            add(
                    name + " between products, batch " + batch,
                    Op.Select.class,
                    p -> {
                      Value x = p.input("x", Shape.of(batch, 23));
                      Value first = p.state("first", Shape.of(64, 23));
                      Value second = p.state("second", Shape.of(5, 64));
                      Value z = p.matMul(x, false, first, true);
                      Value mask =
                          dropout ? p.uniform(1, 0, p.input("step", Shape.SCALAR), z.shape()) : z;
                      Value units =
                          p.select(
                              p.affine(mask, 1, dropout ? -0.5 : 0),
                              p.affine(z, 2, 0),
                              p.affine(z, 0.25, 0));
                      Value y = p.matMul(units, false, second, true);
                      Value loss = p.squaredError(y, p.input("y", y.shape()));
                      p.output("loss", loss);
                      List<Value> gradients = Gradients.of(p, loss, List.of(first, second));
                      for (int i = 0; i < 2; i++) {
                        Value state = i == 0 ? first : second;
                        p.update(
                            new Op.EulerStep(
                                state, gradients.get(i), p.constant(1), p.constant(0.01)));
                      }
                    })
                .with("step", new double[] {3})
                .within(-0.5, 0.5)
                .summing(64));
      }
    }
  }
}
