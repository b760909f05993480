package io.measureflow.simd;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles instructions to commands over memory that is allocated here, once. A constant is written
 * at compile time and needs no command; a reshaped value shares the memory of its source.
 */
final class ProgramCompiler {

  /** The elements of a block of repeated operands: 16 KiB. */
  private static final int REPEATED_BLOCK = 4096;

  /** Rows shorter than this are not worth a loop each. */
  private static final int SHORT_ROW = 32;

  private static final int ORDERS = Op.ReluMoments.MAX_ORDER + 1;

  private final Kernels kernels;
  private final int panelWidth;
  private final WorkerPool pool;
  private final DefUse defUse;
  private final Map<Value, State> states;
  private final Map<Value, Layout> layouts;

  /** Values that are states in panels, for products that read them as such. */
  private final Map<Value, State> inPanels = new HashMap<>();

  /** Computed matrices with columns in panels. */
  private Set<Value> panelValues = Set.of();

  /** Products whose result only updates a state, and whether that is in panels. */
  private final Map<Op, Boolean> gradients = new HashMap<>();

  private final Scratch scratch;
  private final CommandList commands;
  private final ValueMemory memory;
  private final LossCommands losses;
  private final UpdateCommands updates;

  /** The squares of values that products read. */
  private final Map<Value, float[]> squares = new HashMap<>();

  /**
   * Creates a compiler with the memory of inputs and states; computed values are added.
   *
   * @param defUse the def-use chains of the program
   * @param reals the memory of inputs of real numbers
   * @param integers the memory of integer values
   * @param states the states by their values
   */
  ProgramCompiler(
      Kernels kernels,
      WorkerPool pool,
      DefUse defUse,
      Map<Value, float[]> reals,
      Map<Value, int[]> integers,
      Map<Value, State> states) {
    this.kernels = kernels;
    panelWidth = kernels.panelWidth(Integer.MAX_VALUE);
    this.pool = pool;
    scratch = new Scratch(pool.threads());
    commands = new CommandList(pool);
    this.defUse = defUse;
    this.states = states;
    memory = new ValueMemory(pool, commands, defUse, reals, integers, states);
    losses = new LossCommands(kernels, commands, memory);
    updates = new UpdateCommands(kernels, pool, commands, memory, defUse, states);
    this.layouts = new HashMap<>();
    states.forEach(
        (value, state) -> {
          layouts.put(value, state.layout());
          if (state.layout().isInPanels() && state.layout().hasPlainOrder()) {
            inPanels.put(value, state);
          }
        });
  }

  /** Compiles the program to commands in order. */
  List<Command> compile(Program program) {
    var fused = new HashMap<Op, FusedUpdate>();
    var absorbed = new HashSet<Instruction>();
    for (Instruction instruction : program.instructions()) {
      switch (instruction.op()) {
        case Op.EulerStep op -> {
          FusedUpdate update = FusedUpdate.of(op, defUse, layouts);
          if (update != null) {
            fused.put(op, update);
            absorbed.addAll(update.absorbed());
            gradients.put(update.product(), updates.state(op.state()).layout().isInPanels());
          }
        }
        case Op.Permute op when isPartOfPanels(instruction, op.a()) -> absorbed.add(instruction);
        case Op.Reshape op when isPartOfPanels(instruction, op.a()) -> absorbed.add(instruction);
        case Op.Permute op when updates.isForUpdatesAlone(op, instruction.outputs().getFirst()) ->
            absorbed.add(instruction);
        case Op.Unary op when defUse.isForProductsAlone(op, instruction.outputs().getFirst()) ->
            absorbed.add(instruction);
        case Op.SumTo op when squaresOfRows(op) != null ->
            absorbed.add(Objects.requireNonNull(defUse.definition(op.a())));
        default -> {}
      }
    }
    panelValues = PanelValues.of(program, defUse, panelWidth, gradients, inPanels.keySet());
    List<Instruction> order = inOrder(program);
    for (Instruction instruction : order) {
      if (!absorbed.contains(instruction)) {
        memory.addInOrder(instruction);
      }
    }
    for (Instruction instruction : order) {
      FusedUpdate update = fused.get(instruction.op());
      if (update != null) {
        fused((Op.EulerStep) instruction.op(), update);
      } else if (!absorbed.contains(instruction)) {
        compile(instruction);
        flushSubnormals(instruction);
      }
      if (instruction.op() instanceof Op.Update changing) {
        memory.changedBy(changing);
      }
    }
    program.outputs().values().forEach(memory::provide);
    List<Command> all = commands.all();
    scratch.allocate();
    return all;
  }

