#!/usr/bin/env python3
"""Trains the network resnet8 in PyTorch and saves it for `measureflow import`.

    python3 train_resnet8.py --data DIR --output resnet8.safetensors --epochs 12
    python3 train_resnet8.py --data DIR --output resnet8.safetensors --epochs 1 --rows 1000

DIR holds data_batch_*.bin of CIFAR-10 (binary version) and, for the accuracy, a test_batch*.bin. Values are
divided by 255 and nothing else, as `measureflow` reads images. Training images are mirrored and shifted by
up to 3 pixels at random. Adam with a one-cycle schedule.

The file holds the state_dict in the layout of the safetensors library, sorted by name; the layers are
those of `measureflow --model resnet8`, in the order of resnet8.mapping beside this script. Needs numpy
and torch.
"""

import argparse
import json
import struct
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


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


class ResNet8(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(Block(16, 16, 1))
        self.layer2 = nn.Sequential(Block(16, 32, 2))
        self.layer3 = nn.Sequential(Block(32, 64, 2))
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean(dim=(2, 3)))


def read(files):
    """The images [n, 3, 32, 32], divided by 255, and the labels [n]."""
    rows = np.concatenate([np.fromfile(file, np.uint8).reshape(-1, 3073) for file in files])
    images = rows[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255
    return torch.from_numpy(images), torch.from_numpy(rows[:, 0].astype(np.int64))


def augmented(x, generator):
    """Images mirrored and shifted by up to 3 pixels."""
    flipped = torch.rand(len(x), generator=generator) < 0.5
    x = torch.where(flipped[:, None, None, None], x.flip(3), x)
    padded = F.pad(x, (3, 3, 3, 3))
    rows = torch.randint(0, 7, (len(x),), generator=generator)[:, None] + torch.arange(32)
    columns = torch.randint(0, 7, (len(x),), generator=generator)[:, None] + torch.arange(32)
    each = torch.arange(len(x))[:, None, None]
    return padded.permute(0, 2, 3, 1)[each, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        found = [network(part).argmax(1) for part in images.split(500)]
    return (torch.cat(found) == labels).float().mean().item()


def save(state, path):
    """Writes a state_dict as safetensors."""
    dtypes = {torch.int64: "I64", torch.float32: "F32"}
    names = sorted(state, key=lambda name: (state[name].dtype != torch.int64, name))
    header, data = {}, b""
    for name in names:
        content = state[name].contiguous().numpy().tobytes()
        header[name] = {
            "dtype": dtypes[state[name].dtype],
            "shape": list(state[name].shape),
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    parser = argparse.ArgumentParser(description="Trains resnet8 on CIFAR-10.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rows", type=int, default=0, help="training images; 0 for all")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=0.01, help="the peak of the schedule")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    images, labels = read(sorted(options.data.glob("data_batch_*.bin")))
    if options.rows:
        images, labels = images[: options.rows], labels[: options.rows]
    tests = sorted(options.data.glob("test_batch*.bin"))

    network = ResNet8()
    optimizer = torch.optim.Adam(network.parameters(), lr=options.rate)
    steps = -(-len(images) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.rate, total_steps=options.epochs * steps
    )
    for epoch in range(1, options.epochs + 1):
        began = time.time()
        network.train()
        total = 0.0
        for rows in torch.randperm(len(images), generator=generator).split(options.batch):
            loss = F.cross_entropy(network(augmented(images[rows], generator)), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch}: loss {total / len(images):.4f}, {time.time() - began:.1f} s", flush=True)
    if tests:
        print(f"test accuracy {accuracy(network, *read(tests)):.4f}")
    save(network.state_dict(), options.output)


if __name__ == "__main__":
    main()
