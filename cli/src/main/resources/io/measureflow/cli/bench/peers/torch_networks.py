"""Whole networks in PyTorch on the CPU: training steps with Adam, and predictions. Arguments: contiguous|channels-last|compile THREADS.

PyTorch at its best: subnormal numbers are flushed to zero, and Adam updates all parameters in one fused call. The modules
have the names and the order of the layers of `measureflow summary --model NETWORK`, so tensors of checkpoints fit.
"""

import json
import math
import resource
import sys

from serve import serve

RATE = 0.001
STEPS_OF_A_CHECK = 3


def load():
    import torch

    # First of all, as threads take this over from the one that starts them.
    torch.set_flush_denormal(True)
    torch.set_num_threads(int(sys.argv[2]))
    return f"torch {torch.__version__}", lambda *what: Step(torch, sys.argv[1], *what)


def memory(field):
    """Returns a line of /proc/self/status, VmRSS or VmHWM, in bytes; elsewhere the peak."""
    try:
        with open("/proc/self/status") as lines:
            return next(1024 * int(line.split()[1]) for line in lines if line.startswith(field))
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak


def tensors(torch, file):
    """Reads a safetensors file of float32 tensors."""
    with open(file, "rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
        body = bytearray(stream.read())
    values = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            flat = torch.frombuffer(body, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
            values[name] = flat.view(entry["shape"])
    return values


class Step:
    """A training step (forward, cross-entropy, gradients, Adam) of a network on random images, or its prediction."""

    def __init__(self, torch, mode, network, channels, side, classes, batch, task):
        self.resident_before = memory("VmRSS")
        self.torch = torch
        self.training = task == "train"
        self.sizes = batch, channels, side, side
        self.classes = classes
        self.format = torch.channels_last if mode == "channels-last" else torch.contiguous_format
        self.random = torch.Generator().manual_seed(1)
        torch.manual_seed(1)
        self.network = networks(torch)(network, channels, side, classes)
        self.network.to(memory_format=self.format).train(self.training)
        self.optimizer = torch.optim.Adam(self.network.parameters(), RATE, fused=True) if self.training else None

        def loss(images, labels):
            return torch.nn.functional.cross_entropy(self.network(images), labels)

        forward = loss if self.training else self.network
        self.forward = torch.compile(forward) if mode == "compile" else forward

    def new_batch(self):
        self.images = self.torch.rand(*self.sizes, generator=self.random).to(memory_format=self.format)
        self.labels = self.torch.randint(0, self.classes, self.sizes[:1], generator=self.random)

    def run(self):
        if self.training:
            self.optimizer.zero_grad(set_to_none=True)
            self.result = self.forward(self.images, self.labels)
            self.result.backward()
            self.optimizer.step()
            self.result = self.result.detach()
        else:
            with self.torch.no_grad():
                self.result = self.forward(self.images)

    def is_finite(self):
        return bool(self.result.isfinite().all())

    def parameters(self):
        """The number of parameters, the fixed weights of components among them."""
        weights = [value for name, value in self.network.named_buffers() if name.endswith("log_weights")]
        return sum(value.numel() for value in [*self.network.parameters(), *weights])

    def loss(self, file):
        """The loss for the parameters and the batch of a file: in training that of the last of some steps from there."""
        values = tensors(self.torch, file)
        self.images = values.pop("images").view(self.sizes).to(memory_format=self.format)
        self.labels = values.pop("labels").long()
        own = {name: value for name, value in self.network.state_dict().items() if not name.endswith("num_batches_tracked")}
        if own.keys() != values.keys():
            raise ValueError(f"other tensors than those of the network: {sorted(own.keys() ^ values.keys())}")
        for name, value in values.items():
            if own[name].shape != value.shape:
                raise ValueError(f"tensor {name}: expected shape {list(own[name].shape)}, found {list(value.shape)}")
            if name.endswith("log_weights") and not bool((value == value[0]).all()):
                raise ValueError(f"tensor {name}: expected equal weights")
            own[name].copy_(value)
        if not self.training:
            self.run()
            return float(self.torch.nn.functional.cross_entropy(self.result, self.labels))
        self.optimizer.state.clear()
        for _ in range(STEPS_OF_A_CHECK):
            self.run()
        return float(self.result)

    def memory_before(self):
        """The resident memory before the network was made, in bytes."""
        return self.resident_before

    def memory_peak(self):
        return memory("VmHWM")


def networks(torch):
    """Returns a function (network, channels, side, classes) that makes a network by its name."""
    nn, functional = torch.nn, torch.nn.functional

    class Mixture(nn.Module):
        """A diagonal GM layer (relu, with bias): the mean over K neurons of a times the Gaussian mean of relu(w x)."""

        def __init__(self, inputs, outputs, components):
            super().__init__()
            unit = 1 / math.sqrt(inputs + 1)
            self.out_mean = nn.Parameter(torch.randn(components, outputs) * math.sqrt(components))
            self.in_mean = nn.Parameter(torch.randn(components, inputs + 1) * unit)
            self.in_std = nn.Parameter(torch.full((components, inputs + 1), unit / 2))
            self.register_buffer("log_weights", torch.zeros(components))

        def moment(self, mean, variance):
            deviation = variance.sqrt()
            t = mean / deviation
            cdf = torch.erfc(t * -math.sqrt(0.5)) * 0.5
            return mean * cdf + deviation * ((t * t * -0.5).exp() * (1 / math.sqrt(2 * math.pi)))

        def forward(self, x):
            # The last column of the parameters is the bias.
            variances = self.in_std * self.in_std
            mean = functional.linear(x, self.in_mean[:, :-1], self.in_mean[:, -1])
            variance = functional.linear(x * x, variances[:, :-1], variances[:, -1])
            return self.moment(mean, variance) @ (self.out_mean / len(self.out_mean))

    class MixtureConvolution(Mixture):
        """The same GM layer on the window around each pixel."""

        def __init__(self, inputs, outputs, components, kernel, padding):
            super().__init__(inputs * kernel * kernel, outputs, components)
            self.kernel, self.padding = kernel, padding

        def forward(self, x):
            batch, _, height, width = x.shape
            patches = functional.unfold(x, self.kernel, padding=self.padding)  # [B, C k k, pixels]
            variances = self.in_std * self.in_std
            mean = self.in_mean[:, :-1] @ patches + self.in_mean[:, -1:]
            variance = variances[:, :-1] @ (patches * patches) + variances[:, -1:]
            y = (self.out_mean / len(self.out_mean)).T @ self.moment(mean, variance)
            return y.view(batch, -1, height, width)

    class ConvolutionWithRelu(nn.Conv2d):
        def forward(self, x):
            return functional.relu(super().forward(x))

    class LinearWithRelu(nn.Linear):
        def forward(self, x):
            return functional.relu(super().forward(x))

    class Residual(nn.Module):
        def __init__(self, layers, shortcut=()):
            super().__init__()
            self.layers, self.shortcut = nn.Sequential(*layers), nn.Sequential(*shortcut)

        def forward(self, x):
            return self.layers(x) + self.shortcut(x)

    class GlobalAverage(nn.Module):
        def forward(self, x):
            return x.mean((2, 3))

    class Network(nn.Module):
        def __init__(self, *layers):
            super().__init__()
            self.layers = nn.Sequential(*layers)

        def forward(self, x):
            return self.layers(x)

    def lenet(channels, side, classes):
        return Network(
            ConvolutionWithRelu(channels, 16, 5, padding=2),
            nn.MaxPool2d(2),
            ConvolutionWithRelu(16, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Flatten(),
            LinearWithRelu(32 * (side // 4) ** 2, 128),
            nn.Linear(128, classes),
        )

    def gm_lenet(channels, side, classes):
        return Network(
            MixtureConvolution(channels, 16, 32, 5, 2),
            nn.BatchNorm2d(16),
            nn.MaxPool2d(2),
            MixtureConvolution(16, 32, 64, 5, 2),
            nn.BatchNorm2d(32),
            nn.MaxPool2d(2),
            nn.Flatten(),
            Mixture(32 * (side // 4) ** 2, classes, 128),
        )

    def convolution(inputs, outputs, kernel, stride):
        return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)

    def block(inputs, outputs, stride):
        body = [
            convolution(inputs, outputs, 3, stride),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            convolution(outputs, outputs, 3, 1),
            nn.BatchNorm2d(outputs),
        ]
        if stride == 1:
            return Residual(body)
        return Residual(body, [convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs)])

    def resnet8(channels, side, classes):
        return Network(
            convolution(channels, 16, 3, 1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            block(16, 16, 1),
            nn.ReLU(),
            block(16, 32, 2),
            nn.ReLU(),
            block(32, 64, 2),
            nn.ReLU(),
            GlobalAverage(),
            nn.Linear(64, classes),
        )

    known = {"lenet": lenet, "gm-lenet": gm_lenet, "resnet8": resnet8}
    return lambda network, *sizes: known[network](*sizes)


if __name__ == "__main__":
    serve(load)
