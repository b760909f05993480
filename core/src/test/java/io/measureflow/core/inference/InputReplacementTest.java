package io.measureflow.core.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import io.measureflow.api.program.Window;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InputReplacementTest {

  private final ProgramBuilder program = new ProgramBuilder("replacement");
  private final Value a = program.input("a", Shape.of(24, 3));
  private final Value b = program.input("b", Shape.of(24, 3));
  private final Value c = program.input("c", Shape.of(24, 3));
  private final Value stack = program.input("stack", Shape.of(2, 3, 3));
  private final Value windows = program.input("windows", Shape.of(24, 12));
  private final Value scalar = program.input("scalar", Shape.SCALAR);
  private final Value labels = program.integerInput("labels", 24);

  private List<Op> operations() {
    var window = new Window(4, 6, 2, 2, 1, 1, 1, 1);
    var same = new Window(4, 6, 3, 3, 1, 1, 1, 1);
    Shape row = Shape.of(1, 3);
    var ofWindows = new Window(4, 6, 2, 2, 2, 3, 0, 0);
    Value pooled = program.input("pooled", Shape.of(4, 3));
    return List.of(
        new Op.Constant(2, row),
        new Op.Literal(List.of(1.0, 2.0, 3.0), row),
        new Op.Unary(Op.UnaryFunction.EXP, a),
        new Op.Binary(Op.BinaryFunction.SUBTRACT, a, b),
        new Op.Affine(a, 2, 3),
        new Op.Select(a, b, c),
        new Op.SumTo(a, row),
        new Op.MaxTo(a, row),
        new Op.FirstMaximum(a, row),
        new Op.BroadcastTo(a, Shape.of(2, 24, 3)),
        new Op.Reshape(a, Shape.of(12, 6)),
        new Op.Permute(a, List.of(1, 0)),
        new Op.MatMul(a, b, true, false),
        new Op.VarianceProduct(a, b),
        new Op.ReluMoments(a, b, List.of(0, 2)),
        new Op.LogDeterminant(stack),
        new Op.InverseTranspose(stack),
        new Op.Softmax(a),
        new Op.SoftmaxCrossEntropy(a, labels),
        new Op.SoftmaxCrossEntropyGradient(a, labels),
        new Op.SquaredError(a, b),
        new Op.CorrectCount(a, labels),
        new Op.AppendOnes(a),
        new Op.SliceColumns(a, 1, 2),
        new Op.PadColumns(a, 1, 2),
        new Op.OneHot(labels, 5),
        new Op.Gather(a, labels),
        new Op.ScatterAdd(a, labels, 7),
        new Op.Random(Op.Distribution.NORMAL, 5, 6, scalar, row),
        new SpatialOp.Patches(a, window),
        new SpatialOp.PatchesAdjoint(windows, new Window(4, 6, 1, 1, 1, 1, 0, 0)),
        new SpatialOp.MaxPool(a, same),
        new SpatialOp.MaxPoolGradient(a, pooled, ofWindows),
        new SpatialOp.AveragePool(a, same),
        new SpatialOp.AveragePoolAdjoint(a, same));
  }

  @Test
  void onlyTheOperandsChange() {
    Set<Class<?>> missing = new HashSet<>();
    collect(Op.class, missing);
    for (Op op : operations()) {
      Map<Value, Value> there = new HashMap<>();
      Map<Value, Value> back = new HashMap<>();
      for (Value value : op.inputs()) {
        var other = new Value(1000 + value.id(), value.kind(), value.shape(), "other");
        there.put(value, other);
        back.put(other, value);
      }
      Op replaced = InputReplacement.of(op, value -> there.getOrDefault(value, value));
      assertEquals(
          op.inputs().stream().map(value -> there.getOrDefault(value, value)).toList(),
          replaced.inputs());
      assertEquals(op, InputReplacement.of(replaced, value -> back.getOrDefault(value, value)));
      missing.remove(op.getClass());
    }
    assertEquals(Set.of(), missing);
  }

  /** Collects the records of a sealed interface; updates have no place in inference. */
  private static void collect(Class<?> type, Set<Class<?>> leaves) {
    if (type.equals(Op.Update.class)) {
      return;
    }
    if (!type.isSealed()) {
      leaves.add(type);
      return;
    }
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      collect(permitted, leaves);
    }
  }

  @Test
  void updatesAreRefused() {
    Value state = program.state("s", Shape.of(2));
    var update = new Op.Assign(state, program.constant(1, Shape.of(2)));
    assertThrows(IllegalArgumentException.class, () -> InputReplacement.of(update, value -> value));
  }
}
