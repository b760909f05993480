#!/usr/bin/env python3
"""Writes the worked cases of the conformance suite, cases.json.

Every number is computed from the definition of a layer and nothing else: Gaussian expectations in
closed form by mpmath with 40 digits, gradients by central differences of the objective (no gradient
formula is used), and the Wasserstein step as -h / (pi_k metric) times the gradient. The random
inputs are drawn by NumPy and rounded to four decimals, so that every number in the file is exactly
the one computed with.

    python3 make_cases.py            # writes ../resources/io/measureflow/conformance/cases.json
    python3 make_cases.py OUTPUT     # writes OUTPUT
    python3 make_cases.py --check GOLDEN   # recomputes GOLDEN's families and activations known here

Needs numpy and mpmath.
"""

import json
import sys
from pathlib import Path

import numpy as np
from mpmath import mp, mpf

mp.dps = 40
STEP = mpf(10) ** -12  # central differences: truncation and cancellation both leave about 24 digits
SEED = 20260


# ---- the definition of a model ----


def relu_expectation(mean, variance):
    """E[max(z, 0)] of z ~ N(mean, variance)."""
    if variance == 0:
        return max(mean, mpf(0))
    std = mp.sqrt(variance)
    t = mean / std
    cdf = mp.erfc(-t / mp.sqrt(2)) / 2
    density = mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi)
    return mean * cdf + std * density


EXPECTATIONS = {"identity": lambda mean, variance: mean, "relu": relu_expectation}


def softmax(log_weights):
    shifted = [mp.exp(w - max(log_weights)) for w in log_weights]
    return [w / mp.fsum(shifted) for w in shifted]


def dot(a, b):
    return mp.fsum(x * y for x, y in zip(a, b, strict=True))


def mixture_row(layer, x):
    """sum_k pi_k out_mean_k E[sigma(w.x)], w ~ N(in_mean_k, Sigma_k)."""
    parameters = layer["parameters"]
    x = x + [mpf(1)] if layer["bias"] else x
    expectation = EXPECTATIONS[layer["activation"]]
    result = [mpf(0)] * layer["outputs"]
    for k, weight in enumerate(softmax(parameters["log_weights"])):
        mean = dot(parameters["in_mean"][k], x)
        match layer["family"]:
            case "dirac":
                variance = mpf(0)
            case "isotropic":
                variance = parameters["in_std"][k] ** 2 * dot(x, x)
            case "diagonal":
                variance = mp.fsum((s * c) ** 2 for s, c in zip(parameters["in_std"][k], x, strict=True))
        g = weight * expectation(mean, variance)
        result = [r + g * a for r, a in zip(result, parameters["out_mean"][k], strict=True)]
    return result


def dense_row(layer, x):
    """sigma(weight x + bias)."""
    parameters = layer["parameters"]
    sums = [dot(row, x) for row in parameters["weight"]]
    if layer["bias"]:
        sums = [s + b for s, b in zip(sums, parameters["bias"], strict=True)]
    return [EXPECTATIONS[layer["activation"]](s, mpf(0)) for s in sums]


def is_dense(layer):
    return layer.get("type", "gm") == "dense"


def output(case):
    rows = []
    for x in case["input"]:
        for layer in case["layers"]:
            x = dense_row(layer, x) if is_dense(layer) else mixture_row(layer, x)
        rows.append(x)
    return rows


def loss(case):
    rows = output(case)
    if case["loss"] == "softmax_cross_entropy":
        each = [mp.log(mp.fsum(mp.exp(l) for l in row)) - row[y] for row, y in zip(rows, case["target"], strict=True)]
    else:
        each = [mp.fsum((f - y) ** 2 for f, y in zip(row, ys, strict=True)) / 2 for row, ys in zip(rows, case["target"], strict=True)]
    return mp.fsum(each) / len(rows)


# ---- gradients and the step ----


def map_leaves(function, nested):
    return [map_leaves(function, n) for n in nested] if isinstance(nested, list) else function(nested)


def derivative(case, holder, index):
    """The central difference of the loss in one number."""
    value = holder[index]
    holder[index] = value + STEP
    above = loss(case)
    holder[index] = value - STEP
    below = loss(case)
    holder[index] = value
    return (above - below) / (2 * STEP)


def gradient(case, tensor):
    if isinstance(tensor[0], list):
        return [gradient(case, row) for row in tensor]
    return [derivative(case, tensor, i) for i in range(len(tensor))]


