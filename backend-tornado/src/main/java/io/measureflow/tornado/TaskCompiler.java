package io.measureflow.tornado;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.tornado.Launch.Kernel;
import io.measureflow.tornado.Launch.OnMemory;
import io.measureflow.tornado.Launch.WithLabels;
import io.measureflow.tornado.ProductKernels.Factor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Compiles instructions to tasks on the memory of a program. Constants, reshaped values and empty
 * values need no task.
 */
final class TaskCompiler {

  /** The number of elements above which a processor splits a sum. */
  private static final int CHUNK = 4096;

  private static final int ORDERS = Op.ReluMoments.MAX_ORDER + 1;

  private final Geometry geometry;
  private final Layout layout;
  private final Map<Value, IntArray> labels;
  private final Set<Value> changed = new HashSet<>();
  private final List<Launch> launches = new ArrayList<>();
  private String operation = "";

  /**
   * Creates a compiler for one program.
   *
   * @param labels the arrays of integer inputs
   */
  TaskCompiler(Geometry geometry, Layout layout, Map<Value, IntArray> labels) {
    this.geometry = geometry;
    this.layout = layout;
    this.labels = labels;
  }

  /** Compiles a program to tasks in order. */
  List<Launch> compile(Program program) {
    for (Instruction instruction : program.instructions()) {
      if (instruction.op() instanceof Op.Update update) {
        changed.addAll(update.changed());
      }
    }
    boolean updating = false;
    for (Instruction instruction : program.instructions()) {
      if (instruction.op() instanceof Op.Update && !updating) {
        placeOutputs();
        updating = true;
      }
      operation = instruction.op().getClass().getSimpleName();
      compile(instruction);
    }
    if (!updating) {
      placeOutputs();
    }
    return List.copyOf(launches);
  }

  /** Copies outputs that share the place of another value to their own place. */
  private void placeOutputs() {
    operation = "Output";
    layout
        .misplacedOutputs()
        .forEach((value, to) -> copy(value.shape().size(), layout.of(value), to));
  }

