"""Reference activations for NumPy: every result correctly rounded."""

from refacts.environment import require_single_rounding, standard_environment

with standard_environment():  # literals are rounded when modules are compiled
    require_single_rounding()
    from refacts.activations.celu import CELU, celu
    from refacts.activations.elu import ELU, elu
    from refacts.activations.geglu import GEGLU, geglu
    from refacts.activations.gelu import GELU, gelu
    from refacts.activations.gelu_tanh import GELUTanh, gelu_tanh
    from refacts.activations.glu import GLU, glu
    from refacts.activations.hard_sigmoid import HardSigmoid, hard_sigmoid
    from refacts.activations.hard_swish import HardSwish, hard_swish
    from refacts.activations.hard_tanh import HardTanh, hard_tanh
    from refacts.activations.hardshrink import Hardshrink, hardshrink
    from refacts.activations.leaky_relu import LeakyReLU, leaky_relu
    from refacts.activations.log_sigmoid import LogSigmoid, log_sigmoid
    from refacts.activations.log_softmax import LogSoftmax, log_softmax
    from refacts.activations.logsumexp import LogSumExp, logsumexp
    from refacts.activations.mish import Mish, mish
    from refacts.activations.prelu import PReLU, prelu
    from refacts.activations.quick_gelu import QuickGELU, quick_gelu
    from refacts.activations.reglu import ReGLU, reglu
    from refacts.activations.relu import ReLU, relu
    from refacts.activations.relu6 import ReLU6, relu6
    from refacts.activations.selu import SELU, selu
    from refacts.activations.shrink import Shrink, shrink
    from refacts.activations.sigmoid import Sigmoid, sigmoid
    from refacts.activations.silu import SiLU, silu
    from refacts.activations.softmax import Softmax, softmax
    from refacts.activations.softmin import Softmin, softmin
    from refacts.activations.softplus import Softplus, softplus
    from refacts.activations.softshrink import Softshrink, softshrink
    from refacts.activations.softsign import Softsign, softsign
    from refacts.activations.sparse_plus import SparsePlus, sparse_plus
    from refacts.activations.sparse_sigmoid import SparseSigmoid, sparse_sigmoid
    from refacts.activations.sparsemax import Sparsemax, sparsemax
    from refacts.activations.squareplus import Squareplus, squareplus
    from refacts.activations.swiglu import SwiGLU, swiglu
    from refacts.activations.swish import Swish, swish
    from refacts.activations.tanh import TanH, tanh
    from refacts.activations.tanhshrink import Tanhshrink, tanhshrink
    from refacts.activations.threshold import Threshold, threshold

__version__ = "0.1.0"

CATALOGUE = (
    relu,
    relu6,
    leaky_relu,
    prelu,
    threshold,
    hard_tanh,
    hard_sigmoid,
    hard_swish,
    hardshrink,
    softshrink,
    shrink,
    sparse_plus,
    sparse_sigmoid,
    softsign,
    squareplus,
    sigmoid,
    log_sigmoid,
    tanh,
    tanhshrink,
    softplus,
    silu,
    swish,
    quick_gelu,
    gelu,
    gelu_tanh,
    mish,
    elu,
    selu,
    celu,
    softmax,
    log_softmax,
    softmin,
    logsumexp,
    sparsemax,
    glu,
    swiglu,
    geglu,
    reglu,
)

__all__ = [
    "CATALOGUE",
    "CELU",
    "ELU",
    "GEGLU",
    "GELU",
    "GLU",
    "SELU",
    "GELUTanh",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "Hardshrink",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "LogSumExp",
    "Mish",
    "PReLU",
    "QuickGELU",
    "ReGLU",
    "ReLU",
    "ReLU6",
    "Shrink",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "SparsePlus",
    "SparseSigmoid",
    "Sparsemax",
    "Squareplus",
    "SwiGLU",
    "Swish",
    "TanH",
    "Tanhshrink",
    "Threshold",
    "celu",
    "elu",
    "geglu",
    "gelu",
    "gelu_tanh",
    "glu",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "hardshrink",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "mish",
    "prelu",
    "quick_gelu",
    "reglu",
    "relu",
    "relu6",
    "selu",
    "shrink",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swiglu",
    "swish",
    "tanh",
    "tanhshrink",
    "threshold",
]
