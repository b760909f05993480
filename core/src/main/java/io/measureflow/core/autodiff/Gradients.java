package io.measureflow.core.autodiff;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reverse-mode differentiation of a program: one rule per operation, each written with operations
 * again, so that gradients run wherever programs run.
 *
 * <p>A function with declared derivatives uses those. Gradients of the moments follow Bonnet and
 * Price: dG_j/dm = G_{j+1}, dG_j/dv = G_{j+2}/2 (docs/mathematics.md, section 3).
 */
public final class Gradients {

  private final ProgramBuilder program;
  private final Set<Value> active = new HashSet<>();
  private final Map<Value, Value> adjoints = new HashMap<>();

  private Gradients(ProgramBuilder program) {
    this.program = program;
  }

  /**
   * Writes the gradient of a scalar with respect to some values.
   *
   * @param objective a scalar
   * @param variables values that the objective may depend on
   * @return a gradient per variable in the same order, each of the variable's shape; zero where the
   *     objective does not depend on it
   * @throws IllegalArgumentException if the objective is not a scalar, or a rule needs a moment of
   *     an order above {@link Op.ReluMoments#MAX_ORDER}
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

  /** Adds to the adjoint of an operand, if the objective depends on the variables through it. */
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
    Optional<List<ProgramBuilder.Partial>> declared = program.partials(out);
    if (declared.isPresent()) {
      for (ProgramBuilder.Partial partial : declared.get()) {
        accumulate(partial.operand(), () -> program.multiply(g, partial.derivative().get()));
      }
      return;
    }
    switch (instruction.op()) {
      case Op.Constant constant -> {}
      case Op.Literal literal -> {}
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
                    case LOG1P -> program.divide(g, program.affine(a, 1, 1));
                    case HEAVISIDE, POSITIVE -> program.constant(0, a.shape());
                    case ERF ->
                        program.multiply(
                            g,
                            program.affine(
                                program.exp(program.affine(program.square(a), -1, 0)),
                                2 / Math.sqrt(Math.PI),
                                0));
                    case SIN -> program.multiply(g, program.unary(Op.UnaryFunction.COS, a));
                    case COS ->
                        program.multiply(
                            g, program.affine(program.unary(Op.UnaryFunction.SIN, a), -1, 0));
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
                      case MAXIMUM -> whereAbove(g, a, b);
                      case MINIMUM -> whereAbove(g, b, a);
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
                      case MAXIMUM -> whereAbove(g, b, a);
                      case MINIMUM -> whereAbove(g, a, b);
                    },
                    b.shape()));
      }
      case Op.Affine(Value a, double scale, double shift) ->
          accumulate(a, () -> program.affine(g, scale, 0));
      case Op.SumTo(Value a, Shape shape) -> accumulate(a, () -> program.broadcastTo(g, a.shape()));
      case Op.MaxTo(Value a, Shape shape) ->
          accumulate(
              a,
              () ->
                  program.multiply(
                      program.broadcastTo(g, a.shape()),
                      program.emit(new Op.FirstMaximum(a, shape))));
      case Op.FirstMaximum first -> {}
      case Op.Select(Value condition, Value a, Value b) -> {
        Value zero = program.constant(0);
        accumulate(a, () -> program.select(condition, g, zero));
        accumulate(b, () -> program.select(condition, zero, g));
      }
      case Op.BroadcastTo(Value a, Shape shape) -> accumulate(a, () -> program.sumTo(g, a.shape()));
      case Op.Reshape(Value a, Shape shape) -> accumulate(a, () -> program.reshape(g, a.shape()));
      case Op.Permute permute ->
          accumulate(permute.a(), () -> program.emit(new Op.Permute(g, permute.inverse())));
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
      case Op.ReluMoments(Value mean, Value variance, List<Integer> orders) -> {
        int order = orders.get(index);
        accumulate(mean, () -> program.multiply(g, program.reluMoment(mean, variance, order + 1)));
        accumulate(
            variance,
            () ->
                program.affine(
                    program.multiply(g, program.reluMoment(mean, variance, order + 2)), 0.5, 0));
      }
      case Op.LogDeterminant(Value a) ->
          accumulate(
              a,
              () ->
                  program.multiply(
                      program.reshape(g, Shape.of(g.shape().dimension(0), 1, 1)),
                      program.emit(new Op.InverseTranspose(a))));
      case Op.InverseTranspose inverse -> throw onlyOnce("InverseTranspose", "LogDeterminant");
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
      case Op.SoftmaxCrossEntropyGradient gradient ->
          throw onlyOnce("SoftmaxCrossEntropyGradient", "SoftmaxCrossEntropy");
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
      case Op.OneHot oneHot -> {}
      case Op.Gather(Value a, Value indices) ->
          accumulate(a, () -> program.emit(new Op.ScatterAdd(g, indices, a.shape().dimension(0))));
      case Op.ScatterAdd(Value a, Value indices, int rows) ->
          accumulate(a, () -> program.gather(g, indices));
      case Op.Random random -> {}
      case SpatialOp.Patches(Value a, Window window) ->
          accumulate(a, () -> program.emit(new SpatialOp.PatchesAdjoint(g, window)));
      case SpatialOp.PatchesAdjoint(Value a, Window window) ->
          accumulate(a, () -> program.patches(g, window));
      case SpatialOp.MaxPool(Value a, Window window) ->
          accumulate(a, () -> program.emit(new SpatialOp.MaxPoolGradient(a, g, window)));
      case SpatialOp.MaxPoolGradient gradient -> throw onlyOnce("MaxPoolGradient", "MaxPool");
      case SpatialOp.AveragePool(Value a, Window window) ->
          accumulate(a, () -> program.emit(new SpatialOp.AveragePoolAdjoint(g, window)));
      case SpatialOp.AveragePoolAdjoint(Value a, Window window) ->
          accumulate(a, () -> program.averagePool(g, window));
      case Op.Update update ->
          throw new IllegalStateException("Updates are not among the computing instructions");
    }
  }

  /** g where a exceeds b, and half of it where both are equal. */
  private Value whereAbove(Value g, Value a, Value b) {
    return program.multiply(g, program.unary(Op.UnaryFunction.HEAVISIDE, program.subtract(a, b)));
  }

  private static IllegalArgumentException onlyOnce(String operation, String of) {
    return new IllegalArgumentException(
        operation
            + ": expected "
            + of
            + " to be differentiated once, found a second derivative. Write it with other"
            + " operations to differentiate it again.");
  }
}
