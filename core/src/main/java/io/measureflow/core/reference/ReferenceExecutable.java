package io.measureflow.core.reference;

import io.measureflow.api.backend.BackendChecks;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.HeldRows;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Philox;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.numbers.gamma.Erf;

/** Interprets a program instruction by instruction, each by the loops of its definition. */
final class ReferenceExecutable implements Executable {

  private final ReferenceWorkspace workspace;
  private final Program program;
  private final Map<Value, double[]> reals = new HashMap<>();
  private final Map<Value, int[]> integers = new HashMap<>();
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();
  private final Map<Value, HeldRows.OnHost> held;
  private volatile boolean closed;

  /**
   * @param held the resident tables from which inputs are drawn
   */
  ReferenceExecutable(
      ReferenceWorkspace workspace,
      Program program,
      Map<Value, double[]> states,
      Map<Value, HeldRows.OnHost> held) {
    this.workspace = workspace;
    this.program = program;
    this.held = held;
    reals.putAll(states);
    for (Value input : program.inputs()) {
      int size = input.shape().size();
      inputs.put(
          input.name(),
          switch (input.kind()) {
            case REAL ->
                Tensor.of(input.shape(), reals.computeIfAbsent(input, v -> new double[size]));
            case INTEGER ->
                Tensor.of(input.shape(), integers.computeIfAbsent(input, v -> new int[size]));
          });
    }
    for (Value drawn : held.keySet()) {
      int count = drawn.shape().dimension(0);
      inputs.put(drawn.name(), Tensor.of(Shape.of(count), new int[count]));
    }
    for (Instruction instruction : program.instructions()) {
      for (Value output : instruction.outputs()) {
        reals.put(output, new double[output.shape().size()]);
      }
    }
    program
        .outputs()
        .forEach((name, value) -> outputs.put(name, Tensor.of(value.shape(), real(value))));
  }

  @Override
  public Tensor input(String name) {
    requireOpen();
    return BackendChecks.named(program.name(), "input", inputs, name);
  }

  @Override
  public Tensor output(String name) {
    requireOpen();
    return BackendChecks.named(program.name(), "output", outputs, name);
  }

  @Override
  public void run() {
    requireOpen();
    held.forEach(this::draw);
    program.instructions().forEach(this::execute);
  }

