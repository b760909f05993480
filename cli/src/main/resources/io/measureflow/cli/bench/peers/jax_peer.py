"""The training step in JAX on the CPU, compiled by XLA, parameters donated. Arguments: jit THREADS."""

import math
import os
import sys

from serve import serve


def load():
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    if hasattr(os, "sched_setaffinity"):
        # XLA starts a thread for each processor that it may use when it is loaded.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[2])])
    import jax

    return f"jax {jax.__version__}", lambda *sizes: Step(jax, *sizes)


class Step:
    """Forward, cross-entropy, gradients and Wasserstein step (the learning rate times K) of one mixture layer (relu)."""

    def __init__(self, jax, family, components, batch, inputs, outputs, rank):
        self.jax = jax
        self.keys = iter(jax.random.split(jax.random.PRNGKey(1), 10_000))
        self.sizes = components, batch, inputs, outputs, rank
        self.parameters = self.initial(family)
        layer = getattr(self, family)
        numpy = jax.numpy

        def loss(parameters, features, labels):
            logits = layer(features, **parameters) / components
            log_probabilities = jax.nn.log_softmax(logits)
            return -numpy.take_along_axis(log_probabilities, labels[:, None], axis=1).mean()

        def step(parameters, features, labels):
            gradients = jax.grad(loss)(parameters, features, labels)
            rate = 0.1 * components
            return {name: value - rate * gradients[name] for name, value in parameters.items()}

        self.step = jax.jit(step, donate_argnums=0)

    def normal(self, deviation, *shape):
        return self.jax.random.normal(next(self.keys), shape) * deviation

    def initial(self, family):
        components, _, inputs, outputs, rank = self.sizes
        unit = 1 / math.sqrt(inputs)
        parameters = {
            "out": self.normal(1, components, outputs),
            "mean": self.normal(unit, components, inputs),
        }
        if family != "dirac":
            entries = 1 if family == "isotropic" else inputs
            parameters["std"] = self.jax.numpy.full((components, entries), unit / 2)
        if family == "factored":
            # As a user of XLA would lay them out: no transposition in the step.
            parameters["factor_in"] = self.normal(unit / 4, inputs, components, rank)
            parameters["factor_out"] = self.normal(0.05, components, rank, outputs)
        return parameters

    def new_batch(self):
        _, batch, inputs, outputs, _ = self.sizes
        self.features = self.jax.random.uniform(next(self.keys), (batch, inputs))
        self.labels = self.jax.random.randint(next(self.keys), (batch,), 0, outputs)

    def run(self):
        self.parameters = self.jax.block_until_ready(
            self.step(self.parameters, self.features, self.labels)
        )

    def is_finite(self):
        return all(bool(self.jax.numpy.isfinite(p).all()) for p in self.parameters.values())

    def moments(self, mean, variance):
        """The Gaussian mean of relu and its derivative."""
        numpy = self.jax.numpy
        deviation = numpy.sqrt(variance)
        t = mean / deviation
        cdf = self.jax.scipy.stats.norm.cdf(t)
        return mean * cdf + deviation * numpy.exp(-0.5 * t * t) / math.sqrt(2 * math.pi), cdf

    def dirac(self, x, out, mean):
        return self.jax.nn.relu(x @ mean.T) @ out

    def isotropic(self, x, out, mean, std):
        variance = (x * x).sum(1, keepdims=True) * (std * std).T
        return self.moments(x @ mean.T, variance)[0] @ out

    def diagonal(self, x, out, mean, std):
        return self.moments(x @ mean.T, (x * x) @ (std * std).T)[0] @ out

    def factored(self, x, out, mean, std, factor_in, factor_out):
        components, _, inputs, outputs, rank = self.sizes
        t = (x @ factor_in.reshape(inputs, components * rank)).reshape(-1, components, rank)
        variance = (x * x) @ (std * std).T + (t * t).sum(-1)
        g0, g1 = self.moments(x @ mean.T, variance)
        cross = (g1[..., None] * t).reshape(-1, components * rank)
        return g0 @ out + cross @ factor_out.reshape(components * rank, outputs)


if __name__ == "__main__":
    serve(load)
