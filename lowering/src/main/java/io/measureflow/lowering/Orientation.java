package io.measureflow.lowering;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Pass 2: chooses the computed values whose first axis, the batch, is the innermost one in memory.
 * Those of images [H W B, C] are [C, H, W, B] then: the same pixel of all images is contiguous.
 *
 * <p>A product X M' then is computed as M X': the parameters M, larger than the batch X, are read
 * row by row as they lie, X alone is packed, and the units of a layer are rows, so that whatever is
 * done with the activations of a unit, and with the gradients of its parameters, is done where they
 * are in the cache.
 */
final class Orientation {

  /** Batches of no more rows are left as they are, and not shared out by rows. */
  static final int FEW_ROWS = 4;

  /** Outputs of fewer elements are left as they are; larger ones are transposed at the end. */
  private static final int LARGE = 1 << 13;

  private final DefUse defUse;
  private final PatchProducts patches;
  private final Flattening flattening;

  /** The groups that have this orientation wherever they support it: those of images. */
  private final Set<Value> images = new HashSet<>();

  private final Groups groups = new Groups();

  private Orientation(DefUse defUse, PatchProducts patches, Flattening flattening) {
    this.defUse = defUse;
    this.patches = patches;
    this.flattening = flattening;
  }

  /**
   * Returns the values with the batch innermost. Values connected by elementwise operations have
   * the same orientation: this one, if all their writers and readers support it and the right
   * factors of the products among the writers, mostly parameters, are larger together than the left
   * ones.
   */
  static Set<Value> of(
      Program program, DefUse defUse, PatchProducts patches, Flattening flattening) {
    return new Orientation(defUse, patches, flattening).of(program);
  }

  private Set<Value> of(Program program) {
    var values = new LinkedHashSet<Value>();
    for (Instruction instruction : program.instructions()) {
      if (instruction.outputs().stream().anyMatch(flattening::isBetween)) {
        continue;
      }
      values.addAll(instruction.outputs());
      for (Value connected : connected(instruction)) {
        values.add(connected);
        groups.join(instruction.outputs().getFirst(), connected);
      }
    }
    patches
        .requirements()
        .values()
        .forEach(required -> required.forEach(value -> images.add(groups.of(value))));
    spreadImages(program);
    var flattened = new HashSet<Value>();
    for (Flattening.Change change : flattening.changes()) {
      if (isImage(change.images())) {
        flattened.add(groups.of(change.rows()));
      }
    }
    // What is transposed to be packed, otherwise: each distinct factor once. With the batch
    // innermost outputs are transposed, too.
    var rightFactors = new HashMap<Value, Map<Value, Integer>>();
    var leftFactors = new HashMap<Value, Map<Value, Integer>>();
    var excluded = new HashSet<Value>();
    for (Value value : values) {
      if (!isSupported(value)) {
        excluded.add(groups.of(value));
      } else {
        if (defUse.isOutput(value)) {
          group(leftFactors, groups.of(value)).put(value, value.shape().size());
        }
        Op op = operation(value);
        if (op instanceof Op.MatMul product) {
          group(leftFactors, groups.of(value)).put(product.a(), product.a().shape().size());
          group(rightFactors, groups.of(value)).put(product.b(), product.b().shape().size());
        } else if (op instanceof Op.VarianceProduct product) {
          group(leftFactors, groups.of(value)).put(product.x(), product.x().shape().size());
          group(rightFactors, groups.of(value)).put(product.s(), product.s().shape().size());
        }
      }
    }
    return values.stream()
        .filter(value -> !excluded.contains(groups.of(value)))
        .filter(
            value ->
                isImage(value)
                    || flattened.contains(groups.of(value))
                    || total(rightFactors.get(groups.of(value)))
                        > total(leftFactors.get(groups.of(value))))
        .collect(Collectors.toSet());
  }