  /** Gathers the rows of a batch. */
  private void draw(Value input, HeldRows.OnHost rows) {
    Tensor numbers = input(input.name());
    rows.check(numbers);
    int width = input.shape().dimension(1);
    double[] batch = real(input);
    for (int i = 0; i < input.shape().dimension(0); i++) {
      long from = width * (long) numbers.get(i);
      for (int j = 0; j < width; j++) {
        batch[i * width + j] = rows.tensor().get(from + j);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private void requireOpen() {
    workspace.requireOpen();
    if (closed) {
      throw new IllegalStateException("Program " + program.name() + " is closed");
    }
  }

  private double[] real(Value value) {
    double[] elements = reals.get(value);
    if (elements == null) {
      throw new IllegalStateException("Value " + value + " has not been assigned");
    }
    return elements;
  }

  private int[] labels(Value value, int classes) {
    int[] labels = integers.get(value);
    if (labels == null) {
      throw new IllegalStateException("Value " + value + " has not been assigned");
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "Label at row " + i + ": expected 0 to " + (classes - 1) + ", found " + labels[i]);
      }
    }
    return labels;
  }

  private void execute(Instruction instruction) {
    List<Value> outs = instruction.outputs();
    switch (instruction.op()) {
      case Op.Constant(double value, Shape shape) -> Arrays.fill(real(outs.getFirst()), value);
      case Op.Literal(List<Double> values, Shape shape) -> {
        double[] out = real(outs.getFirst());
        for (int i = 0; i < out.length; i++) {
          out[i] = values.get(i);
        }
      }
      case Op.Unary op -> unary(op, real(op.a()), real(outs.getFirst()));
      case Op.Binary op -> binary(op, outs.getFirst());
      case Op.Affine(Value a, double scale, double shift) -> {
        double[] source = real(a);
        double[] out = real(outs.getFirst());
        for (int i = 0; i < out.length; i++) {
          out[i] = scale * source[i] + shift;
        }
      }
      case Op.SumTo(Value a, Shape shape) -> {
        double[] source = real(a);
        double[] out = real(outs.getFirst());
        int[] target = Broadcast.positions(shape, a.shape());
        Arrays.fill(out, 0);
        for (int i = 0; i < source.length; i++) {
          out[target[i]] += source[i];
        }
      }
      case Op.MaxTo(Value a, Shape shape) -> {
        double[] source = real(a);
        double[] out = real(outs.getFirst());
        int[] first = firstMaxima(a, shape);
        for (int i = 0; i < out.length; i++) {
          out[i] = source[first[i]];
        }
      }
      case Op.FirstMaximum(Value a, Shape shape) -> {
        double[] out = real(outs.getFirst());
        Arrays.fill(out, 0);
        for (int position : firstMaxima(a, shape)) {
          out[position] = 1;
        }
      }
      case Op.Select(Value condition, Value a, Value b) -> {
        double[] c = real(condition);
        double[] out = real(outs.getFirst());
        for (int i = 0; i < out.length; i++) {
          out[i] = c[i] > 0 ? real(a)[i] : real(b)[i];
        }
      }
      case Op.BroadcastTo(Value a, Shape shape) -> {
        double[] source = real(a);
        double[] out = real(outs.getFirst());
        int[] origin = Broadcast.positions(a.shape(), shape);
        for (int i = 0; i < out.length; i++) {
          out[i] = source[origin[i]];
        }
      }
      case Op.Reshape(Value a, Shape shape) ->
          System.arraycopy(real(a), 0, real(outs.getFirst()), 0, shape.size());
      case Op.Permute op -> permute(op, outs.getFirst());
      case Op.MatMul op -> matMul(op, real(op.a()), real(op.b()), real(outs.getFirst()));
      case Op.VarianceProduct op -> varianceProduct(op, real(outs.getFirst()));
      case Op.ReluMoments op -> {
        double[] mean = real(op.mean());
        double[] variance = real(op.variance());
        for (int j = 0; j < outs.size(); j++) {
          int order = op.orders().get(j);
          double[] out = real(outs.get(j));
          for (int i = 0; i < out.length; i++) {
            out[i] = ReluMoments.moment(order, mean[i], variance[i]);
          }
        }
      }
      case Op.LogDeterminant(Value a) -> {
        double[] out = real(outs.getFirst());
        int q = a.shape().dimension(1);
        for (int k = 0; k < out.length; k++) {
          out[k] = new LuDecomposition(real(a), k * q * q, q).logDeterminant();
        }
      }
      case Op.InverseTranspose(Value a) -> {
        int q = a.shape().dimension(1);
        for (int k = 0; k < a.shape().dimension(0); k++) {
          new LuDecomposition(real(a), k * q * q, q)
              .inverseTranspose(real(outs.getFirst()), k * q * q);
        }
      }
      case Op.Softmax(Value a) -> {
        int columns = a.shape().dimension(a.shape().rank() - 1);
        double[] source = real(a);
        double[] out = real(outs.getFirst());
        for (int row = 0; row < source.length; row += columns) {
          softmax(source, row, columns, out);
        }
      }
      case Op.SoftmaxCrossEntropy(Value logits, Value labels) ->
          real(outs.getFirst())[0] = crossEntropy(logits, labels);
      case Op.SoftmaxCrossEntropyGradient(Value logits, Value labels) ->
          crossEntropyGradient(logits, labels, real(outs.getFirst()));
      case Op.SquaredError(Value prediction, Value target) -> {
        double[] p = real(prediction);
        double[] y = real(target);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
          sum += (p[i] - y[i]) * (p[i] - y[i]);
        }
        real(outs.getFirst())[0] = sum / (2 * Math.max(1, prediction.shape().dimension(0)));
      }
      case Op.CorrectCount(Value logits, Value labels) ->
          real(outs.getFirst())[0] = correctCount(logits, labels);
      case Op.AppendOnes(Value a) -> {
        double[] out = real(outs.getFirst());
        Arrays.fill(out, 1);
        copyColumns(a, 0, outs.getFirst(), 0, a.shape().dimension(1));
      }
      case Op.SliceColumns(Value a, int from, int to) ->
          copyColumns(a, from, outs.getFirst(), 0, to - from);
      case Op.PadColumns(Value a, int before, int after) -> {
        Arrays.fill(real(outs.getFirst()), 0);
        copyColumns(a, 0, outs.getFirst(), before, a.shape().dimension(1));
      }
      case Op.OneHot(Value labels, int classes) -> {
        double[] out = real(outs.getFirst());
        int[] y = labels(labels, classes);
        Arrays.fill(out, 0);
        for (int i = 0; i < y.length; i++) {
          out[i * classes + y[i]] = 1;
        }
      }
      case Op.Gather(Value a, Value indices) -> {
        int width = a.shape().dimension(1);
        int[] rows = labels(indices, a.shape().dimension(0));
        for (int i = 0; i < rows.length; i++) {
          System.arraycopy(real(a), rows[i] * width, real(outs.getFirst()), i * width, width);
        }
      }
      case Op.ScatterAdd(Value a, Value indices, int rows) -> {
        int width = a.shape().dimension(1);
        double[] out = real(outs.getFirst());
        int[] to = labels(indices, rows);
        Arrays.fill(out, 0);
        for (int i = 0; i < to.length; i++) {
          for (int j = 0; j < width; j++) {
            out[to[i] * width + j] += real(a)[i * width + j];
          }
        }
      }
      case Op.Random op -> {
        double[] out = real(outs.getFirst());
        int step = (int) real(op.step())[0];
        Philox.fill(op.distribution(), op.seed(), op.stream(), step, 0, out.length, out);
      }
      case SpatialOp.Patches op -> Images.patches(real(op.a()), op.window(), real(outs.getFirst()));
      case SpatialOp.PatchesAdjoint op ->
          Images.patchesAdjoint(real(op.a()), op.window(), real(outs.getFirst()));
      case SpatialOp.MaxPool(Value a, Window window) -> {
        double[] source = real(a);
        double[] out = real(outs.getFirst());
        Images.pool(
            source.length, window, (place, pixels) -> out[place] = source[first(source, pixels)]);
      }
      case SpatialOp.MaxPoolGradient(Value a, Value g, Window window) -> {
        double[] source = real(a);
        double[] gradient = real(g);
        double[] out = real(outs.getFirst());
        Arrays.fill(out, 0);
        Images.pool(
            source.length,
            window,
            (place, pixels) -> out[first(source, pixels)] += gradient[place]);
      }
      case SpatialOp.AveragePool(Value a, Window window) -> {
        double[] source = real(a);
        double[] out = real(outs.getFirst());
        Images.pool(
            source.length,
            window,
            (place, pixels) ->
                out[place] =
                    Arrays.stream(pixels).mapToDouble(i -> source[i]).sum() / window.kernelSize());
      }
      case SpatialOp.AveragePoolAdjoint(Value a, Window window) -> {
        double[] source = real(a);
        double[] out = real(outs.getFirst());
        Arrays.fill(out, 0);
        Images.pool(
            out.length,
            window,
            (place, pixels) -> {
              for (int i : pixels) {
                out[i] += source[place] / window.kernelSize();
              }
            });
      }
      case Op.Assign(Value state, Value value) ->
          System.arraycopy(real(value), 0, real(state), 0, state.shape().size());
      case Op.EulerStep op -> {
        double[] theta = real(op.state());
        double[] g = real(op.gradient());
        double h = real(op.rate())[0];
        for (int i = 0; i < theta.length; i++) {
          theta[i] -= h * scale(op.scale(), op.state(), i) * g[i];
        }
      }
      case Op.MomentumStep op -> momentum(op);
      case Op.AdamStep op -> adam(op);
      case Op.LogNormalize(Value state) -> {
        double[] theta = real(state);
        double normaliser = softmax(theta, 0, theta.length, new double[theta.length]);
        for (int i = 0; i < theta.length; i++) {
          theta[i] -= normaliser;
        }
      }
    }
  }

