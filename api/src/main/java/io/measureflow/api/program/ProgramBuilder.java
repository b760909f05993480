package io.measureflow.api.program;

import io.measureflow.api.program.Op.BinaryFunction;
import io.measureflow.api.program.Op.UnaryFunction;
import io.measureflow.api.program.Value.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Writes a {@link Program}, one method per operation, so that a family or a layer reads like its
 * formula.
 *
 * <p>Common subexpressions are computed once: an operation with the same operands returns the value
 * it had, and moments of one mean and variance are gathered into one instruction in any order of
 * requests. {@link #build()} drops whatever no output and no update needs. Methods throw {@link
 * IllegalArgumentException} if operands do not fit, with the shapes expected and found.
 */
public final class ProgramBuilder {

  private final String name;
  private final List<Value> values = new ArrayList<>();
  private final SequencedMap<String, Value> inputs = new LinkedHashMap<>();
  private final SequencedMap<String, Value> states = new LinkedHashMap<>();
  private final SequencedMap<String, Value> outputs = new LinkedHashMap<>();
  private final List<Draft> drafts = new ArrayList<>();
  private final Map<Op, Single> singles = new HashMap<>();
  private final Map<List<Value>, Gathered> gathered = new HashMap<>();
  private final Map<Object, Value> functions = new HashMap<>();
  private final Map<Value, List<Partial>> partials = new HashMap<>();
  private final Map<Value, Double> scalarConstants = new HashMap<>();
  private final List<Op.Update> updates = new ArrayList<>();
  private final Set<Value> changed = new HashSet<>();

  /** Starts a program. */
  public ProgramBuilder(String name) {
    this.name = name;
  }

  /** An instruction that may still gain results. */
  private sealed interface Draft {
    /** Returns the instruction for those of its results that are in {@code live}. */
    Instruction instruction(Set<Value> live);

    List<Value> results();
  }

  private record Single(Op op, Value result) implements Draft {
    @Override
    public Instruction instruction(Set<Value> live) {
      return new Instruction(op, List.of(result));
    }

    @Override
    public List<Value> results() {
      return List.of(result);
    }
  }

  /** Moments of one mean and variance, one result per order requested so far. */
  private record Gathered(Function<List<Integer>, Op> op, TreeMap<Integer, Value> byOrder)
      implements Draft {
    @Override
    public Instruction instruction(Set<Value> live) {
      var orders = new ArrayList<Integer>();
      var results = new ArrayList<Value>();
      byOrder.forEach(
          (order, value) -> {
            if (live.contains(value)) {
              orders.add(order);
              results.add(value);
            }
          });
      return new Instruction(op.apply(orders), results);
    }

    @Override
    public List<Value> results() {
      return List.copyOf(byOrder.values());
    }
  }

  // ---- inputs, states, outputs ----

  /** Declares a tensor of real numbers that the caller writes before each run. */
  public Value input(String inputName, Shape shape) {
    return named(inputs, inputName, Kind.REAL, shape);
  }

  /** Declares a vector of integers that the caller writes before each run: labels, row indices. */
  public Value integerInput(String inputName, int length) {
    return named(inputs, inputName, Kind.INTEGER, Shape.of(length));
  }

  /** Declares a tensor that stays on the device between runs, named within its workspace. */
  public Value state(String stateName, Shape shape) {
    return named(states, stateName, Kind.REAL, shape);
  }

  private Value named(SequencedMap<String, Value> where, String valueName, Kind kind, Shape shape) {
    Value known = where.get(valueName);
    if (known != null) {
      if (!known.shape().equals(shape) || known.kind() != kind) {
        throw new IllegalArgumentException(
            "Program "
                + name
                + ": expected "
                + known
                + " as it was declared first, found shape "
                + shape);
      }
      return known;
    }
    Value value = newValue(kind, shape, valueName);
    where.put(valueName, value);
    return value;
  }

  /** Declares a computed value as an output, readable after each run. */
  public void output(String outputName, Value value) {
    own(value);
    if (inputs.containsValue(value) || states.containsValue(value)) {
      throw new IllegalArgumentException(
          "Program "
              + name
              + ": output "
              + outputName
              + ": expected a computed value, found the input or state "
              + value);
    }
    if (outputs.putIfAbsent(outputName, value) != null) {
      throw new IllegalArgumentException(
          "Program " + name + ": expected output names to be unique, found twice " + outputName);
    }
  }

  // ---- elementwise ----