  private void compile(Instruction instruction) {
    switch (instruction.op()) {
      case Op.Constant op -> {
        float[] values = new float[op.shape().size()];
        Arrays.fill(values, (float) op.value());
        layout.constant(instruction.outputs().getFirst(), values);
      }
      case Op.Literal op -> {
        float[] values = new float[op.shape().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = op.values().get(i).floatValue();
        }
        layout.constant(instruction.outputs().getFirst(), values);
      }
      case Op.Unary op -> unary(op, place(instruction));
      case Op.Binary op ->
          map(
              switch (op.function()) {
                case ADD -> MapKernels.ADD;
                case SUBTRACT -> MapKernels.SUBTRACT;
                case MULTIPLY -> MapKernels.MULTIPLY;
                case DIVIDE -> MapKernels.DIVIDE;
                case MAXIMUM -> MapKernels.MAXIMUM;
                case MINIMUM -> MapKernels.MINIMUM;
              },
              op.outputShapes().getFirst(),
              op.a(),
              op.b(),
              place(instruction));
      case Op.Affine op -> {
        int numbers = layout.constants((float) op.scale(), (float) op.shift());
        flat(MapKernels.AFFINE, op.a(), place(instruction), numbers);
      }
      case Op.SumTo op -> sum(op.a().shape(), layout.of(op.a()), op.shape(), place(instruction), 1);
      case Op.BroadcastTo op ->
          map(MapKernels.COPY, op.shape(), op.a(), op.a(), place(instruction));
      case Op.Reshape op -> reshape(op, instruction.outputs().getFirst());
      case Op.Permute op -> permute(op, place(instruction));
      case Op.MatMul op ->
          product(
              op.count(),
              op.rows(),
              op.columns(),
              op.inner(),
              factor(op.a(), op.transposeA()),
              factor(op.b(), op.transposeB()),
              false,
              place(instruction));
      case Op.VarianceProduct op ->
          product(
              1,
              op.x().shape().dimension(0),
              op.s().shape().dimension(0),
              op.x().shape().dimension(1),
              factor(op.x(), false),
              factor(op.s(), true),
              true,
              place(instruction));
      case Op.ReluMoments op -> moments(op, instruction);
      case Op.LogDeterminant op ->
          determinants(op.a(), place(instruction), DeterminantKernels::logarithms);
      case Op.InverseTranspose op ->
          determinants(
              op.a(),
              place(instruction),
              geometry.doublePrecision()
                  ? DeterminantKernels::refinedInverses
                  : DeterminantKernels::inverses);
      case Op.Softmax op -> {
        int width = op.a().shape().dimension(op.a().shape().rank() - 1);
        int rows = width == 0 ? 0 : op.a().shape().size() / width;
        rows(LossKernels::softmax, rows, width, op.a(), place(instruction));
      }
      case Op.SoftmaxCrossEntropy op ->
          mean(LossKernels::crossEntropy, op.logits(), op.labels(), true, place(instruction));
      case Op.SoftmaxCrossEntropyGradient op ->
          rows(LossKernels::crossEntropyGradient, op.logits(), op.labels(), place(instruction));
      case Op.CorrectCount op ->
          mean(LossKernels::correct, op.logits(), op.labels(), false, place(instruction));
      case Op.SquaredError op -> squaredError(op, place(instruction));
      case Op.AppendOnes op -> {
        int rows = op.a().shape().dimension(0);
        int width = op.a().shape().dimension(1);
        int out = place(instruction);
        columns(op.a(), 0, width, out, width + 1);
        fill(1, rows, 1, out + width, width + 1);
      }
      case Op.SliceColumns op -> {
        int width = op.to() - op.from();
        columns(op.a(), op.from(), width, place(instruction), width);
      }
      case Op.PadColumns op -> {
        int rows = op.a().shape().dimension(0);
        int width = op.a().shape().dimension(1);
        int whole = op.before() + width + op.after();
        int out = place(instruction);
        fill(0, rows, op.before(), out, whole);
        columns(op.a(), 0, width, out + op.before(), whole);
        fill(0, rows, op.after(), out + op.before() + width, whole);
      }
      case Op.Select op -> select(op, place(instruction));
      case Op.MaxTo op -> maximum(MaximumKernels::each, op.a(), op.shape(), place(instruction));
      case Op.FirstMaximum op ->
          maximum(MaximumKernels::marks, op.a(), op.shape(), place(instruction));
      case Op.OneHot op -> {
        Shape shape = op.outputShapes().getFirst();
        indexed(IndexKernels::oneHot, op.labels(), 0, shape, place(instruction), 1);
      }
      case Op.Gather op -> {
        Shape shape = op.outputShapes().getFirst();
        int a = layout.of(op.a());
        indexed(IndexKernels::gather, op.indices(), a, shape, place(instruction), 1);
      }
      case Op.ScatterAdd op -> {
        Shape shape = op.outputShapes().getFirst();
        int work = Math.max(1, op.indices().shape().dimension(0));
        int a = layout.of(op.a());
        indexed(IndexKernels::scatterAdd, op.indices(), a, shape, place(instruction), work);
      }
      case Op.Random op -> random(op, place(instruction));
      case SpatialOp op -> spatial(op, place(instruction));
      case Op.Assign op ->
          copy(op.state().shape().size(), layout.of(op.value()), layout.of(op.state()));
      case Op.EulerStep op -> {
        if (geometry.processor()) {
          update(UpdateKernels::eulerBlocks, op.state(), op.gradient(), op.scale(), op.rate());
        } else {
          update(UpdateKernels::eulerStrided, op.state(), op.gradient(), op.scale(), op.rate());
        }
      }
      case Op.MomentumStep op ->
          update(
              UpdateKernels::momentum,
              op.state(),
              op.gradient(),
              op.scale(),
              op.rate(),
              layout.of(op.velocity()),
              layout.constants((float) op.momentum()),
              op.nesterov() ? 1 : 0);
      case Op.AdamStep op ->
          update(
              UpdateKernels::adam,
              op.state(),
              op.gradient(),
              op.scale(),
              op.rate(),
              layout.of(op.first()),
              layout.of(op.second()),
              layout.of(op.stepNumber()),
              layout.constants(
                  (float) op.beta1(),
                  (float) op.beta2(),
                  (float) (1 - op.beta1()),
                  (float) (1 - op.beta2()),
                  (float) Math.log(op.beta1()),
                  (float) Math.log(op.beta2()),
                  (float) op.epsilon(),
                  (float) op.weightDecay()));
      case Op.LogNormalize op -> {
        int n = op.state().shape().size();
        int[] parameters = UpdateKernels.parameters(n, n, layout.of(op.state()));
        add(new OnMemory(UpdateKernels::logNormalize), parameters, new Grid(1, 1));
      }
    }
  }

