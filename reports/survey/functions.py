"""What torch, JAX, TensorFlow, SciPy and ONNX call each activation: one table, read into entries.

A line is of one function: the activation that its documentation says it is, with the parameters that make
both the same; the text of the target; the arguments by name that it is called with; and where its
documentation says that it is not quite the activation, how. `refacts:NAME` stands beside each activation of
its own accord.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from refacts.oracles import FORMATS
from refacts.reports.judge.naming import activation_named
from refacts.reports.literals import read, rounded
from refacts.reports.survey.frameworks import framework_of
from refacts.reports.targets.spec import TargetSpec, call_arguments

# 0x1.47ae14p-7 and 0x1.99999ap-3 are the float32 nearest to 0.01 and 0.2: an attribute of ONNX is a float32.
TABLE = """
activation                       | function                          | called with        | documented

relu                             | torch:relu
relu                             | jax.nn:relu
relu                             | tensorflow.nn:relu
relu                             | onnx:Relu

relu6                            | torch.nn.functional:relu6
relu6                            | jax.nn:relu6
relu6                            | tensorflow.nn:relu6

leaky_relu alpha=0.01            | torch.nn.functional:leaky_relu
leaky_relu alpha=0.01            | jax.nn:leaky_relu
leaky_relu alpha=0.2             | tensorflow.nn:leaky_relu
leaky_relu alpha=0x1.47ae14p-7   | onnx:LeakyRelu                    |                    | 0.01 as float32

threshold threshold=1 value=0    | torch.nn.functional:threshold     | threshold=1.0 value=0.0
threshold threshold=1 value=0    | keras.activations:threshold       | threshold=1.0 default_value=0.0
threshold threshold=1 value=0    | onnx:ThresholdedRelu

hard_tanh                        | torch.nn.functional:hardtanh
hard_tanh                        | jax.nn:hard_tanh
hard_tanh                        | keras.activations:hard_tanh

hard_sigmoid                     | torch.nn.functional:hardsigmoid
hard_sigmoid                     | jax.nn:hard_sigmoid
hard_sigmoid                     | keras.activations:hard_sigmoid
hard_sigmoid slope=0x1.99999ap-3 | onnx:HardSigmoid                  |                    | 0.2 as float32

hard_swish                       | torch.nn.functional:hardswish
hard_swish                       | jax.nn:hard_swish
hard_swish                       | keras.activations:hard_silu
hard_swish                       | onnx:HardSwish

hardshrink                       | torch.nn.functional:hardshrink
hardshrink                       | keras.activations:hard_shrink

softshrink                       | torch.nn.functional:softshrink
softshrink                       | keras.activations:soft_shrink

shrink                           | onnx:Shrink

sigmoid                          | torch:sigmoid
sigmoid                          | jax.nn:sigmoid
sigmoid                          | tensorflow:sigmoid
sigmoid                          | scipy.special:expit
sigmoid                          | onnx:Sigmoid

log_sigmoid                      | torch.nn.functional:logsigmoid
log_sigmoid                      | jax.nn:log_sigmoid
log_sigmoid                      | tensorflow.math:log_sigmoid
log_sigmoid                      | scipy.special:log_expit

tanh                             | torch:tanh
tanh                             | jax.numpy:tanh
tanh                             | tensorflow:tanh
tanh                             | numpy:tanh                        |                    | NumPy's own
tanh                             | onnx:Tanh

tanhshrink                       | torch.nn.functional:tanhshrink
tanhshrink                       | keras.activations:tanh_shrink

softplus                         | torch.nn.functional:softplus      |                    | linear above 20
softplus                         | jax.nn:softplus
softplus                         | tensorflow.nn:softplus
softplus                         | onnx:Softplus

softsign                         | torch.nn.functional:softsign
softsign                         | jax.nn:soft_sign
softsign                         | tensorflow.nn:softsign
softsign                         | onnx:Softsign

silu                             | torch.nn.functional:silu
silu                             | jax.nn:silu
silu                             | tensorflow.nn:silu

swish                            | onnx:Swish

gelu                             | torch.nn.functional:gelu
gelu                             | jax.nn:gelu                       | approximate=False
gelu                             | tensorflow.nn:gelu
gelu                             | onnx:Gelu