  /** Returns a scalar constant. */
  public Value constant(double value) {
    Value result = constant(value, Shape.SCALAR);
    scalarConstants.put(result, value);
    return result;
  }

  /** Returns a tensor with the same value everywhere. */
  public Value constant(double value, Shape shape) {
    return emit(new Op.Constant(value, shape));
  }

  /** Returns a tensor with these elements, row-major. */
  public Value literal(Shape shape, double... elements) {
    return emit(new Op.Literal(Arrays.stream(elements).boxed().toList(), shape));
  }

  /** Returns a function of each element. */
  public Value unary(UnaryFunction function, Value a) {
    return emit(new Op.Unary(function, a));
  }

  /** Returns the square of each element. */
  public Value square(Value a) {
    return unary(UnaryFunction.SQUARE, a);
  }

  /** Returns the square root of each element. */
  public Value sqrt(Value a) {
    return unary(UnaryFunction.SQRT, a);
  }

  /** e to the power of each element. */
  public Value exp(Value a) {
    return unary(UnaryFunction.EXP, a);
  }

  /** Returns the natural logarithm of each element. */
  public Value log(Value a) {
    return unary(UnaryFunction.LOG, a);
  }

  /** One over each element. */
  public Value reciprocal(Value a) {
    return unary(UnaryFunction.RECIPROCAL, a);
  }

  /** a + b, broadcasting. */
  public Value add(Value a, Value b) {
    return emit(new Op.Binary(BinaryFunction.ADD, a, b));
  }

  /** a - b, broadcasting. */
  public Value subtract(Value a, Value b) {
    return emit(new Op.Binary(BinaryFunction.SUBTRACT, a, b));
  }

  /**
   * Returns the elementwise product, broadcasting. A scalar constant folds into {@link #affine}.
   */
  public Value multiply(Value a, Value b) {
    Double scaleA = scalarConstants.get(a);
    if (scaleA != null) {
      return affine(b, scaleA, 0);
    }
    Double scaleB = scalarConstants.get(b);
    if (scaleB != null) {
      return affine(a, scaleB, 0);
    }
    return emit(new Op.Binary(BinaryFunction.MULTIPLY, a, b));
  }

  /** Returns the elementwise quotient, broadcasting. */
  public Value divide(Value a, Value b) {
    return emit(new Op.Binary(BinaryFunction.DIVIDE, a, b));
  }

  /** Returns the larger of a and b, broadcasting. */
  public Value maximum(Value a, Value b) {
    return emit(new Op.Binary(BinaryFunction.MAXIMUM, a, b));
  }

  /** Returns the smaller of a and b, broadcasting. */
  public Value minimum(Value a, Value b) {
    return emit(new Op.Binary(BinaryFunction.MINIMUM, a, b));
  }

  /** Returns a where the condition is above 0, b elsewhere, broadcasting. */
  public Value select(Value condition, Value a, Value b) {
    Shape shape = condition.shape().broadcast(a.shape()).broadcast(b.shape());
    return emit(
        new Op.Select(broadcastTo(condition, shape), broadcastTo(a, shape), broadcastTo(b, shape)));
  }

  /** scale * a + shift; {@code a} itself for scale 1 and shift 0. */
  public Value affine(Value a, double scale, double shift) {
    own(a);
    return scale == 1 && shift == 0 ? a : emit(new Op.Affine(a, scale, shift));
  }

  // ---- shapes ----

  /** Returns the sum of a over the dimensions along which the shape broadcasts to a's shape. */
  public Value sumTo(Value a, Shape shape) {
    own(a);
    return a.shape().equals(shape) ? a : emit(new Op.SumTo(a, shape));
  }

  /**
   * Returns the largest element of a over the dimensions along which the shape broadcasts to a's.
   */
  public Value maxTo(Value a, Shape shape) {
    own(a);
    return a.shape().equals(shape) ? a : emit(new Op.MaxTo(a, shape));
  }

  /** Repeats a along the dimensions that it lacks or that are 1. */
  public Value broadcastTo(Value a, Shape shape) {
    own(a);
    return a.shape().equals(shape) ? a : emit(new Op.BroadcastTo(a, shape));
  }

  /** Returns the same elements under another shape. */
  public Value reshape(Value a, Shape shape) {
    own(a);
    return a.shape().equals(shape) ? a : emit(new Op.Reshape(a, shape));
  }

