package io.measureflow.api.program;

/**
 * A tensor of a program: an input, a state, or the result of one instruction. Each value is
 * assigned once; a state also carries over to the next run.
 *
 * @param id a number that is unique within its program
 * @param kind real or integer elements
 * @param shape its static shape
 * @param name the name by which an input or state is bound, or a hint for readers
 */
public record Value(int id, Kind kind, Shape shape, String name) {

  /** What the elements of a value are. */
  public enum Kind {
    /** Floating-point numbers of the precision in which the program runs. */
    REAL,
    /** 32-bit integers: class labels, row indices. */
    INTEGER
  }

  @Override
  public String toString() {
    return "%" + id + ":" + name + shape;
  }
}