  /**
   * Returns the instructions of a program, reordered so that elementwise operations directly follow
   * the product in panels whose result they use, where possible.
   */
  private List<Instruction> inOrder(Program program) {
    var order = new ArrayList<Instruction>();
    // Instructions after the last product in panels and the operations on its result.
    var later = new ArrayList<Instruction>();
    var known = new HashSet<Value>();
    for (Instruction instruction : program.instructions()) {
      boolean inPanels = panelValues.containsAll(instruction.outputs());
      List<Value> inputs = instruction.op().inputs();
      boolean isLoop =
          instruction.op() instanceof Op.ReluMoments
              || (isElementwise(instruction)
                  && inputs.stream()
                      .allMatch(value -> panelValues.contains(value) || value.shape().size() == 1));
      if (inPanels && !isLoop) {
        later.add(instruction);
        later.forEach(earlier -> known.addAll(earlier.outputs()));
        order.addAll(later);
        later.clear();
      } else if (inPanels && inputs.stream().allMatch(known::contains)) {
        order.add(instruction);
        known.addAll(instruction.outputs());
      } else {
        later.add(instruction);
      }
    }
    order.addAll(later);
    return order;
  }

  /**
   * Returns whether an instruction only passes a state in panels to products; if so, records that
   * its result is that state.
   */
  private boolean isPartOfPanels(Instruction instruction, Value operand) {
    State state =
        instruction.op() instanceof Op.Permute ? states.get(operand) : inPanels.get(operand);
    boolean part =
        state != null
            && state.layout().isInPanels()
            && defUse.isTransposedRightFactor(instruction, operand, state.layout());
    if (part) {
      inPanels.put(instruction.outputs().getFirst(), state);
    }
    return part;
  }

  /** Returns the memory of an output; null if nothing assigns it. */
  float @Nullable [] memory(Value output) {
    return memory.outside(output);
  }

  /** Allocates memory for the result of an instruction with one result. */
  private float[] fresh(Instruction instruction) {
    return memory.fresh(instruction.outputs().getFirst());
  }