  /** Returns the axes in another order: axis i of the result is axis {@code axes[i]} of a. */
  public Value permute(Value a, int... axes) {
    return emit(new Op.Permute(a, Arrays.stream(axes).boxed().toList()));
  }

  /** Returns a matrix with a last column of ones. */
  public Value appendOnes(Value a) {
    return emit(new Op.AppendOnes(a));
  }

  /** Columns from (inclusive) to (exclusive). */
  public Value sliceColumns(Value a, int from, int to) {
    return emit(new Op.SliceColumns(a, from, to));
  }

  /** Returns a matrix between columns of zeros. */
  public Value padColumns(Value a, int before, int after) {
    return emit(new Op.PadColumns(a, before, after));
  }

  /** Returns rows with a 1 in the column of the label: [B, classes]. */
  public Value oneHot(Value labels, int classes) {
    return emit(new Op.OneHot(labels, classes));
  }

  /** Returns the rows of a matrix at some indices. */
  public Value gather(Value a, Value indices) {
    return emit(new Op.Gather(a, indices));
  }

  // ---- images: [H W B, C], see SpatialOp ----

  /** Returns the windows of all images, one in each row: [H' W' B, C kh kw]. */
  public Value patches(Value a, Window window) {
    return emit(new SpatialOp.Patches(a, window));
  }

  /** Returns the largest element of each window and channel: [H' W' B, C]. */
  public Value maxPool(Value a, Window window) {
    return emit(new SpatialOp.MaxPool(a, window));
  }

  /** Returns the mean of each window and channel: [H' W' B, C]. */
  public Value averagePool(Value a, Window window) {
    return emit(new SpatialOp.AveragePool(a, window));
  }

  // ---- random numbers ----

  /** Returns uniform random numbers between 0 and 1, as {@link Op.Random} says. */
  public Value uniform(long seed, int stream, Value step, Shape shape) {
    return emit(new Op.Random(Op.Distribution.UNIFORM, seed, stream, step, shape));
  }

  /** Returns normal random numbers, as {@link Op.Random} says. */
  public Value normal(long seed, int stream, Value step, Shape shape) {
    return emit(new Op.Random(Op.Distribution.NORMAL, seed, stream, step, shape));
  }

  // ---- products and moments ----

  /**
   * Returns the product of two matrices, or of each pair in two stacks, either transposed first.
   */
  public Value matMul(Value a, boolean transposeA, Value b, boolean transposeB) {
    return emit(new Op.MatMul(a, b, transposeA, transposeB));
  }

  /** (x o x)(s o s)' for x [B, n] and s [K, n]: the variances of w.x, [B, K]. */
  public Value varianceProduct(Value x, Value s) {
    return emit(new Op.VarianceProduct(x, s));
  }

  /** Returns the moment of relu of this order, elementwise; see {@link Op.ReluMoments}. */
  public Value reluMoment(Value mean, Value variance, int order) {
    Op single = new Op.ReluMoments(mean, variance, List.of(order));
    single.inputs().forEach(this::own);
    Gathered draft = gathered.get(single.inputs());
    if (draft == null) {
      draft = new Gathered(orders -> new Op.ReluMoments(mean, variance, orders), new TreeMap<>());
      gathered.put(single.inputs(), draft);
      drafts.add(draft);
    }
    return draft
        .byOrder()
        .computeIfAbsent(
            order, o -> newValue(Kind.REAL, single.outputShapes().getFirst(), "G" + o));
  }

  /** log |det| of each matrix of a stack [K, q, q]: [K]. */
  public Value logDeterminant(Value a) {
    return emit(new Op.LogDeterminant(a));
  }

  /** Softmax over the last dimension. */
  public Value softmax(Value a) {
    return emit(new Op.Softmax(a));
  }

  // ---- losses and metrics ----

  /** Mean softmax cross-entropy of logits [B, C] and integer labels [B]. */
  public Value softmaxCrossEntropy(Value logits, Value labels) {
    return emit(new Op.SoftmaxCrossEntropy(logits, labels));
  }

  /** Half the mean squared distance of prediction and target, both [B, p]. */
  public Value squaredError(Value prediction, Value target) {
    return emit(new Op.SquaredError(prediction, target));
  }

  /** Returns the number of rows whose largest logit stands at the label. */
  public Value correctCount(Value logits, Value labels) {
    return emit(new Op.CorrectCount(logits, labels));
  }

  // ---- emission ----