  /** Adds the groups of what is computed from images for each pixel. */
  private void spreadImages(Program program) {
    boolean more = true;
    while (more) {
      more = false;
      for (Instruction instruction : program.instructions()) {
        if (instruction.op() instanceof Op.MatMul product
            && product.count() == 1
            && !product.transposeA()
            && images.contains(groups.of(product.a()))) {
          more |= images.add(groups.of(instruction.outputs().getFirst()));
        } else if (instruction.op() instanceof Op.VarianceProduct product
            && images.contains(groups.of(product.x()))) {
          more |= images.add(groups.of(instruction.outputs().getFirst()));
        }
      }
    }
  }

  /** Groups of values with the same orientation, each represented by one of them. */
  private static final class Groups {
    private final Map<Value, Value> parents = new HashMap<>();

    void join(Value a, Value b) {
      parents.put(of(a), of(b));
    }

    /** Returns the value that represents the group. */
    Value of(Value value) {
      Value group = value;
      for (Value parent = parents.get(group);
          parent != null && !parent.equals(group);
          parent = parents.get(group)) {
        group = parent;
      }
      // Shortens the path for the next lookup.
      for (Value at = value; !at.equals(group); ) {
        Value parent = parents.put(at, group);
        at = parent == null ? group : parent;
      }
      return group;
    }
  }

  /** Returns the values that must have the orientation of the first result of an instruction. */
  private List<Value> connected(Instruction instruction) {
    return switch (instruction.op()) {
      case Op.Unary op -> List.of(op.a());
      case Op.Affine op -> List.of(op.a());
      case Op.Binary op -> {
        Shape shape = op.outputShapes().getFirst();
        yield op.inputs().stream().filter(value -> isBatched(value.shape(), shape)).toList();
      }
      case Op.Select op -> op.inputs();
      case Op.Reshape _ when flattening.isResult(instruction.outputs().getFirst()) -> List.of();
      case Op.Reshape op -> keepsBatch(op.a().shape(), op.shape()) ? List.of(op.a()) : List.of();
      case SpatialOp.MaxPool op -> List.of(op.a());
      case SpatialOp.MaxPoolGradient op -> List.of(op.a(), op.g());
      case SpatialOp.AveragePool op -> List.of(op.a());
      case SpatialOp.AveragePoolAdjoint op -> List.of(op.a());
      case Op.BroadcastTo op -> isBatched(op.a().shape(), op.shape()) ? List.of(op.a()) : List.of();
      case Op.SumTo op -> isBatched(op.shape(), op.a().shape()) ? List.of(op.a()) : List.of();
      case Op.ReluMoments op -> {
        var all = new ArrayList<>(instruction.outputs());
        all.addAll(op.inputs());
        yield all;
      }
      case Op.MatMul _,
          Op.VarianceProduct _,
          Op.Constant _,
          Op.Literal _,
          Op.Permute _,
          Op.LogDeterminant _,
          Op.InverseTranspose _,
          Op.Softmax _,
          Op.SoftmaxCrossEntropy _,
          Op.SoftmaxCrossEntropyGradient _,
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
          SpatialOp.Patches _,
          SpatialOp.PatchesAdjoint _,
          Op.Update _ ->
          List.of();
    };
  }

  private @Nullable Op operation(Value value) {
    Instruction definition = defUse.definition(value);
    return definition == null ? null : definition.op();
  }

  private static Map<Value, Integer> group(Map<Value, Map<Value, Integer>> sizes, Value group) {
    return sizes.computeIfAbsent(group, g -> new HashMap<>());
  }

  private static long total(@Nullable Map<Value, Integer> sizes) {
    return sizes == null ? 0 : sizes.values().stream().mapToLong(Integer::longValue).sum();
  }

  private boolean isSupported(Value value) {
    Shape shape = value.shape();
    Instruction definition = defUse.definition(value);
    return definition != null
        && (!defUse.isOutput(value) || shape.size() >= LARGE)
        && shape.rank() >= 2
        && shape.size() > 0
        && shape.dimension(0) > FEW_ROWS
        && isWritten(definition.op(), value)
        && defUse.readers(value).stream().allMatch(reader -> isRead(reader, value));
  }