  /** Returns the position of the first of the largest elements for each element of a shape. */
  private int[] firstMaxima(Value a, Shape shape) {
    double[] source = real(a);
    int[] target = Broadcast.positions(shape, a.shape());
    int[] first = new int[shape.size()];
    Arrays.fill(first, -1);
    for (int i = 0; i < source.length; i++) {
      int known = first[target[i]];
      if (known < 0 || isLarger(source[i], source[known])) {
        first[target[i]] = i;
      }
    }
    return first;
  }

  /** Returns the first of some positions with the largest element. */
  private static int first(double[] source, int[] positions) {
    int first = positions[0];
    for (int position : positions) {
      if (isLarger(source[position], source[first])) {
        first = position;
      }
    }
    return first;
  }

  /** Returns whether a is larger than b; a NaN is larger than any number. */
  private static boolean isLarger(double a, double b) {
    return a > b || (Double.isNaN(a) && !Double.isNaN(b));
  }

  private static void unary(Op.Unary op, double[] a, double[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (op.function()) {
            case NEGATE -> -a[i];
            case SQUARE -> a[i] * a[i];
            case SQRT -> Math.sqrt(a[i]);
            case EXP -> Math.exp(a[i]);
            case LOG -> Math.log(a[i]);
            case LOG1P -> Math.log1p(a[i]);
            case HEAVISIDE -> ReluMoments.heaviside(a[i]);
            case POSITIVE -> a[i] > 0 ? 1 : 0;
            case ERF -> Erf.value(a[i]);
            case SIN -> Math.sin(a[i]);
            case COS -> Math.cos(a[i]);
            case RECIPROCAL -> 1 / a[i];
          };
    }
  }

