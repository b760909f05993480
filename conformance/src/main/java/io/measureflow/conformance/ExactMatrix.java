package io.measureflow.conformance;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * A square matrix of float64 numbers, represented as integers times a common power of 2, so that
 * determinants can be computed exactly.
 */
final class ExactMatrix {

  private final BigInteger[][] entries;

  /** The exponent of the power of 2. */
  private final int exponent;

  private ExactMatrix(BigInteger[][] entries, int exponent) {
    this.entries = entries;
    this.exponent = exponent;
  }

  /** Returns the matrix that begins at {@code offset}. */
  static ExactMatrix of(double[] elements, int offset, int size) {
    int exponent = 0;
    for (int i = offset; i < offset + size * size; i++) {
      if (elements[i] != 0) {
        exponent = Math.min(exponent, Math.getExponent(elements[i]) - 52);
      }
    }
    BigDecimal scale = new BigDecimal(BigInteger.ONE.shiftLeft(-exponent));
    var entries = new BigInteger[size][size];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        entries[row][column] =
            new BigDecimal(elements[offset + row * size + column])
                .multiply(scale)
                .toBigIntegerExact();
      }
    }
    return new ExactMatrix(entries, exponent);
  }

  /** log |det|; minus infinity for a singular matrix. */
  double logarithmOfDeterminant() {
    BigInteger determinant = determinant(entries).abs();
    int shift = Math.max(0, determinant.bitLength() - 64);
    double leading = determinant.shiftRight(shift).doubleValue();
    return Math.log(leading) + (shift + (double) exponent * entries.length) * Math.log(2);
  }

  /** Cofactors over the determinant, row by row; NaN for a singular matrix. */
  double[] inverseTranspose() {
    int size = entries.length;
    double[] inverse = new double[size * size];
    BigInteger[][] m = besideIdentity();
    if (!eliminate(m)) {
      Arrays.fill(inverse, Double.NaN);
      return inverse;
    }
    // Each row is now the determinant times one of [I, A^-1], up to a common sign.
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        double quotient = quotient(m[column][size + row], m[column][column]);
        inverse[row * size + column] = Math.scalb(quotient, -exponent);
      }
    }
    return inverse;
  }

  /** Returns the matrix [A, I]. */
  private BigInteger[][] besideIdentity() {
    int size = entries.length;
    var m = new BigInteger[size][2 * size];
    for (int row = 0; row < size; row++) {
      System.arraycopy(entries[row], 0, m[row], 0, size);
      Arrays.fill(m[row], size, 2 * size, BigInteger.ZERO);
      m[row][size + row] = BigInteger.ONE;
    }
    return m;
  }

  /**
   * Eliminates each column except its pivot, as {@link #determinant}; false if there is no pivot.
   */
  private static boolean eliminate(BigInteger[][] m) {
    BigInteger before = BigInteger.ONE;
    for (int k = 0; k < m.length; k++) {
      int pivot = k;
      while (pivot < m.length && m[pivot][k].signum() == 0) {
        pivot++;
      }
      if (pivot == m.length) {
        return false;
      }
      BigInteger[] row = m[k];
      m[k] = m[pivot];
      m[pivot] = row;
      BigInteger[] top = m[k];
      for (int i = 0; i < m.length; i++) {
        if (i == k) {
          continue;
        }
        BigInteger factor = m[i][k];
        for (int j = 0; j < m[i].length; j++) {
          m[i][j] = top[k].multiply(m[i][j]).subtract(factor.multiply(top[j])).divide(before);
        }
      }
      before = top[k];
    }
    return true;
  }

  private static double quotient(BigInteger numerator, BigInteger denominator) {
    int shift = Math.max(0, denominator.bitLength() - numerator.bitLength() + 64);
    double shifted = numerator.shiftLeft(shift).divide(denominator).doubleValue();
    return Math.scalb(shifted, -shift);
  }

  /** Eliminates without fractions [bareiss1968]: every division is exact. */
  private static BigInteger determinant(BigInteger[][] matrix) {
    int size = matrix.length;
    var m = new BigInteger[size][];
    for (int row = 0; row < size; row++) {
      m[row] = matrix[row].clone();
    }
    BigInteger before = BigInteger.ONE;
    boolean negative = false;
    for (int k = 0; k < size; k++) {
      int pivot = k;
      while (pivot < size && m[pivot][k].signum() == 0) {
        pivot++;
      }
      if (pivot == size) {
        return BigInteger.ZERO;
      }
      if (pivot != k) {
        BigInteger[] row = m[k];
        m[k] = m[pivot];
        m[pivot] = row;
        negative = !negative;
      }
      for (int i = k + 1; i < size; i++) {
        for (int j = k + 1; j < size; j++) {
          m[i][j] = m[k][k].multiply(m[i][j]).subtract(m[i][k].multiply(m[k][j])).divide(before);
        }
      }
      before = m[k][k];
    }
    return negative ? before.negate() : before;
  }
}
