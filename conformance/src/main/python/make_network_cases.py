#!/usr/bin/env python3
"""Writes the worked cases of networks, networks.json.

Every number is computed by PyTorch in float64 on the CPU:

- The layers and losses that exist in PyTorch by torch.nn.functional and torch.nn.MultiheadAttention.
- Gaussian-mixture layers from the closed forms of E[sigma(z)] and E[sigma'(z)], z ~ N(m, v), or, for
  the activations without them, from the Gauss-Hermite quadrature with 32 nodes that defines them.
  gm-conv is the same map on the columns of torch.nn.functional.unfold, with a 1 behind each patch.
- All gradients by automatic differentiation of the loss.
- The step: theta - rate * factor * gradient; for Gaussian mixtures the gradient is first divided by
  the weight of its component and by the metric (the width of the input for the standard deviation
  of the isotropic family, else 1). log_weights stay.

The random numbers are drawn by NumPy and rounded to four decimals, so that every number in the file
is exactly the one computed with. A draw is repeated until no number is closer than MARGIN to a kink
(relu at 0, the two largest of a pool), or lies exactly on it, so that float32 takes the same branch.

    python3 make_network_cases.py            # writes ../resources/io/measureflow/conformance/networks.json
    python3 make_network_cases.py OUTPUT     # writes OUTPUT
    python3 make_network_cases.py --check GOLDEN ...  # recomputes cases of layers on rows, and checks
                                             # gm-conv and pools against their definitions

Needs numpy and torch. Takes some seconds.

The file is {"cases": [...]}, one case a line. A tensor is {"shape": [...], "data": [...]}, row-major.

- "name"; "note", if there is one, is for people
- "model": the description of the network; "input" is the shape of a sample
- "parameters": all parameters and states before the step, by their full name
- "features": tensor [B, ...]; "targets": labels [B], a list of integers, or a tensor [B, p]
- "loss": "name" and its options: label_smoothing, class_weights, delta
- "rate": of the step; "rate_factors": by type of layer, 1 where there is none
- "expected": "output" (tensor, training mode), "prediction" (tensor, evaluation mode, before the step),
  "loss" (training mode), "gradients" (of what is trained, by name; data alone, in the shape of the
  parameter), "input_gradient" (data alone, in the shape of the features), "after" (all parameters and
  states after the step, by name; data alone). Running statistics after the step are those that the
  training mode leaves.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
torch.manual_seed(0)

SEED = 20261
MARGIN = 1e-3
ROWS = "half_squared_error"
LABELS = "softmax_cross_entropy"

margins = []  # distances from kinks that the last evaluation met


def kink(distances):
    """Keeps the smallest distance from a kink, of those that do not lie on it."""
    distances = distances.detach().abs()
    distances = distances[distances > 0]
    if distances.numel():
        margins.append(distances.min().item())


# ---- activations and their Gaussian moments ----


def slope_of(key):
    """The slope of leaky_relu, 0.01, or of leaky_relu(SLOPE)."""
    return float(key.removeprefix("leaky_relu").strip("()") or 0.01)


def ordinary(key, z):
    """sigma(z), elementwise."""
    if key == "relu" or key == "step" or key.startswith("leaky_relu"):
        kink(z)
    if key.startswith("leaky_relu"):
        return F.leaky_relu(z, slope_of(key))
    return {
        "identity": lambda: z,
        "quadratic": lambda: z * z,
        "relu": lambda: F.relu(z),
        "step": lambda: (z > 0).to(z.dtype) + 0 * z,
        "erf": lambda: torch.erf(z),
        "gelu": lambda: F.gelu(z),
        "sin": lambda: torch.sin(z),
        "cos": lambda: torch.cos(z),
        "tanh": lambda: torch.tanh(z),
        "sigmoid": lambda: torch.sigmoid(z),
        "silu": lambda: F.silu(z),
        "softplus": lambda: F.softplus(z, threshold=700),
    }[key]()


def slope(key, z):
    """sigma'(z) of the activations whose moments are quadratures."""
    s = torch.sigmoid(z)
    return {
        "tanh": lambda: 1 - torch.tanh(z) ** 2,
        "sigmoid": lambda: s * (1 - s),
        "silu": lambda: s + z * s * (1 - s),
        "softplus": lambda: s,
    }[key]()


NODES, NODE_WEIGHTS = (torch.tensor(a) for a in np.polynomial.hermite_e.hermegauss(32))
NODE_WEIGHTS = NODE_WEIGHTS / NODE_WEIGHTS.sum()


def cdf(t):
    return torch.erfc(-t / math.sqrt(2)) / 2


def pdf(t):
    return torch.exp(-t * t / 2) / math.sqrt(2 * math.pi)


def spread_moments(key, m, v):
    """G_0 and G_1 where v > 0."""
    if key.startswith("leaky_relu"):
        c = slope_of(key)
        g0, g1 = spread_moments("relu", m, v)
        return c * m + (1 - c) * g0, c + (1 - c) * g1
    if key in ("tanh", "sigmoid", "silu", "softplus"):
        z = m.unsqueeze(-1) + v.sqrt().unsqueeze(-1) * NODES
        return ordinary(key, z) @ NODE_WEIGHTS, slope(key, z) @ NODE_WEIGHTS
    s = v.sqrt()
    t = m / s
    match key:
        case "identity":
            return m, torch.ones_like(m)
        case "quadratic":
            return m * m + v, 2 * m
        case "relu":
            return m * cdf(t) + s * pdf(t), cdf(t)
        case "step":
            return cdf(t), pdf(t) / s
        case "erf":
            u = 1 + 2 * v
            return torch.erf(m / u.sqrt()), 2 / (math.pi * u).sqrt() * torch.exp(-m * m / u)
        case "gelu":
            c = (1 + v).sqrt()
            return m * cdf(m / c) + v / c * pdf(m / c), cdf(m / c) + m / c**3 * pdf(m / c)
        case "sin":
            return torch.exp(-v / 2) * torch.sin(m), torch.exp(-v / 2) * torch.cos(m)
        case "cos":
            return torch.exp(-v / 2) * torch.cos(m), -torch.exp(-v / 2) * torch.sin(m)
    raise ValueError(key)


def dirac_moments(key, m):
    """sigma(m) and sigma'(m), which for relu is 1/2 at 0: the limit for m = 0, v -> 0."""
    right = (torch.sign(m.detach()) + 1) / 2
    if key == "relu":
        kink(m)
        return torch.where(m == 0, m / 2, F.relu(m)), right
    value = ordinary(key, m)
    if key.startswith("leaky_relu"):
        return value, slope_of(key) + (1 - slope_of(key)) * right
    if key == "step":
        return value, torch.zeros_like(m)
    if key in ("tanh", "sigmoid", "silu", "softplus"):
        return value, slope(key, m)
    return value, spread_moments(key, m, torch.zeros_like(m))[1]


