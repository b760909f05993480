package io.measureflow.benchmarks.machine;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.benchmarks.step.FilledProgram;
import io.measureflow.benchmarks.timing.Burst;

/** A product of two 1024 x 1024 matrices, large enough for a machine to reach its best rate. */
public final class SquareProduct implements AutoCloseable {

  private static final int SIZE = 1024;
  private static final double OPERATIONS = 2.0 * SIZE * SIZE * SIZE;

  private final FilledProgram product;

  /** Compiles the product. */
  public SquareProduct(Backend backend) {
    product = new FilledProgram(backend, program());
  }

  private static Program program() {
    var program = new ProgramBuilder("square product");
    Shape square = Shape.of(SIZE, SIZE);
    program.output(
        "c", program.matMul(program.input("a", square), false, program.state("b", square), false));
    return program.build();
  }

  /** Returns the rate in GFLOP/s during a burst of the given number of seconds. */
  public double rate(double burst) {
    return OPERATIONS / Burst.seconds(product::run, burst) / 1e9;
  }

  @Override
  public void close() {
    product.close();
  }
}
