/**
 * Geometry of Gaussians and their mixtures, in float64 on the host, independent of layers and
 * backends: Bures-Wasserstein and mixture-Wasserstein distances with their transport plans,
 * geodesics and barycentres, and conversions between a measure on neurons and an ordinary network
 * (docs/mathematics.md, section 7).
 *
 * <p>A covariance is represented by a root, Sigma = R R'. No square root of a covariance is ever
 * taken, so singular covariances and small distances keep their accuracy. Citations in square
 * brackets are keys of {@code docs/bibliography.bib}.
 */
@NullMarked
package io.measureflow.core.measures;

import org.jspecify.annotations.NullMarked;
