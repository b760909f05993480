package io.measureflow.core.inference;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.util.function.UnaryOperator;

/** Rebuilds an operation with other operands. */
final class InputReplacement {

  private InputReplacement() {}

  /**
   * Replaces each value that an operation reads.
   *
   * @param by returns a value of the same kind and shape
   * @throws IllegalArgumentException if it is an update
   */
  static Op of(Op op, UnaryOperator<Value> by) {
    return switch (op) {
      case Op.Constant constant -> constant;
      case Op.Literal literal -> literal;
      case Op.Unary(Op.UnaryFunction function, Value a) -> new Op.Unary(function, by.apply(a));
      case Op.Binary(Op.BinaryFunction function, Value a, Value b) ->
          new Op.Binary(function, by.apply(a), by.apply(b));
      case Op.Affine(Value a, double scale, double shift) ->
          new Op.Affine(by.apply(a), scale, shift);
      case Op.SumTo sum -> new Op.SumTo(by.apply(sum.a()), sum.shape());
      case Op.MaxTo max -> new Op.MaxTo(by.apply(max.a()), max.shape());
      case Op.FirstMaximum first -> new Op.FirstMaximum(by.apply(first.a()), first.shape());
      case Op.Select(Value condition, Value a, Value b) ->
          new Op.Select(by.apply(condition), by.apply(a), by.apply(b));
      case Op.BroadcastTo broadcast ->
          new Op.BroadcastTo(by.apply(broadcast.a()), broadcast.shape());
      case Op.Reshape reshape -> new Op.Reshape(by.apply(reshape.a()), reshape.shape());
      case Op.Permute permute -> new Op.Permute(by.apply(permute.a()), permute.axes());
      case Op.MatMul product ->
          new Op.MatMul(
              by.apply(product.a()),
              by.apply(product.b()),
              product.transposeA(),
              product.transposeB());
      case Op.VarianceProduct(Value x, Value s) -> new Op.VarianceProduct(by.apply(x), by.apply(s));
      case Op.ReluMoments moments ->
          new Op.ReluMoments(
              by.apply(moments.mean()), by.apply(moments.variance()), moments.orders());
      case Op.LogDeterminant(Value a) -> new Op.LogDeterminant(by.apply(a));
      case Op.InverseTranspose(Value a) -> new Op.InverseTranspose(by.apply(a));
      case Op.Softmax(Value a) -> new Op.Softmax(by.apply(a));
      case Op.SoftmaxCrossEntropy(Value logits, Value labels) ->
          new Op.SoftmaxCrossEntropy(by.apply(logits), by.apply(labels));
      case Op.SoftmaxCrossEntropyGradient(Value logits, Value labels) ->
          new Op.SoftmaxCrossEntropyGradient(by.apply(logits), by.apply(labels));
      case Op.SquaredError(Value prediction, Value target) ->
          new Op.SquaredError(by.apply(prediction), by.apply(target));
      case Op.CorrectCount(Value logits, Value labels) ->
          new Op.CorrectCount(by.apply(logits), by.apply(labels));
      case Op.AppendOnes(Value a) -> new Op.AppendOnes(by.apply(a));
      case Op.SliceColumns(Value a, int from, int to) -> new Op.SliceColumns(by.apply(a), from, to);
      case Op.PadColumns(Value a, int before, int after) ->
          new Op.PadColumns(by.apply(a), before, after);
      case Op.OneHot(Value labels, int classes) -> new Op.OneHot(by.apply(labels), classes);
      case Op.Gather(Value a, Value indices) -> new Op.Gather(by.apply(a), by.apply(indices));
      case Op.ScatterAdd(Value a, Value indices, int rows) ->
          new Op.ScatterAdd(by.apply(a), by.apply(indices), rows);
      case Op.Random random ->
          new Op.Random(
              random.distribution(),
              random.seed(),
              random.stream(),
              by.apply(random.step()),
              random.shape());
      case SpatialOp.Patches(Value a, Window window) -> new SpatialOp.Patches(by.apply(a), window);
      case SpatialOp.PatchesAdjoint(Value a, Window window) ->
          new SpatialOp.PatchesAdjoint(by.apply(a), window);
      case SpatialOp.MaxPool(Value a, Window window) -> new SpatialOp.MaxPool(by.apply(a), window);
      case SpatialOp.MaxPoolGradient(Value a, Value g, Window window) ->
          new SpatialOp.MaxPoolGradient(by.apply(a), by.apply(g), window);
      case SpatialOp.AveragePool(Value a, Window window) ->
          new SpatialOp.AveragePool(by.apply(a), window);
      case SpatialOp.AveragePoolAdjoint(Value a, Window window) ->
          new SpatialOp.AveragePoolAdjoint(by.apply(a), window);
      case Op.Update update ->
          throw new IllegalArgumentException("expected no update, found " + update);
    };
  }
}
