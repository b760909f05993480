package io.measureflow.lowering;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lowers a program to steps: squares and transposes become properties of factors, gradients the
 * epilogues of products, reshapes views.
 */
public final class Lowering {

  /** Rows shorter than this are not worth a sum of squares of their own. */
  private static final int SHORT_ROW = 32;

  /** Rows longer than this are in no cache, so that what is written of them costs most. */
  private static final int LONG_ROW = 1 << 13;

  private final Program program;
  private final DefUse defUse;
  private final Map<Value, AxisOrder> states;
  private final Map<Value, AxisOrder> orders;
  private final PatchProducts patches;
  private final Flattening flattening;
  private final Set<Value> batchInnermost;
  private final Map<Value, Value> views = new HashMap<>();
  private final Map<Value, Value> copies = new HashMap<>();
  private final IdentityHashMap<Op, UpdateFusion> fusions = new IdentityHashMap<>();
  private final Set<Instruction> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Step> steps = new ArrayList<>();

  /** The losses of rows by the logits, so that loss and gradient are one step. */
  private final Map<List<Value>, Value> losses = new HashMap<>();

  private int nextId;

  private Lowering(Program program, Map<Value, AxisOrder> known) {
    this.program = program;
    defUse = new DefUse(program);
    states = StateOrders.of(program, defUse, known);
    orders = new HashMap<>(states);
    Set<Value> refused = new HashSet<>();
    PatchProducts found = PatchProducts.of(program, defUse, refused);
    flattening = Flattening.of(program, defUse);
    Set<Value> oriented = Orientation.of(program, defUse, found, flattening);
    while (refused.addAll(unfit(found, oriented))) {
      found = PatchProducts.of(program, defUse, refused);
      oriented = Orientation.of(program, defUse, found, flattening);
    }
    patches = found;
    batchInnermost = oriented;
    batchInnermost.forEach(value -> orders.put(value, AxisOrder.firstLast(value.shape().rank())));
    flattening.changes().forEach(change -> orders.putAll(change.orders(batchInnermost)));
    nextId = LoweredProgram.nextId(program, List.of());
  }

  /**
   * Lowers a program.
   *
   * @param known the axis orders of states that exist; others get the order that the program
   *     prefers
   */
  public static LoweredProgram lower(Program program, Map<Value, AxisOrder> known) {
    return new Lowering(program, known).lower();
  }

  /** Returns what would need values with the channels outermost that are not. */
  private static Set<Value> unfit(PatchProducts patches, Set<Value> oriented) {
    var unfit = new HashSet<Value>();
    patches
        .requirements()
        .forEach(
            (refused, required) -> {
              if (!oriented.containsAll(required)) {
                unfit.add(refused);
              }
            });
    return unfit;
  }

  private LoweredProgram lower() {
    for (Instruction instruction : program.instructions()) {
      if (instruction.op() instanceof Op.Update update) {
        UpdateFusion.of(update, defUse, states, batchInnermost, patches)
            .ifPresent(
                fusion -> {
                  fusions.put(update, fusion);
                  absorbed.addAll(fusion.absorbed());
                });
      }
    }
    for (Instruction instruction : program.instructions()) {
      if (patches.isAbsorbed(instruction)) {
        absorbed.add(instruction);
      } else {
        absorbFactors(instruction);
      }
    }
    program.states().forEach(this::copy);
    for (Instruction instruction : program.instructions()) {
      if (!absorbed.contains(instruction)) {
        lower(instruction);
      }
    }
    var lowered = new LoweredProgram(program, orders, views, copies, steps);
    return lowered.withSteps(WindowSharing.of(steps, lowered::memory));
  }

  /** Copies a state that an earlier program has ordered otherwise than this one reads it. */
  private void copy(Value state) {
    AxisOrder order = order(state);
    boolean inOwnOrder =
        defUse.readers(state).stream()
            .filter(reader -> !absorbed.contains(reader))
            .anyMatch(
                reader ->
                    !(reader.op() instanceof Op.Permute permute
                            && permute.axes().equals(order.axes()))
                        && !(reader.op() instanceof Op.Update update
                            && update.changed().contains(state)));
    if (!order.isPlain() && inOwnOrder) {
      Value copy = new Value(nextId++, Value.Kind.REAL, state.shape(), "copy of " + state.name());
      copies.put(state, copy);
      steps.add(new Step.Copy(state, copy));
    }
  }

