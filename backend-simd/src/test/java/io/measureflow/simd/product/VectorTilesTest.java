package io.measureflow.simd.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorTilesTest {

  @Test
  void areWhatTheGeneratorWrites() throws IOException {
    for (String name : TileGenerator.CLASSES) {
      assertEquals(TileGenerator.generate(name), Files.readString(TileGenerator.output(name)));
    }
  }

  /** Of other lanes than the machine has too: those are computed without vectors. */
  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16})
  void squaresAreTransposedForAnyNumberOfLanes(int lanes) {
    int columns = 3 * lanes;
    int stride = columns + 3;
    int step = lanes + 5;
    float[] source = new float[2 + lanes * stride];
    for (int i = 0; i < source.length; i++) {
      source[i] = i;
    }
    float[] target = new float[1 + columns * step];
    VectorSquares.transpose(lanes, source, 2, stride, columns, target, 1, step);
    float[] expected = new float[target.length];
    for (int i = 0; i < lanes; i++) {
      for (int j = 0; j < columns; j++) {
        expected[1 + j * step + i] = 2 + i * stride + j;
      }
    }
    assertArrayEquals(expected, target);
  }

  @Test
  void matricesOfAnyShapeAreTransposed() {
    for (ProductKernels kernels : List.of(ProductKernels.vector(), ProductKernels.scalar())) {
      for (int rows : new int[] {1, 3, 8, 16, 21}) {
        for (int columns : new int[] {1, 7, 8, 16, 29}) {
          float[] source = new float[rows * columns];
          for (int i = 0; i < source.length; i++) {
            source[i] = i;
          }
          float[] target = new float[columns * rows];
          kernels.transpose(source, 0, columns, rows, columns, target, 0, rows);
          for (int i = 0; i < target.length; i++) {
            assertEquals(i % rows * columns + i / rows, target[i], rows + " x " + columns);
          }
        }
      }
    }
  }
}