  private void compile(Instruction instruction) {
    switch (instruction.op()) {
      case Op.Constant op -> Arrays.fill(fresh(instruction), (float) op.value());
      case Op.Literal op -> {
        float[] out = fresh(instruction);
        for (int i = 0; i < out.length; i++) {
          out[i] = op.values().get(i).floatValue();
        }
      }
      case Op.Unary op ->
          unary(op, memory.elementwise(instruction, instruction.outputs().getFirst()));
      case Op.Binary op -> binary(op, instruction);
      case Op.Affine op -> {
        float[] a = memory.real(op.a());
        float[] out = memory.elementwise(instruction, instruction.outputs().getFirst());
        float scale = (float) op.scale();
        float shift = (float) op.shift();
        commands.elementwise(
            out.length,
            CommandList.CHUNK,
            (from, to) -> Elementwise.affine(a, scale, shift, from, to, out));
      }
      case Op.SumTo op -> sum(op, fresh(instruction));
      case Op.BroadcastTo op -> broadcast(op, instruction.outputs().getFirst(), fresh(instruction));
      case Op.Reshape op -> reshape(op, instruction.outputs().getFirst());
      case Op.Permute op -> permute(op, instruction);
      case Op.MatMul op ->
          product(
              factor(op.a(), op.transposeA()), rightFactor(op.b(), op.transposeB()), instruction);
      case Op.VarianceProduct op ->
          product(squared(op.x(), false), rightFactor(op.s(), true).squared(), instruction);
      case Op.ReluMoments op -> {
        float[][] out = byOrder(op.orders(), instruction);
        float[] mean = memory.real(op.mean());
        float[] variance = memory.real(op.variance());
        commands.elementwise(
            mean.length,
            CommandList.COSTLY_CHUNK,
            (from, to) -> kernels.reluMoments(mean, variance, from, to - from, out));
      }
      case Op.LogDeterminant op ->
          commands.add(
              Determinants.logarithms(
                  pool,
                  memory.real(op.a()),
                  op.a().shape().dimension(0),
                  op.a().shape().dimension(1),
                  fresh(instruction)));
      case Op.InverseTranspose op ->
          commands.add(
              Determinants.inverseTransposes(
                  pool,
                  memory.real(op.a()),
                  op.a().shape().dimension(0),
                  op.a().shape().dimension(1),
                  fresh(instruction)));
      case Op.Softmax op -> losses.softmax(op, fresh(instruction));
      case Op.SoftmaxCrossEntropy op -> losses.crossEntropy(op, fresh(instruction));
      case Op.SoftmaxCrossEntropyGradient op -> losses.crossEntropyGradient(op, fresh(instruction));
      case Op.SquaredError op -> losses.squaredError(op, fresh(instruction));
      case Op.CorrectCount op -> losses.correctCount(op, fresh(instruction));
      case Op.AppendOnes op -> {
        float[] out = fresh(instruction);
        int width = op.a().shape().dimension(1);
        Arrays.fill(out, 1);
        columns(op.a(), 0, width, out, width + 1, 0);
      }
      case Op.SliceColumns op -> {
        int width = op.to() - op.from();
        columns(op.a(), op.from(), width, fresh(instruction), width, 0);
      }
      case Op.PadColumns op -> {
        int width = op.a().shape().dimension(1);
        float[] out = fresh(instruction);
        columns(op.a(), 0, width, out, op.before() + width + op.after(), op.before());
      }
      case Op.Update op -> updates.update(op);
    }
  }

  // ---- elementwise ----

  /**
   * Sets subnormal results to 0 where elementwise arithmetic ends and products or sums begin. Far
   * from its kink a moment almost vanishes, and so do the gradients behind it: a few thousandths of
   * subnormal elements made their product five times slower.
   */
  private void flushSubnormals(Instruction instruction) {
    if (!isElementwise(instruction)) {
      return;
    }
    Value result = instruction.outputs().getFirst();
    if (!defUse.readers(result).stream().allMatch(ProgramCompiler::isElementwise)) {
      float[] out = memory.real(result);
      // A product that updates a state flushes what it packs, but reads panels unchanged.
      boolean isGradient =
          panelValues.contains(result)
              && defUse.readers(result).stream().allMatch(r -> gradients.containsKey(r.op()));
      float least = isGradient ? MatrixProduct.LEAST_OF_GRADIENT : Float.MIN_NORMAL;
      commands.elementwise(
          out.length, CommandList.CHUNK, (from, to) -> kernels.flush(out, from, to - from, least));
    }
  }

  private static boolean isElementwise(Instruction instruction) {
    return switch (instruction.op()) {
      case Op.Unary op -> true;
      case Op.Binary op -> true;
      case Op.Affine op -> true;
      default -> false;
    };
  }