  // ---- tasks ----

  private int place(Instruction instruction) {
    return layout.place(instruction.outputs().getFirst());
  }

  private void add(Kernel kernel, int[] parameters, Grid grid) {
    launches.add(Launch.of(operation, kernel, parameters, grid));
  }

  private void copy(int size, int from, int to) {
    int numbers = layout.constants(0, 0);
    int[] parameters = MapKernels.flat(MapKernels.COPY, size, from, 1, from, 1, to, 1, numbers);
    flat(size, parameters);
  }

  private void flat(int size, int[] parameters) {
    if (size > 0) {
      add(
          geometry.processor()
              ? new OnMemory(MapKernels::flatBlocks)
              : new OnMemory(MapKernels::flatStrided),
          parameters,
          geometry.elements(size));
    }
  }

  private void select(Op.Select op, int out) {
    int size = op.condition().shape().size();
    if (size > 0) {
      int condition = layout.of(op.condition());
      add(
          geometry.processor()
              ? new OnMemory(MapKernels::selectBlocks)
              : new OnMemory(MapKernels::selectStrided),
          MapKernels.select(size, condition, layout.of(op.a()), layout.of(op.b()), out),
          geometry.elements(size));
    }
  }

  /** Adds an operation on every element of one operand. */
  private void flat(int op, Value a, int out, int numbers) {
    int size = a.shape().size();
    int at = layout.of(a);
    flat(size, MapKernels.flat(op, size, at, 1, at, 1, out, 1, numbers));
  }

  /** Adds an operation on two operands that broadcast. */
  private void map(int op, Shape shape, Value a, Value b, int out) {
    int[] aStrides = Strided.broadcast(a.shape(), shape);
    int[] bStrides = Strided.broadcast(b.shape(), shape);
    int[] outStrides = Strided.broadcast(shape, shape);
    int[] sizes = Strided.sizes(shape);
    map(op, sizes, layout.of(a), aStrides, layout.of(b), bStrides, out, outStrides);
  }

  private void map(
      int op, int[] sizes, int a, int[] aStrides, int b, int[] bStrides, int out, int[] to) {
    int size = sizes[0] * sizes[1] * sizes[2] * sizes[3];
    if (size == 0) {
      return;
    }
    int numbers = layout.constants(0, 0);
    var strided = Strided.of(sizes, aStrides, bStrides, to);
    int[] ofA = strided.strides(0);
    int[] ofB = strided.strides(1);
    int[] ofOut = strided.strides(2);
    if (strided.isFlat()) {
      int last = Strided.LAST;
      flat(size, MapKernels.flat(op, size, a, ofA[last], b, ofB[last], out, ofOut[last], numbers));
      return;
    }
    int[] parameters = MapKernels.general(op, strided.sizes(), a, ofA, b, ofB, out, ofOut, numbers);
    if (geometry.processor()) {
      int width = strided.sizes()[Strided.LAST];
      add(new OnMemory(MapKernels::rowBlocks), parameters, geometry.rows(size / width, width));
    } else {
      add(new OnMemory(MapKernels::elementsStrided), parameters, geometry.elements(size));
    }
  }

  /** Copies columns from {@code from} on of a matrix to one with rows {@code stride} apart. */
  private void columns(Value a, int from, int width, int out, int stride) {
    int[] sizes = {1, 1, a.shape().dimension(0), width};
    int[] strides = {0, 0, a.shape().dimension(1), 1};
    int at = layout.of(a) + from;
    map(MapKernels.COPY, sizes, at, strides, at, strides, out, new int[] {0, 0, stride, 1});
  }

  /** Fills some columns with a number. */
  private void fill(float value, int rows, int width, int out, int stride) {
    int number = layout.constants(value);
    int[] sizes = {1, 1, rows, width};
    int[] none = {0, 0, 0, 0};
    map(MapKernels.COPY, sizes, number, none, number, none, out, new int[] {0, 0, stride, 1});
  }