  /** Notes what is computed where it is read: squares, products that are summed up, copies. */
  private void absorbFactors(Instruction instruction) {
    if (instruction.op() instanceof Op.Unary
        && defUse.isSquareForProducts(instruction.outputs().getFirst())) {
      absorbed.add(instruction);
    } else if (instruction.op() instanceof Op.SumTo sum
        && (squaresOfRows(sum) != null || productOfRows(sum) != null)) {
      Instruction square = defUse.definition(sum.a());
      if (square != null) {
        absorbed.add(square);
      }
    } else if (instruction.op() instanceof Op.BroadcastTo broadcast
        && isRepeatedByReader(broadcast, instruction.outputs().getFirst())) {
      absorbed.add(instruction);
    }
  }

  private void lower(Instruction instruction) {
    List<Value> outputs = instruction.outputs();
    switch (instruction.op()) {
      case Op.MatMul op when patches.windows(op.a()).isPresent() ->
          windowProduct(op, patches.windows(op.a()).get(), op.a(), outputs.getFirst());
      case Op.MatMul op when patches.windows(op.b()).isPresent() ->
          windowProduct(op, patches.windows(op.b()).get(), op.b(), outputs.getFirst());
      case Op.VarianceProduct op when patches.windows(op.x()).isPresent() ->
          steps.add(
              new Step.Convolve(
                  patches.windows(op.x()).get(),
                  List.of(
                      new Step.WindowProduct(
                          true, factor(op.s(), false).withSquares(), false, outputs.getFirst()))));
      case Op.MatMul op ->
          product(
              op.count(),
              factor(op.a(), op.transposeA()),
              factor(op.b(), op.transposeB()),
              op.rows(),
              op.columns(),
              op.inner(),
              outputs.getFirst());
      case Op.VarianceProduct op ->
          product(
              1,
              factor(op.x(), false).withSquares(),
              factor(op.s(), true).withSquares(),
              op.x().shape().dimension(0),
              op.s().shape().dimension(0),
              op.x().shape().dimension(1),
              outputs.getFirst());
      case Op.Elementwise op -> steps.add(new Step.Loop(withoutBroadcasts(op), outputs));
      case Op.SumTo op -> {
        Op.Binary product = productOfRows(op);
        Value rows = squaresOfRows(op);
        Value out = outputs.getFirst();
        if (product != null) {
          steps.add(new Step.Sum(product.a(), Optional.of(product.b()), out));
        } else {
          steps.add(new Step.Sum(rows == null ? op.a() : rows, Optional.ofNullable(rows), out));
        }
      }
      case Op.Reshape op -> reshape(op, instruction);
      case Op.Permute op -> permute(op, instruction);
      case Op.SoftmaxCrossEntropy op ->
          steps.add(new Step.Mean(rowLosses(op.logits(), op.labels()), outputs.getFirst()));
      case Op.SoftmaxCrossEntropyGradient op -> rowLosses(op.logits(), op.labels());
      case Op.Update update -> update(update);
      case Op.Constant _,
          Op.Literal _,
          Op.LogDeterminant _,
          Op.InverseTranspose _,
          Op.Softmax _,
          Op.SquaredError _,
          Op.CorrectCount _,
          Op.AppendOnes _,
          Op.SliceColumns _,
          Op.PadColumns _,
          Op.MaxTo _,
          Op.FirstMaximum _,
          Op.OneHot _,
          Op.Gather _,
          Op.ScatterAdd _,
          Op.Random _,
          SpatialOp.Patches _ ->
          steps.add(new Step.Whole(instruction));
      case SpatialOp.PatchesAdjoint op -> {
        Value out = outputs.getFirst();
        patches
            .adjoint(out)
            .ifPresentOrElse(
                terms -> steps.add(adjoint(op, terms, out)),
                () -> steps.add(new Step.Whole(instruction)));
      }
      case SpatialOp.MaxPool _,
          SpatialOp.MaxPoolGradient _,
          SpatialOp.AveragePool _,
          SpatialOp.AveragePoolAdjoint _ ->
          steps.add(
              batchInnermost.contains(outputs.getFirst())
                  ? new Step.Pool((SpatialOp) instruction.op(), outputs.getFirst())
                  : new Step.Whole(instruction));
    }
  }

  /** X W, X W', g' X or X' g, with the windows X as rows. */
  private void windowProduct(Op.MatMul op, Windows windows, Value factor, Value out) {
    boolean squared = defUse.squareOf(factor) != null;
    boolean first = op.a().equals(factor);
    if (!patches.isGradient(op)) {
      Operand weights = factor(op.b(), !op.transposeB());
      steps.add(
          new Step.Convolve(
              windows, List.of(new Step.WindowProduct(squared, weights, false, out))));
    } else {
      Operand g = new Operand(first ? op.b() : op.a(), false, false, false);
      steps.add(
          new Step.ConvolveGradient(
              windows, List.of(new Step.WindowProduct(squared, g, first, out))));
    }
  }

