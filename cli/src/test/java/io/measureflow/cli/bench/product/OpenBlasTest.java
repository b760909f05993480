package io.measureflow.cli.bench.product;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.measureflow.api.error.InvalidRequestException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenBlasTest {

  @TempDir Path folder;

  private Path file(String path) throws Exception {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "no library");
  }

  @Test
  void theNewestInTheCacheComesFirst() throws Exception {
    String inside = "org/bytedeco/openblas/linux-x86_64/";
    Path old = file("openblas-0.3.19-1.5.7-linux-x86_64.jar/" + inside + "libopenblas.so.0");
    Path young = file("openblas-0.3.31-1.5.13-linux-x86_64.jar/" + inside + "libopenblas.so.0");
    file("openblas-0.3.31-1.5.13-linux-x86_64.jar/" + inside + "libopenblas_nolapack.so.0");
    file("other-0.1.jar/" + inside + "libopenblas.so.0");
    assertEquals(List.of(young, old), OpenBlas.unpacked(folder));
    assertEquals(List.of(), OpenBlas.unpacked(folder.resolve("none")));
  }

  @Test
  void aFileThatIsNoLibraryIsNamed() {
    String none =
        assertThrows(
                InvalidRequestException.class,
                () -> OpenBlas.load("--openblas", folder.resolve("none.so")))
            .getMessage();
    assertTrue(none.startsWith("--openblas: expected the shared library of OpenBLAS"), none);
    assertTrue(none.contains("none.so, which is no file"), none);
  }

  @Test
  void productsAreThoseOfPlainLoops() {
    Optional<OpenBlas> found = OpenBlas.find(Path.of(System.getProperty("user.home")));
    Assumptions.assumeTrue(found.isPresent(), "there is no OpenBLAS");
    OpenBlas library = found.orElseThrow();
    assertFalse(library.coreName().isBlank());
    assertTrue(library.build().contains("OpenBLAS"), library.build());
    library.setThreads(1);
    var random = new SplittableRandom(5);
    for (boolean transposeA : new boolean[] {false, true}) {
      for (boolean transposeB : new boolean[] {false, true}) {
        var product = new Product("odd", 5, 7, 3, transposeA, transposeB);
        float[] a = numbers(random, 5 * 3);
        float[] b = numbers(random, 3 * 7);
        float[] c = new float[5 * 7];
        library
            .product(
                product,
                MemorySegment.ofArray(a),
                MemorySegment.ofArray(b),
                MemorySegment.ofArray(c))
            .run();
        for (int i = 0; i < 5; i++) {
          for (int j = 0; j < 7; j++) {
            double sum = 0;
            for (int k = 0; k < 3; k++) {
              sum +=
                  (double) a[transposeA ? k * 5 + i : i * 3 + k]
                      * b[transposeB ? j * 3 + k : k * 7 + j];
            }
            double actual = c[i * 7 + j];
            assertTrue(Math.abs(sum - actual) <= 1e-6, product + ": " + sum + " " + actual);
          }
        }
      }
    }
  }

  private static float[] numbers(SplittableRandom random, int size) {
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) (random.nextDouble() - 0.5);
    }
    return numbers;
  }
}