def step_row(values, gradients, rate):
    if isinstance(values, list):
        return [step_row(v, g, rate) for v, g in zip(values, gradients, strict=True)]
    return values - rate * gradients


def after_step(layer, name, gradients, rate):
    values = layer["parameters"][name]
    if is_dense(layer):
        return step_row(values, gradients, rate)
    width = layer["inputs"] + (1 if layer["bias"] else 0)
    metric = width if (layer["family"], name) == ("isotropic", "in_std") else 1
    weights = softmax(layer["parameters"]["log_weights"])
    return [step_row(v, g, rate / (weight * metric)) for v, g, weight in zip(values, gradients, weights, strict=True)]


def expected(case):
    """The results of a case whose numbers are mpf."""
    rate = case["learning_rate"]
    gradients = []
    after = []
    for layer in case["layers"]:
        trained = [name for name in layer["parameters"] if name != "log_weights"]
        gradients.append({name: gradient(case, layer["parameters"][name]) for name in trained})
        after.append({name: after_step(layer, name, gradients[-1][name], rate) for name in trained})
    return {
        "output": output(case),
        "loss": loss(case),
        "gradients": gradients,
        "parameters_after_one_wasserstein_step": after,
    }


def exact(value):
    """The same structure with every float as mpf; labels and sizes stay integers."""
    if isinstance(value, dict):
        return {key: exact(v) for key, v in value.items()}
    if isinstance(value, list):
        return [exact(v) for v in value]
    return mpf(value) if isinstance(value, float) else value


def rounded(value):
    """The same structure with every mpf rounded to binary64."""
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return float(value)


# ---- the cases ----


class Draw:
    """Random numbers of one case, which do not change when another case is added."""

    def __init__(self, name):
        self.random = np.random.default_rng([SEED, *name.encode()])

    def normal(self, *shape, scale=1.0):
        return np.round(self.random.normal(0, scale, shape), 4).tolist()

    def spread(self, *shape):
        """Standard deviations away from 0, of either sign: only their square enters."""
        size = self.random.uniform(0.3, 1.2, shape)
        return np.round(size * self.random.choice([-1, 1, 1], shape), 4).tolist()

    def labels(self, count, classes):
        return self.random.integers(0, classes, count).tolist()


def mixture(draw, family, activation, inputs, outputs, components, bias=True, uniform=False):
    width = inputs + 1 if bias else inputs
    parameters = {
        "out_mean": draw.normal(components, outputs),
        "in_mean": draw.normal(components, width, scale=0.8),
    }
    match family:
        case "isotropic":
            parameters["in_std"] = draw.spread(components)
        case "diagonal":
            parameters["in_std"] = draw.spread(components, width)
    parameters["log_weights"] = [0.0] * components if uniform else draw.normal(components, scale=0.7)
    return {
        "type": "gm",
        "family": family,
        "activation": activation,
        "bias": bias,
        "components": components,
        "inputs": inputs,
        "outputs": outputs,
        "rank": 0,
        "parameters": parameters,
    }


def dense(draw, activation, inputs, outputs, bias=True):
    parameters = {"weight": draw.normal(outputs, inputs)}
    if bias:
        parameters["bias"] = draw.normal(outputs)
    return {
        "type": "dense",
        "activation": activation,
        "bias": bias,
        "inputs": inputs,
        "outputs": outputs,
        "parameters": parameters,
    }


def case(draw, name, layers, batch, regression=False, rate=0.1, features=None):
    outputs = layers[-1]["outputs"]
    return {
        "name": name,
        "loss": "half_squared_error" if regression else "softmax_cross_entropy",
        "learning_rate": rate,
        "input": features or draw.normal(batch, layers[0]["inputs"]),
        "target": draw.normal(batch, outputs) if regression else draw.labels(batch, outputs),
        "layers": layers,
    }


def single(name, *layer, batch=4, regression=False, rate=0.1, features=None, **options):
    draw = Draw(name)
    return case(draw, name, [mixture(draw, *layer, **options)], batch, regression, rate, features)


def stack(name, makers, batch=4, regression=False, rate=0.05):
    draw = Draw(name)
    return case(draw, name, [make(draw, *arguments) for make, *arguments in makers], batch, regression, rate)


