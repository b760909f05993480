package io.measureflow.core.losses;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossesTest {

  private final ProgramBuilder program = new ProgramBuilder("loss");
  private final Value output = program.input("output", Shape.of(5, 3));

  private List<Op> written(Value loss) {
    assertEquals(Shape.SCALAR, loss.shape());
    program.output("loss", loss);
    return program.build().instructions().stream().map(i -> i.op()).toList();
  }

  @Test
  void classesAreMeasuredByCrossEntropy() {
    Value labels = program.integerInput("labels", 5);
    assertEquals(
        List.of(new Op.SoftmaxCrossEntropy(output, labels)),
        written(Losses.SOFTMAX_CROSS_ENTROPY.value(program, output, labels)));
    assertEquals("softmax_cross_entropy", Losses.SOFTMAX_CROSS_ENTROPY.name());
  }

  @Test
  void realTargetsAreMeasuredByTheirDistance() {
    Value target = program.input("target", Shape.of(5, 3));
    assertEquals(
        List.of(new Op.SquaredError(output, target)),
        written(Losses.HALF_SQUARED_ERROR.value(program, output, target)));
    assertEquals("half_squared_error", Losses.HALF_SQUARED_ERROR.name());
  }
}
