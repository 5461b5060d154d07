"""Train a two-layer classifier on handwritten digits with exact kernels, and with naive ones beside.

The 8x8 digits that come with scikit-learn, one hidden layer of 64 tanh units, softmax and cross-entropy.
Forward and backward passes run on refacts' kernels; on the formulas of a blog post; and on these with the
diagonal of softmax's Jacobian for its VJP. Afterwards the pre-activations of the test set go through refacts
and through the formulas, and both are compared with the oracle. Run it with `python examples/digits.py` (it
needs scikit-learn: `pip install ".[examples]"`).

At an ordinary learning rate the naive formulas learn as well as the exact ones. The diagonal does not: the
weights become NaN. At a rate that is too high the exact network stays finite; the naive one computes inf/inf.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from refacts.oracles import FORMATS, compare, reference, reference_row
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from refacts import softmax, tanh

Array = NDArray[np.float32]
EPOCHS, BATCH, HIDDEN = 30, 32, 64
RATE, FAST = 0.1, 3.0
MEASURED_ROWS = 50


class Kernels(NamedTuple):
    """What a network computes with: values of x, and VJPs of x and g."""

    tanh: Callable[[Any], Any]
    tanh_vjp: Callable[[Any, Any], Any]
    softmax: Callable[[Any], Any]
    softmax_vjp: Callable[[Any, Any], Any]


def naive_tanh(x: Any) -> Any:
    """As the blog post has it."""
    return 2 / (1 + np.exp(-2 * x)) - 1


def naive_tanh_vjp(x: Any, g: Any) -> Any:
    """By the derivative 1 - t^2."""
    return g * (1 - naive_tanh(x) ** 2)


def naive_softmax(x: Any) -> Any:
    """Not shifted: e^x overflows in float32 from x = 89 on."""
    e = np.exp(x)
    return e / e.sum(axis=1, keepdims=True)


def naive_softmax_vjp(x: Any, g: Any) -> Any:
    """p (g - sum g p)."""
    p = naive_softmax(x)
    return p * (g - (g * p).sum(axis=1, keepdims=True))


def diagonal_softmax_vjp(x: Any, g: Any) -> Any:
    """What the blog post's `gradient` of softmax gives: the diagonal of the Jacobian, times g."""
    p = naive_softmax(x)
    return p * (1 - p) * g


EXACT = Kernels(tanh, tanh.vjp, softmax, softmax.vjp)
NAIVE = Kernels(naive_tanh, naive_tanh_vjp, naive_softmax, naive_softmax_vjp)
DIAGONAL = NAIVE._replace(softmax_vjp=diagonal_softmax_vjp)
KERNELS = {"refacts": EXACT, "naive": NAIVE, "diagonal": DIAGONAL}


class Network(NamedTuple):
    """Weights, inputs by outputs."""

    hidden: Array
    output: Array


class Data(NamedTuple):
    """Images of 64 pixels in [0, 1] and a 1 for the bias; digits 0 to 9."""

    x_train: Array
    x_test: Array
    y_train: NDArray[np.int64]
    y_test: NDArray[np.int64]


def data() -> Data:
    """The digits, a fifth of them held out for the test."""
    images, digits = load_digits(return_X_y=True)
    x = np.hstack([images / 16, np.ones((len(images), 1))]).astype(np.float32)
    return Data(*train_test_split(x, digits, test_size=0.2, random_state=0, stratify=digits))


def pre_activations(network: Network, x: Array, kernels: Kernels = EXACT) -> tuple[Array, Array]:
    """What enters tanh and softmax, shapes (n, HIDDEN) and (n, 10)."""
    hidden = x @ network.hidden
    return hidden, kernels.tanh(hidden) @ network.output


def step(network: Network, x: Array, y: NDArray[np.int64], kernels: Kernels, rate: float) -> Network:
    """One step down the mean cross-entropy -log p_y, whose gradient by p is -1/p_y."""
    hidden, scores = pre_activations(network, x, kernels)
    p = kernels.softmax(scores)
    rows = np.arange(len(y))
    by_p = np.zeros_like(p)
    by_p[rows, y] = -1 / np.maximum(p[rows, y], np.finfo(np.float32).tiny) / len(y)
    by_scores = kernels.softmax_vjp(scores, by_p)
    by_hidden = kernels.tanh_vjp(hidden, by_scores @ network.output.T)
    return Network(
        network.hidden - np.float32(rate) * (x.T @ by_hidden),
        network.output - np.float32(rate) * (kernels.tanh(hidden).T @ by_scores),
    )


def train(digits: Data, kernels: Kernels = EXACT, rate: float = RATE) -> Network:
    """Stochastic gradient descent from a fixed seed."""
    rng = np.random.default_rng(0)
    shapes = ((digits.x_train.shape[1], HIDDEN), (HIDDEN, 10))
    network = Network(*((rng.normal(size=s) / np.sqrt(s[0])).astype(np.float32) for s in shapes))
    for _ in range(EPOCHS):
        order = rng.permutation(len(digits.x_train))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            network = step(network, digits.x_train[batch], digits.y_train[batch], kernels, rate)
    return network


def accuracy(network: Network, digits: Data, kernels: Kernels = EXACT) -> float:
    """The share of test digits classified right; a network that computes NaN classifies none."""
    _, scores = pre_activations(network, digits.x_test, kernels)
    right = (scores.argmax(1) == digits.y_test) & np.isfinite(scores).all(axis=1)
    return float(right.mean())


def measured(network: Network, digits: Data) -> dict[str, tuple[float, float]]:
    """By quantity: the largest ulp error of refacts and of the naive formula, at what enters the network."""
    fmt = FORMATS["float32"]
    hidden, scores = pre_activations(network, digits.x_test[:MEASURED_ROWS])
    flat = hidden.ravel()
    ones = np.ones_like(flat)
    kernels = {
        "tanh": (tanh(flat), naive_tanh(flat)),
        "tanh'": (tanh.gradient(flat), naive_tanh_vjp(flat, ones)),
        "softmax": (softmax(scores), naive_softmax(scores)),
    }
    rows = [reference_row("softmax", "value", row, fmt) for row in scores.astype(float)]
    exact = {
        "tanh": [reference("tanh", "value", flat.astype(float), fmt)],
        "tanh'": [reference("tanh", "derivative", flat.astype(float), fmt)],
        "softmax": rows,
    }
    found = {}
    for name, results in kernels.items():
        worst = []
        for y in results:
            parts = np.split(y.astype(float).ravel(), len(exact[name]))
            ulps = [compare(p, r).ulps.max() for p, r in zip(parts, exact[name], strict=True)]
            worst.append(float(max(ulps)))
        found[name] = (worst[0], worst[1])
    return found


def main() -> None:
    """Train at two rates, classify, measure."""
    digits = data()
    print(f"{'test accuracy':<20}" + "".join(f"{name:>12}" for name in KERNELS))
    for rate in (RATE, FAST):
        networks = {name: train(digits, each, rate) for name, each in KERNELS.items()}
        shares = [accuracy(networks[name], digits, each) for name, each in KERNELS.items()]
        print(
            f"at rate {rate:<12g}" + "".join(f"{f'{share:.1%}' if share else 'NaN':>12}" for share in shares)
        )
        if rate == RATE:
            errors = measured(networks["refacts"], digits)
    print(f"{'max ulp error of':<20}{'refacts':>12}{'naive':>12}")
    for name, (ours, theirs) in errors.items():
        print(f"{name:<20}{ours:>12.4f}{theirs:>12.4g}")


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()
