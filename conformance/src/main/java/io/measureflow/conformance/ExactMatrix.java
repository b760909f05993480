package io.measureflow.conformance;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * A square matrix of float64 numbers, which are integers times a common power of 2, so that
 * determinants can be computed exactly.
 */
final class ExactMatrix {

  private final BigInteger[][] entries;

  /** Of the power of 2. */
  private final int exponent;

  private ExactMatrix(BigInteger[][] entries, int exponent) {
    this.entries = entries;
    this.exponent = exponent;
  }

  /** The matrix that begins at {@code offset}. */
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
    BigInteger determinant = determinant(entries);
    double[] inverse = new double[size * size];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        BigInteger minor = determinant(without(row, column));
        double cofactor = quotient((row + column) % 2 == 0 ? minor : minor.negate(), determinant);
        inverse[row * size + column] = Math.scalb(cofactor, -exponent);
      }
    }
    return inverse;
  }

  private BigInteger[][] without(int row, int column) {
    int size = entries.length - 1;
    var minor = new BigInteger[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        minor[i][j] = entries[i < row ? i : i + 1][j < column ? j : j + 1];
      }
    }
    return minor;
  }

  private static double quotient(BigInteger numerator, BigInteger denominator) {
    if (denominator.signum() == 0) {
      return Double.NaN;
    }
    int shift = Math.max(0, denominator.bitLength() - numerator.bitLength() + 64);
    double shifted = numerator.shiftLeft(shift).divide(denominator).doubleValue();
    return Math.scalb(shifted, -shift);
  }

  /** By elimination without fractions [bareiss1968], in which every division is exact. */
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
