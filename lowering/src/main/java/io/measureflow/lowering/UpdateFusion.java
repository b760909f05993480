package io.measureflow.lowering;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Op.BinaryFunction;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pass 3: an update whose gradient is a matrix product, possibly times {@code scale x + shift}
 * elementwise, that nothing else reads. The update becomes the epilogue of the product, and the
 * gradient is never stored.
 *
 * @param product computes the gradient, with rows as the state has them in memory
 * @param factor what it is multiplied by
 * @param absorbed the instructions that are no longer needed
 */
record UpdateFusion(Op.MatMul product, Epilogue.Factor factor, List<Instruction> absorbed) {

  /**
   * Fuses an update with the computation of its gradient, if possible.
   *
   * @param orders the axis orders of states
   * @param batchInnermost the values whose first axis is the innermost one in memory
   * @param patches the products with windows of images
   */
  static Optional<UpdateFusion> of(
      Op.Update update,
      DefUse defUse,
      Map<Value, AxisOrder> orders,
      Set<Value> batchInnermost,
      PatchProducts patches) {
    boolean fits =
        switch (update) {
          case Op.EulerStep _, Op.MomentumStep _, Op.AdamStep _ -> true;
          case Op.Assign _, Op.LogNormalize _ -> false;
        };
    AxisOrder order = orders.get(update.state());
    if (!fits
        || order == null
        || !update.changed().stream().allMatch(state -> order.equals(orders.get(state)))) {
      return Optional.empty();
    }
    var absorbed = new ArrayList<Instruction>();
    boolean inOrder = order.isPlain();
    Value value = Step.gradient(update);
    Value x = null;
    double scale = 1;
    double shift = 0;
    while (defUse.isReadOnce(value)) {
      Instruction definition = defUse.definition(value);
      if (definition == null || batchInnermost.contains(value)) {
        return Optional.empty();
      }
      absorbed.add(definition);
      Op op = definition.op();
      if (op instanceof Op.MatMul product) {
        boolean inRows =
            inOrder
                && product.count() == 1
                && patches.windows(product.a()).isEmpty()
                && patches.windows(product.b()).isEmpty()
                && (scaleOf(update).shape().size() == 1
                    || product.columns() == order.run(update.state().shape()));
        // Other updates may have changed states before this one.
        boolean readable =
            !defUse.comesFromState(product.a(), orders.keySet())
                && !defUse.comesFromState(product.b(), orders.keySet())
                && (x == null
                    || x.equals(update.state())
                    || (!batchInnermost.contains(x) && !defUse.comesFromState(x, orders.keySet())));
        Epilogue.Factor factor =
            x == null ? new Epilogue.Factor.One() : new Epilogue.Factor.Affine(x, scale, shift);
        return inRows && readable
            ? Optional.of(new UpdateFusion(product, factor, List.copyOf(absorbed)))
            : Optional.empty();
      } else if (op instanceof Op.Reshape reshape) {
        value = reshape.a();
      } else if (!inOrder
          && op instanceof Op.Permute permute
          && new AxisOrder(permute.axes()).inverse().equals(order)) {
        inOrder = true;
        value = permute.a();
      } else if (inOrder
          && x == null
          && op instanceof Op.Binary binary
          && isProductOfEquals(binary)) {
        boolean first = defUse.isReadOnce(binary.a()) && isMatMul(defUse.definition(binary.a()));
        value = first ? binary.a() : binary.b();
        x = first ? binary.b() : binary.a();
        Instruction other = defUse.definition(x);
        if (defUse.isReadOnce(x) && other != null && other.op() instanceof Op.Affine affine) {
          absorbed.add(other);
          x = affine.a();
          scale = affine.scale();
          shift = affine.shift();
        }
      } else {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static Value scaleOf(Op.Update update) {
    return switch (update) {
      case Op.EulerStep step -> step.scale();
      case Op.MomentumStep step -> step.scale();
      case Op.AdamStep step -> step.scale();
      case Op.Assign assign -> assign.value();
      case Op.LogNormalize normalize -> normalize.state();
    };
  }

  private static boolean isProductOfEquals(Op.Binary op) {
    return op.function() == BinaryFunction.MULTIPLY && op.a().shape().equals(op.b().shape());
  }

  private static boolean isMatMul(@Nullable Instruction definition) {
    return definition != null && definition.op() instanceof Op.MatMul;
  }
}