  private void unary(Op.Unary op, int out) {
    int none = layout.constants(0, 0);
    switch (op.function()) {
      case NEGATE -> flat(MapKernels.NEGATE, op.a(), out, none);
      case SQUARE -> flat(MapKernels.SQUARE, op.a(), out, none);
      case SQRT -> flat(MapKernels.SQRT, op.a(), out, none);
      case RECIPROCAL -> flat(MapKernels.RECIPROCAL, op.a(), out, none);
      case HEAVISIDE -> flat(MapKernels.HEAVISIDE, op.a(), out, none);
      case POSITIVE -> flat(MapKernels.POSITIVE, op.a(), out, none);
      case EXP -> function(Functions.EXP, op.a(), out);
      case LOG -> function(Functions.LOG, op.a(), out);
      case LOG1P -> function(Functions.LOG1P, op.a(), out);
      case ERF -> function(Functions.ERF, op.a(), out);
      case SIN -> sine(Functions.SIN, op.a(), out);
      case COS -> sine(Functions.COS, op.a(), out);
    }
  }

  private void sine(int function, Value a, int out) {
    int size = a.shape().size();
    if (!geometry.doublePrecision()) {
      function(function, a, out);
    } else if (size > 0) {
      int table = layout.constants(SineKernels.table());
      int quarters = function == Functions.SIN ? 0 : 1;
      add(
          new OnMemory(SineKernels::sine),
          SineKernels.parameters(size, layout.of(a), out, quarters, table),
          geometry.elements(8L * size));
    }
  }

  private void function(int function, Value a, int out) {
    int size = a.shape().size();
    if (size > 0) {
      add(
          geometry.processor()
              ? new OnMemory(MapKernels::functionBlocks)
              : new OnMemory(MapKernels::functionStrided),
          MapKernels.function(function, size, layout.of(a), out),
          geometry.elements(size));
    }
  }

  private void reshape(Op.Reshape op, Value result) {
    if (changed.contains(op.a())) {
      // A state that changes at the end of the run must be read before that.
      copy(result.shape().size(), layout.of(op.a()), layout.place(result));
    } else {
      layout.alias(result, op.a());
    }
  }

  private void permute(Op.Permute op, int out) {
    int rank = op.axes().size();
    int[] own = Strided.broadcast(op.a().shape(), op.a().shape());
    int[] strides = new int[Shape.MAX_RANK];
    int lead = Shape.MAX_RANK - rank;
    for (int axis = 0; axis < rank; axis++) {
      strides[lead + axis] = own[lead + op.axes().get(axis)];
    }
    Shape shape = op.outputShapes().getFirst();
    int at = layout.of(op.a());
    int[] to = Strided.broadcast(shape, shape);
    map(MapKernels.COPY, Strided.sizes(shape), at, strides, at, strides, out, to);
  }

  // ---- products and moments ----

  /** Returns a matrix or a stack of them. */
  private Factor factor(Value matrices, boolean transposed) {
    Shape shape = matrices.shape();
    int rank = shape.rank();
    int rows = shape.dimension(rank - 2);
    int columns = shape.dimension(rank - 1);
    int offset = layout.of(matrices);
    return transposed
        ? new Factor(offset, 1, columns, rows * columns)
        : new Factor(offset, columns, 1, rows * columns);
  }

  private void product(
      int count, int rows, int columns, int inner, Factor a, Factor b, boolean square, int out) {
    long tiles = ProductKernels.tiles(count, rows, columns);
    if (tiles > 0) {
      add(
          geometry.processor()
              ? new OnMemory(ProductKernels::blocks)
              : new OnMemory(ProductKernels::tiled),
          ProductKernels.parameters(count, rows, columns, inner, a, b, out, square),
          geometry.tiles(tiles));
    }
  }