  private Step adjoint(SpatialOp.PatchesAdjoint op, List<PatchProducts.Term> terms, Value out) {
    var windows = new Windows(out, op.window(), false);
    return new Step.ConvolveAdjoint(
        windows,
        terms.stream()
            .map(
                term ->
                    new Step.ConvolveAdjoint.Term(
                        term.product().a(),
                        factor(term.product().b(), term.product().transposeB()),
                        term.image(),
                        term.factor()))
            .toList(),
        out);
  }

  // ---- products ----

  private Operand factor(Value matrices, boolean transposed) {
    boolean square = defUse.isSquareForProducts(matrices);
    Value source = square ? defUse.squareOf(matrices) : matrices;
    if (source == null) {
      throw new IllegalStateException("a square of nothing: " + matrices);
    }
    boolean inColumns = batchInnermost.contains(source);
    return new Operand(source, transposed != inColumns, square, false);
  }

  private void product(
      int count, Operand a, Operand b, int rows, int columns, int inner, Value out) {
    var store = new Epilogue.Store(out);
    steps.add(
        batchInnermost.contains(out)
            ? new Step.Product(count, columns, rows, inner, b.transpose(), a.transpose(), store)
            : new Step.Product(count, rows, columns, inner, a, b, store));
  }

  // ---- sums, views, losses, updates ----

  /**
   * Returns the value whose squared rows a sum adds up without storing the squares; null if none.
   */
  private @Nullable Value squaresOfRows(Op.SumTo op) {
    Shape shape = op.a().shape();
    if (!defUse.isReadOnce(op.a()) || shape.rank() != 2) {
      return null;
    }
    // What is a row in memory.
    boolean inColumns = batchInnermost.contains(op.a());
    int length = shape.dimension(inColumns ? 0 : 1);
    int kept = shape.dimension(inColumns ? 1 : 0);
    boolean ofRows =
        inColumns
            ? op.shape().size() == kept && op.shape().aligned(1, 2) == kept
            : op.shape().equals(Shape.of(kept, 1));
    return length > SHORT_ROW && ofRows ? defUse.squareOf(op.a()) : null;
  }

  /**
   * Returns the product whose long rows a sum adds up, of factors that are rows in memory; null if
   * there is none.
   */
  private Op.@Nullable Binary productOfRows(Op.SumTo op) {
    Shape shape = op.a().shape();
    Instruction definition = defUse.isReadOnce(op.a()) ? defUse.definition(op.a()) : null;
    return definition != null
            && definition.op() instanceof Op.Binary product
            && product.function() == Op.BinaryFunction.MULTIPLY
            && product.a().shape().equals(shape)
            && product.b().shape().equals(shape)
            && shape.rank() == 2
            && batchInnermost.contains(op.a())
            && shape.dimension(0) >= LONG_ROW
            && shape.dimension(1) > Orientation.FEW_ROWS
            && op.shape().size() == shape.dimension(1)
            && op.shape().aligned(1, 2) == shape.dimension(1)
        ? product
        : null;
  }

  /** Returns an operation with what is repeated for it alone as it is before. */
  private Op.Elementwise withoutBroadcasts(Op.Elementwise op) {
    if (!(op instanceof Op.Binary binary)) {
      return op;
    }
    return new Op.Binary(
        binary.function(), repeated(binary, binary.a()), repeated(binary, binary.b()));
  }

  private Value repeated(Op.Binary reader, Value operand) {
    Instruction definition = defUse.definition(operand);
    return definition != null
            && definition.op() instanceof Op.BroadcastTo broadcast
            && isRepeatedByReader(broadcast, operand)
            && reader.inputs().contains(operand)
        ? broadcast.a()
        : operand;
  }

  /**
   * Returns whether a repeated value is long and read by one sum, difference or product with
   * another operand of its shape.
   */
  private boolean isRepeatedByReader(Op.BroadcastTo broadcast, Value out) {
    if (!defUse.isReadOnce(out) || !batchInnermost.contains(out)) {
      return false;
    }
    Instruction reader = defUse.readers(out).getFirst();
    return out.shape().dimension(0) >= LONG_ROW
        && reader.op() instanceof Op.Binary binary
        && isKept(binary, reader.outputs().getFirst())
        && broadcast.a().shape().broadcastsTo(out.shape())
        && isWhole(binary.a().equals(out) ? binary.b() : binary.a(), out);
  }

