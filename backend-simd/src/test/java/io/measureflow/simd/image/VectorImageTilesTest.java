package io.measureflow.simd.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class VectorImageTilesTest {

  @Test
  void areWhatTheGeneratorWrites() throws IOException {
    assertEquals(ImageTileGenerator.generate(), Files.readString(ImageTileGenerator.OUTPUT));
  }
}