  /**
   * Writes an operation with one result, or returns the existing result of an equal operation. For
   * operations without a method of their own.
   *
   * @throws IllegalArgumentException if the operation has not exactly one result
   */
  public Value emit(Op op) {
    op.inputs().forEach(this::own);
    Single known = singles.get(op);
    if (known == null) {
      List<Shape> shapes = op.outputShapes();
      if (shapes.size() != 1) {
        throw new IllegalArgumentException(
            "Program " + name + ": expected an operation with one result, found " + op);
      }
      known = new Single(op, newValue(Kind.REAL, shapes.getFirst(), label(op)));
      singles.put(op, known);
      drafts.add(known);
    }
    return known.result();
  }

  // ---- functions with derivatives of their own ----

  /**
   * A partial derivative that is declared rather than derived.
   *
   * @param operand the value that the function depends on elementwise
   * @param derivative writes the derivative of each element of the function in the same element of
   *     the operand, of the operand's shape
   */
  public record Partial(Value operand, Supplier<Value> derivative) {}

  /**
   * Writes an elementwise function with operations, to be differentiated by declared derivatives
   * where these are more accurate or cheaper than the rules of the operations. A function is
   * written once per key.
   *
   * @param key the function and its operands
   * @param body writes the function
   * @param partials its derivatives; used only if the body makes a new value
   */
  public Value function(Object key, Supplier<Value> body, List<Partial> partials) {
    Value known = functions.get(key);
    if (known != null) {
      return known;
    }
    int before = values.size();
    Value result = body.get();
    own(result);
    if (result.id() >= before) {
      this.partials.put(result, List.copyOf(partials));
    }
    functions.put(key, result);
    return result;
  }

  /** Returns the declared derivatives of a value; empty if the rules of the operations apply. */
  public Optional<List<Partial>> partials(Value value) {
    return Optional.ofNullable(partials.get(value));
  }

  /**
   * Writes an update of states. Updates run after everything is computed, in the order of the
   * calls.
   *
   * @throws IllegalArgumentException if an operand is a state that an earlier update changes, or
   *     the updated value is not a state
   */
  public void update(Op.Update update) {
    update.inputs().forEach(this::own);
    for (Value value : update.inputs()) {
      if (changed.contains(value) && !(update instanceof Op.LogNormalize)) {
        throw new IllegalArgumentException(
            "Program "
                + name
                + ": expected each state to be read before it is updated and updated once, found "
                + value
                + " again in "
                + update);
      }
    }
    for (Value value : update.changed()) {
      if (!states.containsValue(value)) {
        throw new IllegalArgumentException(
            "Program " + name + ": expected a state to update, found " + value);
      }
    }
    changed.addAll(update.changed());
    updates.add(update);
  }

  /** Returns all computing instructions so far, operands before their uses. */
  public List<Instruction> instructions() {
    var all = new HashSet<>(values);
    return drafts.stream().map(draft -> draft.instruction(all)).toList();
  }

  /** Finishes the program, dropping whatever no output and no update needs. */
  public Program build() {
    var live = new HashSet<Value>(outputs.values());
    updates.forEach(update -> live.addAll(update.inputs()));
    var kept = new ArrayList<Instruction>();
    for (Draft draft : drafts.reversed()) {
      if (draft.results().stream().anyMatch(live::contains)) {
        Instruction instruction = draft.instruction(live);
        live.addAll(instruction.op().inputs());
        kept.add(instruction);
      }
    }
    Collections.reverse(kept);
    updates.forEach(update -> kept.add(new Instruction(update, List.of())));
    return new Program(
        name,
        List.copyOf(inputs.values()),
        List.copyOf(states.values()),
        List.copyOf(kept),
        Collections.unmodifiableSequencedMap(new LinkedHashMap<>(outputs)));
  }

  private Value newValue(Kind kind, Shape shape, String valueName) {
    Value value = new Value(values.size(), kind, shape, valueName);
    values.add(value);
    return value;
  }

  private void own(Value value) {
    if (value.id() >= values.size() || !values.get(value.id()).equals(value)) {
      throw new IllegalArgumentException(
          "Program " + name + ": expected a value of this program, found " + value);
    }
  }

  private static String label(Op op) {
    return switch (op) {
      case Op.Unary unary -> unary.function().name().toLowerCase(Locale.ROOT);
      case Op.Binary binary -> binary.function().name().toLowerCase(Locale.ROOT);
      default -> op.getClass().getSimpleName();
    };
  }
}