  private boolean isImage(Value value) {
    return images.contains(groups.of(value));
  }

  private boolean isWritten(Op op, Value value) {
    return switch (op) {
      case Op.MatMul product -> product.count() == 1 && !patches.isGradient(product);
      case Op.VarianceProduct _ -> true;
      case Op.Binary binary -> {
        Shape shape = binary.outputShapes().getFirst();
        yield binary.inputs().stream().allMatch(operand -> isFreeOrBatched(operand.shape(), shape));
      }
      // Images are transposed where they begin and where they end.
      case Op.Reshape reshape ->
          flattening.isResult(value)
              || keepsBatch(reshape.a().shape(), reshape.shape())
              || (isImage(value) && !isImage(reshape.a()));
      case SpatialOp.MaxPool _,
          SpatialOp.MaxPoolGradient _,
          SpatialOp.AveragePool _,
          SpatialOp.AveragePoolAdjoint _ ->
          isImage(value);
      case Op.Random _ -> isImage(value);
      case SpatialOp.PatchesAdjoint _ -> patches.adjoint(value).isPresent();
      case Op.BroadcastTo broadcast -> isFreeOrBatched(broadcast.a().shape(), broadcast.shape());
      case Op.SumTo sum -> isBatched(sum.shape(), sum.a().shape());
      case Op.Unary _, Op.Affine _, Op.Select _, Op.ReluMoments _ -> true;
      case Op.Constant _,
          Op.Literal _,
          Op.Permute _,
          Op.LogDeterminant _,
          Op.InverseTranspose _,
          Op.Softmax _,
          Op.SoftmaxCrossEntropy _,
          Op.SoftmaxCrossEntropyGradient _,
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
          SpatialOp.Patches _,
          Op.Update _ ->
          false;
    };
  }

  private boolean isRead(Instruction reader, Value value) {
    Shape shape = value.shape();
    return switch (reader.op()) {
      case Op.MatMul product -> product.count() == 1;
      case Op.Binary binary -> isBatched(shape, binary.outputShapes().getFirst());
      case Op.Reshape reshape ->
          flattening.isBetween(reader.outputs().getFirst())
              || keepsBatch(shape, reshape.shape())
              || (isImage(value) && !isImage(reader.outputs().getFirst()));
      case SpatialOp.MaxPool _,
          SpatialOp.MaxPoolGradient _,
          SpatialOp.AveragePool _,
          SpatialOp.AveragePoolAdjoint _ ->
          isImage(value);
      case SpatialOp.Patches _ -> patches.isAbsorbed(reader);
      case Op.BroadcastTo broadcast -> isBatched(shape, broadcast.shape());
      case Op.SumTo sum -> isFreeOrBatched(sum.shape(), shape);
      case Op.VarianceProduct _, Op.Unary _, Op.Affine _, Op.Select _, Op.ReluMoments _ -> true;
      case Op.Constant _,
          Op.Literal _,
          Op.Permute _,
          Op.LogDeterminant _,
          Op.InverseTranspose _,
          Op.Softmax _,
          Op.SoftmaxCrossEntropy _,
          Op.SoftmaxCrossEntropyGradient _,
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
          SpatialOp.PatchesAdjoint _,
          Op.Update _ ->
          false;
    };
  }

  /** Returns whether a shape has the batch of another one and more. */
  private static boolean isBatched(Shape shape, Shape of) {
    return shape.rank() == of.rank()
        && shape.rank() > 1
        && shape.dimension(0) == of.dimension(0)
        && shape.size() > shape.dimension(0);
  }

  /** Returns whether values of a shape lie in memory in one way only, or else are batched. */
  private static boolean isFreeOrBatched(Shape shape, Shape of) {
    return shape.aligned(0, of.rank()) == 1
        || shape.size() == of.dimension(0)
        || isBatched(shape, of);
  }

  private static boolean keepsBatch(Shape from, Shape to) {
    return from.rank() >= 2 && to.rank() >= 2 && from.dimension(0) == to.dimension(0);
  }
}
