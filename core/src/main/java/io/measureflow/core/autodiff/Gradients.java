package io.measureflow.core.autodiff;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reverse-mode differentiation of a program: one rule per operation, each written with operations
 * again, so that gradients run wherever programs run.
 *
 * <p>Gradients of the moments follow Bonnet and Price: dG_j/dm = G_{j+1}, dG_j/dv = G_{j+2}/2
 * (specification, section 3).
 */
public final class Gradients {

  private final ProgramBuilder program;
  private final Set<Value> active = new HashSet<>();
  private final Map<Value, Value> adjoints = new HashMap<>();

  private Gradients(ProgramBuilder program) {
    this.program = program;
  }

  /**
   * Writes the gradient of a scalar in each of some values.
   *
   * @param objective a scalar
   * @param variables values that the objective may depend on
   * @return a gradient per variable in the same order, each of the variable's shape; zero where the
   *     objective does not depend on it
   * @throws IllegalArgumentException if the objective is not a scalar, or a rule needs a moment of
   *     an order above {@link io.measureflow.api.program.Activation#MAX_ORDER}
   */
  public static List<Value> of(ProgramBuilder program, Value objective, List<Value> variables) {
    if (objective.shape().rank() != 0) {
      throw new IllegalArgumentException(
          "Gradient: expected a scalar objective, found " + objective);
    }
    var gradients = new Gradients(program);
    gradients.propagate(objective, variables);
    var result = new ArrayList<Value>();
    for (Value variable : variables) {
      Value adjoint = gradients.adjoints.get(variable);
      result.add(adjoint != null ? adjoint : program.constant(0, variable.shape()));
    }
    return List.copyOf(result);
  }

  private void propagate(Value objective, List<Value> variables) {
    List<Instruction> instructions = program.instructions();
    active.addAll(variables);
    for (Instruction instruction : instructions) {
      if (instruction.op().inputs().stream().anyMatch(active::contains)) {
        active.addAll(instruction.outputs());
      }
    }
    adjoints.put(objective, program.constant(1));
    for (Instruction instruction : instructions.reversed()) {
      var adjointsOfOutputs = new ArrayList<Map.Entry<Integer, Value>>();
      for (int i = 0; i < instruction.outputs().size(); i++) {
        Value adjoint = adjoints.get(instruction.outputs().get(i));
        if (adjoint != null) {
          adjointsOfOutputs.add(Map.entry(i, adjoint));
        }
      }
      for (var entry : adjointsOfOutputs) {
        rule(instruction, entry.getKey(), entry.getValue());
      }
    }
  }

  /** Adds to the adjoint of an operand, if the objective's variables lie behind it. */
  private void accumulate(Value operand, Supplier<Value> contribution) {
    if (active.contains(operand)) {
      Value added = contribution.get();
      Value sofar = adjoints.get(operand);
      adjoints.put(operand, sofar == null ? added : program.add(sofar, added));
    }
  }