  private void unary(Op.Unary op, float[] out) {
    float[] a = memory.real(op.a());
    int size = out.length;
    switch (op.function()) {
      case NEGATE ->
          commands.elementwise(
              size, CommandList.CHUNK, (from, to) -> Elementwise.negate(a, from, to, out));
      case SQUARE ->
          commands.elementwise(
              size, CommandList.CHUNK, (from, to) -> Elementwise.square(a, from, to, out));
      case SQRT ->
          commands.elementwise(
              size, CommandList.CHUNK, (from, to) -> Elementwise.sqrt(a, from, to, out));
      case RECIPROCAL ->
          commands.elementwise(
              size, CommandList.CHUNK, (from, to) -> Elementwise.reciprocal(a, from, to, out));
      case EXP ->
          commands.elementwise(
              size, CommandList.COSTLY_CHUNK, (from, to) -> kernels.exp(a, from, to - from, out));
      case LOG ->
          commands.elementwise(
              size, CommandList.COSTLY_CHUNK, (from, to) -> kernels.log(a, from, to - from, out));
      case LOG1P ->
          commands.elementwise(
              size, CommandList.COSTLY_CHUNK, (from, to) -> kernels.log1p(a, from, to - from, out));
      case HEAVISIDE ->
          commands.elementwise(
              size, CommandList.CHUNK, (from, to) -> kernels.heaviside(a, from, to - from, out));
      case ERF ->
          commands.elementwise(
              size, CommandList.COSTLY_CHUNK, (from, to) -> kernels.erf(a, from, to - from, out));
      case SIN ->
          commands.elementwise(
              size, CommandList.COSTLY_CHUNK, (from, to) -> kernels.sin(a, from, to - from, out));
      case COS ->
          commands.elementwise(
              size, CommandList.COSTLY_CHUNK, (from, to) -> kernels.cos(a, from, to - from, out));
    }
  }

  /**
   * Operands of the result's shape are read in place. A repeated operand is first written into the
   * result, block by block, because the compiler vectorizes only two cases: all arrays have the
   * same index, or one operand is a single number.
   */
  private void binary(Op.Binary op, Instruction instruction) {
    Op.BinaryFunction f = op.function();
    if (isOuterProduct(op)) {
      var column =
          new MatrixProduct.Factor(memory.real(op.a()), 1, op.a().shape().size(), 1, false);
      var row = new MatrixProduct.Factor(memory.real(op.b()), 1, 1, op.b().shape().size(), false);
      product(column, row, instruction);
      return;
    }
    float[] a = memory.real(op.a());
    float[] b = memory.real(op.b());
    int size = op.outputShapes().getFirst().size();
    boolean sameIndex = (a.length == size || a.length == 1) && (b.length == size || b.length == 1);
    float[] out =
        sameIndex && size > 1
            ? memory.elementwise(instruction, instruction.outputs().getFirst())
            : fresh(instruction);
    Value result = instruction.outputs().getFirst();
    var plan =
        Broadcast.of(
                stored(result.shape(), result),
                stored(op.a().shape(), result),
                stored(op.b().shape(), result))
            .withRunsUpTo(REPEATED_BLOCK);
    boolean wholeA = a.length == out.length;
    boolean wholeB = b.length == out.length;
    if (wholeA && wholeB) {
      commands.elementwise(
          out.length,
          CommandList.CHUNK,
          (from, to) -> Elementwise.binary(kernels, f, a, b, from, to, out));
    } else if (wholeA && b.length == 1) {
      commands.elementwise(
          out.length,
          CommandList.CHUNK,
          (from, to) -> Elementwise.binary(f, a, b[0], from, to, out));
    } else if (wholeB && a.length == 1) {
      commands.elementwise(
          out.length,
          CommandList.CHUNK,
          (from, to) -> Elementwise.binary(f, a[0], b, from, to, out));
    } else if (wholeA) {
      repeating(
          plan,
          b,
          plan.b(),
          out,
          (from, to) ->
              Elementwise.binary(kernels, f, a, out, from * plan.inner(), to * plan.inner(), out));
    } else if (wholeB) {
      repeating(
          plan,
          a,
          plan.a(),
          out,
          (from, to) ->
              Elementwise.binary(kernels, f, out, b, from * plan.inner(), to * plan.inner(), out));
    } else if (plan.a().varies() && plan.b().varies()) {
      float[] repeated = new float[out.length];
      repeating(
          plan,
          a,
          plan.a(),
          out,
          (from, to) -> {
            plan.repeat(kernels, b, plan.b(), from, to, repeated);
            Elementwise.binary(
                kernels, f, out, repeated, from * plan.inner(), to * plan.inner(), out);
          });
    } else if (plan.a().varies()) {
      repeating(
          plan,
          a,
          plan.a(),
          out,
          (from, to) -> {
            for (int run = from; run < to; run++) {
              int start = run * plan.inner();
              float single = b[plan.offset(plan.b(), run)];
              Elementwise.binary(f, out, single, start, start + plan.inner(), out);
            }
          });
    } else {
      repeating(
          plan,
          b,
          plan.b(),
          out,
          (from, to) -> {
            for (int run = from; run < to; run++) {
              int start = run * plan.inner();
              float single = a[plan.offset(plan.a(), run)];
              Elementwise.binary(f, single, out, start, start + plan.inner(), out);
            }
          });
    }
  }