def moments(key, m, v):
    """G_0 and G_1; where v = 0 everything that multiplies a derivative in v is 0, too."""
    spread = v.detach() > 0
    if bool(spread.all()):
        return spread_moments(key, m, v)
    if not bool(spread.any()):
        return dirac_moments(key, m)
    # Neither branch may see what is not its own: 0 times infinity would reach the gradients.
    d0, d1 = dirac_moments(key, torch.where(spread, 1.0, m))
    g0, g1 = spread_moments(key, m, torch.where(spread, v, 1.0))
    return torch.where(spread, g0, d0), torch.where(spread, g1, d1)


def mixture(layer, p, x):
    """(1): sum_k pi_k (out_mean_k G_0 + Sigma_aw,k x G_1), on the last axis of x."""
    if layer["bias"]:
        x = torch.cat([x, torch.ones_like(x[..., :1])], -1)
    weights = torch.softmax(p["log_weights"], 0)
    m = x @ p["in_mean"].T
    v = torch.zeros_like(m)
    if layer["family"] == "isotropic":
        v = v + p["in_std"] ** 2 * (x * x).sum(-1, keepdim=True)
    elif "in_std" in p:
        v = v + (x * x) @ (p["in_std"] ** 2).T
    projected = None
    if "in_factor" in p:
        projected = torch.einsum("...n,knr->...kr", x, p["in_factor"])
        v = v + (projected * projected).sum(-1)
    g0, g1 = moments(layer["activation"], m, v)
    result = (weights * g0) @ p["out_mean"]
    if projected is not None:
        result = result + torch.einsum("...k,...kr,kpr->...p", weights * g1, projected, p["out_factor"])
    return result


# ---- layers ----


def of(tensors, prefix):
    """The tensors below a prefix, without it."""
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def convolution(layer, p, x):
    y = F.conv2d(x, p["weight"], p.get("bias"), layer["stride"], layer["padding"])
    return ordinary(layer["activation"], y)


def mixture_convolution(layer, p, x):
    (kh, kw), (sh, sw), (ph, pw) = layer["kernel"], layer["stride"], layer["padding"]
    height = (x.shape[2] + 2 * ph - kh) // sh + 1
    width = (x.shape[3] + 2 * pw - kw) // sw + 1
    patches = F.unfold(x, (kh, kw), padding=(ph, pw), stride=(sh, sw)).transpose(1, 2)
    y = mixture(layer, p, patches).transpose(1, 2)
    return y.reshape(x.shape[0], layer["outputs"], height, width)


def pool_windows(layer, x, border):
    """The windows of a pool, [B, C, kh kw, places]."""
    (ph, pw), kernel = layer["padding"], layer["kernel"]
    padded = F.pad(x, (pw, pw, ph, ph), value=border)
    windows = F.unfold(padded, kernel, stride=layer["stride"])
    return windows.reshape(x.shape[0], x.shape[1], kernel[0] * kernel[1], -1)


def max_pool(layer, x):
    top = pool_windows(layer, x.detach(), -1e30).topk(min(2, math.prod(layer["kernel"])), dim=2).values
    if top.shape[2] == 2:
        kink(top[:, :, 0] - top[:, :, 1])
    return F.max_pool2d(x, layer["kernel"], layer["stride"], layer["padding"])


def attention(layer, p, x):
    module = torch.nn.MultiheadAttention(layer["features"], layer["heads"], batch_first=True)
    tensors = {
        "in_proj_weight": p["in_weight"],
        "in_proj_bias": p["in_bias"],
        "out_proj.weight": p["out_weight"],
        "out_proj.bias": p["out_bias"],
    }
    return torch.func.functional_call(module, tensors, (x, x, x), {"need_weights": False})[0]


def apply(layer, p, x, training):
    """The output of a layer; training also moves the running statistics in p, in place."""
    match layer["type"]:
        case "dense":
            return ordinary(layer["activation"], F.linear(x, p["weight"], p.get("bias")))
        case "gm":
            return mixture(layer, p, x)
        case "conv":
            return convolution(layer, p, x)
        case "gm-conv":
            return mixture_convolution(layer, p, x)
        case "max-pool":
            return max_pool(layer, x)
        case "average-pool":
            return F.avg_pool2d(x, layer["kernel"], layer["stride"], layer["padding"])
        case "global-average-pool":
            return x.mean((2, 3))
        case "batch-norm":
            return F.batch_norm(
                x, p["running_mean"], p["running_var"], p["weight"], p["bias"], training, momentum=0.1, eps=1e-5
            )
        case "layer-norm":
            return F.layer_norm(x, (layer["features"],), p["weight"], p["bias"], eps=1e-5)
        case "activation":
            return ordinary(layer["activation"], x)
        case "flatten":
            return x.flatten(1)
        case "residual":
            body = stack(layer["layers"], of(p, "layers."), x, training)
            return body + stack(layer["shortcut"], of(p, "shortcut."), x, training)
        case "attention":
            return attention(layer, p, x)
    raise ValueError(layer["type"])


def stack(layers, tensors, x, training):
    for i, layer in enumerate(layers):
        x = apply(layer, of(tensors, f"{i}."), x, training)
    return x


def network(model, tensors, x, training):
    return stack(model["layers"], of(tensors, "layers."), x, training)


def all_layers(layers, prefix="layers."):
    """Pairs of the prefix of the tensors of a layer and the layer, those of residual blocks included."""
    for i, layer in enumerate(layers):
        yield f"{prefix}{i}.", layer
        if layer["type"] == "residual":
            yield from all_layers(layer["layers"], f"{prefix}{i}.layers.")
            yield from all_layers(layer["shortcut"], f"{prefix}{i}.shortcut.")


# ---- losses ----


def elementwise(loss, output, target):
    """A loss of real targets: the mean over batch and outputs, as is the default of PyTorch."""
    match loss["name"]:
        case "huber":
            kink((output - target).abs() - loss["delta"])
            return F.huber_loss(output, target, delta=loss["delta"])
        case "absolute_error":
            kink(output - target)
            return F.l1_loss(output, target)
        case "binary_cross_entropy":
            return F.binary_cross_entropy_with_logits(output, target)
        case "poisson":
            return F.poisson_nll_loss(output, target, log_input=True, full=False)
    raise ValueError(loss["name"])


def cross_entropy(loss, output, target):
    weights = torch.tensor(loss["class_weights"]) if "class_weights" in loss else None
    smoothing = loss.get("label_smoothing", 0.0)
    return F.cross_entropy(output, target, weights, label_smoothing=smoothing)


