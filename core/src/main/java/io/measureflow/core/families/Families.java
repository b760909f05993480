package io.measureflow.core.families;

import io.measureflow.api.measure.Family;

/** The families of MeasureFlow. Those from elsewhere are found by name in the extensions. */
public final class Families {

  /** Points: an ordinary layer of neurons. */
  public static final Family DIRAC = new DiracFamily();

  /** Gaussians on w with one standard deviation each. */
  public static final Family ISOTROPIC = new IsotropicFamily();

  /** Gaussians on w with a standard deviation for each coordinate. */
  public static final Family DIAGONAL = new DiagonalFamily();

  /** Gaussians on (a, w) whose covariance is a diagonal and a factor of some rank. */
  public static final Family FACTORED = new FactoredFamily();

  /** Gaussians on (a, w) with any covariance. */
  public static final Family FULL = new FullFamily();

  private Families() {}
}
