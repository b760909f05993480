#!/usr/bin/env python3
"""Writes the worked cases of the conformance suite, cases.json.

Every number is computed from the definition of a layer and nothing else, by mpmath with 50 digits:

- Gaussian expectations by numerical integration of sigma over z = m + s q. No closed form of a
  moment is used; E[a sigma(w.x)] comes from conditioning a on z.
- The smooth activations of which the specification *defines* the moments as a quadrature (tanh,
  sigmoid, silu, softplus) by that quadrature, of which every case checks that it agrees with the
  integral to QUADRATURE_ACCURACY. Their gradients are those of the quadrature.
- Gradients by central differences of the objective: no gradient formula is used.
- The Wasserstein step as -h / (pi_k metric) times the gradient; the step of trained weights from the
  central differences in pi_k.

The random inputs are drawn by NumPy and rounded to four decimals, so that every number in the file
is exactly the one computed with.

    python3 make_cases.py            # writes ../resources/io/measureflow/conformance/cases.json
    python3 make_cases.py OUTPUT     # writes OUTPUT
    python3 make_cases.py --check GOLDEN [NAME ...]   # recomputes the cases of GOLDEN

Needs numpy and mpmath. Takes three to five minutes on one core.

Beyond layers, batch and loss a case may have

- "weight_rate": alpha. The mixture weights are trained (Wasserstein-Fisher-Rao); the parameters after
  the step then have log_weights, normalised so that the weights sum to 1.
- "second_moment": lambda, "entropy": tau. Functionals added to the loss, over all mixture layers.
  Gradients and step are those of the sum, "energy"; "loss" stays the loss of the data.
"""

import json
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
from mpmath import mp, mpf

mp.dps = 50
STEP = mpf(10) ** -12  # central differences: their truncation leaves about 24 digits
# A difference of this size is cancellation, or a gradient far below the smallest binary64 that matters.
NOISE = mpf(10) ** -42
QUADRATURE_NODES = 32
QUADRATURE_ACCURACY = 1e-5  # of G_0 to G_3, absolute
# The size of spreads for which the quadrature is a good one, yet its error shows in 16 digits: tanh
# has its poles half as far away.
QUADRATURE_SPREAD = {"tanh": 0.15, "sigmoid": 0.44, "silu": 0.44, "softplus": 0.44}
SEED = 20260


# ---- activations ----


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


SMOOTH = {  # entire functions that grow no faster than exp(y^2) at z = x + iy
    "identity": lambda z: z,
    "quadratic": lambda z: z * z,
    "erf": mp.erf,
    "gelu": lambda z: z * mp.erfc(-z / mp.sqrt(2)) / 2,
    "sin": mp.sin,
    "cos": mp.cos,
}
KINKED = {  # polynomials on either side of 0
    "relu": lambda z: max(z, mpf(0)),
    "step": lambda z: mpf(z > 0),
}
QUADRATURE = {  # their moments are a quadrature by definition
    "tanh": mp.tanh,
    "sigmoid": sigmoid,
    "silu": lambda z: z * sigmoid(z),
    "softplus": lambda z: mp.log1p(mp.exp(z)),
}

SLOPE = {  # the derivatives of those
    "tanh": lambda z: 1 - mp.tanh(z) ** 2,
    "sigmoid": lambda z: sigmoid(z) * sigmoid(-z),
    "silu": lambda z: sigmoid(z) + z * sigmoid(z) * sigmoid(-z),
    "softplus": sigmoid,
}


def leaky_relu(key):
    """The function of the key leaky_relu, whose slope is 0.01, or leaky_relu(SLOPE)."""
    slope = mpf(float(key.removeprefix("leaky_relu").strip("()") or 0.01))
    return lambda z: z if z > 0 else slope * z


@lru_cache
def activation_function(key):
    if key.startswith("leaky_relu"):
        return leaky_relu(key)
    return (SMOOTH | KINKED | QUADRATURE)[key]


# ---- Gaussian expectations ----


def density(q):
    return mp.exp(-q * q / 2) / mp.sqrt(2 * mp.pi)


def reach():
    """Beyond this the standard normal density is below the precision."""
    return mp.sqrt(2 * mp.dps * mp.log(10))