  private void binary(Op.Binary op, Value result) {
    double[] a = real(op.a());
    double[] b = real(op.b());
    double[] out = real(result);
    int[] ia = Broadcast.positions(op.a().shape(), result.shape());
    int[] ib = Broadcast.positions(op.b().shape(), result.shape());
    for (int i = 0; i < out.length; i++) {
      double x = a[ia[i]];
      double y = b[ib[i]];
      out[i] =
          switch (op.function()) {
            case ADD -> x + y;
            case SUBTRACT -> x - y;
            case MULTIPLY -> x * y;
            case DIVIDE -> x / y;
            case MAXIMUM -> Math.max(x, y);
            case MINIMUM -> Math.min(x, y);
          };
    }
  }

  private static void matMul(Op.MatMul op, double[] a, double[] b, double[] out) {
    int rows = op.rows();
    int columns = op.columns();
    int inner = op.inner();
    for (int p = 0; p < op.count(); p++) {
      int atA = p * rows * inner;
      int atB = p * inner * columns;
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          double sum = 0;
          for (int k = 0; k < inner; k++) {
            double x = a[atA + (op.transposeA() ? k * rows + i : i * inner + k)];
            double y = b[atB + (op.transposeB() ? j * inner + k : k * columns + j)];
            sum += x * y;
          }
          out[(p * rows + i) * columns + j] = sum;
        }
      }
    }
  }

  private void permute(Op.Permute op, Value result) {
    Shape from = op.a().shape();
    int rank = from.rank();
    int[] strides = new int[rank];
    int stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= from.dimension(axis);
    }
    double[] a = real(op.a());
    double[] out = real(result);
    for (int i = 0; i < out.length; i++) {
      int rest = i;
      int position = 0;
      for (int axis = rank - 1; axis >= 0; axis--) {
        int length = result.shape().dimension(axis);
        position += rest % length * strides[op.axes().get(axis)];
        rest /= length;
      }
      out[i] = a[position];
    }
  }

  private void varianceProduct(Op.VarianceProduct op, double[] out) {
    double[] x = real(op.x());
    double[] s = real(op.s());
    int width = op.x().shape().dimension(1);
    int components = op.s().shape().dimension(0);
    for (int i = 0; i < op.x().shape().dimension(0); i++) {
      for (int k = 0; k < components; k++) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
          double product = x[i * width + j] * s[k * width + j];
          sum += product * product;
        }
        out[i * components + k] = sum;
      }
    }
  }

  /** Writes the softmax of a row and returns the logarithm of its normalizer. */
  private static double softmax(double[] source, int from, int columns, double[] out) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < columns; c++) {
      max = Math.max(max, source[from + c]);
    }
    double sum = 0;
    for (int c = 0; c < columns; c++) {
      out[from + c] = Math.exp(source[from + c] - max);
      sum += out[from + c];
    }
    for (int c = 0; c < columns; c++) {
      out[from + c] /= sum;
    }
    return max + Math.log(sum);
  }

  private double crossEntropy(Value logits, Value labels) {
    int classes = logits.shape().dimension(1);
    double[] l = real(logits);
    int[] y = labels(labels, classes);
    double[] scratch = new double[l.length];
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += softmax(l, i * classes, classes, scratch) - l[i * classes + y[i]];
    }
    return sum / Math.max(1, y.length);
  }

  private void crossEntropyGradient(Value logits, Value labels, double[] out) {
    int classes = logits.shape().dimension(1);
    double[] l = real(logits);
    int[] y = labels(labels, classes);
    for (int i = 0; i < y.length; i++) {
      softmax(l, i * classes, classes, out);
      out[i * classes + y[i]] -= 1;
      for (int c = 0; c < classes; c++) {
        out[i * classes + c] /= y.length;
      }
    }
  }

  private double correctCount(Value logits, Value labels) {
    int classes = logits.shape().dimension(1);
    double[] l = real(logits);
    int[] y = labels(labels, classes);
    int correct = 0;
    for (int i = 0; i < y.length; i++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (l[i * classes + c] > l[i * classes + best]) {
          best = c;
        }
      }
      if (best == y[i]) {
        correct++;
      }
    }
    return correct;
  }

  private void copyColumns(Value source, int from, Value target, int to, int count) {
    double[] a = real(source);
    double[] out = real(target);
    int width = source.shape().dimension(1);
    int outWidth = target.shape().dimension(1);
    for (int i = 0; i < source.shape().dimension(0); i++) {
      System.arraycopy(a, i * width + from, out, i * outWidth + to, count);
    }
  }

  /** Returns the scale that applies to element {@code i} of a state. */
  private double scale(Value scale, Value state, int i) {
    double[] c = real(scale);
    return scale.shape().rank() == 0
        ? c[0]
        : c[i / (state.shape().size() / state.shape().dimension(0))];
  }

  private void momentum(Op.MomentumStep op) {
    double[] theta = real(op.state());
    double[] u = real(op.velocity());
    double[] gradient = real(op.gradient());
    double h = real(op.rate())[0];
    for (int i = 0; i < theta.length; i++) {
      double g = scale(op.scale(), op.state(), i) * gradient[i];
      u[i] = op.momentum() * u[i] + g;
      theta[i] -= h * (op.nesterov() ? g + op.momentum() * u[i] : u[i]);
    }
  }

  private void adam(Op.AdamStep op) {
    double[] theta = real(op.state());
    double[] first = real(op.first());
    double[] second = real(op.second());
    double[] gradient = real(op.gradient());
    double h = real(op.rate())[0];
    double t = real(op.stepNumber())[0];
    double firstBias = 1 - Math.pow(op.beta1(), t);
    double secondBias = 1 - Math.pow(op.beta2(), t);
    for (int i = 0; i < theta.length; i++) {
      double g = scale(op.scale(), op.state(), i) * gradient[i];
      first[i] = op.beta1() * first[i] + (1 - op.beta1()) * g;
      second[i] = op.beta2() * second[i] + (1 - op.beta2()) * g * g;
      double direction = first[i] / firstBias / (Math.sqrt(second[i] / secondBias) + op.epsilon());
      theta[i] -= h * (direction + op.weightDecay() * theta[i]);
    }
  }
}
