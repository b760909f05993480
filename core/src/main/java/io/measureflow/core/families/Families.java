package io.measureflow.core.families;

import io.measureflow.api.measure.Family;

/** The families of MeasureFlow. Others are found by name in the extensions. */
public final class Families {

  /** Points: an ordinary layer of neurons. */
  public static final Family DIRAC = new DiracFamily();

  /** Gaussians on w with one standard deviation each. */
  public static final Family ISOTROPIC = new IsotropicFamily();

  /** Gaussians on w with a standard deviation for each coordinate. */
  public static final Family DIAGONAL = new DiagonalFamily();

  /** Gaussians on (a, w) whose covariance is a diagonal plus a factor of some rank. */
  public static final Family FACTORED = new FactoredFamily();

  /** Gaussians on (a, w) with a general covariance. */
  public static final Family FULL = new FullFamily();

  private Families() {}
}