def cases():
    # A zero row: without a bias its mean and variance are 0, and its share of every gradient in the
    # parameters of the inputs is 0 whatever the derivatives of the activation are taken to be.
    zero_row = [[0.0, 0.0, 0.0], [0.7, -1.3, 0.4], [-0.2, 0.9, 1.6]]
    # Means of about 30 standard deviations of either sign, next to an ordinary row.
    saturated = [[30.0, -30.0, 30.0], [-30.0, 30.0, 30.0], [0.3, -0.6, 1.1]]
    far = single("saturated", "diagonal", "relu", 3, 2, 2, regression=True, rate=0.001, batch=3, features=saturated)
    far["layers"][0]["parameters"]["in_mean"] = [[0.9, -1.1, 0.8, 0.2], [-0.7, 1.2, -0.5, -0.1]]
    far["layers"][0]["parameters"]["in_std"] = [[0.04, -0.03, 0.05, 0.02], [0.05, 0.04, -0.03, 0.06]]
    return [
        single("dirac-relu", "dirac", "relu", 4, 3, 3),
        single("dirac-identity-nobias", "dirac", "identity", 3, 2, 2, bias=False),
        single("isotropic-relu", "isotropic", "relu", 4, 3, 3),
        single("isotropic-identity", "isotropic", "identity", 2, 3, 2),
        single("isotropic-relu-nobias-regression", "isotropic", "relu", 3, 2, 3, bias=False, regression=True),
        single("diagonal-relu", "diagonal", "relu", 4, 3, 3),
        single("diagonal-identity-nobias", "diagonal", "identity", 3, 2, 2, bias=False),
        single("diagonal-relu-one-component-one-row", "diagonal", "relu", 3, 2, 1, batch=1, regression=True),
        single("diagonal-relu-uniform-one-output", "diagonal", "relu", 2, 1, 3, regression=True, uniform=True),
        single("isotropic-relu-zero-row", "isotropic", "relu", 3, 2, 2, bias=False, batch=3, features=zero_row),
        single("diagonal-relu-zero-row", "diagonal", "relu", 3, 2, 2, bias=False, batch=3, features=zero_row),
        far,
        stack(
            "stack-diagonal-isotropic",
            [
                (mixture, "diagonal", "relu", 3, 3, 2),
                (mixture, "isotropic", "relu", 3, 2, 3),
            ],
        ),
        stack(
            "stack-dense-diagonal-dense",
            [
                (dense, "relu", 3, 4),
                (mixture, "diagonal", "relu", 4, 3, 2),
                (dense, "identity", 3, 2),
            ],
            batch=3,
            regression=True,
        ),
        stack(
            "stack-dirac-dense-nobias",
            [
                (mixture, "dirac", "relu", 3, 3, 3),
                (dense, "relu", 3, 3, False),
                (dense, "identity", 3, 3),
            ],
            batch=3,
        ),
    ]


def worked(made):
    return {**made, "expected": rounded(expected(exact(made)))}


# ---- checking against another file of cases ----


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for v in value for leaf in leaves(v)] if isinstance(value, list) else [value]


def check(path):
    """Prints the largest difference of each case known here from the file, relative to its tensor."""
    for found in json.loads(Path(path).read_text())["cases"]:
        known = all(
            is_dense(l) or l["family"] in ("dirac", "isotropic", "diagonal") for l in found["layers"]
        ) and all(l["activation"] in EXPECTATIONS for l in found["layers"])
        if not known:
            continue
        mine = rounded(expected(exact(found)))
        theirs = found["expected"]
        pairs = [("output", mine["output"], theirs["output"]), ("loss", [mine["loss"]], [theirs["loss"]])]
        for part in ("gradients", "parameters_after_one_wasserstein_step"):
            for i, tensors in enumerate(mine[part]):
                pairs += [(f"{part}.{i}.{n}", t, theirs[part][i][n]) for n, t in tensors.items()]
        worst = max(
            (np.max(np.abs(np.subtract(leaves(a), leaves(b)))) / max(np.max(np.abs(leaves(b))), 1e-300), what)
            for what, a, b in pairs
        )
        print(f"{found['name']}: {worst[0]:.1e} in {worst[1]}")


def main(arguments):
    if arguments[:1] == ["--check"]:
        check(arguments[1])
        return
    resources = Path(__file__).resolve().parent.parent / "resources"
    path = Path(arguments[0]) if arguments else resources / "io/measureflow/conformance/cases.json"
    lines = ",\n".join(json.dumps(worked(c)) for c in cases())
    path.write_text('{"cases": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
