package io.measureflow.nd4j;

/** One instruction of a compiled program, its operands and results bound to memory. */
@FunctionalInterface
interface Step {
  /** Executes the instruction once. */
  void run();
}