  /** Returns whether the result is the outer product of a column and a row. */
  private static boolean isOuterProduct(Op.Binary op) {
    Shape shape = op.outputShapes().getFirst();
    return op.function() == Op.BinaryFunction.MULTIPLY
        && shape.rank() == 2
        && op.a().shape().equals(Shape.of(shape.dimension(0), 1))
        && op.b().shape().equals(Shape.of(1, shape.dimension(1)));
  }

  /**
   * Returns the shape in memory of a value that is, or is broadcast to, a matrix possibly in
   * panels.
   */
  private Shape stored(Shape shape, Value matrix) {
    return panelValues.contains(matrix)
        ? PanelValues.stored(shape, matrix.shape(), panelWidth)
        : shape;
  }

  /**
   * Writes an operand into {@code out}, repeated by broadcasting, and runs the body over the same
   * runs, in blocks that stay in the cache.
   */
  private void repeating(
      Broadcast plan, float[] operand, Broadcast.Strides strides, float[] out, Loop body) {
    int runs = out.length == 0 ? 0 : plan.runs();
    int block = Math.max(1, REPEATED_BLOCK / Math.max(1, plan.inner()));
    commands.rowLoop(
        runs,
        plan.inner(),
        CommandList.CHUNK,
        (from, to) -> {
          for (int run = from; run < to; run += block) {
            int end = Math.min(to, run + block);
            plan.repeat(kernels, operand, strides, run, end, out);
            body.run(run, end);
          }
        });
  }

  private void broadcast(Op.BroadcastTo op, Value result, float[] out) {
    float[] a = memory.real(op.a());
    Shape source = stored(op.a().shape(), result);
    var plan = Broadcast.of(stored(op.shape(), result), source, source);
    commands.rowLoop(
        out.length == 0 ? 0 : plan.runs(),
        plan.inner(),
        CommandList.CHUNK,
        (from, to) -> plan.repeat(kernels, a, plan.a(), from, to, out));
  }

  private void reshape(Op.Reshape op, Value result) {
    if (!memory.share(result, op.a())) {
      // The memory of an input or a state changes at other times than a result.
      float[] a = memory.real(op.a());
      float[] out = memory.fresh(result);
      commands.elementwise(
          a.length,
          CommandList.CHUNK,
          (from, to) -> System.arraycopy(a, from, out, from, to - from));
    }
  }

  private void sum(Op.SumTo op, float[] out) {
    Value rows = squaresOfRows(op);
    if (rows != null) {
      commands.add(Summation.ofSquares(kernels, pool, memory.real(rows), rows.shape(), out));
      return;
    }
    Shape from = stored(op.a().shape(), op.a());
    Shape to = stored(op.shape(), op.a());
    commands.add(Summation.of(kernels, pool, memory.real(op.a()), from, out, to));
  }

