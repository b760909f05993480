package io.measureflow.api.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.program.Instruction;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Shapes and errors; core checks where the elements lie. */
class SampleBatchTest {

  private final ProgramBuilder program = new ProgramBuilder("test");
  private final Value rows = program.input("rows", Shape.of(5, 24));

  private SampleBatch batch(Shape sample) {
    return SampleBatch.ofRows(program, rows, sample);
  }

  private static void assertRefused(Executable wrong, String... mentions) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, wrong).getMessage());
    for (String mention : mentions) {
      assertTrue(message.contains(mention), () -> "expected \"" + mention + "\" in: " + message);
    }
  }

  @Test
  void shapesFollowFromTheSample() {
    SampleBatch images = batch(Shape.of(2, 3, 4));
    assertEquals(5, images.size());
    assertSame(rows, images.rows());
    assertEquals(Shape.of(30, 4), images.lastAxis().shape());
    assertEquals(Shape.of(60, 2), images.pixels().shape());
    assertEquals(Shape.of(40, 3), batch(Shape.of(8, 3)).lastAxis().shape());
    assertEquals(Shape.of(8, 3), images.reshape(8, 3).sample());
    assertEquals("5 samples of shape [2, 3, 4]", images.toString());
    SampleBatch pixels = SampleBatch.ofPixels(program, images.pixels(), 3, 4);
    assertEquals(Shape.of(2, 3, 4), pixels.sample());
    assertEquals(5, pixels.size());
    assertEquals(Shape.of(5, 24), pixels.rows().shape());
    // Rows of any width may be given if the samples are whole.
    assertEquals(10, batch(Shape.of(3, 4)).size());
  }

  @Test
  void anElementwiseFunctionLeavesTheElementsWhereTheyLie() {
    Value pixels = batch(Shape.of(2, 3, 4)).pixels();
    SampleBatch images = SampleBatch.ofPixels(program, pixels, 3, 4);
    assertEquals(program.square(pixels), images.map(program::square).pixels());
    assertEquals(program.add(pixels, pixels), images.add(batch(Shape.of(2, 3, 4))).pixels());
  }

  @Test
  void aChangeOfFormIsOnePermutation() {
    for (int channels : new int[] {1, 2}) {
      var writer = new ProgramBuilder("forms");
      Shape sample = Shape.of(channels, 3, 4);
      Value input = writer.input("rows", Shape.of(5, sample.size()));
      Value pixels = SampleBatch.ofRows(writer, input, sample).pixels();
      writer.output("rows", SampleBatch.ofPixels(writer, pixels, 3, 4).rows());
      List<Op> ops = writer.build().instructions().stream().map(Instruction::op).toList();
      assertEquals(
          List.of(
              Shape.of(5, channels, 12),
              Shape.of(12, 5, channels),
              Shape.of(60, channels),
              Shape.of(12, 5, channels),
              Shape.of(5, channels, 12),
              Shape.of(5, sample.size())),
          ops.stream().map(op -> op.outputShapes().getFirst()).toList());
      assertEquals(List.of(2, 0, 1), assertInstanceOf(Op.Permute.class, ops.get(1)).axes());
      assertEquals(List.of(1, 2, 0), assertInstanceOf(Op.Permute.class, ops.get(4)).axes());
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertRefused(() -> batch(Shape.of(7)), "whole samples of shape [7]", "rows");
    assertRefused(() -> batch(Shape.of(0)), "whole samples");
    assertRefused(
        () -> SampleBatch.ofPixels(program, rows, 2, 3), "pixels of images of 2x3", "rows");
    assertRefused(() -> batch(Shape.of(4, 6)).pixels(), "images [C, H, W]", "[4, 6]");
    assertRefused(() -> batch(Shape.of(24)).pixels(), "[24]");
    assertRefused(
        () -> batch(Shape.of(24)).add(batch(Shape.of(4, 6))), "one shape", "[24] and [4, 6]");
    assertRefused(
        () -> batch(Shape.of(24)).map(x -> program.sumTo(x, Shape.of(24))), "shape [5, 24]");
    assertRefused(() -> batch(Shape.of(24)).reshape(5, 5), "whole samples of shape [5, 5]");
  }
}