@lru_cache
def trapezoidal_rule(level):
    """Nodes and weights of an expectation over q ~ N(0, 1), a distance of 2^-level apart."""
    distance = mpf(2) ** -level
    count = int(mp.ceil(reach() / distance))
    return [(i * distance, distance * density(i * distance)) for i in range(-count, count + 1)]


def smooth_rule(std):
    """The trapezoidal rule that is exact to the precision for the functions of SMOOTH.

    At q + iy the integrand grows no faster than exp((1 + 2 s^2) y^2 / 2), which leaves an error of
    exp(-2 pi^2 / ((1 + 2 s^2) distance^2)).
    """
    distance = mp.pi * mp.sqrt(2 / ((1 + 2 * std * std) * mp.dps * mp.log(10)))
    return trapezoidal_rule(max(0, int(mp.ceil(-mp.log(distance, 2)))))


def polished(polynomials, count, start):
    """The roots near start of the last of the orthogonal polynomials, and the one before it there."""
    roots = [mp.findroot(lambda x: polynomials(count, x)[0], mpf(x)) for x in start.tolist()]
    return [(x, polynomials(count, x)[1]) for x in roots]


def legendre(count, x):
    before, last = mpf(1), x
    for n in range(1, count):
        before, last = last, ((2 * n + 1) * x * last - n * before) / (n + 1)
    return last, before


def hermite(count, x):
    """The probabilists' polynomials."""
    before, last = mpf(1), x
    for n in range(1, count):
        before, last = last, x * last - n * before
    return last, before


@lru_cache
def gauss_legendre(count):
    """Nodes and weights on [-1, 1]."""
    roots = polished(legendre, count, np.polynomial.legendre.leggauss(count)[0])
    return [(x, 2 * (1 - x * x) / (count * before) ** 2) for x, before in roots]


@lru_cache
def gauss_hermite(count):
    """Nodes and weights of an expectation over q ~ N(0, 1)."""
    roots = polished(hermite, count, np.polynomial.hermite_e.hermegauss(count)[0])
    return [(x, mp.factorial(count) / (count * before) ** 2) for x, before in roots]


def kinked_rule(kink):
    """Gauss-Legendre on panels at most 2 wide to either side of a kink."""
    end = reach()
    kink = min(max(kink, -end), end)
    for low, high in ((-end, kink), (kink, end)):
        panels = int(mp.ceil((high - low) / 2))
        for i in range(panels):
            half = (high - low) / (2 * panels)
            centre = low + (2 * i + 1) * half
            for x, weight in gauss_legendre(30):
                q = centre + half * x
                yield q, half * weight * density(q)


@lru_cache(maxsize=1 << 16)
def integrals(activation, mean, variance):
    """G_0 = E[sigma(z)] and G_1 = E[sigma(z) (z - m)] / v of z ~ N(m, v), by integration.

    Without a variance nothing varies with z, and what multiplies G_1 is 0.
    """
    sigma = activation_function(activation)
    if variance == 0:
        return sigma(mean), mpf(0)
    std = mp.sqrt(variance)
    rule = smooth_rule(std) if activation in SMOOTH else kinked_rule(-mean / std)
    terms = [(q, weight * sigma(mean + std * q)) for q, weight in rule]
    return mp.fsum(y for _, y in terms), mp.fsum(q * y for q, y in terms) / std


@lru_cache(maxsize=1 << 16)
def quadratures(activation, mean, variance):
    """G_0 to G_3, each the quadrature of a derivative of sigma over z = m + s q."""
    sigma = activation_function(activation)
    std = mp.sqrt(variance)
    rule = gauss_hermite(QUADRATURE_NODES)
    return [mp.fsum(weight * mp.diff(sigma, mean + std * q, j) for q, weight in rule) for j in range(4)]


def quadrature_error(activation, mean, variance):
    """The largest distance of the quadratures from the true G_j = E[sigma(m + s q) He_j(q)] / s^j."""
    if variance == 0:
        return mpf(0)
    sigma = activation_function(activation)
    std = mp.sqrt(variance)
    terms = [(q, weight * sigma(mean + std * q)) for q, weight in trapezoidal_rule(5)]
    true = [
        mp.fsum(y for _, y in terms),
        mp.fsum(q * y for q, y in terms) / std,
        mp.fsum((q**2 - 1) * y for q, y in terms) / std**2,
        mp.fsum((q**3 - 3 * q) * y for q, y in terms) / std**3,
    ]
    return max(abs(g - t) for g, t in zip(quadratures(activation, mean, variance), true, strict=True))