def loss_value(loss, output, target):
    if loss["name"] == LABELS:
        return cross_entropy(loss, output, target)
    if loss["name"] == ROWS:
        return ((output - target) ** 2).sum() / 2 / output.shape[0]
    return elementwise(loss, output, target)


# ---- gradients and the step ----


STATES = ("running_mean", "running_var")
FIXED = (*STATES, "log_weights")


def after_step(layer, tensors, name, gradient, rate):
    """A parameter of a layer after the step."""
    value = tensors[name].detach()
    if layer["type"] not in ("gm", "gm-conv"):
        return value - rate * gradient
    weights = torch.softmax(tensors["log_weights"].detach(), 0)
    metric = tensors["in_mean"].shape[1] if (layer["family"], name) == ("isotropic", "in_std") else 1
    return value - rate * gradient / (metric * weights.reshape(-1, *[1] * (value.dim() - 1)))


def work(case):
    """Adds the expected results to a case of which everything else is there."""
    margins.clear()
    tensors = {n: torch.tensor(t["data"]).reshape(t["shape"]) for n, t in case["parameters"].items()}
    trained = {n: t for n, t in tensors.items() if n.split(".")[-1] not in FIXED}
    x = torch.tensor(case["features"]["data"]).reshape(case["features"]["shape"])
    if isinstance(case["targets"], dict):
        target = torch.tensor(case["targets"]["data"]).reshape(case["targets"]["shape"])
    else:
        target = torch.tensor(case["targets"])
    prediction = network(case["model"], {n: t.clone() for n, t in tensors.items()}, x, False)
    states = {n: t.clone() for n, t in tensors.items() if n not in trained}
    for leaf in [x, *trained.values()]:
        leaf.requires_grad_()
    output = network(case["model"], states | trained, x, True)
    if output.dim() != 2:
        raise ValueError(f"{case['name']}: the output has the shape {list(output.shape)}")
    value = loss_value(case["loss"], output, target)
    # What stands before a step function has a gradient of 0.
    found = torch.autograd.grad(value, [x, *trained.values()], allow_unused=True)
    found = [torch.zeros_like(t) if g is None else g for g, t in zip(found, [x, *trained.values()], strict=True)]
    gradients = dict(zip(trained, found[1:], strict=True))
    after = dict(states)
    for prefix, layer in all_layers(case["model"]["layers"]):
        own = {n: t for n, t in of(tensors, prefix).items() if "." not in n}
        rate = case["rate"] * case["rate_factors"].get(layer["type"], 1)
        for name in own:
            if prefix + name in trained:
                after[prefix + name] = after_step(layer, own, name, gradients[prefix + name], rate)
    case["expected"] = {
        "output": tensor(output),
        "prediction": tensor(prediction),
        "loss": value.item(),
        "gradients": {n: data(g) for n, g in gradients.items()},
        "input_gradient": data(found[0]),
        "after": {n: data(after[n]) for n in tensors},
    }
    return case


def data(t):
    result = t.detach().flatten().tolist()
    if not all(math.isfinite(r) for r in result):
        raise ValueError("a result is not finite")
    return result


def tensor(t):
    return {"shape": list(t.shape), "data": data(t)}


# ---- descriptions of layers ----


def dense(inputs, outputs, activation="identity", bias=True):
    return {"type": "dense", "activation": activation, "bias": bias, "inputs": inputs, "outputs": outputs}


def gm(family, inputs, outputs, components=3, activation="relu", bias=True, rank=2):
    ranks = {"rank": rank} if family == "factored" else {}
    return {
        "type": "gm", "family": family, "activation": activation, "bias": bias,
        "inputs": inputs, "outputs": outputs, "components": components, **ranks,
    }  # fmt: skip


def pair(size):
    return list(size) if isinstance(size, tuple) else [size, size]


def conv(inputs, outputs, kernel=3, stride=1, padding=0, activation="identity", bias=True):
    return {
        "type": "conv", "activation": activation, "bias": bias, "inputs": inputs, "outputs": outputs,
        "kernel": pair(kernel), "stride": pair(stride), "padding": pair(padding),
    }  # fmt: skip


def gm_conv(family, inputs, outputs, kernel=3, stride=1, padding=0, components=2, activation="relu", bias=True, rank=2):
    return gm(family, inputs, outputs, components, activation, bias, rank) | {
        "type": "gm-conv", "kernel": pair(kernel), "stride": pair(stride), "padding": pair(padding),
    }  # fmt: skip


def pool(kind, kernel, stride=None, padding=0):
    return {
        "type": f"{kind}-pool", "kernel": pair(kernel), "stride": pair(stride or kernel), "padding": pair(padding),
    }  # fmt: skip


def batch_norm(features):
    return {"type": "batch-norm", "features": features}


def layer_norm(features):
    return {"type": "layer-norm", "features": features}


def attend(features, heads):
    return {"type": "attention", "features": features, "heads": heads}


def activation(key):
    return {"type": "activation", "activation": key}


def residual(layers, shortcut=()):
    return {"type": "residual", "layers": list(layers), "shortcut": list(shortcut)}


FLATTEN = {"type": "flatten"}
GLOBAL = {"type": "global-average-pool"}


# ---- random numbers ----


class Draw:
    """Random numbers of one case, which do not change when another case is added."""

    def __init__(self, name, attempt):
        self.random = np.random.default_rng([SEED, attempt, *name.encode()])

    @staticmethod
    def rounded(values):
        values = np.round(values, 4) + 0.0
        return {"shape": list(values.shape), "data": values.flatten().tolist()}

    def normal(self, *shape, scale=1.0):
        return self.rounded(self.random.normal(0, scale, shape))

    def positive(self, *shape):
        return self.rounded(self.random.uniform(0.5, 1.5, shape))

    def spread(self, *shape, scale=1.0):
        """Standard deviations away from 0, of either sign: only their square enters."""
        size = scale * self.random.uniform(0.3, 1.2, shape)
        return self.rounded(size * self.random.choice([-1, 1, 1], shape))

    def halves(self, *shape):
        """Multiples of 1/2, among which equal ones are frequent."""
        return self.rounded(np.round(self.random.normal(0, 1, shape) * 2) / 2)

    def counts(self, *shape):
        return self.rounded(self.random.poisson(1.5, shape).astype(float))

    def bits(self, *shape):
        return self.rounded(self.random.integers(0, 2, shape).astype(float))


# Of the quadratures, which are good for z of a small spread only.
QUADRATURE_SPREAD = {"tanh": 0.25, "sigmoid": 0.7, "silu": 0.7, "softplus": 0.7}


