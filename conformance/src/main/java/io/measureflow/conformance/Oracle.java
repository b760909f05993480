package io.measureflow.conformance;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Computes every operation in float64 from its definition alone, slowly and without sharing code
 * with any backend. Moments use numerical integration, determinants exact arithmetic, and sines
 * their series after a reduction in a hundred digits.
 */
final class Oracle {

  /** pi/2 to a hundred digits. */
  private static final BigDecimal HALF_PI =
      new BigDecimal(
              "3.1415926535897932384626433832795028841971693993751"
                  + "058209749445923078164062862089986280348253421170679")
          .divide(BigDecimal.TWO);

  private final Map<Value, double[]> values = new HashMap<>();

  /** Values of inputs and states by name; states are changed in place by {@link #run}. */
  Oracle(Program program, Map<String, double[]> inputsAndStates) {
    program.inputs().forEach(v -> values.put(v, given(inputsAndStates, v)));
    program.states().forEach(v -> values.put(v, given(inputsAndStates, v)));
  }

  private static double[] given(Map<String, double[]> byName, Value value) {
    double[] elements = byName.get(value.name());
    if (elements == null) {
      throw new IllegalArgumentException("Expected a value for " + value);
    }
    return elements;
  }

  /** Runs the program once. */
  void run(Program program) {
    program.instructions().forEach(this::execute);
  }

  /** Returns the elements of a value after a run. */
  double[] of(Value value) {
    double[] elements = values.get(value);
    if (elements == null) {
      throw new IllegalArgumentException("Value " + value + " has not been computed");
    }
    return elements;
  }

  /**
   * Computes an element from its index in a result; the index is valid until the method returns.
   */
  @FunctionalInterface
  private interface Element {
    double at(int[] index);
  }

  /** Fills the only result of an instruction element by element. */
  private void each(Instruction instruction, Element element) {
    each(instruction, 0, element);
  }

