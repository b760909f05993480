package io.measureflow.api.program;

import java.util.ArrayList;
import java.util.List;

/**
 * The static shape of a tensor: its dimensions, outermost first (row-major). Rank 0 is a scalar;
 * rank 4 is the highest. A dimension may be 0.
 */
public record Shape(List<Integer> dimensions) {

  /** The highest rank that programs use. */
  public static final int MAX_RANK = 4;

  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(List.of());

  /**
   * @throws IllegalArgumentException if the rank is above {@value #MAX_RANK}, a dimension is
   *     negative or the number of elements exceeds {@link Integer#MAX_VALUE}
   */
  public Shape {
    dimensions = List.copyOf(dimensions);
    if (dimensions.size() > MAX_RANK) {
      throw new IllegalArgumentException(
          "Shape: expected at most " + MAX_RANK + " dimensions, found " + dimensions);
    }
    long size = 1;
    for (int dimension : dimensions) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "Shape: expected dimensions of at least 0, found " + dimensions);
      }
      // Stays above the limit unless a 0 follows, and cannot overflow.
      size = Math.min(size * dimension, Integer.MAX_VALUE + 1L);
    }
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Shape: expected at most " + Integer.MAX_VALUE + " elements, found " + dimensions);
    }
  }

  /** Returns the shape with these dimensions, outermost first. */
  public static Shape of(int... dimensions) {
    var list = new ArrayList<Integer>(dimensions.length);
    for (int dimension : dimensions) {
      list.add(dimension);
    }
    return new Shape(list);
  }

  /** Returns the number of dimensions. */
  public int rank() {
    return dimensions.size();
  }

  /** Returns the length of dimension {@code axis}, counted from the outermost. */
  public int dimension(int axis) {
    return dimensions.get(axis);
  }

  /** Returns the number of elements; 1 for a scalar. */
  public int size() {
    int size = 1;
    for (int dimension : dimensions) {
      size *= dimension;
    }
    return size;
  }

  /**
   * Returns the shape that two operands broadcast to, by the rule of NumPy: aligned at the
   * innermost dimension, each pair of dimensions is equal or one of them is 1.
   *
   * @throws IllegalArgumentException if the shapes do not broadcast
   */
  public Shape broadcast(Shape other) {
    int rank = Math.max(rank(), other.rank());
    var result = new ArrayList<Integer>(rank);
    for (int axis = 0; axis < rank; axis++) {
      int a = aligned(axis, rank);
      int b = other.aligned(axis, rank);
      if (a != b && a != 1 && b != 1) {
        throw new IllegalArgumentException(
            "Broadcast: expected dimensions that are equal or 1, found " + this + " and " + other);
      }
      result.add(a == 1 ? b : a);
    }
    return new Shape(result);
  }

  /** Returns whether this shape broadcasts to exactly {@code target}. */
  public boolean broadcastsTo(Shape target) {
    if (rank() > target.rank()) {
      return false;
    }
    for (int axis = 0; axis < target.rank(); axis++) {
      int own = aligned(axis, target.rank());
      if (own != 1 && own != target.dimension(axis)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the dimension at {@code axis} once this shape is padded to {@code rank} dimensions,
   * with 1 for the missing outer ones.
   */
  public int aligned(int axis, int rank) {
    int own = axis - (rank - rank());
    return own < 0 ? 1 : dimensions.get(own);
  }

  @Override
  public String toString() {
    return dimensions.toString();
  }
}
