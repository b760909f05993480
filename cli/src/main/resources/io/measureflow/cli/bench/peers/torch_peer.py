"""The training step in PyTorch on the CPU: autograd over the closed form, eager or compiled. Arguments: eager|compile THREADS.

PyTorch at its best: subnormal numbers are flushed to zero, and all parameters are updated in one call.
"""

import math
import sys

from serve import serve


def load():
    import torch

    # First of all, as threads take this over from the one that starts them.
    torch.set_flush_denormal(True)
    torch.set_num_threads(int(sys.argv[2]))
    return f"torch {torch.__version__}", lambda *sizes: Step(torch, sys.argv[1] == "compile", *sizes)


class Step:
    """Forward, cross-entropy, gradients and Wasserstein step (the learning rate times K) of one mixture layer (relu)."""

    def __init__(self, torch, compiled, family, components, batch, inputs, outputs, rank):
        self.torch = torch
        self.random = torch.Generator().manual_seed(1)
        self.sizes = components, batch, inputs, outputs, rank
        self.rate = 0.1 * components
        self.parameters = [p.requires_grad_() for p in self.initial(family)]
        layer = getattr(self, family)

        def loss(features, labels, *parameters):
            return torch.nn.functional.cross_entropy(layer(features, *parameters) / components, labels)

        if compiled:
            # Else the sizes of earlier steps would count as recompilations of this one.
            torch.compiler.reset()
        self.loss = torch.compile(loss) if compiled else loss

    def normal(self, deviation, *shape):
        return self.torch.randn(*shape, generator=self.random) * deviation

    def initial(self, family):
        components, _, inputs, outputs, rank = self.sizes
        unit = 1 / math.sqrt(inputs)
        out, mean = self.normal(1, components, outputs), self.normal(unit, components, inputs)
        if family == "dirac":
            return [out, mean]
        std = self.torch.full((components, 1 if family == "isotropic" else inputs), unit / 2)
        if family != "factored":
            return [out, mean, std]
        factor_in = self.normal(unit / 4, components, inputs, rank)
        return [out, mean, std, factor_in, self.normal(0.05, components, outputs, rank)]

    def new_batch(self):
        _, batch, inputs, outputs, _ = self.sizes
        self.features = self.torch.rand(batch, inputs, generator=self.random)
        self.labels = self.torch.randint(0, outputs, (batch,), generator=self.random)

    def run(self):
        gradients = self.torch.autograd.grad(
            self.loss(self.features, self.labels, *self.parameters), self.parameters
        )
        with self.torch.no_grad():
            self.torch._foreach_add_(self.parameters, gradients, alpha=-self.rate)

    def is_finite(self):
        return all(bool(p.isfinite().all()) for p in self.parameters)

    def moments(self, mean, variance):
        """The Gaussian mean of relu and its derivative."""
        deviation = variance.sqrt()
        t = mean / deviation
        cdf = self.torch.erfc(t * -math.sqrt(0.5)) * 0.5
        pdf = (t * t * -0.5).exp() * (1 / math.sqrt(2 * math.pi))
        return mean * cdf + deviation * pdf, cdf

    def dirac(self, x, out, mean):
        return self.torch.relu(x @ mean.T) @ out

    def isotropic(self, x, out, mean, std):
        variance = (x * x).sum(1, keepdim=True) * (std * std).T
        return self.moments(x @ mean.T, variance)[0] @ out

    def diagonal(self, x, out, mean, std):
        return self.moments(x @ mean.T, (x * x) @ (std * std).T)[0] @ out

    def factored(self, x, out, mean, std, factor_in, factor_out):
        components, _, inputs, outputs, rank = self.sizes
        columns = factor_in.permute(1, 0, 2).reshape(inputs, components * rank)
        t = (x @ columns).view(-1, components, rank)
        variance = (x * x) @ (std * std).T + (t * t).sum(-1)
        g0, g1 = self.moments(x @ mean.T, variance)
        cross = (g1.unsqueeze(-1) * t).view(-1, components * rank)
        return g0 @ out + cross @ factor_out.permute(0, 2, 1).reshape(components * rank, outputs)


if __name__ == "__main__":
    serve(load)
