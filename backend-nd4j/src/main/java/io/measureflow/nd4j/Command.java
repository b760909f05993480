package io.measureflow.nd4j;

/** One step of a compiled program, with operands and results bound to memory. */
@FunctionalInterface
interface Command {
  /** Executes the command once. */
  void run();
}