@lru_cache(maxsize=1 << 16)
def quadrature_moments(activation, mean, variance):
    """G_0 and G_1, the quadratures of sigma and of its derivative."""
    sigma, slope = activation_function(activation), SLOPE[activation]
    std = mp.sqrt(variance)
    points = [(weight, mean + std * q) for q, weight in gauss_hermite(QUADRATURE_NODES)]
    return mp.fsum(w * sigma(z) for w, z in points), mp.fsum(w * slope(z) for w, z in points)


def moments(activation, mean, variance):
    """G_0 and G_1."""
    return (quadrature_moments if activation in QUADRATURE else integrals)(activation, mean, variance)


# ---- the definition of a model ----


def softmax(log_weights):
    shifted = [mp.exp(w - max(log_weights)) for w in log_weights]
    return [w / mp.fsum(shifted) for w in shifted]


def dot(a, b):
    return mp.fsum(x * y for x, y in zip(a, b, strict=True))


def columns(matrix):
    return [list(column) for column in zip(*matrix, strict=True)]


def input_variance(layer, k, x):
    """v = x' Sigma_ww x of a component."""
    parameters = layer["parameters"]
    match layer["family"]:
        case "dirac":
            return mpf(0)
        case "isotropic":
            return parameters["in_std"][k] ** 2 * dot(x, x)
    variance = mpf(0)
    if "in_std" in parameters:
        variance += mp.fsum((s * c) ** 2 for s, c in zip(parameters["in_std"][k], x, strict=True))
    if "in_factor" in parameters:
        projected = projection(layer, k, x)
        variance += dot(projected, projected)
    return variance


def projection(layer, k, x):
    """A_w' x of a component."""
    return [dot(column, x) for column in columns(layer["parameters"]["in_factor"][k])]


def covariance_row(layer, k, x):
    """Sigma_aw x of a component."""
    parameters = layer["parameters"]
    if "out_factor" not in parameters:
        return [mpf(0)] * layer["outputs"]
    projected = projection(layer, k, x)
    return [dot(row, projected) for row in parameters["out_factor"][k]]


def mixture_row(layer, x, points):
    """sum_k pi_k E[a sigma(w.x)], (a, w) ~ N((out_mean_k, in_mean_k), Sigma_k).

    Of z = w.x ~ N(m, v), E[a | z] = out_mean + Sigma_aw x (z - m) / v.
    """
    parameters = layer["parameters"]
    x = x + [mpf(1)] if layer["bias"] else x
    result = [mpf(0)] * layer["outputs"]
    for k, weight in enumerate(layer["weights"]):
        mean = dot(parameters["in_mean"][k], x)
        variance = input_variance(layer, k, x)
        points.setdefault(k, (mean, variance))
        g0, g1 = moments(layer["activation"], mean, variance)
        component = [
            a * g0 + c * g1 for a, c in zip(parameters["out_mean"][k], covariance_row(layer, k, x), strict=True)
        ]
        result = [r + weight * f for r, f in zip(result, component, strict=True)]
    return result


def dense_row(layer, x):
    """sigma(weight x + bias)."""
    parameters = layer["parameters"]
    sums = [dot(row, x) for row in parameters["weight"]]
    if layer["bias"]:
        sums = [s + b for s, b in zip(sums, parameters["bias"], strict=True)]
    sigma = activation_function(layer["activation"])
    return [sigma(s) for s in sums]


def is_dense(layer):
    return layer.get("type", "gm") == "dense"


def output(case):
    """The rows of the output; the first call on a case also keeps the points at which moments are taken."""
    rows = []
    for row, x in enumerate(case["input"]):
        for i, layer in enumerate(case["layers"]):
            if is_dense(layer):
                x = dense_row(layer, x)
            else:
                x = mixture_row(layer, x, case["moment_points"].setdefault((row, i), {}))
        rows.append(x)
    return rows


def loss(case):
    rows = output(case)
    if case["loss"] == "softmax_cross_entropy":
        each = [mp.log(mp.fsum(mp.exp(l) for l in row)) - row[y] for row, y in zip(rows, case["target"], strict=True)]
    else:
        each = [mp.fsum((f - y) ** 2 for f, y in zip(row, ys, strict=True)) / 2 for row, ys in zip(rows, case["target"], strict=True)]
    return mp.fsum(each) / len(rows)


