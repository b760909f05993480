package io.measureflow.nd4j;

/** What a compiled program does at one place, its operands and results bound to memory. */
@FunctionalInterface
interface Command {
  /** Executes it once. */
  void run();
}
