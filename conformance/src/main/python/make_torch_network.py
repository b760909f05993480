#!/usr/bin/env python3
"""Writes a small residual network as PyTorch saves it, torch-network.safetensors.

The network has what resnet8 has, at a small scale, with random weights and running statistics: a
3x3 convolution, a residual block of two, a residual block with stride 2 and a shortcut, batch norms
and relus, the mean over places, and a linear layer. The file holds its state_dict, float32, in the
order in which the safetensors library writes it: sorted by name within a type. Beside the weights
lie "example.input" [4, 3, 8, 8] and "example.output" [4, 5], what PyTorch puts out for it in
evaluation mode, computed in float64 from the float32 weights and rounded to float32.

    python3 make_torch_network.py            # writes ../../../../core/src/test/resources/io/measureflow/core/conversion/torch-network.safetensors
    python3 make_torch_network.py OUTPUT     # writes OUTPUT

Needs numpy and torch.
"""

import json
import struct
import sys
from pathlib import Path

import torch
from torch import nn

DTYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}
ORDER = ["F64", "I64", "F32", "F16"]


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(4, 4, 1))
        self.layer2 = nn.Sequential(Block(4, 6, 2))
        self.fc = nn.Linear(6, 5)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer2(self.layer1(x))
        return self.fc(x.mean(dim=(2, 3)))


def save(tensors, path):
    """Writes a safetensors file."""
    names = sorted(tensors, key=lambda name: (ORDER.index(DTYPES[tensors[name].dtype]), name))
    header, data = {}, b""
    for name in names:
        content = tensors[name].contiguous().numpy().tobytes()
        header[name] = {
            "dtype": DTYPES[tensors[name].dtype],
            "shape": list(tensors[name].shape),
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    target = (
        sys.argv[1]
        if len(sys.argv) > 1
        else Path(__file__).resolve().parents[4]
        / "core/src/test/resources/io/measureflow/core/conversion/torch-network.safetensors"
    )
    torch.manual_seed(2027)
    network = Network()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
            nn.init.normal_(module.running_mean, 0, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)
    tensors = dict(network.state_dict())
    x = torch.randn(4, 3, 8, 8)
    with torch.no_grad():
        y = network.double().eval()(x.double())
    tensors = {name: value.clone() for name, value in tensors.items()}
    for name, value in network.state_dict().items():
        tensors[name] = value.float() if value.dtype == torch.float64 else value
    tensors["example.input"] = x
    tensors["example.output"] = y.float()
    save(tensors, target)


if __name__ == "__main__":
    main()
