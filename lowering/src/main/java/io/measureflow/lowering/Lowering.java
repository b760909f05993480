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

  private final Program program;
  private final DefUse defUse;
  private final Map<Value, AxisOrder> states;
  private final Map<Value, AxisOrder> orders;
  private final PatchProducts patches;
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
    Set<Value> oriented = Orientation.of(program, defUse, found);
    while (refused.addAll(unfit(found, oriented))) {
      found = PatchProducts.of(program, defUse, refused);
      oriented = Orientation.of(program, defUse, found);
    }
    patches = found;
    batchInnermost = oriented;
    batchInnermost.forEach(value -> orders.put(value, AxisOrder.firstLast(value.shape().rank())));
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
        absorbSquares(instruction);
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

  private void absorbSquares(Instruction instruction) {
    if (instruction.op() instanceof Op.Unary
        && defUse.isSquareForProducts(instruction.outputs().getFirst())) {
      absorbed.add(instruction);
    } else if (instruction.op() instanceof Op.SumTo sum && squaresOfRows(sum) != null) {
      Instruction square = defUse.definition(sum.a());
      if (square != null) {
        absorbed.add(square);
      }
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
      case Op.Elementwise op -> steps.add(new Step.Loop(op, outputs));
      case Op.SumTo op -> {
        Value rows = squaresOfRows(op);
        steps.add(new Step.Sum(rows == null ? op.a() : rows, rows != null, outputs.getFirst()));
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
    return defUse.isReadOnce(op.a())
            && shape.rank() == 2
            && shape.dimension(1) > SHORT_ROW
            && op.shape().equals(Shape.of(shape.dimension(0), 1))
            && !batchInnermost.contains(op.a())
        ? defUse.squareOf(op.a())
        : null;
  }

  private void reshape(Op.Reshape op, Instruction instruction) {
    Value result = instruction.outputs().getFirst();
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

  /** Returns whether a view has the same elements whenever it is read. */
  private boolean isSteady(Value view, Value of) {
    return !defUse.comesFromState(of, states.keySet()) || defUse.isReadBeforeUpdates(view);
  }

  private void permute(Op.Permute op, Instruction instruction) {
    Value result = instruction.outputs().getFirst();
    List<Integer> of = order(op.a()).axes();
    // The same memory, with the axes called otherwise.
    var same = new AxisOrder(of.stream().map(op.axes()::indexOf).toList());
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
