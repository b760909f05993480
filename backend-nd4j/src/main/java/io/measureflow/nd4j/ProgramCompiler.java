package io.measureflow.nd4j;

import io.measureflow.api.backend.Precision;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Philox;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Compiles instructions to commands over memory that is allocated here, once, and freed by {@link
 * #close}. Products are ND4J operations; everything else is a loop over host memory, with the data
 * copied around it if the device is not the host.
 */
final class ProgramCompiler implements AutoCloseable {

  /** The elements of a cheap loop that justify waking a thread. */
  private static final int GRAIN = 65536;

  /** The elements that justify waking a thread for loops with an exponential. */
  private static final int COSTLY_GRAIN = 2048;

  private final Precision precision;
  private final Workers workers;
  private final Map<Value, Memory> reals;
  private final Map<Value, int[]> integers;
  private final List<Memory> memories = new ArrayList<>();
  private final List<NativeOp> natives = new ArrayList<>();
  private final List<Command> commands = new ArrayList<>();

  ProgramCompiler(
      Precision precision, Workers workers, Map<Value, Memory> reals, Map<Value, int[]> integers) {
    this.precision = precision;
    this.workers = workers;
    this.reals = reals;
    this.integers = integers;
  }

  List<Command> compile(List<Instruction> instructions) {
    for (Instruction instruction : instructions) {
      int before = commands.size();
      compile(instruction);
      synchronise(instruction, before);
    }
    return List.copyOf(commands);
  }

  /** Copies operands and results of loops between host and device. */
  private void synchronise(Instruction instruction, int before) {
    if (Natives.onHost() || commands.size() == before || commands.get(before) instanceof NativeOp) {
      return;
    }
    List<Memory> read =
        instruction.op().inputs().stream().filter(reals::containsKey).map(this::real).toList();
    List<Memory> written = new ArrayList<>();
    instruction.outputs().forEach(value -> written.add(real(value)));
    if (instruction.op() instanceof Op.Update update) {
      update.changed().forEach(value -> written.add(real(value)));
    }
    commands.add(before, () -> read.forEach(Memory::toHost));
    commands.add(() -> written.forEach(Memory::hostHasWritten));
  }

  private void compile(Instruction instruction) {
    switch (instruction.op()) {
      case Op.Constant op -> {
        output(instruction, 0).fill(op.value());
        output(instruction).hostHasWritten();
      }
      case Op.Literal op -> {
        Memory out = output(instruction, 0);
        for (int i = 0; i < out.size(); i++) {
          out.set(i, op.values().get(i));
        }
        out.hostHasWritten();
      }
      case Op.Unary op -> {
        Memory a = real(op.a());
        Memory out = output(instruction, 0);
        boolean cheap =
            switch (op.function()) {
              case NEGATE, SQUARE, SQRT, RECIPROCAL, HEAVISIDE, POSITIVE -> true;
              case EXP, LOG, LOG1P, ERF, SIN, COS -> false;
            };
        loop(
            out.size(),
            cheap ? GRAIN : COSTLY_GRAIN,
            (from, to) -> Elementwise.unary(op.function(), a, out, from, to));
      }
      case Op.Binary op -> binary(op, output(instruction, 0));
      case Op.Affine op -> {
        Memory a = real(op.a());
        Memory out = output(instruction, 0);
        loop(
            out.size(),
            GRAIN,
            (from, to) -> Elementwise.affine(a, op.scale(), op.shift(), out, from, to));
      }
      case Op.Select op -> {
        Memory condition = real(op.condition());
        Memory a = real(op.a());
        Memory b = real(op.b());
        Memory out = output(instruction, 0);
        loop(out.size(), GRAIN, (from, to) -> Elementwise.select(condition, a, b, out, from, to));
      }
      case Op.SumTo op -> {
        Memory out = output(instruction, 0);
        reduce(op.a(), op.shape(), (reductions, from, to) -> reductions.sum(from, to, out));
      }
      case Op.MaxTo op -> {
        Memory out = output(instruction, 0);
        reduce(op.a(), op.shape(), (reductions, from, to) -> reductions.max(from, to, out));
      }
      case Op.FirstMaximum op -> {
        Memory out = output(instruction, 0);
        reduce(op.a(), op.shape(), (reductions, from, to) -> reductions.first(from, to, out));
      }
      case Op.BroadcastTo op ->
          copy(real(op.a()), Broadcast.strides(op.a().shape()), op.shape(), output(instruction, 0));
      case Op.Reshape op ->
          copy(
              real(op.a()),
              Broadcast.strides(Shape.of(op.shape().size())),
              Shape.of(op.shape().size()),
              output(instruction, 0));
      case Op.Permute op ->
          copy(
              real(op.a()),
              Broadcast.permuted(op.a().shape(), op.axes()),
              op.outputShapes().getFirst(),
              output(instruction, 0));
      case Op.MatMul op -> product(op, output(instruction, 0));
      case Op.VarianceProduct op -> varianceProduct(op, output(instruction, 0));
      case Op.ReluMoments op -> {
        Memory mean = real(op.mean());
        Memory variance = real(op.variance());
        @Nullable Memory[] out = new @Nullable Memory[Op.ReluMoments.MAX_ORDER + 1];
        for (int i = 0; i < op.orders().size(); i++) {
          out[op.orders().get(i)] = output(instruction, i);
        }
        loop(
            mean.size(),
            COSTLY_GRAIN / 2,
            (from, to) -> Moments.relu(mean, variance, out, from, to));
      }
      case Op.LogDeterminant op -> {
        var determinants = new Determinants(real(op.a()), op.a().shape().dimension(1));
        Memory out = output(instruction, 0);
        commands.add(() -> determinants.logarithms(out));
      }
      case Op.InverseTranspose op -> {
        var determinants = new Determinants(real(op.a()), op.a().shape().dimension(1));
        int count = op.a().shape().dimension(0);
        Memory out = output(instruction, 0);
        commands.add(() -> determinants.inverseTransposes(out, count));
      }
      case Op.Softmax op -> {
        Memory a = real(op.a());
        Memory out = output(instruction, 0);
        int width = op.a().shape().dimension(op.a().shape().rank() - 1);
        loop(
            out.size() == 0 ? 0 : out.size() / width,
            Math.max(1, COSTLY_GRAIN / Math.max(1, width)),
            (from, to) -> Losses.softmax(a, width, out, from, to));
      }
      case Op.SoftmaxCrossEntropy op -> {
        Memory logits = real(op.logits());
        int[] labels = integer(op.labels());
        int width = op.logits().shape().dimension(1);
        Memory out = output(instruction, 0);
        commands.add(
            () -> {
              Losses.checkLabels(labels, width);
              out.set(0, Losses.crossEntropy(logits, labels, width));
            });
      }
      case Op.SoftmaxCrossEntropyGradient op -> {
        Memory logits = real(op.logits());
        int[] labels = integer(op.labels());
        int width = op.logits().shape().dimension(1);
        Memory out = output(instruction, 0);
        commands.add(
            () -> {
              Losses.checkLabels(labels, width);
              Losses.crossEntropyGradient(logits, labels, width, out);
            });
      }
      case Op.SquaredError op -> {
        Memory prediction = real(op.prediction());
        Memory target = real(op.target());
        int rows = op.target().shape().dimension(0);
        Memory out = output(instruction, 0);
        commands.add(() -> out.set(0, Losses.halfSquaredError(prediction, target, rows)));
      }
      case Op.CorrectCount op -> {
        Memory logits = real(op.logits());
        int[] labels = integer(op.labels());
        int width = op.logits().shape().dimension(1);
        Memory out = output(instruction, 0);
        commands.add(
            () -> {
              Losses.checkLabels(labels, width);
              out.set(0, Losses.correctCount(logits, labels, width));
            });
      }
      case Op.AppendOnes op -> {
        Memory out = output(instruction, 0);
        out.fill(1);
        int width = op.a().shape().dimension(1);
        columns(op.a(), 0, width, out, width + 1, 0);
      }
      case Op.SliceColumns op -> {
        int width = op.to() - op.from();
        columns(op.a(), op.from(), width, output(instruction, 0), width, 0);
      }
      case Op.PadColumns op -> {
        int width = op.a().shape().dimension(1);
        int outWidth = op.before() + width + op.after();
        columns(op.a(), 0, width, output(instruction, 0), outWidth, op.before());
      }
      case Op.OneHot op -> {
        int[] labels = integer(op.labels());
        Memory out = output(instruction, 0);
        commands.add(
            () -> {
              Losses.checkLabels(labels, op.classes());
              Indexing.oneHot(labels, op.classes(), out);
            });
      }
      case Op.Gather op -> {
        Memory a = real(op.a());
        int[] indices = integer(op.indices());
        Memory out = output(instruction, 0);
        commands.add(
            () -> {
              Indexing.check(indices, op.a().shape().dimension(0));
              Indexing.gather(a, op.a().shape().dimension(1), indices, out);
            });
      }
      case Op.ScatterAdd op -> {
        Memory a = real(op.a());
        int[] indices = integer(op.indices());
        Memory out = output(instruction, 0);
        double[] sums = new double[out.size()];
        commands.add(
            () -> {
              Indexing.check(indices, op.rows());
              Indexing.scatterAdd(a, op.a().shape().dimension(1), indices, sums, out);
            });
      }
      case Op.Random op -> random(op, output(instruction, 0));
      case SpatialOp op -> spatial(op, output(instruction, 0));
      case Op.Assign op -> {
        Memory value = real(op.value());
        Memory state = real(op.state());
        loop(
            state.size(), GRAIN, (from, to) -> Elementwise.affine(value, 1, -0.0, state, from, to));
      }
      case Op.EulerStep op -> {
        Memory theta = real(op.state());
        Memory g = real(op.gradient());
        Memory rate = real(op.rate());
        update(
            op.state(),
            op.scale(),
            (c, from, to) -> {
              double step = rate.get(0) * c;
              for (int i = from; i < to; i++) {
                theta.set(i, theta.get(i) - step * g.get(i));
              }
            });
      }
      case Op.MomentumStep op -> momentum(op);
      case Op.AdamStep op -> adam(op);
      case Op.LogNormalize op -> {
        Memory theta = real(op.state());
        commands.add(() -> Losses.logNormalize(theta));
      }
    }
  }

  // ---- memory ----

  private Memory real(Value value) {
    Memory memory = reals.get(value);
    if (memory == null) {
      throw new IllegalArgumentException(
          "expected an operand that was assigned before, found " + value);
    }
    return memory;
  }

  private int[] integer(Value value) {
    int[] memory = integers.get(value);
    if (memory == null) {
      throw new IllegalArgumentException("expected an integer input, found " + value);
    }
    return memory;
  }

  private Memory output(Instruction instruction, int index) {
    Value value = instruction.outputs().get(index);
    Memory memory = own(value.shape().size());
    reals.put(value, memory);
    return memory;
  }

  private Memory output(Instruction instruction) {
    return real(instruction.outputs().getFirst());
  }

  private Memory own(int size) {
    Memory memory = Memory.of(size, precision);
    memories.add(memory);
    return memory;
  }

  @Override
  public void close() {
    natives.forEach(NativeOp::close);
    memories.forEach(Memory::close);
  }

  // ---- loops ----

  private void loop(int size, int grain, Workers.Loop body) {
    if (size > 0) {
      commands.add(() -> workers.run(size, grain, body));
    }
  }

  private void binary(Op.Binary op, Memory out) {
    Memory a = real(op.a());
    Memory b = real(op.b());
    Shape shape = op.outputShapes().getFirst();
    boolean same = op.a().shape().equals(op.b().shape());
    Shape flat = Shape.of(shape.size());
    int[] lengths = Broadcast.lengths(same ? flat : shape);
    int[] as = Broadcast.strides(same ? flat : op.a().shape());
    int[] bs = Broadcast.strides(same ? flat : op.b().shape());
    rows(
        lengths,
        out,
        (row, start, from, count) -> {
          Elementwise.binary(
              op.function(),
              a,
              Broadcast.start(row, lengths, as) + start * as[Broadcast.LAST],
              as[Broadcast.LAST],
              b,
              Broadcast.start(row, lengths, bs) + start * bs[Broadcast.LAST],
              bs[Broadcast.LAST],
              out,
              from,
              count);
        });
  }

  /** Computes the elements from {@code start} of one row, at {@code from} in the result. */
  @FunctionalInterface
  private interface Row {
    void run(int row, int start, int from, int count);
  }

  private void rows(int[] lengths, Memory out, Row body) {
    int width = lengths[Broadcast.LAST];
    loop(
        out.size(),
        GRAIN,
        (from, to) -> {
          int at = from;
          while (at < to) {
            int row = at / width;
            int start = at - row * width;
            int count = Math.min(to - at, width - start);
            body.run(row, start, at, count);
            at += count;
          }
        });
  }

  /** out = the elements of a, with the given strides. */
  private void copy(Memory a, int[] aStrides, Shape shape, Memory out) {
    int[] lengths = Broadcast.lengths(shape);
    rows(
        lengths,
        out,
        (row, start, from, count) -> {
          int stride = aStrides[Broadcast.LAST];
          int at = Broadcast.start(row, lengths, aStrides) + start * stride;
          for (int i = 0; i < count; i++) {
            out.set(from + i, a.get(at + i * stride));
          }
        });
  }

  private void columns(Value a, int from, int width, Memory out, int outWidth, int to) {
    Memory source = real(a);
    int sourceWidth = a.shape().dimension(1);
    if (width > 0) {
      loop(
          a.shape().dimension(0),
          Math.max(1, GRAIN / width),
          (fromRow, toRow) -> {
            for (int row = fromRow; row < toRow; row++) {
              for (int j = 0; j < width; j++) {
                out.set(row * outWidth + to + j, source.get(row * sourceWidth + from + j));
              }
            }
          });
    }
  }

  /** Part of a reduction: the tasks from one to another. */
  @FunctionalInterface
  private interface Reduction {
    void run(Reductions reductions, int from, int to);
  }

  private void reduce(Value a, Shape to, Reduction reduction) {
    var reductions = new Reductions(real(a), a.shape(), to);
    loop(
        reductions.tasks(),
        Math.max(1, GRAIN / reductions.perTask()),
        (from, end) -> reduction.run(reductions, from, end));
  }

  // ---- images ----

  private void spatial(SpatialOp spatial, Memory out) {
    Window window = spatial.window();
    Memory a = real(spatial.inputs().getFirst());
    switch (spatial) {
      case SpatialOp.Patches _ -> {
        var images = new Images(window, a.size());
        blocks(images, out, block -> images.patches(a, block, out));
      }
      case SpatialOp.PatchesAdjoint _ -> {
        var images = new Images(window, out.size());
        blocks(images, out, block -> images.patchesAdjoint(a, block, out));
      }
      case SpatialOp.MaxPool _ -> {
        var images = new Images(window, a.size());
        blocks(images, out, block -> images.maxPool(a, block, out));
      }
      case SpatialOp.MaxPoolGradient op -> {
        var images = new Images(window, out.size());
        Memory g = real(op.g());
        blocks(images, out, block -> images.maxPoolGradient(a, g, block, out));
      }
      case SpatialOp.AveragePool _ -> {
        var images = new Images(window, a.size());
        blocks(images, out, block -> images.averagePool(a, block, out));
      }
      case SpatialOp.AveragePoolAdjoint _ -> {
        var images = new Images(window, out.size());
        blocks(images, out, block -> images.averagePoolAdjoint(a, block, out));
      }
    }
  }

  private void blocks(Images images, Memory out, IntConsumer body) {
    int blocks = images.blocks();
    loop(
        blocks,
        Math.max(1, GRAIN / Math.max(1, out.size() / Math.max(1, blocks))),
        (from, to) -> {
          for (int block = from; block < to; block++) {
            body.accept(block);
          }
        });
  }

  // ---- random numbers ----

  private void random(Op.Random op, Memory out) {
    Memory step = real(op.step());
    double[] numbers = new double[out.size()];
    commands.add(
        () -> {
          int number = (int) step.get(0);
          Philox.fill(
              op.distribution(), op.seed(), op.stream(), number, 0, numbers.length, numbers);
          for (int i = 0; i < numbers.length; i++) {
            out.set(i, numbers[i]);
          }
        });
  }

  // ---- products ----

  private void product(Op.MatMul op, Memory out) {
    if (out.size() == 0 || op.inner() == 0) {
      return;
    }
    add(
        NativeOp.product(
            real(op.a()).array(dimensions(op.a().shape())),
            op.transposeA(),
            real(op.b()).array(dimensions(op.b().shape())),
            op.transposeB(),
            out.array(dimensions(op.outputShapes().getFirst()))));
  }

  private void varianceProduct(Op.VarianceProduct op, Memory out) {
    if (out.size() == 0 || op.x().shape().dimension(1) == 0) {
      return;
    }
    Memory x = squares(real(op.x()));
    Memory s = squares(real(op.s()));
    add(
        NativeOp.product(
            x.array(dimensions(op.x().shape())),
            false,
            s.array(dimensions(op.s().shape())),
            true,
            out.array(dimensions(op.outputShapes().getFirst()))));
  }

  private Memory squares(Memory a) {
    Memory out = own(a.size());
    if (!Natives.onHost()) {
      commands.add(a::toHost);
    }
    loop(
        a.size(),
        GRAIN,
        (from, to) -> Elementwise.unary(Op.UnaryFunction.SQUARE, a, out, from, to));
    if (!Natives.onHost()) {
      commands.add(out::hostHasWritten);
    }
    return out;
  }

  private void add(NativeOp op) {
    natives.add(op);
    commands.add(op);
  }

  private static long[] dimensions(Shape shape) {
    return shape.dimensions().stream().mapToLong(Integer::longValue).toArray();
  }

  // ---- updates ----

  /** A rule for elements {@code from} to {@code to}, whose gradient is multiplied by a scale. */
  @FunctionalInterface
  private interface Rule {
    void apply(double scale, int from, int to);
  }

  private void update(Value state, Value scale, Rule rule) {
    Memory scales = real(scale);
    int size = state.shape().size();
    int rows = scale.shape().rank() == 0 ? 1 : scales.size();
    int width = rows == 0 ? 1 : Math.max(1, size / rows);
    loop(
        size,
        GRAIN,
        (from, to) -> {
          int at = from;
          while (at < to) {
            int row = at / width;
            int end = (int) Math.min(to, (row + 1L) * width);
            rule.apply(scales.get(row), at, end);
            at = end;
          }
        });
  }

  private void momentum(Op.MomentumStep op) {
    Memory theta = real(op.state());
    Memory u = real(op.velocity());
    Memory gradient = real(op.gradient());
    Memory rate = real(op.rate());
    update(
        op.state(),
        op.scale(),
        (c, from, to) -> {
          double h = rate.get(0);
          for (int i = from; i < to; i++) {
            double g = c * gradient.get(i);
            double velocity = op.momentum() * u.get(i) + g;
            u.set(i, velocity);
            theta.set(
                i, theta.get(i) - h * (op.nesterov() ? g + op.momentum() * velocity : velocity));
          }
        });
  }

  private void adam(Op.AdamStep op) {
    Memory theta = real(op.state());
    Memory firsts = real(op.first());
    Memory seconds = real(op.second());
    Memory gradient = real(op.gradient());
    Memory rate = real(op.rate());
    Memory number = real(op.stepNumber());
    update(
        op.state(),
        op.scale(),
        (c, from, to) -> {
          double h = rate.get(0);
          double firstBias = 1 - Math.pow(op.beta1(), number.get(0));
          double secondBias = 1 - Math.pow(op.beta2(), number.get(0));
          for (int i = from; i < to; i++) {
            double g = c * gradient.get(i);
            double first = op.beta1() * firsts.get(i) + (1 - op.beta1()) * g;
            double second = op.beta2() * seconds.get(i) + (1 - op.beta2()) * g * g;
            firsts.set(i, first);
            seconds.set(i, second);
            double direction = first / firstBias / (Math.sqrt(second / secondBias) + op.epsilon());
            theta.set(i, theta.get(i) - h * (direction + op.weightDecay() * theta.get(i)));
          }
        });
  }
}