  /**
   * Returns the value whose squared rows a sum adds up without storing the squares; null if none.
   */
  private @Nullable Value squaresOfRows(Op.SumTo op) {
    Instruction definition = defUse.definition(op.a());
    Shape shape = op.a().shape();
    return definition != null
            && definition.op() instanceof Op.Unary square
            && square.function() == Op.UnaryFunction.SQUARE
            && defUse.isReadOnce(op.a())
            && shape.rank() == 2
            && shape.dimension(1) > SHORT_ROW
            && op.shape().equals(Shape.of(shape.dimension(0), 1))
        ? square.a()
        : null;
  }

  private void permute(Op.Permute op, Instruction instruction) {
    State state = states.get(op.a());
    Value result = instruction.outputs().getFirst();
    if (state != null
        && state.layout().equals(Layout.ordered(op.axes()))
        && defUse.isReadBeforeUpdates(result)) {
      memory.showState(result, state);
      return;
    }
    commands.add(
        Permutation.of(pool, memory.real(op.a()), op.a().shape(), op.axes(), fresh(instruction)));
  }

  /** Copies {@code width} columns from column {@code from} of a to column {@code to} of out. */
  private void columns(Value a, int from, int width, float[] out, int outWidth, int to) {
    float[] source = memory.real(a);
    int rows = a.shape().dimension(0);
    int sourceWidth = a.shape().dimension(1);
    if (width == 0) {
      return;
    }
    commands.rowLoop(
        rows,
        width,
        CommandList.CHUNK,
        (fromRow, toRow) -> {
          for (int row = fromRow; row < toRow; row++) {
            System.arraycopy(source, row * sourceWidth + from, out, row * outWidth + to, width);
          }
        });
  }

  // ---- products and moments ----

  /** Returns the right factor of a product. */
  private MatrixProduct.Factor rightFactor(Value matrices, boolean transposed) {
    Instruction definition = defUse.definition(matrices);
    if (definition != null
        && definition.op() instanceof Op.Unary square
        && defUse.isForProductsAlone(square, matrices)
        && defUse.comesFromState(matrices, layouts.keySet())) {
      return rightFactor(square.a(), transposed).squared();
    }
    State state = inPanels.get(matrices);
    return state != null && transposed && matrices.shape().rank() == 2
        ? MatrixProduct.Factor.inPanels(
            state.elements(),
            /* rows= */ state.layout().columns(state.shape()),
            /* columns= */ state.layout().rows(state.shape()))
        : factor(matrices, transposed);
  }

  /** Returns a matrix, or a stack of them. */
  private MatrixProduct.Factor factor(Value matrices, boolean transposed) {
    Instruction definition = defUse.definition(matrices);
    if (definition != null
        && definition.op() instanceof Op.Unary square
        && defUse.isForProductsAlone(square, matrices)) {
      return squared(square.a(), transposed);
    }
    return factor(memory.real(matrices), matrices, transposed);
  }

  /**
   * Returns the squares of matrices. Products square states while they read them; the squares of
   * values computed for a batch are stored, as several products may read them.
   */
  private MatrixProduct.Factor squared(Value matrices, boolean transposed) {
    if (defUse.comesFromState(matrices, layouts.keySet())) {
      return factor(matrices, transposed).squared();
    }
    float[] a = memory.real(matrices);
    float[] known = squares.get(matrices);
    float[] out = known == null ? new float[a.length] : known;
    if (known == null) {
      squares.put(matrices, out);
      commands.elementwise(
          out.length, CommandList.CHUNK, (from, to) -> Elementwise.square(a, from, to, out));
    }
    return factor(out, matrices, transposed);
  }

