"""Reference activations for NumPy: every result correctly rounded."""

from refacts.activations.leaky_relu import LeakyReLU, leaky_relu
from refacts.activations.relu import ReLU, relu
from refacts.activations.sigmoid import Sigmoid, sigmoid
from refacts.activations.softmax import Softmax, softmax
from refacts.activations.tanh import TanH, tanh

CATALOGUE = (relu, leaky_relu, sigmoid, tanh, softmax)

__all__ = [
    "CATALOGUE",
    "LeakyReLU",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "TanH",
    "leaky_relu",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