def mixture_parameters(draw, layer):
    k, p = layer["components"], layer["outputs"]
    n = layer["inputs"] * math.prod(layer.get("kernel", [1])) + (1 if layer["bias"] else 0)
    size = 1.5 / n**0.5
    spread = size * QUADRATURE_SPREAD.get(layer["activation"], 1.0)
    result = {
        "log_weights": draw.normal(k, scale=0.7),
        "out_mean": draw.normal(k, p),
        "in_mean": draw.normal(k, n, scale=size),
    }
    match layer["family"]:
        case "isotropic":
            result["in_std"] = draw.spread(k, scale=spread)
        case "diagonal" | "factored":
            result["in_std"] = draw.spread(k, n, scale=spread)
    rank = {"factored": layer.get("rank"), "full": n + p}.get(layer["family"])
    if rank:
        result["in_factor"] = draw.normal(k, n, rank, scale=0.7 * spread / rank**0.5)
        result["out_factor"] = draw.normal(k, p, rank, scale=0.9 / rank**0.5)
    return result


def layer_parameters(draw, layer):
    match layer["type"]:
        case "dense" | "conv":
            shape = [layer["outputs"], layer["inputs"], *layer.get("kernel", [])]
            weight = draw.normal(*shape, scale=1.2 / math.prod(shape[1:]) ** 0.5)
            return {"weight": weight} | ({"bias": draw.normal(shape[0], scale=0.4)} if layer["bias"] else {})
        case "gm" | "gm-conv":
            return mixture_parameters(draw, layer)
        case "batch-norm":
            c = layer["features"]
            return {
                "weight": draw.positive(c),
                "bias": draw.normal(c, scale=0.3),
                "running_mean": draw.normal(c, scale=0.3),
                "running_var": draw.positive(c),
            }
        case "layer-norm":
            return {"weight": draw.positive(layer["features"]), "bias": draw.normal(layer["features"], scale=0.3)}
        case "attention":
            d = layer["features"]
            return {
                "in_weight": draw.normal(3 * d, d, scale=1.2 / d**0.5),
                "in_bias": draw.normal(3 * d, scale=0.3),
                "out_weight": draw.normal(d, d, scale=1.2 / d**0.5),
                "out_bias": draw.normal(d, scale=0.3),
            }
    return {}


def features_of(draw, batch, shape, kind):
    match kind:
        case "normal":
            return draw.normal(batch, *shape)
        case "halves":
            return draw.halves(batch, *shape)
        case "zero-row":
            result = draw.normal(batch, *shape)
            result["data"][: math.prod(shape)] = [0.0] * math.prod(shape)
            return result
    raise ValueError(kind)


def targets_of(draw, loss, batch, outputs):
    match loss["name"]:
        case "softmax_cross_entropy":
            return draw.random.integers(0, outputs, batch).tolist()
        case "binary_cross_entropy":
            return draw.bits(batch, outputs)
        case "poisson":
            return draw.counts(batch, outputs)
    return draw.normal(batch, outputs)


def case(name, shape, *layers, loss=None, batch=2, rate=0.1, rate_factors=None, features="normal", note=None, bare=False):
    """A worked case. Outputs that are no rows are flattened; bare leaves the shape of the input out."""
    loss = loss or {"name": ROWS}
    for attempt in range(200):
        draw = Draw(name, attempt)
        model = ({} if bare else {"input": list(shape)}) | {"layers": list(layers)}
        parameters = {
            prefix + n: t
            for prefix, layer in all_layers(layers)
            for n, t in layer_parameters(draw, layer).items()
        }
        x = features_of(draw, batch, shape, features)
        values = {n: torch.tensor(t["data"]).reshape(t["shape"]) for n, t in parameters.items()}
        outputs = network(model, values, torch.tensor(x["data"]).reshape(x["shape"]), False)[0].numel()
        made = {
            "name": name,
            **({"note": note} if note else {}),
            "model": model,
            "parameters": parameters,
            "features": x,
            "targets": targets_of(draw, loss, batch, outputs),
            "loss": loss,
            "rate": rate,
            "rate_factors": rate_factors or {},
        }
        made = work(made)
        if not margins or min(margins) >= MARGIN:
            return made
    raise ValueError(f"{name}: every draw is closer than {MARGIN} to a kink")


# ---- the cases ----


ACTIVATIONS = (
    "identity", "quadratic", "relu", "leaky_relu", "leaky_relu(0.2)", "step", "erf", "gelu", "sin", "cos",
    "tanh", "sigmoid", "silu", "softplus",
)  # fmt: skip
FAMILIES = ("dirac", "isotropic", "diagonal", "factored", "full")
CLASSES = {"name": LABELS}


def cases():
    return [
        *dense_cases(),
        *mixture_cases(),
        *convolution_cases(),
        *mixture_convolution_cases(),
        *pool_cases(),
        *norm_cases(),
        *activation_cases(),
        *residual_cases(),
        *attention_cases(),
        *network_cases(),
        *loss_cases(),
        *step_cases(),
    ]


def dense_cases():
    return [
        case("dense-rows", [5], dense(5, 3), loss=CLASSES, batch=4),
        case("dense-rows-without-input", [4], dense(4, 3, "relu"), dense(3, 3), loss=CLASSES, batch=4, bare=True),
        case("dense-rows-without-bias", [4], dense(4, 3, "tanh", bias=False)),
        case("dense-one-row", [3], dense(3, 2, "gelu"), batch=1),
        case("dense-tokens", [4, 3], dense(3, 2), FLATTEN),
        case("dense-tokens-relu", [5, 3], dense(3, 4, "relu"), dense(4, 2, bias=False), FLATTEN, loss=CLASSES),
        case("dense-image-last-axis", [2, 3, 5], dense(5, 2, "sigmoid"), FLATTEN),
        case("dense-after-flatten", [2, 3, 5], FLATTEN, dense(30, 3), loss=CLASSES),
    ]


