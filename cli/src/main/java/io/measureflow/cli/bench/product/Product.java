package io.measureflow.cli.bench.product;

import io.measureflow.api.program.Program;
import io.measureflow.api.program.ProgramBuilder;
import io.measureflow.api.program.Shape;

/**
 * A product C [m, n] of A [m, k] and B [k, n], row-major, either of which may lie transposed.
 *
 * @param name which product of {@link ProductKind} this is
 * @param m the rows of the result
 * @param n the columns of the result
 * @param k the depth: how many numbers each element adds up
 * @param transposeA whether A lies as [k, m]
 * @param transposeB whether B lies as [n, k]
 */
public record Product(String name, int m, int n, int k, boolean transposeA, boolean transposeB) {

  /** The names of the inputs and of the output of {@link #program}. */
  static final String A = "a";

  static final String B = "b";
  static final String C = "c";

  /** Returns the number of floating-point operations. */
  double operations() {
    return 2.0 * m * n * k;
  }

  /** Returns the product as a program, with both factors as inputs: none of them keeps a layout. */
  Program program() {
    var program = new ProgramBuilder(name);
    program.output(
        C,
        program.matMul(
            program.input(A, transposeA ? Shape.of(k, m) : Shape.of(m, k)),
            transposeA,
            program.input(B, transposeB ? Shape.of(n, k) : Shape.of(k, n)),
            transposeB));
    return program.build();
  }

  /** Returns name and shape, such as {@code XMt 128x16x784}. */
  String label() {
    return name + " " + m + "x" + n + "x" + k;
  }
}
