package io.measureflow.simd.product;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class VectorTilesTest {

  @Test
  void areWhatTheGeneratorWrites() throws IOException {
    assertEquals(TileGenerator.generate(), Files.readString(TileGenerator.OUTPUT));
  }
}