def mixture_cases():
    note = "The gradient in the zero row takes the derivative of relu at 0 to be 1/2."
    return [
        *(case(f"gm-rows-{f}", [3], gm(f, 3, 2), batch=4) for f in FAMILIES),
        *(case(f"gm-tokens-{f}", [4, 3], gm(f, 3, 2, 2), FLATTEN) for f in FAMILIES),
        case("gm-rows-factored-tanh", [3], gm("factored", 3, 3, 2, "tanh"), loss=CLASSES),
        case("gm-tokens-diagonal-without-bias", [5, 4], gm("diagonal", 4, 3, 2, bias=False), FLATTEN),
        case("gm-tokens-factored-gelu", [4, 3], gm("factored", 3, 2, 3, "gelu", rank=1), FLATTEN, loss=CLASSES),
        case("gm-tokens-stack", [3, 4], gm("diagonal", 4, 3), gm("isotropic", 3, 2, activation="erf"), FLATTEN),
        case("gm-image-last-axis", [2, 3, 5], gm("diagonal", 5, 2), FLATTEN),
        case("gm-after-flatten-diagonal", [2, 3, 3], FLATTEN, gm("diagonal", 18, 3), loss=CLASSES),
        case("gm-after-flatten-factored", [4, 3], FLATTEN, gm("factored", 12, 3), loss=CLASSES),
        case("gm-rows-zero-row", [3], gm("diagonal", 3, 2, bias=False), features="zero-row", note=note),
        case("gm-rows-factored-zero-row", [3], gm("factored", 3, 2, bias=False), features="zero-row", note=note),
        case("gm-rows-gelu-zero-row", [3], gm("factored", 3, 2, activation="gelu", bias=False), features="zero-row"),
    ]


def convolution_cases():
    c = conv
    return [
        case("conv-1x1", [3, 5, 5], c(3, 2, 1), FLATTEN),
        case("conv-1x1-padding-1-relu", [2, 5, 5], c(2, 2, 1, 1, 1, "relu"), FLATTEN),
        case("conv-1x1-stride-2-without-bias", [2, 7, 5], c(2, 3, 1, 2, 0, bias=False), FLATTEN),
        case("conv-3x3", [1, 5, 5], c(1, 2), FLATTEN),
        case("conv-3x3-without-bias", [2, 5, 7], c(2, 2, bias=False), FLATTEN),
        case("conv-3x3-padding-1-relu", [2, 5, 5], c(2, 3, 3, 1, 1, "relu"), FLATTEN),
        case("conv-3x3-padding-1-tanh-without-bias", [2, 6, 5], c(2, 2, 3, 1, 1, "tanh", False), FLATTEN),
        case("conv-3x3-padding-2-gelu", [1, 5, 5], c(1, 2, 3, 1, 2, "gelu"), FLATTEN),
        case("conv-3x3-stride-2", [2, 7, 9], c(2, 2, 3, 2), FLATTEN),
        case("conv-3x3-stride-2-padding-1-relu", [3, 8, 5], c(3, 2, 3, 2, 1, "relu"), FLATTEN),
        case("conv-3x3-stride-2-padding-2-gelu", [1, 8, 7], c(1, 3, 3, 2, 2, "gelu"), FLATTEN),
        case("conv-5x3", [2, 7, 5], c(2, 2, (5, 3), 1, 0, "tanh"), FLATTEN),
        case("conv-5x3-padding-2x1", [1, 5, 7], c(1, 2, (5, 3), 1, (2, 1)), FLATTEN),
        case("conv-5x3-stride-2x1-padding-1x0", [2, 8, 5], c(2, 2, (5, 3), (2, 1), (1, 0), "relu", False), FLATTEN),
        case("conv-2x4-stride-1x2-padding-0x2", [2, 5, 6], c(2, 2, (2, 4), (1, 2), (0, 2)), FLATTEN),
        case("conv-whole-image", [2, 3, 5], c(2, 3, (3, 5)), FLATTEN, loss=CLASSES),
        case("conv-stride-3-kernel-2", [1, 9, 8], c(1, 2, 2, 3), FLATTEN, loss=CLASSES),
        case("conv-conv", [1, 7, 7],
             c(1, 3, 3, 1, 1, "relu"), c(3, 2, 3, 2, 1, "gelu"), FLATTEN, dense(32, 3), loss=CLASSES),
    ]


def mixture_convolution_cases():
    c = gm_conv
    note = "The windows in the border see zeros alone: without a bias their mean and variance are 0."
    return [
        *(case(f"gm-conv-{f}", [1, 5, 5], c(f, 1, 2), FLATTEN) for f in FAMILIES),
        *(case(f"gm-conv-{f}-padding-0x1", [2, 5, 6], c(f, 2, 2, (1, 3), 1, (0, 1)), FLATTEN) for f in FAMILIES),
        *(case(f"gm-conv-{f}-stride-2-without-bias", [1, 7, 5], c(f, 1, 2, 3, 2, 1, bias=False), FLATTEN) for f in FAMILIES),
        *(
            case(f"gm-conv-diagonal-{a}", [1, 5, 5], c("diagonal", 1, 2, 3, 1, 1, activation=a), FLATTEN, loss=CLASSES)
            for a in ("identity", "quadratic", "leaky_relu(0.2)", "step", "erf", "gelu", "sin", "cos", "tanh", "silu")
        ),
        *(
            case(f"gm-conv-factored-{a}", [2, 5, 5], c("factored", 2, 2, 2, 2, 1, activation=a), FLATTEN)
            for a in ("erf", "gelu", "sin", "tanh", "sigmoid")
        ),
        case("gm-conv-isotropic-erf-without-bias", [2, 6, 5], c("isotropic", 2, 2, activation="erf", bias=False), FLATTEN),
        case("gm-conv-full-gelu-without-bias", [1, 5, 5], c("full", 1, 2, 2, 1, 1, activation="gelu", bias=False), FLATTEN),
        case("gm-conv-dirac-tanh", [2, 5, 5], c("dirac", 2, 3, activation="tanh"), FLATTEN),
        case("gm-conv-1x1", [3, 5, 5], c("diagonal", 3, 2, 1, components=3), FLATTEN),
        case("gm-conv-1x1-padding-1-without-bias", [2, 3, 5], c("factored", 2, 2, 1, 1, 1, bias=False), FLATTEN, note=note),
        case("gm-conv-5x3-padding-2x1", [1, 5, 7], c("factored", 1, 2, (5, 3), 1, (2, 1), rank=1), FLATTEN),
        case("gm-conv-5x3-stride-2x1", [2, 8, 5], c("diagonal", 2, 2, (5, 3), (2, 1), (1, 0)), FLATTEN),
        case("gm-conv-padding-2", [1, 5, 5], c("diagonal", 1, 2, 3, 1, 2), FLATTEN),
        case("gm-conv-one-component", [1, 5, 5], c("factored", 1, 3, 3, 2, 1, components=1, rank=3), FLATTEN, loss=CLASSES),
        case("gm-conv-gm-conv", [1, 7, 6], c("diagonal", 1, 3, 3, 2, 1, 3), c("factored", 3, 2, 2), FLATTEN),
        case("gm-conv-conv-gm-conv", [1, 7, 7],
             c("isotropic", 1, 2), conv(2, 2, activation="relu"), c("diagonal", 2, 2, 2), FLATTEN),
    ]  # fmt: skip


