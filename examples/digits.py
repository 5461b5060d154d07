"""Train a two-layer classifier on handwritten digits, then measure the activations it really used.

The 8x8 digits that come with scikit-learn, one hidden layer of 64 tanh units, softmax and
cross-entropy; forward and backward passes run on refacts kernels. Afterwards the pre-activations
of the test set go through refacts and through the textbook formulas, and both are compared with
the oracle. Run it with `python examples/digits.py` (it needs scikit-learn: `pip install ".[examples]"`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from refacts.oracles import FORMATS, compare, reference, reference_row
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from refacts import softmax, tanh

Array = NDArray[np.float32]
EPOCHS, BATCH, RATE, HIDDEN = 30, 32, 0.1, 64
MEASURED_ROWS = 50


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


def pre_activations(network: Network, x: Array) -> tuple[Array, Array]:
    """What enters tanh and softmax, shapes (n, HIDDEN) and (n, 10)."""
    hidden = x @ network.hidden
    return hidden, tanh(hidden) @ network.output


def step(network: Network, x: Array, y: NDArray[np.int64]) -> Network:
    """One step down the mean cross-entropy -log p_y, whose gradient by p is -1/p_y."""
    hidden, scores = pre_activations(network, x)
    p = softmax(scores)
    rows = np.arange(len(y))
    by_p = np.zeros_like(p)
    by_p[rows, y] = -1 / np.maximum(p[rows, y], np.finfo(np.float32).tiny) / len(y)
    by_scores = softmax.vjp(scores, by_p)
    by_hidden = tanh.vjp(hidden, by_scores @ network.output.T)
    return Network(
        network.hidden - np.float32(RATE) * (x.T @ by_hidden),
        network.output - np.float32(RATE) * (tanh(hidden).T @ by_scores),
    )


def train(digits: Data) -> Network:
    """Stochastic gradient descent from a fixed seed."""
    rng = np.random.default_rng(0)
    shapes = ((digits.x_train.shape[1], HIDDEN), (HIDDEN, 10))
    network = Network(*((rng.normal(size=s) / np.sqrt(s[0])).astype(np.float32) for s in shapes))
    for _ in range(EPOCHS):
        order = rng.permutation(len(digits.x_train))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            network = step(network, digits.x_train[batch], digits.y_train[batch])
    return network


def accuracy(network: Network, digits: Data) -> float:
    """The share of test digits classified right."""
    _, scores = pre_activations(network, digits.x_test)
    return float((scores.argmax(1) == digits.y_test).mean())


def measured(network: Network, digits: Data) -> dict[str, tuple[float, float]]:
    """By quantity: the largest ulp error of refacts and of the textbook formula."""
    fmt = FORMATS["float32"]
    hidden, scores = pre_activations(network, digits.x_test[:MEASURED_ROWS])
    flat = hidden.ravel()
    e = np.exp(scores)
    textbook_tanh = 2 / (1 + np.exp(-2 * flat)) - 1
    kernels = {
        "tanh": (tanh(flat), textbook_tanh),
        "tanh'": (tanh.gradient(flat), 1 - textbook_tanh**2),
        "softmax": (softmax(scores), e / e.sum(1, keepdims=True)),
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
    """Train, classify, measure."""
    digits = data()
    network = train(digits)
    print(f"test accuracy {accuracy(network, digits):.1%}")
    print(f"{'max ulp error on':<20}{'refacts':>10}{'textbook':>12}")
    for name, (ours, theirs) in measured(network, digits).items():
        print(f"{name:<20}{ours:>10.4f}{theirs:>12.4g}")


if __name__ == "__main__":
    main()
