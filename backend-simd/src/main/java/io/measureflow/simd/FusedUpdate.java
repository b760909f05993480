package io.measureflow.simd;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Op.BinaryFunction;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An Euler step whose gradient is a matrix product, possibly times {@code scale x + shift}
 * elementwise, that nothing else reads: the product is added to the state as it is computed.
 *
 * @param product computes the gradient, with rows as in the state's layout
 * @param x the other factor of the gradient, null if there is none
 * @param scale the coefficient of x
 * @param shift the constant added to scale x
 * @param absorbed the instructions that are no longer needed
 */
record FusedUpdate(
    Op.MatMul product, @Nullable Value x, double scale, double shift, List<Instruction> absorbed) {

  /**
   * Fuses a step with the computation of its gradient; null if that is not possible.
   *
   * @param states the layouts of the states
   */
  static @Nullable FusedUpdate of(Op.EulerStep step, DefUse defUse, Map<Value, Layout> states) {
    Layout layout = states.get(step.state());
    if (layout == null) {
      return null;
    }
    var absorbed = new ArrayList<Instruction>();
    boolean inOrder = layout.hasPlainOrder();
    Value value = step.gradient();
    Value x = null;
    double scale = 1;
    double shift = 0;
    while (defUse.isReadOnce(value)) {
      Instruction definition = defUse.definition(value);
      if (definition == null) {
        return null;
      }
      absorbed.add(definition);
      if (definition.op() instanceof Op.MatMul product) {
        boolean fits =
            inOrder
                && product.count() == 1
                && (step.scale().shape().size() == 1
                    || product.columns() == layout.run(step.state().shape()))
                && !defUse.comesFromState(product.a(), states.keySet())
                && !defUse.comesFromState(product.b(), states.keySet())
                && (x == null
                    || x.equals(step.state())
                    || !defUse.comesFromState(x, states.keySet()));
        var fused = new FusedUpdate(product, x, scale, shift, List.copyOf(absorbed));
        boolean fitsLayout = !layout.isInPanels() || fused.fitsPanels(step.state(), layout);
        return fits && fitsLayout ? fused : null;
      } else if (definition.op() instanceof Op.Reshape reshape) {
        value = reshape.a();
      } else if (!inOrder
          && definition.op() instanceof Op.Permute permute
          && permute.inverse().equals(layout.order())) {
        inOrder = true;
        value = permute.a();
      } else if (inOrder
          && x == null
          && definition.op() instanceof Op.Binary binary
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
        return null;
      }
    }
    return null;
  }

  /** Returns whether the gradient can be added to a state in panels. */
  boolean fitsPanels(Value state, Layout layout) {
    return product.rows() == layout.rows(state.shape())
        && product.columns() == layout.columns(state.shape())
        && (x == null || x.equals(state));
  }

  private static boolean isProductOfEquals(Op.Binary op) {
    return op.function() == BinaryFunction.MULTIPLY && op.a().shape().equals(op.b().shape());
  }

  private static boolean isMatMul(@Nullable Instruction definition) {
    return definition != null && definition.op() instanceof Op.MatMul;
  }
}