def pool_cases():
    result = []
    for kind in ("max", "average"):
        p = [
            ("2x2", [2, 6, 4], pool(kind, 2)),
            ("2x2-remainder", [1, 7, 5], pool(kind, 2)),
            ("3x3-stride-1-padding-1", [1, 5, 6], pool(kind, 3, 1, 1)),
            ("3x3-stride-2", [2, 7, 9], pool(kind, 3, 2)),
            ("3x3-stride-2-padding-1", [2, 6, 7], pool(kind, 3, 2, 1)),
            ("3x2-stride-2x1-padding-1x0", [2, 7, 5], pool(kind, (3, 2), (2, 1), (1, 0))),
            ("2x2-stride-3", [1, 8, 9], pool(kind, 2, 3)),
        ]
        result += [case(f"{kind}-pool-{name}", shape, layer, FLATTEN) for name, shape, layer in p]
        if kind == "max":
            result += [
                case(f"{kind}-pool-{name}-ties", shape, layer, FLATTEN, features="halves") for name, shape, layer in p
            ]
    return [
        *result,
        case("conv-max-pool", [2, 6, 7],
             conv(2, 2, 3, 1, 1, "relu"), pool("max", 2), FLATTEN, dense(18, 3), loss=CLASSES),
        case("conv-average-pool", [1, 6, 7],
             conv(1, 2, 3, 1, 1, "gelu"), pool("average", 2), FLATTEN, dense(18, 3), loss=CLASSES),
        case("gm-conv-max-pool", [1, 8, 7], gm_conv("diagonal", 1, 2), pool("max", 2, 2, 1), FLATTEN, loss=CLASSES),
        case("global-average-pool", [3, 5, 4], GLOBAL),
        case("conv-global-average-pool", [2, 5, 7], conv(2, 3, 3, 2, 1, "relu"), GLOBAL, loss=CLASSES),
        case("gm-conv-global-average-pool", [1, 5, 5], gm_conv("factored", 1, 3), GLOBAL, dense(3, 2), loss=CLASSES),
    ]  # fmt: skip


def norm_cases():
    return [
        case("batch-norm-image", [3, 3, 5], batch_norm(3), FLATTEN),
        case("batch-norm-one-image", [2, 3, 4], batch_norm(2), FLATTEN, batch=1),
        case("batch-norm-rows", [4], batch_norm(4), batch=5),
        case("batch-norm-conv", [2, 5, 5], conv(2, 3, bias=False), batch_norm(3), activation("relu"), FLATTEN, batch=3),
        case("batch-norm-gm-conv", [1, 5, 7], gm_conv("diagonal", 1, 2, 3, 1, 1), batch_norm(2), FLATTEN, batch=3),
        case("batch-norm-gm", [4], gm("factored", 4, 3), batch_norm(3), dense(3, 3), loss=CLASSES, batch=5),
        case("batch-norm-dense", [3], dense(3, 4), batch_norm(4), activation("tanh"), dense(4, 2), loss=CLASSES, batch=5),
        case("layer-norm-rows", [5], layer_norm(5)),
        case("layer-norm-tokens", [4, 5], layer_norm(5), FLATTEN),
        case("layer-norm-image-last-axis", [2, 3, 4], layer_norm(4), FLATTEN),
        case("layer-norm-dense", [3], dense(3, 5), layer_norm(5), activation("gelu"), dense(5, 3), loss=CLASSES, batch=4),
        case("layer-norm-gm-tokens", [4, 3], gm("diagonal", 3, 4), layer_norm(4), FLATTEN, loss=CLASSES),
    ]


def activation_cases():
    note = "At 0 the derivative is that of PyTorch, 0."
    return [
        *(case(f"activation-{a}", [4], activation(a), batch=3) for a in ACTIVATIONS),
        *(case(f"dense-{a}", [3], dense(3, 4, a), dense(4, 2), loss=CLASSES, batch=3) for a in ACTIVATIONS),
        case("activation-relu-at-zero", [2, 3, 4], activation("relu"), FLATTEN, features="halves", note=note),
        case("activation-leaky-relu-at-zero", [4, 3], activation("leaky_relu"), FLATTEN, features="halves",
             note="At 0 the derivative is that of PyTorch, the slope."),
        case("activation-image", [2, 3, 4], activation("silu"), FLATTEN),
        case("activation-tokens", [4, 3], dense(3, 4), activation("relu"), dense(4, 2), FLATTEN),
        case("flatten-image", [2, 3, 4], FLATTEN),
        case("flatten-tokens", [3, 4], FLATTEN, dense(12, 3), loss=CLASSES),
        case("flatten-rows", [4], FLATTEN, dense(4, 2), loss=CLASSES),
    ]  # fmt: skip


def projection(inputs, outputs, stride):
    """The shortcut of a block: nothing where the shapes agree."""
    if stride == 1 and inputs == outputs:
        return []
    return [conv(inputs, outputs, 1, stride, bias=False), batch_norm(outputs)]


def block(inputs, outputs, stride, convolution=conv):
    """A basic block without its last activation."""
    body = [
        convolution(inputs, outputs, 3, stride, 1, bias=False), batch_norm(outputs), activation("relu"),
        convolution(outputs, outputs, 3, 1, 1, bias=False), batch_norm(outputs),
    ]  # fmt: skip
    return residual(body, projection(inputs, outputs, stride))


def mixture_block(family, inputs, outputs, stride):
    """GM convolutions are the non-linearity themselves."""
    body = [
        gm_conv(family, inputs, outputs, 3, stride, 1, components=3), batch_norm(outputs),
        gm_conv(family, outputs, outputs, 3, 1, 1, components=3), batch_norm(outputs),
    ]  # fmt: skip
    return residual(body, projection(inputs, outputs, stride))


