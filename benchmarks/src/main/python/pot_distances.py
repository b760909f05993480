"""Times the distances of io.measureflow.benchmarks.distances.DistanceTimes in POT, on one thread.

    pip install pot
    python benchmarks/src/main/python/pot_distances.py [--only TEXT] > pot.txt

Prints a line for each case: its name, the value, and the least of the seconds. DistanceTimes reads them,
computes the same cases and compares both.

The numbers come from a formula that both sides share (`uniform`): no file is exchanged.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import time

import numpy as np
import ot

COMPONENTS = 1000
DIMENSION = 784
PAIRS = 5


def uniform(stream, count):
    """Uniform numbers from -1 to 1, by the mixing function of SplitMix64."""
    with np.errstate(over="ignore"):
        z = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(stream << 32)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1


def means(stream, k=COMPONENTS):
    return uniform(stream, k * DIMENSION).reshape(k, DIMENSION)


def spreads(stream, k=COMPONENTS):
    return 0.6 + 0.4 * uniform(stream, k * DIMENSION).reshape(k, DIMENSION)


def scales(stream):
    """One standard deviation for each component."""
    return (0.6 + 0.4 * uniform(stream, COMPONENTS))[:, None]


def weights(stream):
    if stream == 0:
        return np.full(COMPONENTS, 1 / COMPONENTS)
    w = 0.6 + 0.4 * uniform(stream, COMPONENTS)
    return w / w.sum()


def full(stream, k):
    """Means, and covariances from square roots."""
    root = uniform(stream, k * DIMENSION**2).reshape(k, DIMENSION, DIMENSION) / np.sqrt(DIMENSION)
    return means(stream + 50, k), root @ root.swapaxes(1, 2)


def factored(stream, k, rank=4):
    std = spreads(stream, k)
    factor = uniform(stream + 50, k * DIMENSION * rank).reshape(k, DIMENSION, rank)
    covariance = factor @ factor.swapaxes(1, 2)
    covariance[:, np.arange(DIMENSION), np.arange(DIMENSION)] += std**2
    return means(stream + 100, k), covariance


def costs(m0, s0, m1, s1):
    """Closed form for commuting covariances: |m0 - m1|^2 + |s0 - s1|^2."""
    cost = ot.dist(m0, m1)
    if s0.shape[1] == 1:
        return cost + DIMENSION * ot.dist(s0, s1)
    return cost + ot.dist(s0, s1)


def mixture(m0, s0, w0, m1, s1, w1):
    return lambda: np.sqrt(ot.emd2(w0, w1, costs(m0, s0, m1, s1), numItermax=10**8))


def transport(m0, s0, w0, m1, s1, w1):
    cost = costs(m0, s0, m1, s1)
    return lambda: ot.emd2(w0, w1, cost, numItermax=10**8)


def pair_distances(first, second):
    """Loops over pairs, since the batched version would hold K x K matrices."""
    return lambda: float(
        sum(
            ot.gaussian.bures_wasserstein_distance(m0, m1, c0, c1)
            for m0, c0, m1, c1 in zip(*first, *second)
        )
    )


def barycentre(gaussians):
    m, c = gaussians

    def run():
        _, covariance = ot.gaussian.bures_wasserstein_barycenter(m, c, eps=1e-7)
        return float(np.trace(covariance))

    return run



def cases():
    for family, spread in (("diagonal", spreads), ("isotropic", scales)):
        m0, s0, m1, s1 = means(1), spread(2), means(3), spread(4)
        moved = m0 + 0.1 * means(5), s0 * (1 + 0.1 * spread(6))
        for name, a, b, w0, w1 in (
            ("independent", (m0, s0), (m1, s1), weights(0), weights(0)),
            ("weighted", (m0, s0), (m1, s1), weights(7), weights(8)),
            ("moved", (m0, s0), moved, weights(0), weights(0)),
            ("reweighted", (m0, s0), moved, weights(7), weights(8)),
        ):
            yield f"mw2-{family}-{name}", mixture(*a, w0, *b, w1), 5
            yield f"transport-{family}-{name}", transport(*a, w0, *b, w1), 5
    yield "bures-full", pair_distances(full(9, PAIRS), full(10, PAIRS)), 3
    yield "bures-factored", pair_distances(factored(11, PAIRS), factored(12, PAIRS)), 3
    yield "barycentre-full", barycentre(full(13, PAIRS)), 1
    yield "barycentre-factored", barycentre(factored(14, PAIRS)), 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="the cases whose names contain this")
    only = parser.parse_args().only
    for name, run, repeats in cases():
        if only not in name:
            continue
        seconds = []
        for _ in range(repeats):
            begin = time.perf_counter()
            value = run()
            seconds.append(time.perf_counter() - begin)
        print(f"{name} {float(value)!r} {min(seconds):.5f}", flush=True)


if __name__ == "__main__":
    main()