  /** The rule of one operation for one of its results, with g the adjoint of that result. */
  private void rule(Instruction instruction, int index, Value g) {
    Value out = instruction.outputs().get(index);
    switch (instruction.op()) {
      case Op.Constant constant -> {}
      case Op.Unary(Op.UnaryFunction function, Value a) ->
          accumulate(
              a,
              () ->
                  switch (function) {
                    case NEGATE -> program.affine(g, -1, 0);
                    case SQUARE -> program.multiply(g, program.affine(a, 2, 0));
                    case SQRT -> program.affine(program.divide(g, out), 0.5, 0);
                    case EXP -> program.multiply(g, out);
                    case LOG -> program.divide(g, a);
                    case RECIPROCAL ->
                        program.affine(program.multiply(g, program.square(out)), -1, 0);
                  });
      case Op.Binary(Op.BinaryFunction function, Value a, Value b) -> {
        accumulate(
            a,
            () ->
                program.sumTo(
                    switch (function) {
                      case ADD, SUBTRACT -> g;
                      case MULTIPLY -> program.multiply(g, b);
                      case DIVIDE -> program.divide(g, b);
                    },
                    a.shape()));
        accumulate(
            b,
            () ->
                program.sumTo(
                    switch (function) {
                      case ADD -> g;
                      case SUBTRACT -> program.affine(g, -1, 0);
                      case MULTIPLY -> program.multiply(g, a);
                      case DIVIDE ->
                          program.affine(program.divide(program.multiply(g, out), b), -1, 0);
                    },
                    b.shape()));
      }
      case Op.Affine(Value a, double scale, double shift) ->
          accumulate(a, () -> program.affine(g, scale, 0));
      case Op.SumTo(Value a, Shape shape) -> accumulate(a, () -> program.broadcastTo(g, a.shape()));
      case Op.BroadcastTo(Value a, Shape shape) -> accumulate(a, () -> program.sumTo(g, a.shape()));
      case Op.Reshape(Value a, Shape shape) -> accumulate(a, () -> program.reshape(g, a.shape()));
      case Op.MatMul(Value a, Value b, boolean transposeA, boolean transposeB) -> {
        accumulate(
            a,
            () ->
                transposeA
                    ? program.matMul(b, transposeB, g, true)
                    : program.matMul(g, false, b, !transposeB));
        accumulate(
            b,
            () ->
                transposeB
                    ? program.matMul(g, true, a, transposeA)
                    : program.matMul(a, !transposeA, g, false));
      }
      case Op.VarianceProduct(Value x, Value s) -> {
        accumulate(
            x,
            () ->
                program.multiply(
                    program.affine(x, 2, 0), program.matMul(g, false, program.square(s), false)));
        accumulate(
            s,
            () ->
                program.multiply(
                    program.affine(s, 2, 0), program.matMul(g, true, program.square(x), false)));
      }
      case Op.GaussianMoments(var activation, Value mean, Value variance, List<Integer> orders) -> {
        int order = orders.get(index);
        accumulate(
            mean,
            () ->
                program.multiply(g, program.gaussianMoment(activation, mean, variance, order + 1)));
        accumulate(
            variance,
            () ->
                program.affine(
                    program.multiply(
                        g, program.gaussianMoment(activation, mean, variance, order + 2)),
                    0.5,
                    0));
      }
      case Op.Activate(var activation, Value a, List<Integer> orders) ->
          accumulate(
              a, () -> program.multiply(g, program.activate(activation, a, orders.get(index) + 1)));
      case Op.Softmax(Value a) ->
          accumulate(
              a,
              () -> {
                var rows = new ArrayList<>(a.shape().dimensions());
                rows.set(rows.size() - 1, 1);
                Value mean = program.sumTo(program.multiply(g, out), new Shape(rows));
                return program.multiply(out, program.subtract(g, mean));
              });
      case Op.SoftmaxCrossEntropy(Value logits, Value labels) ->
          accumulate(
              logits,
              () ->
                  program.multiply(
                      g, program.emit(new Op.SoftmaxCrossEntropyGradient(logits, labels))));
      case Op.SoftmaxCrossEntropyGradient(Value logits, Value labels) ->
          throw new IllegalArgumentException(
              "SoftmaxCrossEntropyGradient: expected to be differentiated once, found a second"
                  + " derivative. Write the loss with Softmax and logarithms to differentiate it"
                  + " again.");
      case Op.SquaredError(Value prediction, Value target) -> {
        int batch = Math.max(1, prediction.shape().dimension(0));
        accumulate(
            prediction,
            () ->
                program.multiply(
                    g, program.affine(program.subtract(prediction, target), 1.0 / batch, 0)));
        accumulate(
            target,
            () ->
                program.multiply(
                    g, program.affine(program.subtract(target, prediction), 1.0 / batch, 0)));
      }
      case Op.CorrectCount count -> {}
      case Op.AppendOnes(Value a) ->
          accumulate(a, () -> program.sliceColumns(g, 0, a.shape().dimension(1)));
      case Op.SliceColumns(Value a, int from, int to) ->
          accumulate(a, () -> program.padColumns(g, from, a.shape().dimension(1) - to));
      case Op.PadColumns(Value a, int before, int after) ->
          accumulate(a, () -> program.sliceColumns(g, before, before + a.shape().dimension(1)));
      case Op.Update update ->
          throw new IllegalStateException("Updates are not among the computing instructions");
    }
  }
}
