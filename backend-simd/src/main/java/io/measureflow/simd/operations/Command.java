package io.measureflow.simd.operations;

/** One step of a compiled program, with operands and results bound to memory. */
@FunctionalInterface
public interface Command {
  /** Executes the command once. */
  void run();
}