  /** Wraps the memory of a value, or of what is computed from its elements. */
  private MatrixProduct.Factor factor(float[] elements, Value matrices, boolean transposed) {
    Shape shape = matrices.shape();
    if (panelValues.contains(matrices)) {
      var factor = MatrixProduct.Factor.inPanels(elements, shape.dimension(0), shape.dimension(1));
      return transposed ? factor.transpose() : factor;
    }
    int rank = shape.rank();
    return new MatrixProduct.Factor(
        elements,
        rank == 3 ? shape.dimension(0) : 1,
        shape.dimension(rank - 2),
        shape.dimension(rank - 1),
        transposed);
  }

  private void product(MatrixProduct.Factor a, MatrixProduct.Factor b, Instruction instruction) {
    float[] out = memory.temporary(instruction.outputs().getFirst());
    if (panelValues.contains(instruction.outputs().getFirst())) {
      commands.product(
          out.length,
          CommandList.CHUNK,
          (next, chunk) ->
              MatrixProduct.intoPanels(kernels, pool, scratch, a, b, out, next, chunk));
    } else if (VectorProduct.fits(a, b)) {
      commands.add(new VectorProduct(kernels, pool, a, b, out));
    } else {
      commands.add(new MatrixProduct(kernels, pool, scratch, a, b, out));
    }
  }

  /**
   * Returns the results of orders 0 to 4. Unused orders share the memory of a lower one, which is
   * written later.
   */
  private float[][] byOrder(List<Integer> orders, Instruction instruction) {
    float[][] out = new float[ORDERS][];
    for (int order = 0; order < ORDERS; order++) {
      int index = orders.indexOf(order);
      if (index >= 0) {
        out[order] = memory.elementwise(instruction, instruction.outputs().get(index));
      } else {
        int size = instruction.outputs().getFirst().shape().size();
        out[order] = order > 0 ? out[order - 1] : new float[size];
      }
    }
    return out;
  }

  // ---- gradients that are added to states as they are computed ----

  private void fused(Op.EulerStep step, FusedUpdate fused) {
    State state = updates.state(step.state());
    if (state.layout().isInPanels()) {
      fusedInPanels(step, fused, state);
      return;
    }
    float[] theta = state.elements();
    float[] rate = memory.real(step.rate());
    float[] scales = memory.real(step.scale());
    Op.MatMul product = fused.product();
    int width = product.columns();
    float[] x = fused.x() == null ? null : memory.real(fused.x());
    float scale = (float) fused.scale();
    float shift = (float) fused.shift();
    commands.add(
        new MatrixProduct(
            kernels,
            pool,
            scratch,
            factor(product.a(), product.transposeA()),
            factor(product.b(), product.transposeB()),
            (fromRow, rows, fromColumn, columns, part, offset, stride) -> {
              for (int i = 0; i < rows; i++) {
                int row = fromRow + i;
                int at = row * width + fromColumn;
                int g = offset + i * stride;
                if (x != null) {
                  kernels.multiplyByAffine(part, g, x, at, columns, scale, shift);
                }
                float h = rate[0] * scales[row % scales.length];
                kernels.descend(theta, at, part, g, columns, h);
              }
            }));
  }

  /** Fuses with the transpose of the product, whose columns are the rows of the layout. */
  private void fusedInPanels(Op.EulerStep step, FusedUpdate fused, State state) {
    float[] rate = memory.real(step.rate());
    float[] scales = memory.real(step.scale());
    Op.MatMul product = fused.product();
    float[] steps = new float[product.rows()];
    commands.elementwise(
        steps.length,
        CommandList.CHUNK,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            steps[row] = rate[0] * scales[row % scales.length];
          }
        });
    boolean scaled = fused.x() != null;
    commands.add(
        new MatrixProduct(
            kernels,
            pool,
            scratch,
            factor(product.b(), !product.transposeB()),
            factor(product.a(), !product.transposeA()),
            new MatrixProduct.Descent(
                state.elements(),
                steps,
                scaled ? (float) fused.scale() : 0,
                scaled ? (float) fused.shift() : 1)));
  }
}