def leaves(value):
    return [leaf for v in value for leaf in leaves(v)] if isinstance(value, list) else [value]


def squares(nested):
    return mp.fsum(value * value for value in leaves(nested))


def trace(layer, k):
    """tr Sigma of a component."""
    parameters = layer["parameters"]
    width = len(parameters["in_mean"][k])
    match layer["family"]:
        case "dirac":
            return mpf(0)
        case "isotropic":
            return width * parameters["in_std"][k] ** 2
    return mp.fsum(squares(parameters[n][k]) for n in ("in_std", "in_factor", "out_factor") if n in parameters)


def log_determinant(layer, k):
    """log det Sigma of a component, over the coordinates that its family spreads."""
    parameters = layer["parameters"]
    width = len(parameters["in_mean"][k])
    match layer["family"]:
        case "isotropic":
            return width * mp.log(parameters["in_std"][k] ** 2)
        case "diagonal":
            return mp.fsum(mp.log(s * s) for s in parameters["in_std"][k])
        case "factored":  # of Sigma_ww
            factor = mp.matrix(parameters["in_factor"][k])
            return mp.log(mp.det(mp.diag([s * s for s in parameters["in_std"][k]]) + factor * factor.T))
        case "full":
            root = mp.matrix(parameters["out_factor"][k] + parameters["in_factor"][k])
            return 2 * mp.log(abs(mp.det(root)))


def energy(case):
    """The objective: the loss and the functionals."""
    result = loss(case)
    for layer in case["layers"]:
        if is_dense(layer):
            continue
        parameters = layer["parameters"]
        for k, weight in enumerate(layer["weights"]):
            if "second_moment" in case:
                size = squares([parameters["out_mean"][k], parameters["in_mean"][k]]) + trace(layer, k)
                result += case["second_moment"] / 2 * weight * size
            if "entropy" in case:
                result -= case["entropy"] / 2 * weight * log_determinant(layer, k)
    return result


# ---- gradients and the step ----


def derivative(case, holder, index):
    """The central difference of the objective in one number."""
    value = holder[index]
    holder[index] = value + STEP
    above = energy(case)
    holder[index] = value - STEP
    below = energy(case)
    holder[index] = value
    difference = above - below
    return difference / (2 * STEP) if abs(difference) > NOISE else mpf(0)


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
    return [
        step_row(v, g, rate / (weight * metric))
        for v, g, weight in zip(values, gradients, layer["weights"], strict=True)
    ]


def log_weights_after_step(case, layer, rate):
    """log pi_k <- log pi_k - h alpha E_k V, normalised; E_k V = dF/dpi_k of free pi."""
    potentials = gradient(case, layer["weights"])
    moved = [mp.log(w) - rate * case["weight_rate"] * v for w, v in zip(layer["weights"], potentials, strict=True)]
    return [mp.log(w) for w in softmax(moved)]


def expected(case):
    """The results of a case whose numbers are mpf."""
    rate = case["learning_rate"]
    case["moment_points"] = {}
    for layer in case["layers"]:
        if not is_dense(layer):
            layer["weights"] = softmax(layer["parameters"]["log_weights"])
    result = {"output": output(case), "loss": loss(case)}
    check_quadratures(case)
    if "second_moment" in case or "entropy" in case:
        result["energy"] = energy(case)
    gradients = []
    after = []
    for layer in case["layers"]:
        trained = [name for name in layer["parameters"] if name != "log_weights"]
        gradients.append({name: gradient(case, layer["parameters"][name]) for name in trained})
        after.append({name: after_step(layer, name, gradients[-1][name], rate) for name in trained})
        if "weight_rate" in case and not is_dense(layer):
            after[-1]["log_weights"] = log_weights_after_step(case, layer, rate)
    return result | {"gradients": gradients, "parameters_after_one_wasserstein_step": after}