  /** Returns whether a sum, a difference or a product is a step of its own. */
  private boolean isKept(Op.Binary op, Value out) {
    return switch (op.function()) {
      case ADD, SUBTRACT -> true;
      case MULTIPLY ->
          defUse.readers(out).stream().noneMatch(next -> next.op() instanceof Op.SumTo);
      case DIVIDE, MAXIMUM, MINIMUM -> false;
    };
  }

  /** Returns whether a value has the shape of another one without being repeated. */
  private boolean isWhole(Value value, Value other) {
    Instruction definition = defUse.definition(value);
    return value.shape().equals(other.shape())
        && !(definition != null && definition.op() instanceof Op.BroadcastTo);
  }

  private void reshape(Op.Reshape op, Instruction instruction) {
    Value result = instruction.outputs().getFirst();
    if (flattening.isBetween(result) || flattening.isResult(result)) {
      flatten(op, instruction);
      return;
    }
    boolean inPlainOrder = AxisOrder.plain(op.a().shape().rank()).equals(order(op.a()));
    // The memory of an input or a state changes at other times than an output. What has the batch
    // innermost is computed, and is copied to be an output.
    boolean oriented = batchInnermost.contains(result);
    boolean keepsOrder =
        oriented
            ? batchInnermost.contains(op.a())
                || (inPlainOrder && op.shape().size() == op.shape().dimension(0))
            : inPlainOrder;
    boolean isView = keepsOrder && (oriented || !defUse.isOutput(result));
    if (isView && isSteady(result, op.a())) {
      views.put(result, op.a());
    } else {
      steps.add(new Step.Whole(instruction));
    }
  }

  /** The first or the last operation of a change of form, which moves nothing. */
  private void flatten(Op.Reshape op, Instruction instruction) {
    Value result = instruction.outputs().getFirst();
    boolean isPlainOutput = defUse.isOutput(result) && !batchInnermost.contains(result);
    if (!isPlainOutput && (batchInnermost.contains(result) || isSteady(result, op.a()))) {
      views.put(result, op.a());
    } else {
      steps.add(new Step.Whole(instruction));
    }
  }

  /** Returns whether a view has the same elements whenever it is read. */
  private boolean isSteady(Value view, Value of) {
    return !defUse.comesFromState(of, states.keySet()) || defUse.isReadBeforeUpdates(view);
  }

  private void permute(Op.Permute op, Instruction instruction) {
    Value result = instruction.outputs().getFirst();
    List<Integer> of = order(op.a()).axes();
    // The same memory, with the axes called otherwise.
    var same = new AxisOrder(of.stream().map(op.axes()::indexOf).toList());
    if (flattening.isBetween(result)) {
      if (same.equals(order(result))) {
        views.put(result, op.a());
      } else {
        steps.add(new Step.Whole(instruction));
      }
      return;
    }
    boolean forUpdates =
        defUse.readers(result).stream()
            .allMatch(
                reader ->
                    reader.op() instanceof Op.Update update
                        && same.equals(orders.get(update.state())));
    if (!defUse.isOutput(result) && (same.isPlain() || forUpdates) && isSteady(result, op.a())) {
      views.put(result, op.a());
      if (!same.isPlain()) {
        orders.put(result, same);
      }
    } else {
      steps.add(new Step.Whole(instruction));
    }
  }

  private AxisOrder order(Value value) {
    AxisOrder order = orders.get(value);
    return order == null ? AxisOrder.plain(value.shape().rank()) : order;
  }

  /** Returns the losses of rows, which are one step with the gradient. */
  private Value rowLosses(Value logits, Value labels) {
    return losses.computeIfAbsent(
        List.of(logits, labels),
        key -> {
          Value out =
              new Value(
                  nextId++, Value.Kind.REAL, Shape.of(logits.shape().dimension(0)), "row losses");
          Optional<Value> gradient =
              program.instructions().stream()
                  .filter(i -> i.op().equals(new Op.SoftmaxCrossEntropyGradient(logits, labels)))
                  .map(i -> i.outputs().getFirst())
                  .findFirst();
          steps.add(new Step.CrossEntropy(logits, labels, out, gradient));
          return out;
        });
  }

  private void update(Op.Update update) {
    UpdateFusion fusion = fusions.get(update);
    if (fusion == null) {
      steps.add(new Step.Change(update));
      return;
    }
    Op.MatMul op = fusion.product();
    steps.add(
        new Step.Product(
            1,
            op.rows(),
            op.columns(),
            op.inner(),
            factor(op.a(), op.transposeA()),
            factor(op.b(), op.transposeB()),
            new Epilogue.Update(update, fusion.factor())));
  }
}