def residual_cases():
    nested = residual([dense(4, 4, "tanh"), residual([dense(4, 4, "relu"), dense(4, 4)])])
    deep = residual(
        [conv(2, 3, 3, 1, 1), residual([conv(3, 3, 3, 1, 1, "relu")], [residual([activation("tanh")]), batch_norm(3)])],
        [conv(2, 3, 1)],
    )
    return [
        case("residual-dense", [4], residual([dense(4, 4, "relu"), dense(4, 4)])),
        case("residual-dense-shortcut", [4], residual([dense(4, 3, "relu")], [dense(4, 3, bias=False)]), loss=CLASSES),
        case("residual-conv", [2, 5, 5], residual([conv(2, 2, 3, 1, 1, "relu"), conv(2, 2, 3, 1, 1)]), FLATTEN),
        case("residual-conv-shortcut", [2, 7, 5], block(2, 3, 2), activation("relu"), FLATTEN, batch=3),
        case("residual-block", [2, 5, 5], block(2, 2, 1), activation("relu"), GLOBAL, loss=CLASSES, batch=3),
        case("residual-gm", [4], residual([gm("diagonal", 4, 4)]), dense(4, 3), loss=CLASSES),
        case("residual-gm-shortcut", [4], residual([dense(4, 3)], [gm("factored", 4, 3)]), loss=CLASSES),
        case("residual-gm-conv", [2, 5, 5], mixture_block("diagonal", 2, 2, 1), FLATTEN),
        case("residual-gm-conv-shortcut", [1, 6, 7], mixture_block("isotropic", 1, 2, 2), FLATTEN, batch=3),
        case("residual-nested", [4], nested, dense(4, 3), loss=CLASSES),
        case("residual-nested-shortcut", [2, 5, 5], deep, FLATTEN),
        case("residual-in-a-row", [3, 4], residual([layer_norm(4)]), activation("tanh"), residual([dense(4, 4)]), FLATTEN),
        case("residual-pool-shortcut", [2, 6, 6], residual([conv(2, 2, 3, 2, 1)], [pool("average", 2)]), FLATTEN),
    ]  # fmt: skip


def attention_cases():
    return [
        *(case(f"attention-heads-{h}", [5, 4], attend(4, h), FLATTEN) for h in (1, 2, 4)),
        case("attention-one-token", [1, 4], attend(4, 2), FLATTEN),
        case("attention-width-6-heads-3", [3, 6], attend(6, 3), FLATTEN, loss=CLASSES),
        case("attention-residual", [4, 4], residual([layer_norm(4), attend(4, 2)]), FLATTEN, dense(16, 3), loss=CLASSES),
        case("attention-gm", [4, 4], attend(4, 2), gm("diagonal", 4, 2), FLATTEN),
        case("attention-attention", [3, 4], attend(4, 1), attend(4, 4), FLATTEN, loss=CLASSES),
    ]


def network_cases():
    lenet = [
        conv(1, 3, 3, 1, 1, "relu"), pool("max", 2), conv(3, 4, 3, 1, 0, "tanh"), pool("average", 2),
        FLATTEN, dense(4, 5, "relu"), dense(5, 3),
    ]  # fmt: skip
    gm_lenet = [
        gm_conv("diagonal", 1, 3, (5, 3), 1, (2, 1), components=4), batch_norm(3), pool("max", 2),
        gm_conv("factored", 3, 4, 3, 1, 1, components=3, rank=1), batch_norm(4), pool("max", 2),
        FLATTEN, gm("factored", 16, 3, 4),
    ]  # fmt: skip
    resnet = [
        conv(2, 3, 3, 1, 1, bias=False), batch_norm(3), activation("relu"), block(3, 3, 1), activation("relu"),
        block(3, 4, 2), activation("relu"), GLOBAL, dense(4, 3),
    ]  # fmt: skip
    gm_resnet = [
        conv(2, 3, 3, 1, 1, bias=False), batch_norm(3), activation("relu"), mixture_block("diagonal", 3, 3, 1),
        activation("relu"), mixture_block("isotropic", 3, 4, 2), GLOBAL, gm("diagonal", 4, 3),
    ]  # fmt: skip
    gm_head = [
        conv(1, 3, 3, 1, 1, bias=False), batch_norm(3), activation("relu"), block(3, 3, 1), activation("relu"),
        GLOBAL, gm("factored", 3, 3, 4),
    ]  # fmt: skip
    vit = [
        dense(5, 6), residual([layer_norm(6), attend(6, 2)]),
        residual([layer_norm(6), dense(6, 8, "gelu"), dense(8, 6)]), layer_norm(6), FLATTEN, dense(24, 3),
    ]  # fmt: skip
    gm_vit = [
        dense(5, 6), residual([layer_norm(6), attend(6, 3)]), residual([layer_norm(6), gm("diagonal", 6, 6, 4)]),
        layer_norm(6), gm("factored", 6, 4, 3, "gelu"), FLATTEN, dense(16, 3),
    ]  # fmt: skip
    return [
        case("network-mlp", [5],
             dense(5, 6, "relu"), batch_norm(6), dense(6, 5, "tanh"), dense(5, 3), loss=CLASSES, batch=5),
        case("network-lenet", [1, 8, 9], *lenet, loss=CLASSES),
        case("network-gm-lenet", [1, 9, 8], *gm_lenet, loss=CLASSES, batch=4),
        case("network-resnet", [2, 7, 6], *resnet, loss=CLASSES, batch=4),
        case("network-gm-resnet", [2, 7, 6], *gm_resnet, loss=CLASSES, batch=4),
        case("network-resnet-gm-head", [1, 6, 5], *gm_head, loss=CLASSES, batch=4),
        case("network-vit", [4, 5], *vit, loss=CLASSES),
        case("network-gm-vit", [4, 5], *gm_vit, loss=CLASSES),
    ]


def loss_cases():
    weights = [0.5, 2.0, 1.25]

    def made(name, outputs, loss, batch=5):
        return case(f"loss-{name}", [3], dense(3, outputs), loss=loss, batch=batch)

    result = [
        made("softmax-cross-entropy", 3, CLASSES),
        made("softmax-cross-entropy-smoothing", 3, CLASSES | {"label_smoothing": 0.1}),
        made("softmax-cross-entropy-weights", 3, CLASSES | {"class_weights": weights}),
        made("softmax-cross-entropy-weights-smoothing", 3, CLASSES | {"label_smoothing": 0.1, "class_weights": weights}),
    ]
    for outputs, name in ((1, "one-output"), (3, "three-outputs")):
        result += [
            made(f"half-squared-error-{name}", outputs, {"name": ROWS}),
            made(f"huber-delta-1-{name}", outputs, {"name": "huber", "delta": 1.0}),
            made(f"huber-delta-0.3-{name}", outputs, {"name": "huber", "delta": 0.3}),
            made(f"absolute-error-{name}", outputs, {"name": "absolute_error"}),
            made(f"binary-cross-entropy-{name}", outputs, {"name": "binary_cross_entropy"}),
            made(f"poisson-{name}", outputs, {"name": "poisson"}),
        ]
    return [
        *result,
        case("loss-huber-gm", [3], gm("diagonal", 3, 2), loss={"name": "huber", "delta": 0.3}, batch=4),
        case("loss-poisson-conv", [1, 4, 5], conv(1, 2, activation="tanh"), GLOBAL, loss={"name": "poisson"}),
    ]