def check_quadratures(case):
    for (_, i), points in case["moment_points"].items():
        activation = case["layers"][i]["activation"]
        if activation in QUADRATURE:
            error = max(quadrature_error(activation, *point) for point in points.values())
            assert error < QUADRATURE_ACCURACY, f"{case['name']}: quadrature of {activation} is off by {float(error):.1e}"


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

    def spread(self, *shape, scale=1.0):
        """Standard deviations away from 0, of either sign: only their square enters."""
        size = scale * self.random.uniform(0.3, 1.2, shape)
        return np.round(size * self.random.choice([-1, 1, 1], shape), 4).tolist()

    def labels(self, count, classes):
        return self.random.integers(0, classes, count).tolist()


def mixture(draw, family, activation, inputs, outputs, components, bias=True, uniform=False, rank=2):
    width = inputs + 1 if bias else inputs
    scale = QUADRATURE_SPREAD.get(activation, 1.0)
    parameters = {
        "out_mean": draw.normal(components, outputs),
        "in_mean": draw.normal(components, width, scale=0.8),
    }
    match family:
        case "dirac":
            rank = 0
        case "isotropic":
            rank = 0
            parameters["in_std"] = draw.spread(components, scale=scale)
        case "diagonal":
            rank = 0
            parameters["in_std"] = draw.spread(components, width, scale=scale)
        case "factored":
            parameters["in_std"] = draw.spread(components, width, scale=0.7 * scale)
        case "full":
            rank = width + outputs
    if rank > 0:
        parameters["in_factor"] = draw.normal(components, width, rank, scale=0.9 * scale / rank**0.5)
        parameters["out_factor"] = draw.normal(components, outputs, rank, scale=0.9 / rank**0.5)
    parameters["log_weights"] = [0.0] * components if uniform else draw.normal(components, scale=0.7)
    return {
        "type": "gm",
        "family": family,
        "activation": activation,
        "bias": bias,
        "components": components,
        "inputs": inputs,
        "outputs": outputs,
        "rank": rank,
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


def case(draw, name, layers, batch, regression=False, rate=0.1, features=None, **extras):
    """A case; extras are weight_rate, second_moment and entropy."""
    outputs = layers[-1]["outputs"]
    return {
        "name": name,
        "loss": "half_squared_error" if regression else "softmax_cross_entropy",
        "learning_rate": rate,
        **extras,
        "input": features or draw.normal(batch, layers[0]["inputs"]),
        "target": draw.normal(batch, outputs) if regression else draw.labels(batch, outputs),
        "layers": layers,
    }


def single(name, *layer, batch=4, regression=False, rate=0.1, features=None, extras=None, **options):
    draw = Draw(name)
    layers = [mixture(draw, *layer, **options)]
    return case(draw, name, layers, batch, regression, rate, features, **(extras or {}))


def stack(name, makers, batch=4, regression=False, rate=0.05, **extras):
    draw = Draw(name)
    layers = [make(draw, *arguments) for make, *arguments in makers]
    return case(draw, name, layers, batch, regression, rate, **extras)


# A zero row: without a bias its mean and variance are 0, and its share of every gradient in the
# parameters of the inputs is 0 whatever the derivatives of the activation are taken to be.
ZERO_ROW = [[0.0, 0.0, 0.0], [0.7, -1.3, 0.4], [-0.2, 0.9, 1.6]]


def cases():
    return [
        *first_cases(),
        *matrix_cases(),
        *shape_cases(),
        *extreme_cases(),
        *weight_cases(),
        *functional_cases(),
        *stack_cases(),
    ]


def first_cases():
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
        single("isotropic-relu-zero-row", "isotropic", "relu", 3, 2, 2, bias=False, batch=3, features=ZERO_ROW),
        single("diagonal-relu-zero-row", "diagonal", "relu", 3, 2, 2, bias=False, batch=3, features=ZERO_ROW),
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


ACTIVATIONS = ["identity", "quadratic", "relu", "leaky_relu", "step", "erf", "gelu", "sin", "cos"] + list(QUADRATURE)


def matrix_cases():
    """Every family with every activation; some of them are among the first cases."""
    present = (
        "dirac-identity",
        "dirac-relu",
        "isotropic-identity",
        "isotropic-relu",
        "diagonal-identity",
        "diagonal-relu",
    )
    # A sum of Diracs of steps is piecewise constant: there is nothing to train.
    absent = ("dirac-step",)
    # The roots of the covariances make up most of the file.
    sizes = (
        ("dirac", 3, True),
        ("isotropic", 3, True),
        ("diagonal", 3, True),
        ("factored", 2, True),
        ("full", 2, False),
    )
    return [
        single(f"{family}-{activation}", family, activation, inputs, 2, 2, bias=bias)
        for family, inputs, bias in sizes
        for activation in ACTIVATIONS
        if f"{family}-{activation}" not in present + absent
    ]


def shape_cases():
    """Other slopes, ranks, widths and losses."""
    return [
        single("diagonal-leaky_relu-slope", "diagonal", "leaky_relu(0.2)", 3, 2, 2),
        single("factored-leaky_relu-slope", "factored", "leaky_relu(0.2)", 2, 3, 2, rank=1),
        single("factored-sin-rank-5", "factored", "sin", 2, 3, 1, rank=5),
        single("factored-relu-regression", "factored", "relu", 3, 3, 2, regression=True),
        single("factored-gelu-nobias", "factored", "gelu", 3, 2, 2, bias=False),
        single("full-erf-uniform-one-output", "full", "erf", 2, 1, 3, regression=True, uniform=True),
    ]


def extreme_cases():
    return zero_row_cases() + no_spread_cases() + tiny_spread_cases() + saturated_cases()


def zero_row_cases():
    return [
        single(f"{family}-{activation}-zero-row", family, activation, 3, 2, 2, bias=False, batch=3, features=ZERO_ROW)
        for family, activation in (("diagonal", "sigmoid"), ("factored", "relu"), ("full", "gelu"))
    ]


def scaled(made, size, names=("in_std", "in_factor")):
    """The case with a spread of the inputs that is this many times as large, to five digits."""
    parameters = made["layers"][0]["parameters"]
    for name in names:
        if name in parameters:
            parameters[name] = map_leaves(lambda value: float(f"{value * size:.5g}") + 0.0, parameters[name])
    return made


def map_leaves(function, nested):
    return [map_leaves(function, n) for n in nested] if isinstance(nested, list) else function(nested)


def no_spread_cases():
    """Components of other families that are Diracs."""
    return [
        scaled(single(f"{family}-{activation}-no-spread", family, activation, 2, 2, 2), 0)
        for family, activation in (("diagonal", "gelu"), ("factored", "tanh"))
    ]


def tiny_spread_cases():
    return [
        scaled(single(f"{family}-{activation}-tiny-spread", family, activation, 2, 2, 2), 1e-12)
        for family, activation in (
            ("diagonal", "step"),
            ("diagonal", "gelu"),
            ("factored", "step"),
            ("factored", "gelu"),
            ("full", "erf"),
        )
    ]


def saturated_cases():
    """Means of hundreds of standard deviations of either sign, next to a row of ordinary ones."""
    result = []
    for family, activation in (("diagonal", "step"), ("diagonal", "gelu"), ("isotropic", "erf")):
        features = [[30.0, -30.0, 30.0], [-30.0, 30.0, 30.0], [0.5, 0.4, -0.3]]
        options = {"regression": True, "rate": 0.001, "batch": 3, "features": features}
        made = scaled(single(f"{family}-{activation}-saturated", family, activation, 3, 2, 2, **options), 0.05)
        made["layers"][0]["parameters"]["in_mean"] = [[0.9, -1.1, 0.8, 0.2], [-0.7, 1.2, -0.5, -0.2]]
        result.append(made)
    return result


def weight_cases():
    """Trained weights."""
    return [
        single("dirac-relu-weights", "dirac", "relu", 3, 3, 3, extras={"weight_rate": 0.7}),
        single("isotropic-gelu-weights", "isotropic", "gelu", 3, 2, 3, extras={"weight_rate": 1.0}),
        single("diagonal-relu-weights", "diagonal", "relu", 3, 2, 3, regression=True, extras={"weight_rate": 0.5}),
        single("factored-erf-weights", "factored", "erf", 2, 2, 2, extras={"weight_rate": 0.7}),
        single("full-tanh-weights", "full", "tanh", 2, 2, 2, extras={"weight_rate": 2.0}),
        stack(
            "stack-diagonal-factored-weights",
            [
                (mixture, "diagonal", "relu", 2, 2, 3),
                (mixture, "factored", "relu", 2, 2, 2),
            ],
            batch=3,
            weight_rate=0.7,
        ),
    ]


def functional_cases():
    both = {"second_moment": 0.03, "entropy": 0.02}
    return [
        single("dirac-relu-second-moment", "dirac", "relu", 3, 2, 3, extras={"second_moment": 0.1}),
        single("isotropic-erf-second-moment", "isotropic", "erf", 3, 2, 3, extras={"second_moment": 0.05}),
        single("isotropic-relu-entropy", "isotropic", "relu", 3, 2, 3, extras={"entropy": 0.1}),
        single("diagonal-step-second-moment", "diagonal", "step", 3, 2, 2, extras={"second_moment": 0.1}),
        single("diagonal-relu-entropy", "diagonal", "relu", 3, 2, 3, regression=True, extras={"entropy": 0.05}),
        single("factored-gelu-entropy", "factored", "gelu", 2, 2, 2, extras={"entropy": 0.1}),
        single("factored-relu-functionals", "factored", "relu", 2, 2, 2, extras=both),
        single("full-relu-second-moment", "full", "relu", 2, 2, 2, extras={"second_moment": 0.1}),
        single("full-sin-functionals", "full", "sin", 2, 2, 2, bias=False, extras=both),
        # The potential of a weight is dF/dpi_k of all of F.
        single("diagonal-gelu-weights-functionals", "diagonal", "gelu", 3, 2, 3, extras={"weight_rate": 0.7, **both}),
        stack(
            "stack-diagonal-dense-factored-functionals",
            [
                (mixture, "diagonal", "relu", 3, 3, 2),
                (dense, "relu", 3, 2),
                (mixture, "factored", "erf", 2, 2, 2),
            ],
            batch=3,
            **both,
        ),
    ]


def stack_cases():
    return [
        stack(
            "stack-factored-diagonal",
            [
                (mixture, "factored", "relu", 3, 2, 2),
                (mixture, "diagonal", "gelu", 2, 2, 2),
            ],
            batch=3,
        ),
        stack(
            "stack-full-dense",
            [
                (mixture, "full", "erf", 2, 2, 2),
                (dense, "relu", 2, 3),
                (dense, "identity", 3, 2),
            ],
        ),
        stack(
            "stack-dense-factored",
            [
                (dense, "tanh", 3, 2),
                (mixture, "factored", "step", 2, 2, 2),
            ],
            regression=True,
        ),
        stack(
            "stack-silu-sigmoid",
            [
                (mixture, "diagonal", "silu", 3, 2, 2),
                (mixture, "factored", "sigmoid", 2, 2, 2),
            ],
        ),
        stack(
            "stack-isotropic-full-dirac-nobias",
            [
                (mixture, "isotropic", "leaky_relu", 3, 2, 2, False),
                (mixture, "full", "cos", 2, 2, 2, False),
                (mixture, "dirac", "softplus", 2, 2, 2, False),
            ],
            batch=3,
        ),
    ]


def worked(made):
    return {**made, "expected": rounded(expected(exact(made)))}


# ---- checking against another file of cases ----


def check(path, names):
    """Prints the largest difference of each case from the file, relative to its tensor."""
    for found in json.loads(Path(path).read_text())["cases"]:
        if names and found["name"] not in names:
            continue
        mine = rounded(expected(exact(found)))
        theirs = found["expected"]
        pairs = [(what, mine[what], theirs[what]) for what in ("output", "loss", "energy") if what in mine]
        for part in ("gradients", "parameters_after_one_wasserstein_step"):
            for i, tensors in enumerate(mine[part]):
                pairs += [(f"{part}.{i}.{n}", t, theirs[part][i][n]) for n, t in tensors.items()]
        worst = max(
            (np.max(np.abs(np.subtract(leaves(a), leaves(b)))) / max(np.max(np.abs(leaves(b))), 1e-300), what)
            for what, a, b in pairs
        )
        print(f"{found['name']}: {worst[0]:.1e} in {worst[1]}", flush=True)


def main(arguments):
    if arguments[:1] == ["--check"]:
        check(arguments[1], arguments[2:])
        return
    resources = Path(__file__).resolve().parent.parent / "resources"
    path = Path(arguments[0]) if arguments else resources / "io/measureflow/conformance/cases.json"
    lines = ",\n".join(json.dumps(worked(c)) for c in cases())
    path.write_text('{"cases": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
