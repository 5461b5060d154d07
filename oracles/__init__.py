"""Exact answers: what every activation must return, and how far a computed result is from it.

Independent of the kernels: imports neither ``refacts`` nor ``reports``, only NumPy and mpmath.
"""

from refacts.oracles import inputs, ulp
from refacts.oracles.elementwise import QUANTITIES, exact, reference
from refacts.oracles.gated import GATED, exact_gated, reference_gated
from refacts.oracles.numbers.formats import FORMATS, Format
from refacts.oracles.numbers.rounding import Exact, Reference, digits, nearest
from refacts.oracles.rows.answers import ROWWISE, exact_row, reference_row
from refacts.oracles.textbook.catalogue import DEFINITIONS, Definition
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
    "digits",
    "exact",
    "exact_gated",
    "exact_row",
    "inputs",
    "nearest",
    "reference",
    "reference_gated",
    "reference_row",
    "ulp",
]
