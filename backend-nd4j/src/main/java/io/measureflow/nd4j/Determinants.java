package io.measureflow.nd4j;

/** Elimination with partial pivoting [golub2013] in double precision, with its own memory. */
final class Determinants {

  private final Memory a;
  private final int q;
  private final double[] left;
  private final double[] right;

  Determinants(Memory a, int size) {
    this.a = a;
    q = size;
    left = new double[q * q];
    right = new double[q * q];
  }

  /** Reduces matrix k and the adjoined identity; returns log |det|, minus infinity if singular. */
  private double eliminate(int k) {
    for (int i = 0; i < q * q; i++) {
      left[i] = a.get(k * q * q + i);
      right[i] = i / q == i % q ? 1 : 0;
    }
    double logarithm = 0;
    for (int column = 0; column < q; column++) {
      int best = column;
      for (int row = column + 1; row < q; row++) {
        if (Math.abs(left[row * q + column]) > Math.abs(left[best * q + column])) {
          best = row;
        }
      }
      for (int j = 0; j < q; j++) {
        swap(left, column * q + j, best * q + j);
        swap(right, column * q + j, best * q + j);
      }
      double pivot = left[column * q + column];
      if (pivot == 0) {
        return Double.NEGATIVE_INFINITY;
      }
      logarithm += Math.log(Math.abs(pivot));
      for (int j = 0; j < q; j++) {
        left[column * q + j] /= pivot;
        right[column * q + j] /= pivot;
      }
      for (int row = 0; row < q; row++) {
        double factor = left[row * q + column];
        if (row != column && factor != 0) {
          for (int j = 0; j < q; j++) {
            left[row * q + j] -= factor * left[column * q + j];
            right[row * q + j] -= factor * right[column * q + j];
          }
        }
      }
    }
    return logarithm;
  }

  private static void swap(double[] elements, int i, int j) {
    double kept = elements[i];
    elements[i] = elements[j];
    elements[j] = kept;
  }

  void logarithms(Memory out) {
    for (int k = 0; k < out.size(); k++) {
      out.set(k, eliminate(k));
    }
  }

  void inverseTransposes(Memory out, int count) {
    for (int k = 0; k < count; k++) {
      boolean regular = eliminate(k) != Double.NEGATIVE_INFINITY;
      for (int i = 0; i < q * q; i++) {
        out.set(k * q * q + i, regular ? right[i % q * q + i / q] : Double.NaN);
      }
    }
  }
}
