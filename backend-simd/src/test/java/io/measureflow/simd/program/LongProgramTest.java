package io.measureflow.simd.program;

import static io.measureflow.simd.Samples.assertClose;
import static io.measureflow.simd.Samples.normal;

import io.measureflow.api.backend.BackendSettings;
import io.measureflow.api.backend.Precision;
import io.measureflow.api.backend.Tensor;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.api.program.Value;
import io.measureflow.simd.Samples;
import io.measureflow.simd.SimdBackendProvider;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Programs of many thousands of instructions: compilation takes linear time. */
class LongProgramTest {

  private static float[] run(Program program, Map<String, Tensor> states, Tensor x) {
    try (var backend = new SimdBackendProvider().open(BackendSettings.of(1, Precision.FLOAT32));
        var workspace = backend.newWorkspace();
        var executable = workspace.compile(program)) {
      states.forEach(workspace::write);
      executable.input("x").copyFrom(x);
      executable.run();
      return executable.output("y").toFloats();
    }
  }

  /** Layers of one width, whose activations are in panels if the kernels support them. */
  @Test
  void layers() {
    int depth = 3000;
    int rows = 6;
    int width = 32;
    float[] weights = normal(1, width * width);
    float[] input = normal(2, rows * width);
    var builder = new ProgramBuilder("deep");
    Value w = builder.state("w", Shape.of(width, width));
    Value zero = builder.constant(0);
    Value h = builder.input("x", Shape.of(rows, width));
    for (int layer = 0; layer < depth; layer++) {
      h = builder.maximum(builder.affine(builder.matMul(h, false, w, true), 0.25, 0.01), zero);
    }
    builder.output("y", h);
    double[] expected = Samples.toDoubles(input);
    for (int layer = 0; layer < depth; layer++) {
      double[] next = new double[rows * width];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < width; j++) {
          double sum = 0;
          for (int k = 0; k < width; k++) {
            sum += expected[i * width + k] * weights[j * width + k];
          }
          next[i * width + j] = Math.max(0, 0.25 * sum + 0.01);
        }
      }
      expected = next;
    }
    float[] found =
        run(
            builder.build(),
            Map.of("w", Tensor.of(Shape.of(width, width), weights)),
            Tensor.of(Shape.of(rows, width), input));
    assertClose(expected, found, 1e-4, "the last of " + depth + " layers");
  }

  /** A chain of loops over the elements of one product, with a value that all of them read. */
  @Test
  void elementwiseChain() {
    int length = 10_000;
    int rows = 6;
    int width = 32;
    float[] weights = normal(1, width * width);
    float[] input = normal(2, rows * width);
    var builder = new ProgramBuilder("chain");
    Value w = builder.state("w", Shape.of(width, width));
    Value x = builder.input("x", Shape.of(rows, width));
    Value product = builder.matMul(x, false, w, true);
    Value sum = product;
    for (int i = 0; i < length; i++) {
      sum = builder.affine(builder.add(sum, product), 0.5, 0);
    }
    builder.output("y", builder.matMul(sum, false, w, true));
    double[] expected = product(product(Samples.toDoubles(input), weights), weights);
    float[] found =
        run(
            builder.build(),
            Map.of("w", Tensor.of(Shape.of(width, width), weights)),
            Tensor.of(Shape.of(rows, width), input));
    // s := (s + p) / 2 stays at p.
    assertClose(expected, found, 1e-5, "the chain");
  }

  private static double[] product(double[] a, float[] weights) {
    int width = (int) Math.sqrt(weights.length);
    double[] product = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < width; k++) {
        product[i] += a[i - i % width + k] * weights[i % width * width + k];
      }
    }
    return product;
  }
}
