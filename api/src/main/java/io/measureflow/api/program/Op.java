package io.measureflow.api.program;

import io.measureflow.api.program.Value.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The instruction set. Backends and reverse-mode differentiation each handle it in one exhaustive
 * switch, so that a new operation is a compile error wherever it is not handled yet.
 *
 * <p>Every record checks its operands on creation and knows the shapes of its results. Results are
 * of kind {@link Kind#REAL}. Shapes are written [rows, columns]; B is the batch, K the number of
 * components, n the width of a row.
 */
public sealed interface Op
    permits Op.Constant,
        Op.Literal,
        Op.Elementwise,
        Op.SumTo,
        Op.MaxTo,
        Op.FirstMaximum,
        Op.Reshape,
        Op.Permute,
        Op.MatMul,
        Op.VarianceProduct,
        Op.LogDeterminant,
        Op.InverseTranspose,
        Op.Softmax,
        Op.SoftmaxCrossEntropy,
        Op.SoftmaxCrossEntropyGradient,
        Op.SquaredError,
        Op.CorrectCount,
        Op.AppendOnes,
        Op.SliceColumns,
        Op.PadColumns,
        Op.OneHot,
        Op.Gather,
        Op.ScatterAdd,
        Op.Random,
        Op.Update,
        SpatialOp {

  /** Returns the values that the operation reads, in the order of its record components. */
  List<Value> inputs();

  /** Returns the shapes of the values that it produces. */
  List<Shape> outputShapes();

  /** A tensor with the same value everywhere. */
  record Constant(double value, Shape shape) implements Op {
    @Override
    public List<Value> inputs() {
      return List.of();
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(shape);
    }
  }

  /**
   * A tensor with the given elements, row-major: nodes and weights of a quadrature rule.
   *
   * @param values one number per element of the shape
   */
  record Literal(List<Double> values, Shape shape) implements Op {
    /** Checks the number of values. */
    public Literal {
      values = List.copyOf(values);
      Check.that(values.size() == shape.size(), "Literal", shape.size() + " values", values.size());
    }

    @Override
    public List<Value> inputs() {
      return List.of();
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(shape);
    }
  }

  /** An operation each element of whose results depends on one element of each operand. */
  sealed interface Elementwise extends Op {}

  /** The functions of {@link Unary}. */
  enum UnaryFunction {
    /** -a. */
    NEGATE,
    /** a * a. */
    SQUARE,
    /** The square root of a. */
    SQRT,
    /** e^a. */
    EXP,
    /** The natural logarithm of a. */
    LOG,
    /** log(1 + a), accurate for small a. */
    LOG1P,
    /** 1 / a. */
    RECIPROCAL,
    /** 1 for a &gt; 0, 0 for a &lt; 0, 1/2 at 0: a jump takes the mean of its sides. */
    HEAVISIDE,
    /** 1 for a &gt; 0, 0 elsewhere: also at 0, where frameworks end the slope of relu. */
    POSITIVE,
    /** The error function, 2/sqrt(pi) integral_0^a exp(-t^2) dt. */
    ERF,
    /** The sine of a, in radians. */
    SIN,
    /** The cosine of a, in radians. */
    COS
  }

  /** A function of each element. */
  record Unary(UnaryFunction function, Value a) implements Elementwise {
    /** Checks the operand. */
    public Unary {
      Check.real("Unary", a);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(a.shape());
    }
  }

  /** The functions of {@link Binary}. */
  enum BinaryFunction {
    /** a + b. */
    ADD,
    /** a - b. */
    SUBTRACT,
    /** a * b. */
    MULTIPLY,
    /** a / b. */
    DIVIDE,
    /** The larger of a and b; NaN if either is. */
    MAXIMUM,
    /** The smaller of a and b; NaN if either is. */
    MINIMUM
  }

  /** A function of pairs of elements; operands broadcast as in {@link Shape#broadcast}. */
  record Binary(BinaryFunction function, Value a, Value b) implements Elementwise {
    /** Checks the operands. */
    public Binary {
      Check.real("Binary", a);
      Check.real("Binary", b);
      a.shape().broadcast(b.shape());
    }

    @Override
    public List<Value> inputs() {
      return List.of(a, b);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(a.shape().broadcast(b.shape()));
    }
  }

  /** scale * a + shift, elementwise. */
  record Affine(Value a, double scale, double shift) implements Elementwise {
    /** Checks the operand. */
    public Affine {
      Check.real("Affine", a);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(a.shape());
    }
  }

  /**
   * a where the condition is above 0, b elsewhere: also where it is NaN. All three have one shape.
   * What is not selected has no influence, even if it is NaN.
   */
  record Select(Value condition, Value a, Value b) implements Elementwise {
    /** Checks that the shapes are equal. */
    public Select {
      Check.real("Select", condition);
      Check.same("Select", condition, a);
      Check.same("Select", condition, b);
    }

    @Override
    public List<Value> inputs() {
      return List.of(condition, a, b);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(condition.shape());
    }
  }

  /** The sum of a over the dimensions along which {@code shape} broadcasts to a's shape. */
  record SumTo(Value a, Shape shape) implements Op {
    /** Checks that the shape broadcasts to the operand's. */
    public SumTo {
      Check.real("SumTo", a);
      Check.that(
          shape.broadcastsTo(a.shape()), "SumTo", "a shape that broadcasts to " + a.shape(), shape);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(shape);
    }
  }

  /**
   * The largest element of a over the dimensions along which {@code shape} broadcasts to a's shape;
   * a NaN is larger than any number.
   */
  record MaxTo(Value a, Shape shape) implements Op {
    /** Checks that the shape broadcasts to the operand's, and that no maximum is one of nothing. */
    public MaxTo {
      Check.real("MaxTo", a);
      Check.reduced("MaxTo", a, shape);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(shape);
    }
  }

  /**
   * Where {@link MaxTo} finds its results: 1 at the first of the largest elements, in row-major
   * order, 0 elsewhere; of a's shape. Not differentiable: its gradient is zero.
   */
  record FirstMaximum(Value a, Shape shape) implements Op {
    /** Checks what {@link MaxTo} checks. */
    public FirstMaximum {
      Check.real("FirstMaximum", a);
      Check.reduced("FirstMaximum", a, shape);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(a.shape());
    }
  }

  /** The elements of a repeated along the dimensions that it lacks or that are 1. */
  record BroadcastTo(Value a, Shape shape) implements Elementwise {
    /** Checks that the operand's shape broadcasts to the shape. */
    public BroadcastTo {
      Check.real("BroadcastTo", a);
      Check.that(
          a.shape().broadcastsTo(shape),
          "BroadcastTo",
          "an operand that broadcasts to " + shape,
          a.shape());
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(shape);
    }
  }

  /** The same elements in the same row-major order, under another shape. */
  record Reshape(Value a, Shape shape) implements Op {
    /** Checks that the number of elements stays. */
    public Reshape {
      Check.real("Reshape", a);
      Check.that(
          a.shape().size() == shape.size(), "Reshape", a.shape().size() + " elements", shape);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(shape);
    }
  }

  /**
   * The same elements with the axes in another order: axis i of the result is axis {@code
   * axes.get(i)} of a.
   */
  record Permute(Value a, List<Integer> axes) implements Op {
    /** Checks that the axes are those of the operand, each once. */
    public Permute {
      axes = List.copyOf(axes);
      Check.real("Permute", a);
      Check.that(
          axes.stream().sorted().toList().equals(Check.axes(a.shape().rank())),
          "Permute",
          "each axis of " + a.shape() + " once",
          axes);
    }

    /** Returns the permutation that undoes this one. */
    public List<Integer> inverse() {
      return Check.axes(axes.size()).stream().map(axes::indexOf).toList();
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(new Shape(axes.stream().map(axis -> a.shape().dimension(axis)).toList()));
    }
  }

  /**
   * The product of two matrices, either of them transposed first; or of each pair of matrices in
   * two stacks [K, ., .] of equal length.
   */
  record MatMul(Value a, Value b, boolean transposeA, boolean transposeB) implements Op {
    /** Checks that both are matrices, or stacks of as many, whose inner dimensions agree. */
    public MatMul {
      Check.real("MatMul", a);
      Check.real("MatMul", b);
      int rank = a.shape().rank();
      Check.that(
          rank == b.shape().rank() && (rank == 2 || rank == 3),
          "MatMul",
          "two matrices or two stacks of matrices",
          a + " and " + b);
      Check.that(
          rank == 2 || a.shape().dimension(0) == b.shape().dimension(0),
          "MatMul",
          "stacks of equal length",
          a.shape() + " and " + b.shape());
      int innerA = a.shape().dimension(rank - (transposeA ? 2 : 1));
      int innerB = b.shape().dimension(rank - (transposeB ? 1 : 2));
      Check.that(
          innerA == innerB,
          "MatMul",
          "equal inner dimensions",
          a.shape() + (transposeA ? "' " : " ") + "and " + b.shape() + (transposeB ? "'" : ""));
    }

    /** Returns the number of products: the length of the stacks, 1 for two matrices. */
    public int count() {
      return a.shape().rank() == 3 ? a.shape().dimension(0) : 1;
    }

    /** Returns the number of rows of each product. */
    public int rows() {
      return a.shape().dimension(a.shape().rank() - (transposeA ? 1 : 2));
    }

    /** Returns the number of columns of each product. */
    public int columns() {
      return b.shape().dimension(b.shape().rank() - (transposeB ? 2 : 1));
    }

    /** Returns the length of the sums. */
    public int inner() {
      return a.shape().dimension(a.shape().rank() - (transposeA ? 2 : 1));
    }

    @Override
    public List<Value> inputs() {
      return List.of(a, b);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(
          a.shape().rank() == 3
              ? Shape.of(count(), rows(), columns())
              : Shape.of(rows(), columns()));
    }
  }

  /**
   * The variance of w.x under independent coordinates w_i of standard deviation s_i: (x o x)(s o
   * s)', for x [B, n] and s [K, n], of shape [B, K] (docs/mathematics.md, section 2).
   */
  record VarianceProduct(Value x, Value s) implements Op {
    /** Checks that both are matrices of the same width. */
    public VarianceProduct {
      Check.matrix("VarianceProduct", x);
      Check.matrix("VarianceProduct", s);
      Check.that(
          x.shape().dimension(1) == s.shape().dimension(1),
          "VarianceProduct",
          "rows of equal width",
          x.shape() + " and " + s.shape());
    }

    @Override
    public List<Value> inputs() {
      return List.of(x, s);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(x.shape().dimension(0), s.shape().dimension(0)));
    }
  }

  /**
   * Moments of relu and its distributional derivatives, G_j(m, v) = E[relu^(j)(z)], z ~ N(m, v), of
   * the requested orders j, elementwise, one result per order. With s = sqrt(v) and t = m/s,
   *
   * <pre>G_0 = m Phi(t) + s phi(t),  G_1 = Phi(t),  G_2 = phi(t)/s,  G_3 = -t phi(t)/s^2,
   * G_4 = (t^2 - 1) phi(t)/s^3,</pre>
   *
   * and at v = 0 their limits almost everywhere, max(m, 0), the Heaviside function (1/2 at 0), 0, 0
   * and 0 (docs/mathematics.md, section 3). Each keeps a small relative error in the far left tail,
   * and none is NaN for finite m and v at least 0. The other closed forms of that section are
   * written with these: Phi and phi are the moments of variance 1.
   */
  record ReluMoments(Value mean, Value variance, List<Integer> orders) implements Elementwise {

    /** The highest order: the third derivative of a step. */
    public static final int MAX_ORDER = 4;

    /** Checks that mean and variance have one shape, and the orders. */
    public ReluMoments {
      orders = List.copyOf(orders);
      Check.real("ReluMoments", mean);
      Check.real("ReluMoments", variance);
      Check.that(
          mean.shape().equals(variance.shape()),
          "ReluMoments",
          "a variance of shape " + mean.shape(),
          variance.shape());
      Check.orders("ReluMoments", orders, MAX_ORDER);
    }

    @Override
    public List<Value> inputs() {
      return List.of(mean, variance);
    }

    @Override
    public List<Shape> outputShapes() {
      return Check.repeat(mean.shape(), orders.size());
    }
  }

  /**
   * The logarithm of the absolute determinant of each matrix of a stack [K, q, q]: [K]. Minus
   * infinity for a singular matrix.
   */
  record LogDeterminant(Value a) implements Op {
    /** Checks that the operand is a stack of square matrices. */
    public LogDeterminant {
      Check.squares("LogDeterminant", a);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(a.shape().dimension(0)));
    }
  }

  /**
   * The transposed inverse of each matrix of a stack [K, q, q]: the gradient of {@link
   * LogDeterminant}. For a singular matrix at least one entry is not finite.
   */
  record InverseTranspose(Value a) implements Op {
    /** Checks that the operand is a stack of square matrices. */
    public InverseTranspose {
      Check.squares("InverseTranspose", a);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(a.shape());
    }
  }

  /** Softmax over the last dimension. */
  record Softmax(Value a) implements Op {
    /** Checks that there is a last dimension. */
    public Softmax {
      Check.real("Softmax", a);
      Check.that(a.shape().rank() > 0, "Softmax", "a rank of at least 1", a.shape());
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(a.shape());
    }
  }

  /**
   * The mean over the batch of log sum_c exp(l_c) - l_y, for logits l [B, C] and labels y [B]; 0
   * for an empty batch. A scalar.
   */
  record SoftmaxCrossEntropy(Value logits, Value labels) implements Op {
    /** Checks logits against labels. */
    public SoftmaxCrossEntropy {
      Check.labelled("SoftmaxCrossEntropy", logits, labels);
    }

    @Override
    public List<Value> inputs() {
      return List.of(logits, labels);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.SCALAR);
    }
  }

  /** The gradient of {@link SoftmaxCrossEntropy} in the logits: (softmax(l) - onehot(y)) / B. */
  record SoftmaxCrossEntropyGradient(Value logits, Value labels) implements Op {
    /** Checks logits against labels. */
    public SoftmaxCrossEntropyGradient {
      Check.labelled("SoftmaxCrossEntropyGradient", logits, labels);
    }

    @Override
    public List<Value> inputs() {
      return List.of(logits, labels);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(logits.shape());
    }
  }

  /**
   * Half the squared Euclidean distance of prediction and target, both [B, p], averaged over the
   * batch: sum (prediction - target)^2 / (2 B); 0 for an empty batch. A scalar.
   */
  record SquaredError(Value prediction, Value target) implements Op {
    /** Checks that both are matrices of one shape. */
    public SquaredError {
      Check.matrix("SquaredError", prediction);
      Check.matrix("SquaredError", target);
      Check.that(
          prediction.shape().equals(target.shape()),
          "SquaredError",
          "a target of shape " + prediction.shape(),
          target.shape());
    }

    @Override
    public List<Value> inputs() {
      return List.of(prediction, target);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.SCALAR);
    }
  }

  /**
   * The number of rows of logits [B, C] whose largest entry, the first among equals, stands at the
   * label [B]. A scalar. Not differentiable: its gradient is zero.
   */
  record CorrectCount(Value logits, Value labels) implements Op {
    /** Checks logits against labels. */
    public CorrectCount {
      Check.labelled("CorrectCount", logits, labels);
    }

    @Override
    public List<Value> inputs() {
      return List.of(logits, labels);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.SCALAR);
    }
  }

  /** The matrix a [B, d] with a last column of ones: [B, d + 1]. */
  record AppendOnes(Value a) implements Op {
    /** Checks that the operand is a matrix. */
    public AppendOnes {
      Check.matrix("AppendOnes", a);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(a.shape().dimension(0), a.shape().dimension(1) + 1));
    }
  }

  /** Columns {@code from} (inclusive) to {@code to} (exclusive) of a matrix. */
  record SliceColumns(Value a, int from, int to) implements Op {
    /** Checks the range. */
    public SliceColumns {
      Check.matrix("SliceColumns", a);
      Check.that(
          0 <= from && from <= to && to <= a.shape().dimension(1),
          "SliceColumns",
          "a range within " + a.shape().dimension(1) + " columns",
          from + " to " + to);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(a.shape().dimension(0), to - from));
    }
  }

  /** A matrix with {@code before} columns of zeros before it and {@code after} behind it. */
  record PadColumns(Value a, int before, int after) implements Op {
    /** Checks the counts. */
    public PadColumns {
      Check.matrix("PadColumns", a);
      Check.that(
          before >= 0 && after >= 0,
          "PadColumns",
          "counts of at least 0",
          before + " and " + after);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(a.shape().dimension(0), before + a.shape().dimension(1) + after));
    }
  }

  /**
   * A row for each label [B] with a 1 in the label's column and 0 elsewhere: [B, classes].
   *
   * @param labels integers from 0 to {@code classes} - 1
   */
  record OneHot(Value labels, int classes) implements Op {
    /** Checks the labels. */
    public OneHot {
      Check.indices("OneHot", labels);
      Check.that(classes >= 1, "OneHot", "at least 1 class", classes);
    }

    @Override
    public List<Value> inputs() {
      return List.of(labels);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(labels.shape().dimension(0), classes));
    }
  }

  /**
   * The rows of a matrix [n, w] at some indices [B]: [B, w].
   *
   * @param indices integers from 0 to n - 1
   */
  record Gather(Value a, Value indices) implements Op {
    /** Checks matrix and indices. */
    public Gather {
      Check.matrix("Gather", a);
      Check.indices("Gather", indices);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a, indices);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(indices.shape().dimension(0), a.shape().dimension(1)));
    }
  }

  /**
   * The adjoint of {@link Gather}: each of n rows is the sum of those rows of a [B, w] whose index
   * it has: [n, w].
   *
   * @param indices integers from 0 to {@code rows} - 1
   */
  record ScatterAdd(Value a, Value indices, int rows) implements Op {
    /** Checks that each row has an index. */
    public ScatterAdd {
      Check.matrix("ScatterAdd", a);
      Check.indices("ScatterAdd", indices);
      Check.that(
          indices.shape().dimension(0) == a.shape().dimension(0),
          "ScatterAdd",
          "one index per row of " + a,
          indices);
      Check.that(rows >= 1, "ScatterAdd", "at least 1 row", rows);
    }

    @Override
    public List<Value> inputs() {
      return List.of(a, indices);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(Shape.of(rows, a.shape().dimension(1)));
    }
  }

  /** The distributions of {@link Random}. */
  enum Distribution {
    /** Uniform between 0 and 1, both excluded. */
    UNIFORM,
    /** Normal with mean 0 and variance 1. */
    NORMAL
  }

  /**
   * Random numbers that depend on nothing but this operation, the step and the index of the
   * element: Philox4x32-10 [salmon2011], see {@link Philox}. They are the same on every backend, up
   * to the rounding of normal ones, for any number of threads, and whenever the step is repeated.
   *
   * @param seed the key
   * @param stream tells draws of one program apart
   * @param step a scalar, a whole number from 0 to 2^24: each has other numbers
   */
  record Random(Distribution distribution, long seed, int stream, Value step, Shape shape)
      implements Op {
    /** Checks the step. */
    public Random {
      Check.scalar("Random", step);
    }

    @Override
    public List<Value> inputs() {
      return List.of(step);
    }

    @Override
    public List<Shape> outputShapes() {
      return List.of(shape);
    }
  }

  /**
   * An operation that changes a state in place, after every value of the run has been computed.
   * Below, theta is the state, g the gradient, h the rate (a scalar), and c the scale: a scalar, or
   * one number per entry of theta's first dimension, by which the gradient is multiplied first. For
   * a mixture c is 1/(pi_k metric), which makes c g the Wasserstein gradient (docs/mathematics.md,
   * section 5, equation 2).
   */
  sealed interface Update extends Op {

    /** Returns the state that changes. */
    Value state();

    /** Returns all states that change, {@link #state()} first. */
    List<Value> changed();

    @Override
    default List<Shape> outputShapes() {
      return List.of();
    }
  }

  /** theta := value. */
  record Assign(Value state, Value value) implements Update {
    /** Checks that the shapes are equal. */
    public Assign {
      Check.real("Assign", state);
      Check.same("Assign", state, value);
    }

    @Override
    public List<Value> inputs() {
      return List.of(state, value);
    }

    @Override
    public List<Value> changed() {
      return List.of(state);
    }
  }

  /** Forward Euler: theta := theta - h c g. */
  record EulerStep(Value state, Value gradient, Value scale, Value rate) implements Update {
    /** Checks the shapes. */
    public EulerStep {
      Check.step("EulerStep", state, gradient, scale, rate);
    }

    @Override
    public List<Value> inputs() {
      return List.of(state, gradient, scale, rate);
    }

    @Override
    public List<Value> changed() {
      return List.of(state);
    }
  }

  /**
   * Momentum [polyak1964], or with {@code nesterov} that of Nesterov [nesterov1983] as in
   * [sutskever2013]: u := momentum u + c g, then theta := theta - h u, or theta - h (c g + momentum
   * u) for Nesterov.
   */
  record MomentumStep(
      Value state,
      Value velocity,
      Value gradient,
      Value scale,
      Value rate,
      double momentum,
      boolean nesterov)
      implements Update {
    /** Checks the shapes. */
    public MomentumStep {
      Check.step("MomentumStep", state, gradient, scale, rate);
      Check.same("MomentumStep", state, velocity);
    }

    @Override
    public List<Value> inputs() {
      return List.of(state, velocity, gradient, scale, rate);
    }

    @Override
    public List<Value> changed() {
      return List.of(state, velocity);
    }
  }

  /**
   * Adam [kingma2015] with decoupled weight decay [loshchilov2019]: first := b1 first + (1 - b1) c
   * g; second := b2 second + (1 - b2) (c g)^2; theta := theta - h (first / (1 - b1^t) /
   * (sqrt(second / (1 - b2^t)) + epsilon) + weightDecay theta), t the number of this step counted
   * from 1, a scalar.
   */
  record AdamStep(
      Value state,
      Value first,
      Value second,
      Value gradient,
      Value scale,
      Value rate,
      Value stepNumber,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay)
      implements Update {
    /** Checks the shapes. */
    public AdamStep {
      Check.step("AdamStep", state, gradient, scale, rate);
      Check.same("AdamStep", state, first);
      Check.same("AdamStep", state, second);
      Check.scalar("AdamStep", stepNumber);
    }

    @Override
    public List<Value> inputs() {
      return List.of(state, first, second, gradient, scale, rate, stepNumber);
    }

    @Override
    public List<Value> changed() {
      return List.of(state, first, second);
    }
  }

  /**
   * theta := theta - log sum_k exp(theta_k) for a vector theta: the logarithms of weights, shifted
   * so that the weights add up to 1. The only update that may follow another of the same state.
   */
  record LogNormalize(Value state) implements Update {
    /** Checks that the state is a vector with at least one entry. */
    public LogNormalize {
      Check.real("LogNormalize", state);
      Check.that(
          state.shape().rank() == 1 && state.shape().size() > 0,
          "LogNormalize",
          "a vector of at least one entry",
          state);
    }

    @Override
    public List<Value> inputs() {
      return List.of(state);
    }

    @Override
    public List<Value> changed() {
      return List.of(state);
    }
  }

  /** The checks that operations make of their operands. */
  final class Check {

    private Check() {}

    static void that(boolean holds, String op, String expected, Object found) {
      if (!holds) {
        throw new IllegalArgumentException(op + ": expected " + expected + ", found " + found);
      }
    }

    static void real(String op, Value value) {
      that(value.kind() == Kind.REAL, op, "an operand of real numbers", value);
    }

    static void matrix(String op, Value value) {
      real(op, value);
      that(value.shape().rank() == 2, op, "a matrix", value);
    }

    static void scalar(String op, Value value) {
      real(op, value);
      that(value.shape().rank() == 0, op, "a scalar", value);
    }

    static void same(String op, Value state, Value value) {
      real(op, value);
      that(state.shape().equals(value.shape()), op, "the shape of " + state, value);
    }

    static void labelled(String op, Value logits, Value labels) {
      matrix(op, logits);
      that(
          labels.kind() == Kind.INTEGER
              && labels.shape().equals(Shape.of(logits.shape().dimension(0))),
          op,
          "one integer label per row of " + logits,
          labels);
    }

    static void indices(String op, Value value) {
      that(
          value.kind() == Kind.INTEGER && value.shape().rank() == 1,
          op,
          "a vector of integers",
          value);
    }

    static void reduced(String op, Value a, Shape shape) {
      that(
          shape.broadcastsTo(a.shape()) && (a.shape().size() > 0 || shape.size() == 0),
          op,
          "a shape that broadcasts to " + a.shape() + ", over dimensions of at least 1",
          shape);
    }

    static void squares(String op, Value value) {
      real(op, value);
      Shape shape = value.shape();
      that(
          shape.rank() == 3 && shape.dimension(1) == shape.dimension(2),
          op,
          "a stack of square matrices",
          value);
    }

    static List<Integer> axes(int rank) {
      return IntStream.range(0, rank).boxed().toList();
    }

    static void orders(String op, List<Integer> orders, int maximum) {
      boolean ascending = !orders.isEmpty();
      for (int i = 0; i < orders.size(); i++) {
        ascending &= orders.get(i) >= (i == 0 ? 0 : orders.get(i - 1) + 1);
        ascending &= orders.get(i) <= maximum;
      }
      that(ascending, op, "ascending orders from 0 to " + maximum, orders);
    }

    static void step(String op, Value state, Value gradient, Value scale, Value rate) {
      real(op, state);
      same(op, state, gradient);
      real(op, scale);
      boolean perRow =
          state.shape().rank() > 0 && scale.shape().equals(Shape.of(state.shape().dimension(0)));
      that(
          scale.shape().rank() == 0 || perRow,
          op,
          "a scale that is a scalar or one number per row of " + state,
          scale);
      scalar(op, rate);
    }

    static List<Shape> repeat(Shape shape, int times) {
      var shapes = new ArrayList<Shape>(times);
      for (int i = 0; i < times; i++) {
        shapes.add(shape);
      }
      return List.copyOf(shapes);
    }
  }
}