def step_cases():
    """Factors of the rate by the type of a layer."""
    layers = [gm_conv("diagonal", 1, 2), batch_norm(2), conv(2, 2, 2, activation="relu"), FLATTEN, dense(12, 3)]
    head = [dense(3, 4), layer_norm(4), gm("isotropic", 4, 3)]
    factors = {"dense": 0.5, "conv": 2.0, "batch-norm": 0.25}
    return [
        case("step-factors", [1, 5, 6], *layers, loss=CLASSES, rate_factors=factors),
        case("step-factors-gm", [1, 5, 6], *layers, loss=CLASSES, rate_factors={"gm-conv": 0.5, "dense": 3.0}),
        case("step-factors-rows", [3], *head, loss=CLASSES, rate_factors={"gm": 2.0, "layer-norm": 0.1}),
    ]


# ---- checks ----


def check_golden(path):
    """Prints the largest difference from a file of layers on rows, relative to its tensor where that is larger than 1."""
    largest = 0.0
    for found in json.loads(Path(path).read_text())["cases"]:
        if "second_moment" in found or "entropy" in found or "weight_rate" in found:
            continue
        layers = [{"type": "gm", **{k: v for k, v in l.items() if k != "parameters"}} for l in found["layers"]]
        parameters = {
            f"layers.{i}.{n}": tensor(torch.tensor(v))
            for i, l in enumerate(found["layers"])
            for n, v in l["parameters"].items()
        }
        target = found["target"]
        mine = work(
            {
                "name": found["name"],
                "model": {"layers": layers},
                "parameters": parameters,
                "features": tensor(torch.tensor(found["input"])),
                "targets": tensor(torch.tensor(target)) if isinstance(target[0], list) else target,
                "loss": {"name": found["loss"]},
                "rate": found["learning_rate"],
                "rate_factors": {},
            }
        )["expected"]
        theirs = found["expected"]
        pairs = [(mine["output"]["data"], theirs["output"]), ([mine["loss"]], [theirs["loss"]])]
        for mine_of, theirs_of in (("gradients", "gradients"), ("after", "parameters_after_one_wasserstein_step")):
            pairs += [
                (mine[mine_of][f"layers.{i}.{n}"], v) for i, t in enumerate(theirs[theirs_of]) for n, v in t.items()
            ]
        worst = 0.0
        for a, b in pairs:
            b = np.asarray(b).flatten()
            worst = max(worst, np.max(np.abs(np.asarray(a) - b)) / max(1.0, np.max(np.abs(b))))
        largest = max(largest, worst)
        if not worst <= 1e-10:
            print(f"{found['name']}: {worst:.1e}")
    print(f"{path}: at most {largest:.1e}")


def check_monte_carlo(samples=4_000_000):
    """Prints the distance of a factored and a full layer from the mean over neurons, in standard errors."""
    random = np.random.default_rng(7)
    for family, key in (("factored", "relu"), ("full", "gelu"), ("factored", "tanh")):
        layer = gm(family, 3, 2, 2, key)
        p = {n: torch.tensor(t["data"]).reshape(t["shape"]) for n, t in layer_parameters(Draw("mc", 0), layer).items()}
        x = torch.tensor([[0.7, -1.2, 0.4]])
        exact = mixture(layer, p, x)[0].numpy()
        q = {n: t.numpy() for n, t in p.items()}
        row = np.array([0.7, -1.2, 0.4, 1.0])
        mean, variance = 0.0, 0.0
        for k, weight in enumerate(torch.softmax(p["log_weights"], 0).tolist()):
            e = random.normal(size=(samples, q["in_factor"].shape[2]))
            z = q["in_mean"][k] @ row + e @ (q["in_factor"][k].T @ row)
            if "in_std" in q:
                z += random.normal(size=samples) * np.sqrt((q["in_std"][k] ** 2) @ row**2)
            f = (q["out_mean"][k] + e @ q["out_factor"][k].T) * ordinary(key, torch.tensor(z)).numpy()[:, None]
            mean, variance = mean + weight * f.mean(0), variance + weight**2 * f.var(0) / samples
        print(f"Monte Carlo, {family} {key}: {np.max(np.abs(exact - mean) / np.sqrt(variance)):.1f} standard errors")


def check_convolution():
    """A gm-conv of Diracs without non-linearity is a convolution with the mean of its neurons."""
    layer = gm_conv("dirac", 2, 3, (3, 2), (2, 1), (1, 2), components=4, activation="identity")
    p = {n: torch.tensor(t["data"]).reshape(t["shape"]) for n, t in layer_parameters(Draw("conv", 0), layer).items()}
    x = torch.randn(2, 2, 6, 5)
    matrix = torch.einsum("k,kp,kn->pn", torch.softmax(p["log_weights"], 0), p["out_mean"], p["in_mean"])
    expected = F.conv2d(x, matrix[:, :-1].reshape(3, 2, 3, 2), matrix[:, -1], (2, 1), (1, 2))
    print(f"gm-conv and convolution: {(mixture_convolution(layer, p, x) - expected).abs().max().item():.1e}")


def check_ties():
    """The first of the largest elements of a window takes the gradient."""
    worst = 0.0
    for layer in (pool("max", 2), pool("max", 3, 1, 1), pool("max", 3, 2, 1), pool("max", (3, 2), (2, 1), (1, 0))):
        x = (torch.randn(3, 2, 7, 6) * 2).round() / 2
        x.requires_grad_()
        y = F.max_pool2d(x, layer["kernel"], layer["stride"], layer["padding"])
        g = torch.randn_like(y)
        (found,) = torch.autograd.grad((y * g).sum(), x)
        expected = torch.zeros_like(x)
        for (b, c, i, j), value in np.ndenumerate(g.numpy()):
            top = i * layer["stride"][0] - layer["padding"][0]
            left = j * layer["stride"][1] - layer["padding"][1]
            places = [
                (r, s)
                for r in range(max(top, 0), min(top + layer["kernel"][0], 7))
                for s in range(max(left, 0), min(left + layer["kernel"][1], 6))
            ]
            first = max(places, key=lambda place: x[b, c, place[0], place[1]].item())
            expected[b, c, first[0], first[1]] += value
        worst = max(worst, (found - expected).abs().max().item())
    print(f"ties of max-pool: {worst:.1e}")


def main(arguments):
    if arguments[:1] == ["--check"]:
        for path in arguments[1:]:
            check_golden(path)
        check_monte_carlo()
        check_convolution()
        check_ties()
        return
    resources = Path(__file__).resolve().parent.parent / "resources"
    path = Path(arguments[0]) if arguments else resources / "io/measureflow/conformance/networks.json"
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases())
    path.write_text('{"cases": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