  private void moments(Op.ReluMoments op, Instruction instruction) {
    int size = op.mean().shape().size();
    int[] out = new int[ORDERS];
    Arrays.fill(out, -1);
    for (int result = 0; result < op.orders().size(); result++) {
      out[op.orders().get(result)] = layout.place(instruction.outputs().get(result));
    }
    if (size > 0) {
      Task3<KernelContext, IntArray, FloatArray> method =
          !geometry.doublePrecision()
              ? MomentKernels::strided32
              : geometry.processor() ? MomentKernels::blocks64 : MomentKernels::strided64;
      add(
          new OnMemory(method),
          MomentKernels.parameters(size, layout.of(op.mean()), layout.of(op.variance()), out),
          geometry.elements(4L * size));
    }
  }

  private void determinants(Value a, int out, Task3<KernelContext, IntArray, FloatArray> method) {
    int count = a.shape().dimension(0);
    int size = a.shape().dimension(1);
    if (count > 0) {
      int scratch = layout.take(DeterminantKernels.scratch(count, size));
      add(
          new OnMemory(method),
          DeterminantKernels.parameters(count, size, layout.of(a), out, scratch),
          geometry.rows(count, (long) size * size * size));
    }
  }

  // ---- sums, losses and metrics ----

  /** Sums {@code from} to a shape that broadcasts to it, times a factor. */
  private void sum(Shape from, int a, Shape to, int out, float factor) {
    if (to.size() == 0) {
      return;
    }
    int scale = layout.constants(factor);
    if (geometry.processor() && to.size() == 1 && from.size() > CHUNK) {
      int parts = Math.ceilDiv(from.size(), CHUNK);
      int partial = layout.take(parts);
      add(
          new OnMemory(SumKernels::chunks),
          SumKernels.chunks(from.size(), CHUNK, a, partial),
          geometry.rows(parts, CHUNK));
      sum(Shape.of(parts), partial, Shape.SCALAR, out, factor);
      return;
    }
    int[] parameters = reduction(from, a, to, out, scale);
    long terms = from.size() / to.size();
    if (!geometry.processor() && terms >= SumKernels.GROUP) {
      add(new OnMemory(SumKernels::groups), parameters, geometry.sums(to.size()));
    } else {
      add(new OnMemory(SumKernels::each), parameters, geometry.rows(to.size(), terms));
    }
  }

  /** Returns the parameters of a sum or a maximum over dimensions. */
  private static int[] reduction(Shape from, int a, Shape to, int out, int scale) {
    int[] sizes = Strided.sizes(from);
    int[] kept = Strided.sizes(to);
    int[] strides = Strided.broadcast(from, from);
    int[] reduced = new int[Shape.MAX_RANK];
    for (int axis = 0; axis < Shape.MAX_RANK; axis++) {
      reduced[axis] = kept[axis] == sizes[axis] ? 1 : sizes[axis];
    }
    return SumKernels.parameters(kept, strides, reduced, strides, a, out, scale);
  }

  private void maximum(
      Task3<KernelContext, IntArray, FloatArray> method, Value a, Shape to, int out) {
    if (to.size() > 0) {
      add(
          new OnMemory(method),
          reduction(a.shape(), layout.of(a), to, out, 0),
          geometry.rows(to.size(), a.shape().size() / to.size()));
    }
  }

  // ---- indices, random numbers, images ----

  private IntArray integers(Value value) {
    IntArray integers = labels.get(value);
    if (integers == null) {
      throw new IllegalArgumentException("expected an integer input, found " + value);
    }
    return integers;
  }

  /**
   * Adds a choice of rows.
   *
   * @param a the offset of the operand
   * @param work the work per element of the result
   */
  private void indexed(
      Task4<KernelContext, IntArray, FloatArray, IntArray> method,
      Value indices,
      int a,
      Shape result,
      int out,
      int work) {
    int size = result.size();
    if (size > 0) {
      int count = indices.shape().dimension(0);
      add(
          new WithLabels(method, integers(indices)),
          IndexKernels.parameters(size, result.dimension(1), count, a, out),
          geometry.rows(size, work));
    }
  }

  private void random(Op.Random op, int out) {
    int size = op.shape().size();
    if (size > 0) {
      int normal = op.distribution() == Op.Distribution.NORMAL ? 1 : 0;
      int step = layout.of(op.step());
      add(
          new OnMemory(RandomKernels::draw),
          RandomKernels.parameters(size, op.seed(), op.stream(), step, normal, out),
          geometry.rows(Math.ceilDiv(size, 4), 64));
    }
  }

