package io.measureflow.cli.summary;

import io.measureflow.api.measure.ParameterSpec;
import io.measureflow.api.model.Layer;
import io.measureflow.api.model.LayerContext;
import io.measureflow.api.model.ModelSpec;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.SpatialOp;
import io.measureflow.api.program.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;

/** Counts the floating-point operations of layers. */
final class Operations {

  private Operations() {}

  /**
   * Returns the operations of a layer for one sample in prediction: two for each multiply-add of a
   * product, one for each element of anything else but copies.
   *
   * @param input the shape of the sample
   */
  static double of(Layer layer, Shape input) {
    var program = new ProgramBuilder("operations");
    var parameters = new HashMap<String, NamedValues>();
    new ModelSpec(input, List.of(layer))
        .byPath()
        .forEach(
            (path, each) -> {
              var values = new HashMap<String, Value>();
              for (ParameterSpec parameter : each.parameters()) {
                String name = path + "." + parameter.name();
                values.put(parameter.name(), program.state(name, parameter.shape()));
              }
              parameters.put(path, new NamedValues(values));
            });
    LayerContext context =
        LayerContext.ofPrediction(program, path -> Objects.requireNonNull(parameters.get(path)));
    Value x = program.input("x", Shape.of(1, input.size()));
    SampleBatch output =
        layer.output(context.within("layers.0"), SampleBatch.ofRows(program, x, input));
    if (output.rows().equals(x)) {
      return 0;
    }
    program.output("y", output.rows());
    return program.build().instructions().stream().mapToDouble(Operations::of).sum();
  }

  private static double of(Instruction instruction) {
    return switch (instruction.op()) {
      case Op.MatMul op -> 2.0 * op.count() * op.rows() * op.columns() * op.inner();
      case Op.VarianceProduct op -> 2.0 * op.x().shape().size() * op.s().shape().dimension(0);
      case Op.Reshape _,
          Op.Permute _,
          SpatialOp.Patches _,
          Op.Constant _,
          Op.Literal _,
          Op.BroadcastTo _ ->
          0;
      default -> instruction.outputs().stream().mapToDouble(value -> value.shape().size()).sum();
    };
  }
}
