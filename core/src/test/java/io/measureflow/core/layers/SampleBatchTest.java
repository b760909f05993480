package io.measureflow.core.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Executable;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Workspace;
import io.measureflow.api.model.SampleBatch;
import io.measureflow.api.program.Op;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.core.reference.ReferenceBackendProvider;
import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Where the elements of samples lie in each form, by the arithmetic of indices. */
class SampleBatchTest {

  private static final int BATCH = 3;
  private static final int CHANNELS = 2;
  private static final int HEIGHT = 4;
  private static final int WIDTH = 5;
  private static final Shape IMAGE = Shape.of(CHANNELS, HEIGHT, WIDTH);

  /** Writes the elements of a batch in one form; element (b, c, y, x) of the input is its index. */
  private static double[] written(Function<SampleBatch, Value> form, boolean ofPixels) {
    return written((program, batch) -> form.apply(batch), ofPixels);
  }

  private static double[] written(
      BiFunction<ProgramBuilder, SampleBatch, Value> form, boolean ofPixels) {
    var program = new ProgramBuilder("forms");
    int size = BATCH * IMAGE.size();
    Value input =
        program.input(
            "x", ofPixels ? Shape.of(size / CHANNELS, CHANNELS) : Shape.of(BATCH, IMAGE.size()));
    SampleBatch batch =
        ofPixels
            ? SampleBatch.ofPixels(program, input, HEIGHT, WIDTH)
            : SampleBatch.ofRows(program, input, IMAGE);
    program.output("y", program.emit(new Op.Affine(form.apply(program, batch), 1, 0)));
    try (Backend backend =
            new ReferenceBackendProvider().open(BackendSettings.of(1, Precision.FLOAT64));
        Workspace workspace = backend.newWorkspace();
        Executable executable = workspace.compile(program.build())) {
      for (int i = 0; i < size; i++) {
        executable.input("x").set(i, i);
      }
      executable.run();
      return executable.output("y").toDoubles();
    }
  }

  private interface Index {
    int of(int sample, int channel, int row, int column);
  }

  private static int inRows(int b, int c, int y, int x) {
    return ((b * CHANNELS + c) * HEIGHT + y) * WIDTH + x;
  }

  private static int inPixels(int b, int c, int y, int x) {
    return ((y * WIDTH + x) * BATCH + b) * CHANNELS + c;
  }

  /** Returns what stands at each place of a form, where the input has another. */
  private static double[] expected(Index at, Index from) {
    double[] expected = new double[BATCH * IMAGE.size()];
    for (int b = 0; b < BATCH; b++) {
      for (int c = 0; c < CHANNELS; c++) {
        for (int y = 0; y < HEIGHT; y++) {
          for (int x = 0; x < WIDTH; x++) {
            expected[at.of(b, c, y, x)] = from.of(b, c, y, x);
          }
        }
      }
    }
    return expected;
  }

  @Test
  void rowsAreInRowMajorOrderAndPixelsByChannel() {
    Index rows = SampleBatchTest::inRows;
    Index pixels = SampleBatchTest::inPixels;
    assertArrayEquals(expected(rows, rows), written(SampleBatch::rows, false));
    assertArrayEquals(expected(pixels, rows), written(SampleBatch::pixels, false));
    assertArrayEquals(expected(rows, pixels), written(SampleBatch::rows, true));
    assertArrayEquals(expected(pixels, pixels), written(SampleBatch::pixels, true));
    // The last axis of images is that of columns, in the order of rows.
    assertArrayEquals(expected(rows, rows), written(SampleBatch::lastAxis, false));
    assertArrayEquals(expected(rows, pixels), written(SampleBatch::lastAxis, true));
  }

  @Test
  void formsComeBackAndSumsMayMixThem() {
    Index rows = SampleBatchTest::inRows;
    Index pixels = SampleBatchTest::inPixels;
    double[] twice = Arrays.stream(expected(rows, rows)).map(x -> 2 * x).toArray();
    assertArrayEquals(
        expected(rows, rows), written((program, batch) -> again(program, batch).rows(), false));
    assertArrayEquals(
        expected(pixels, pixels),
        written((program, batch) -> batch.reshape(CHANNELS, HEIGHT, WIDTH).pixels(), true));
    assertArrayEquals(
        twice, written((program, batch) -> batch.add(again(program, batch)).rows(), false));
    assertArrayEquals(
        twice, written((program, batch) -> again(program, batch).add(batch).rows(), false));
  }

  /** Returns the same images from their pixels. */
  private static SampleBatch again(ProgramBuilder program, SampleBatch batch) {
    return SampleBatch.ofPixels(program, batch.pixels(), HEIGHT, WIDTH);
  }
}