  private void spatial(SpatialOp spatial, int out) {
    Shape result = spatial.outputShapes().getFirst();
    Value a = spatial.inputs().getFirst();
    int gradient = spatial instanceof SpatialOp.MaxPoolGradient op ? layout.of(op.g()) : 0;
    Shape images =
        switch (spatial) {
          case SpatialOp.Patches _, SpatialOp.MaxPool _, SpatialOp.AveragePool _ -> a.shape();
          case SpatialOp.PatchesAdjoint _,
              SpatialOp.MaxPoolGradient _,
              SpatialOp.AveragePoolAdjoint _ ->
              result;
        };
    int channels = images.size() / spatial.window().pixels();
    if (result.size() == 0) {
      return;
    }
    Task3<KernelContext, IntArray, FloatArray> method =
        switch (spatial) {
          case SpatialOp.Patches _ -> ImageKernels::patches;
          case SpatialOp.PatchesAdjoint _ -> ImageKernels::patchesAdjoint;
          case SpatialOp.MaxPool _ -> ImageKernels::maxPool;
          case SpatialOp.MaxPoolGradient _ -> ImageKernels::maxPoolGradient;
          case SpatialOp.AveragePool _ -> ImageKernels::averagePool;
          case SpatialOp.AveragePoolAdjoint _ -> ImageKernels::averagePoolAdjoint;
        };
    add(
        new OnMemory(method),
        ImageKernels.parameters(
            result.size(), spatial.window(), channels, layout.of(a), gradient, out),
        geometry.rows(result.size(), spatial.window().kernelSize()));
  }

  // ---- rows ----

  private void rows(
      Task3<KernelContext, IntArray, FloatArray> method, int rows, int width, Value a, int out) {
    if (rows > 0) {
      int[] parameters = LossKernels.parameters(rows, width, layout.of(a), out);
      add(new OnMemory(method), parameters, geometry.rows(rows, 16L * width));
    }
  }

  private void rows(
      Task4<KernelContext, IntArray, FloatArray, IntArray> method,
      Value logits,
      Value labelled,
      int out) {
    int rows = logits.shape().dimension(0);
    int width = logits.shape().dimension(1);
    if (rows > 0 && width > 0) {
      add(
          new WithLabels(method, integers(labelled)),
          LossKernels.parameters(rows, width, layout.of(logits), out),
          geometry.rows(rows, 16L * width));
    }
  }

  /** Adds the sum or the mean of a number per row. */
  private void mean(
      Task4<KernelContext, IntArray, FloatArray, IntArray> method,
      Value logits,
      Value labelled,
      boolean mean,
      int out) {
    int rows = logits.shape().dimension(0);
    int perRow = layout.take(rows);
    rows(method, logits, labelled, perRow);
    sum(Shape.of(rows), perRow, Shape.SCALAR, out, mean ? 1f / Math.max(1, rows) : 1f);
  }

  private void squaredError(Op.SquaredError op, int out) {
    Shape shape = op.prediction().shape();
    int difference = layout.take(shape.size());
    map(MapKernels.SUBTRACT, shape, op.prediction(), op.target(), difference);
    int none = layout.constants(0, 0);
    flat(
        shape.size(),
        MapKernels.flat(
            MapKernels.SQUARE, shape.size(), difference, 1, difference, 1, difference, 1, none));
    sum(shape, difference, Shape.SCALAR, out, 0.5f / Math.max(1, shape.dimension(0)));
  }

  // ---- updates ----

  private void update(
      Task3<KernelContext, IntArray, FloatArray> method,
      Value state,
      Value gradient,
      Value scale,
      Value rate,
      int... more) {
    int size = state.shape().size();
    if (size == 0) {
      return;
    }
    int width = scale.shape().rank() == 0 ? size : size / scale.shape().size();
    int[] arrays = new int[4 + more.length];
    arrays[0] = layout.of(state);
    arrays[1] = layout.of(gradient);
    arrays[2] = layout.of(scale);
    arrays[3] = layout.of(rate);
    System.arraycopy(more, 0, arrays, 4, more.length);
    add(
        new OnMemory(method),
        UpdateKernels.parameters(size, width, arrays),
        geometry.elements(size));
  }
}