gelu_tanh                        | torch.nn.functional:gelu          | approximate='tanh'
gelu_tanh                        | jax.nn:gelu                       |                    | by default
gelu_tanh                        | tensorflow.nn:gelu                | approximate=True
gelu_tanh                        | onnx:Gelu                         | approximate='tanh'

mish                             | torch.nn.functional:mish
mish                             | jax.nn:mish
mish                             | keras.activations:mish
mish                             | onnx:Mish

elu                              | torch.nn.functional:elu
elu                              | jax.nn:elu
elu                              | tensorflow.nn:elu
elu                              | onnx:Elu

selu                             | torch.nn.functional:selu
selu                             | jax.nn:selu
selu                             | tensorflow.nn:selu
selu                             | onnx:Selu                         |                    | float32 constants

celu                             | torch.nn.functional:celu
celu                             | jax.nn:celu
celu                             | keras.activations:celu
celu                             | onnx:Celu

squareplus                       | jax.nn:squareplus
squareplus                       | keras.activations:squareplus

sparse_plus                      | jax.nn:sparse_plus
sparse_plus                      | keras.activations:sparse_plus

sparse_sigmoid                   | jax.nn:sparse_sigmoid
sparse_sigmoid                   | keras.activations:sparse_sigmoid

softmax                          | torch.nn.functional:softmax       | dim=-1
softmax                          | jax.nn:softmax
softmax                          | tensorflow.nn:softmax
softmax                          | scipy.special:softmax             | axis=-1            | not axis=None
softmax                          | onnx:Softmax

log_softmax                      | torch.nn.functional:log_softmax   | dim=-1
log_softmax                      | jax.nn:log_softmax
log_softmax                      | tensorflow.nn:log_softmax
log_softmax                      | scipy.special:log_softmax         | axis=-1            | not axis=None
log_softmax                      | onnx:LogSoftmax

softmin                          | torch.nn.functional:softmin       | dim=-1

logsumexp                        | torch:logsumexp                   | dim=-1
logsumexp                        | jax.nn:logsumexp                  | axis=-1            | not axis=None
logsumexp                        | tensorflow:reduce_logsumexp       | axis=-1            | not axis=None
logsumexp                        | scipy.special:logsumexp           | axis=-1            | not axis=None

sparsemax                        | keras.activations:sparsemax

glu                              | torch.nn.functional:glu
glu                              | jax.nn:glu
glu                              | keras.activations:glu
"""


@dataclass(frozen=True)
class Entry:
    """A function of a framework, and the activation that it is.

    parameters: as a user types them, by name. documented: in what its documentation says that it is not
    quite the activation, or not by default; or "".
    """

    activation: str
    parameters: dict[str, str]
    function: str
    call: dict[str, Any]
    documented: str = ""

    @property
    def framework(self) -> str:
        """A key of FRAMEWORKS."""
        return framework_of(self.function)

    @property
    def made(self) -> Any:
        """The activation, an object of refacts with the parameters."""
        numbers = {name: rounded(read(text), FORMATS["float64"]) for name, text in self.parameters.items()}
        return replace(activation_named(self.activation), **numbers)

    @property
    def target(self) -> TargetSpec:
        """The function as a target."""
        keras = self.function.startswith("keras.")
        return TargetSpec(self.function, arrays="tensorflow" if keras else None, call=self.call)


def entries() -> tuple[Entry, ...]:
    """All of the table, each activation's beside refacts' own; ValueError that quotes a line that is none."""
    found: list[Entry] = []
    for line in TABLE.strip().splitlines()[1:]:
        if line.strip():
            entry = _entry(line)
            if entry.activation not in {each.activation for each in found}:
                found.append(Entry(entry.activation, {}, f"refacts:{entry.activation}", {}))
            found.append(entry)
    return tuple(found)


def _entry(line: str) -> Entry:
    cells = [cell.strip() for cell in line.split("|")]
    if not 2 <= len(cells) <= 4 or not all(cells[:2]):
        raise ValueError(f"a line must be activation | function | called with | documented (got {line!r})")
    name, *parameters = cells[0].split()
    call, documented = (*cells[2:], "", "")[:2]
    named = dict(pair.split("=", 1) for pair in parameters)
    return Entry(name, named, cells[1], call_arguments(call.split()), documented)