  private void each(Instruction instruction, int result, Element element) {
    Value out = instruction.outputs().get(result);
    double[] elements = new double[out.shape().size()];
    int[] lengths = lengths(out.shape());
    int[] index = new int[lengths.length];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = element.at(index);
      advance(index, lengths);
    }
    values.put(out, elements);
  }

  private static int[] lengths(Shape shape) {
    int[] lengths = new int[shape.rank()];
    for (int axis = 0; axis < lengths.length; axis++) {
      lengths[axis] = shape.dimension(axis);
    }
    return lengths;
  }

  /** Advances an index row by row; after the last it is the first again. */
  private static void advance(int[] index, int[] lengths) {
    for (int axis = lengths.length - 1; axis >= 0; axis--) {
      if (++index[axis] < lengths[axis]) {
        return;
      }
      index[axis] = 0;
    }
  }

  /** The elements of a value as an operand. */
  private static final class Operand {
    private final double[] elements;
    private final int[] lengths;

    Operand(double[] elements, int[] lengths) {
      this.elements = elements;
      this.lengths = lengths;
    }

    /** Returns the element at an index that may have more axes; axes of length 1 are repeated. */
    double at(int... index) {
      return elements[position(index)];
    }

    int position(int... index) {
      int position = 0;
      for (int axis = 0; axis < lengths.length; axis++) {
        int i = index[axis + index.length - lengths.length];
        position = position * lengths[axis] + (lengths[axis] == 1 ? 0 : i);
      }
      return position;
    }

    /** Returns the length of the last axis. */
    int width() {
      return lengths[lengths.length - 1];
    }
  }

  private Operand operand(Value value) {
    return new Operand(of(value), lengths(value.shape()));
  }

  private void execute(Instruction instruction) {
    switch (instruction.op()) {
      case Op.Constant op -> each(instruction, i -> op.value());
      case Op.Literal op ->
          values.put(
              instruction.outputs().getFirst(),
              op.values().stream().mapToDouble(Double::doubleValue).toArray());
      case Op.Unary op -> {
        Operand a = operand(op.a());
        each(instruction, i -> unary(op.function(), a.at(i)));
      }
      case Op.Binary op -> {
        Operand a = operand(op.a());
        Operand b = operand(op.b());
        each(instruction, i -> binary(op.function(), a.at(i), b.at(i)));
      }
      case Op.Affine op -> {
        Operand a = operand(op.a());
        each(instruction, i -> op.scale() * a.at(i) + op.shift());
      }
      case Op.SumTo op -> sumTo(op, instruction.outputs().getFirst());
      case Op.BroadcastTo op -> each(instruction, operand(op.a())::at);
      case Op.Reshape op -> values.put(instruction.outputs().getFirst(), of(op.a()).clone());
      case Op.Permute op -> {
        Operand a = operand(op.a());
        int[] from = new int[op.axes().size()];
        each(
            instruction,
            i -> {
              for (int axis = 0; axis < i.length; axis++) {
                from[op.axes().get(axis)] = i[axis];
              }
              return a.at(from);
            });
      }
      case Op.MatMul op -> {
        double[] a = of(op.a());
        double[] b = of(op.b());
        each(
            instruction,
            i -> product(op, a, b, i.length == 3 ? i[0] : 0, i[i.length - 2], i[i.length - 1]));
      }
      case Op.VarianceProduct op -> {
        double[] x = of(op.x());
        double[] s = of(op.s());
        int width = op.x().shape().dimension(1);
        each(
            instruction,
            i -> {
              double sum = 0;
              for (int j = 0; j < width; j++) {
                sum += Math.pow(x[i[0] * width + j], 2) * Math.pow(s[i[1] * width + j], 2);
              }
              return sum;
            });
      }
      case Op.ReluMoments op -> {
        Operand mean = operand(op.mean());
        Operand variance = operand(op.variance());
        for (int result = 0; result < op.orders().size(); result++) {
          int order = op.orders().get(result);
          each(instruction, result, i -> reluMoment(order, mean.at(i), variance.at(i)));
        }
      }
      case Op.LogDeterminant op ->
          each(instruction, i -> matrix(op.a(), i[0]).logarithmOfDeterminant());
      case Op.InverseTranspose op -> {
        int size = op.a().shape().dimension(1);
        double[] all = new double[op.a().shape().size()];
        for (int k = 0; k < op.a().shape().dimension(0); k++) {
          double[] inverse = matrix(op.a(), k).inverseTranspose();
          System.arraycopy(inverse, 0, all, k * size * size, size * size);
        }
        values.put(instruction.outputs().getFirst(), all);
      }
      case Op.Softmax op ->
          values.put(instruction.outputs().getFirst(), probabilities(operand(op.a())));
      case Op.SoftmaxCrossEntropy op -> {
        Operand labels = operand(op.labels());
        Operand logits = operand(op.logits());
        double sum = 0;
        int batch = op.labels().shape().dimension(0);
        for (int row = 0; row < batch; row++) {
          Normaliser normaliser = normaliser(logits, row);
          double logit = logits.at(row, (int) labels.at(row));
          sum += normaliser.max() - logit + Math.log(normaliser.sum());
        }
        double mean = batch == 0 ? 0 : sum / batch;
        each(instruction, i -> mean);
      }
      case Op.SoftmaxCrossEntropyGradient op -> {
        Operand labels = operand(op.labels());
        Operand p = new Operand(probabilities(operand(op.logits())), lengths(op.logits().shape()));
        each(
            instruction,
            i -> {
              double indicator = (int) labels.at(i[0]) == i[1] ? 1 : 0;
              return (p.at(i) - indicator) / op.labels().shape().dimension(0);
            });
      }
      case Op.SquaredError op -> {
        double[] prediction = of(op.prediction());
        double[] target = of(op.target());
        double sum = 0;
        for (int e = 0; e < target.length; e++) {
          sum += Math.pow(prediction[e] - target[e], 2);
        }
        double mean = sum == 0 ? 0 : sum / 2 / op.target().shape().dimension(0);
        each(instruction, i -> mean);
      }
      case Op.CorrectCount op -> {
        Operand labels = operand(op.labels());
        Operand logits = operand(op.logits());
        double correct = 0;
        for (int row = 0; row < op.labels().shape().dimension(0); row++) {
          int first = 0;
          for (int c = op.logits().shape().dimension(1) - 1; c >= 0; c--) {
            first = logits.at(row, c) >= logits.at(row, first) ? c : first;
          }
          // Scans from the back with "at least", so that the first of equal entries wins, unless a
          // larger
          // entry precedes it.
          correct += first == (int) labels.at(row) ? 1 : 0;
        }
        double count = correct;
        each(instruction, i -> count);
      }
      case Op.AppendOnes op -> {
        double[] a = of(op.a());
        int width = op.a().shape().dimension(1);
        each(instruction, i -> i[1] < width ? a[i[0] * width + i[1]] : 1);
      }
      case Op.SliceColumns op -> {
        double[] a = of(op.a());
        int width = op.a().shape().dimension(1);
        each(instruction, i -> a[i[0] * width + op.from() + i[1]]);
      }
      case Op.PadColumns op -> {
        double[] a = of(op.a());
        int width = op.a().shape().dimension(1);
        each(
            instruction,
            i -> {
              int column = i[1] - op.before();
              return column < 0 || column >= width ? 0 : a[i[0] * width + column];
            });
      }
      case Op.Select op -> {
        Operand condition = operand(op.condition());
        Operand a = operand(op.a());
        Operand b = operand(op.b());
        each(instruction, i -> (condition.at(i) > 0 ? a : b).at(i));
      }
      case Op.MaxTo op -> {
        values.put(instruction.outputs().getFirst(), largest(op.a(), op.shape()));
      }
      case Op.FirstMaximum op -> {
        Operand a = operand(op.a());
        Operand largest = new Operand(largest(op.a(), op.shape()), lengths(op.shape()));
        // The first element equal to its maximum is the one whose maximum has not been met yet.
        boolean[] met = new boolean[op.shape().size()];
        each(
            instruction,
            i -> {
              int position = largest.position(i);
              boolean isFirst =
                  !met[position] && Double.compare(a.at(i) + 0.0, largest.at(i) + 0.0) == 0;
              met[position] |= isFirst;
              return isFirst ? 1 : 0;
            });
      }
      case Op.OneHot op -> {
        Operand labels = operand(op.labels());
        each(instruction, i -> labels.at(i[0]) == i[1] ? 1 : 0);
      }
      case Op.Gather op -> {
        Operand a = operand(op.a());
        Operand indices = operand(op.indices());
        each(instruction, i -> a.at((int) indices.at(i[0]), i[1]));
      }
      case Op.ScatterAdd op -> {
        Operand a = operand(op.a());
        double[] indices = of(op.indices());
        each(
            instruction,
            i -> {
              double sum = 0;
              for (int row = 0; row < indices.length; row++) {
                sum += indices[row] == i[0] ? a.at(row, i[1]) : 0;
              }
              return sum;
            });
      }
      case Op.Random op ->
          values.put(
              instruction.outputs().getFirst(), RandomOracle.draw(op, (int) scalar(op.step())));
      case SpatialOp op -> values.put(instruction.outputs().getFirst(), spatial(op));
      case Op.Update op -> update(op);
    }
  }

  private static double unary(Op.UnaryFunction function, double a) {
    return switch (function) {
      case NEGATE -> -a;
      case SQUARE -> a * a;
      case SQRT -> Math.sqrt(a);
      case EXP -> Math.exp(a);
      case LOG -> Math.log(a);
      case LOG1P -> logarithmOfOnePlus(a);
      case HEAVISIDE -> (Math.signum(a) + 1) / 2;
      case POSITIVE -> Math.max(0, Math.signum(a));
      case ERF -> errorFunction(a);
      case SIN -> sine(a, 0);
      case COS -> sine(a, 1);
      case RECIPROCAL -> 1 / a;
    };
  }

  private static double binary(Op.BinaryFunction function, double a, double b) {
    return switch (function) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case MAXIMUM -> a > b ? a : a <= b ? b : Double.NaN;
      case MINIMUM -> a < b ? a : a >= b ? b : Double.NaN;
    };
  }

  /** 2 artanh(a/(2 + a)) by its series where 1 + a would lose digits. */
  private static double logarithmOfOnePlus(double a) {
    if (Math.abs(a) > 0.5) {
      return Math.log(1 + a);
    }
    double z = a / (2 + a);
    double sum = 0;
    for (int n = 61; n >= 1; n -= 2) {
      sum = sum * z * z + 1.0 / n;
    }
    return 2 * z * sum;
  }

  /**
   * Computes 2/sqrt(pi) exp(-a^2) (a + 2a^3/3 + 4a^5/15 + ...), all terms of one sign; further out
   * 1 minus exp(-a^2)/sqrt(pi) times Laplace's continued fraction.
   */
  private static double errorFunction(double a) {
    if (Double.isNaN(a) || a > 7) {
      return Double.isNaN(a) ? a : 1;
    }
    if (a < 0) {
      return -errorFunction(-a);
    }
    if (a < 2.5) {
      double term = a;
      double sum = a;
      for (int n = 3; n < 201; n += 2) {
        term *= 2 * a * a / n;
        sum += term;
      }
      return 2 / Math.sqrt(Math.PI) * Math.exp(-a * a) * sum;
    }
    double fraction = a;
    for (int n = 400; n >= 1; n--) {
      fraction = a + n / 2.0 / fraction;
    }
    return 1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / fraction;
  }

  /**
   * Computes sin(a + quarters pi/2) by the series after subtracting the nearest multiple of pi/2.
   */
  private static double sine(double a, int quarters) {
    if (!Double.isFinite(a)) {
      return Double.NaN;
    }
    BigDecimal exact = new BigDecimal(a);
    BigDecimal n = exact.divide(HALF_PI, 0, RoundingMode.HALF_EVEN);
    double r = exact.subtract(n.multiply(HALF_PI)).doubleValue();
    int turn =
        n.toBigInteger().add(BigInteger.valueOf(quarters)).and(BigInteger.valueOf(3)).intValue();
    boolean cosine = turn % 2 == 1;
    double sum = 0;
    for (int k = cosine ? 24 : 25; k > 1; k -= 2) {
      sum = (1 + sum) * -r * r / k / (k - 1);
    }
    double result = cosine ? 1 + sum : r * (1 + sum);
    return turn >= 2 ? -result : result;
  }

  private void sumTo(Op.SumTo op, Value out) {
    double[] a = of(op.a());
    int[] from = lengths(op.a().shape());
    int[] to = lengths(out.shape());
    double[] sums = new double[out.shape().size()];
    int[] index = new int[from.length];
    for (double element : a) {
      int position = 0;
      for (int axis = 0; axis < to.length; axis++) {
        int i = index[axis + from.length - to.length];
        position = position * to[axis] + (to[axis] == 1 ? 0 : i);
      }
      sums[position] += element;
      advance(index, from);
    }
    values.put(out, sums);
  }

  /** Returns the largest elements: a NaN where there is one. */
  private double[] largest(Value a, Shape shape) {
    int[] from = lengths(a.shape());
    double[] largest = new double[shape.size()];
    Arrays.fill(largest, Double.NEGATIVE_INFINITY);
    var results = new Operand(largest, lengths(shape));
    int[] index = new int[from.length];
    for (double element : of(a)) {
      int position = results.position(index);
      largest[position] = Math.max(largest[position], element);
      advance(index, from);
    }
    return largest;
  }

  private double[] spatial(SpatialOp spatial) {
    Window w = spatial.window();
    return switch (spatial) {
      case SpatialOp.Patches op ->
          new ImageOracle(w, op.batch(), op.channels()).patches(of(op.a()));
      case SpatialOp.PatchesAdjoint op ->
          new ImageOracle(w, op.batch(), op.channels()).patchesAdjoint(of(op.a()));
      case SpatialOp.MaxPool op -> ImageOracle.of(w, op.a()).maxPool(of(op.a()));
      case SpatialOp.MaxPoolGradient op ->
          ImageOracle.of(w, op.a()).maxPoolGradient(of(op.a()), of(op.g()));
      case SpatialOp.AveragePool op -> ImageOracle.of(w, op.a()).averagePool(of(op.a()));
      case SpatialOp.AveragePoolAdjoint op -> {
        Shape shape = op.a().shape();
        yield new ImageOracle(w, shape.dimension(0) / w.places(), shape.dimension(1))
            .averagePoolAdjoint(of(op.a()));
      }
    };
  }

  private static double product(
      Op.MatMul op, double[] a, double[] b, int matrix, int row, int column) {
    double sum = 0;
    int atA = matrix * op.rows() * op.inner();
    int atB = matrix * op.inner() * op.columns();
    for (int k = 0; k < op.inner(); k++) {
      sum +=
          a[atA + (op.transposeA() ? k * op.rows() + row : row * op.inner() + k)]
              * b[atB + (op.transposeB() ? column * op.inner() + k : k * op.columns() + column)];
    }
    return sum;
  }

  private ExactMatrix matrix(Value stack, int k) {
    int size = stack.shape().dimension(1);
    return ExactMatrix.of(of(stack), k * size * size, size);
  }

  /** The maximum and sum exp(a - max) of a row of the last axis. */
  private record Normaliser(double max, double sum) {
    double probability(double a) {
      return Math.exp(a - max) / sum;
    }
  }

  /** Computes them for one row of the last axis, in storage order. */
  private static Normaliser normaliser(Operand a, int row) {
    int width = a.width();
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < width; c++) {
      max = Math.max(max, a.elements[row * width + c]);
    }
    double sum = 0;
    for (int c = 0; c < width; c++) {
      sum += Math.exp(a.elements[row * width + c] - max);
    }
    return new Normaliser(max, sum);
  }

  /** Softmax along the last axis. */
  private static double[] probabilities(Operand a) {
    double[] probabilities = a.elements.clone();
    int width = a.width();
    for (int row = 0; row * width < probabilities.length; row++) {
      Normaliser normaliser = normaliser(a, row);
      for (int e = row * width; e < (row + 1) * width; e++) {
        probabilities[e] = normaliser.probability(probabilities[e]);
      }
    }
    return probabilities;
  }

  private void update(Op.Update update) {
    double[] theta = of(update.state());
    switch (update) {
      case Op.Assign op -> System.arraycopy(of(op.value()), 0, theta, 0, theta.length);
      case Op.EulerStep op -> {
        double rate = scalar(op.rate());
        double[] gradient = scaled(op.state(), op.gradient(), op.scale());
        for (int e = 0; e < theta.length; e++) {
          theta[e] = theta[e] - rate * gradient[e];
        }
      }
      case Op.MomentumStep op -> {
        double rate = scalar(op.rate());
        double[] gradient = scaled(op.state(), op.gradient(), op.scale());
        double[] u = of(op.velocity());
        for (int e = 0; e < theta.length; e++) {
          double g = gradient[e];
          u[e] = op.momentum() * u[e] + g;
          double direction = op.nesterov() ? g + op.momentum() * u[e] : u[e];
          theta[e] = theta[e] - rate * direction;
        }
      }
      case Op.AdamStep op -> {
        double t = scalar(op.stepNumber());
        double rate = scalar(op.rate());
        double[] gradient = scaled(op.state(), op.gradient(), op.scale());
        double[] firsts = of(op.first());
        double[] seconds = of(op.second());
        for (int e = 0; e < theta.length; e++) {
          double g = gradient[e];
          double first = op.beta1() * firsts[e] + (1 - op.beta1()) * g;
          double second = op.beta2() * seconds[e] + (1 - op.beta2()) * g * g;
          firsts[e] = first;
          seconds[e] = second;
          double corrected = first / (1 - Math.pow(op.beta1(), t));
          double root = Math.sqrt(second / (1 - Math.pow(op.beta2(), t)));
          theta[e] =
              theta[e] - rate * (corrected / (root + op.epsilon()) + op.weightDecay() * theta[e]);
        }
      }
      case Op.LogNormalize op -> {
        Normaliser normaliser = normaliser(operand(op.state()), 0);
        for (int e = 0; e < theta.length; e++) {
          theta[e] = theta[e] - normaliser.max() - Math.log(normaliser.sum());
        }
      }
    }
  }

  private double scalar(Value value) {
    return of(value)[0];
  }

  /** Multiplies a gradient by its scale, which is one number or one per row. */
  private double[] scaled(Value state, Value gradient, Value scale) {
    double[] scaled = of(gradient).clone();
    double[] c = of(scale);
    int rows = scale.shape().rank() == 0 ? 1 : state.shape().dimension(0);
    for (int e = 0; e < scaled.length; e++) {
      scaled[e] = c[e / (scaled.length / rows)] * scaled[e];
    }
    return scaled;
  }

  // ---- moments by integration ----

  /** G_order(m, v) of relu, with relu^(order)(m) at v = 0. */
  static double reluMoment(int order, double m, double v) {
    return v == 0 ? relu(order, m) : relu(order, m, Math.sqrt(v));
  }

  private static double relu(int order, double z) {
    return switch (order) {
      case 0 -> z > 0 ? z : 0;
      case 1 -> (Math.signum(z) + 1) / 2;
      default -> 0;
    };
  }

  /**
   * With z = s(t + q): for t at most 0, E[z+] = s phi(t) integral_0^inf u exp(-u^2/2 + ut) du and
   * P(z > 0) = phi(t) integral_0^inf exp(-u^2/2 + ut) du, whose integrands are positive and smooth,
   * so that no tail cancels; for t above 0, z+ = z + (-z)+.
   */
  private static double relu(int order, double m, double s) {
    double t = m / s;
    double phi = Math.exp(-t * t / 2) / Math.sqrt(2 * Math.PI);
    return switch (order) {
      case 0 -> t > 0 ? m + relu(0, -m, s) : s * phi * halfLine(t, 1);
      case 1 -> t > 0 ? 1 - phi * halfLine(-t, 0) : phi * halfLine(t, 0);
      case 2 -> phi / s;
      case 3 -> phi == 0 ? 0 : -t * phi / s / s;
      default -> phi == 0 ? 0 : (t * t - 1) * phi / s / s / s;
    };
  }

  /**
   * integral_0^inf u^power exp(-u^2/2 + ut) du for t at most 0, by the trapezoidal rule in y after
   * u = exp(y - exp(-y)), which lets the integrand fall off doubly exponentially on both sides
   * [takahasi1974]: 1e-15 with these nodes.
   */
  private static double halfLine(double t, int power) {
    double h = 1.0 / 32;
    double sum = 0;
    for (int node = -144; node <= 128; node++) {
      double decay = Math.exp(-node * h);
      double u = Math.exp(node * h - decay);
      sum += Math.pow(u, power) * Math.exp(-u * u / 2 + u * t) * u * (1 + decay);
    }
    return sum * h;
  }
}
