"""Exact answers: what every activation must return, and how far a computed result is from it.

Independent of the kernels: imports neither ``refacts`` nor ``reports``, only NumPy and mpmath.
"""

from refacts.oracles import definitions, formats, inputs, rounding, ulp
from refacts.oracles.definitions import DEFINITIONS, Definition
from refacts.oracles.elementwise import QUANTITIES, exact, reference
from refacts.oracles.formats import FORMATS, Format
from refacts.oracles.gated import GATED, reference_gated
from refacts.oracles.rounding import Exact, Reference, nearest
from refacts.oracles.rows import ROWWISE, reference_row
from refacts.oracles.ulp import Comparison, compare

__all__ = [
    "DEFINITIONS",
    "FORMATS",
    "GATED",
    "QUANTITIES",
    "ROWWISE",
    "Comparison",
    "Definition",
    "Exact",
    "Format",
    "Reference",
    "compare",
    "definitions",
    "exact",
    "formats",
    "inputs",
    "nearest",
    "reference",
    "reference_gated",
    "reference_row",
    "rounding",
    "ulp",
]
