package io.measureflow.benchmarks.machine;

import io.measureflow.api.backend.Backend;
import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;
import io.measureflow.benchmarks.step.FilledProgram;
import io.measureflow.benchmarks.timing.Burst;

/** A product of two matrices that is large enough for a machine to show its best rate. */
public final class SquareProduct implements AutoCloseable {

  private static final int SIZE = 1024;
  private static final double OPERATIONS = 2.0 * SIZE * SIZE * SIZE;

  private final FilledProgram product;

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

  /** The rate in a burst of so many seconds, in GFLOP/s. */
  public double rate(double burst) {
    return OPERATIONS / Burst.seconds(product::run, burst) / 1e9;
  }

  @Override
  public void close() {
    product.close();
  }
}
