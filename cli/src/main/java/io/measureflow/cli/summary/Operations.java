package io.measureflow.cli.summary;

import io.measureflow.api.model.Layer;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.Shape;
import io.measureflow.core.training.TrainingPrograms;
import java.util.List;

/** Counts the floating-point operations of layers. */
final class Operations {

  private Operations() {}

  /**
   * Returns the operations of a layer for one sample in prediction: two for each multiply-add of a
   * product, one for each element of anything else.
   *
   * @param input the shape of the sample
   */
  static double of(Layer layer, Shape input) {
    double sum = 0;
    var alone = new ModelSpec(input, List.of(layer));
    for (Instruction instruction : TrainingPrograms.prediction(alone, 1).instructions()) {
      sum += of(instruction);
    }
    return sum;
  }

  private static double of(Instruction instruction) {
    return switch (instruction.op()) {
      case Op.MatMul op -> 2.0 * op.count() * op.rows() * op.columns() * op.inner();
      case Op.VarianceProduct op -> 2.0 * op.x().shape().size() * op.s().shape().dimension(0);
      case Op.Reshape _, Op.Permute _, Op.Constant _, Op.Literal _, Op.BroadcastTo _ -> 0;
      default -> instruction.outputs().stream().mapToDouble(value -> value.shape().size()).sum();
    };
  }
}
