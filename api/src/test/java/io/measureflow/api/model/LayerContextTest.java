package io.measureflow.api.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.program.NamedValues;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerContextTest {

  private final ProgramBuilder program = new ProgramBuilder("test");
  private final Value mean = program.state("layers.0.mean", Shape.of(3));
  private final Value inner = program.state("layers.0.layers.1.mean", Shape.of(3));
  private final Map<String, NamedValues> parameters =
      Map.of(
          "layers.0", new NamedValues(Map.of("mean", mean)),
          "layers.0.layers.1", new NamedValues(Map.of("mean", inner)));

  private NamedValues at(String path) {
    return parameters.getOrDefault(path, new NamedValues(Map.of()));
  }

  private LayerContext training() {
    return LayerContext.ofTraining(program, this::at, 7, () -> program.input("step", Shape.SCALAR));
  }

  private List<Op.Random> draws() {
    var draws = new ArrayList<Op.Random>();
    program
        .instructions()
        .forEach(
            instruction -> {
              if (instruction.op() instanceof Op.Random random) {
                draws.add(random);
              }
            });
    return draws;
  }

  @Test
  void parametersAreThoseOfThePath() {
    LayerContext layer = training().within("layers.0");
    assertSame(program, layer.program());
    assertSame(mean, layer.parameters().get("mean"));
    assertSame(inner, layer.within("layers.1").parameters().get("mean"));
    assertEquals(Map.of(), training().parameters().byName());
  }

  @Test
  void drawsAreOneStreamEachInTheOrderOfTheModel() {
    LayerContext model = training();
    Value first = model.within("layers.0").uniform(Shape.of(2, 3));
    Value second = model.within("layers.0").within("layers.1").uniform(Shape.of(2, 3));
    Value third = model.within("layers.1").uniform(Shape.of(4));
    assertNotEquals(first, second);
    assertEquals(Shape.of(4), third.shape());
    assertEquals(List.of(0, 1, 2), draws().stream().map(Op.Random::stream).toList());
    assertTrue(draws().stream().allMatch(draw -> draw.seed() == 7));
    assertTrue(draws().stream().allMatch(draw -> draw.step().name().equals("step")));
    // A second pass of the same step draws the same numbers.
    assertSame(first, training().within("layers.0").uniform(Shape.of(2, 3)));
  }

  @Test
  void statisticsAreCollectedByTheirStates() {
    LayerContext model = training();
    Value moved = program.affine(mean, 0.9, 0);
    Value movedWithin = program.affine(inner, 0.5, 0);
    model.within("layers.0").within("layers.1").setStatistic("mean", movedWithin);
    model.within("layers.0").setStatistic("mean", moved);
    assertEquals(
        List.of(Map.entry(inner, movedWithin), Map.entry(mean, moved)),
        List.copyOf(model.statistics().entrySet()));
    assertThrows(IllegalArgumentException.class, () -> model.setStatistic("mean", moved));
    assertThrows(UnsupportedOperationException.class, () -> model.statistics().clear());
  }

  @Test
  void predictionHasNeitherRandomNumbersNorStatisticsToSet() {
    LayerContext model = LayerContext.ofPrediction(program, this::at);
    LayerContext layer = model.within("layers.0");
    assertTrue(training().isTraining());
    assertFalse(layer.isTraining());
    for (var refused :
        List.<Runnable>of(
            () -> layer.uniform(Shape.of(1)), () -> layer.setStatistic("mean", mean))) {
      var error = assertThrows(IllegalStateException.class, refused::run);
      assertEquals("Layer layers.0: expected training, found prediction", error.getMessage());
    }
    assertEquals(Map.of(), model.statistics());
  }
}
