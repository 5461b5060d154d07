"""What runs on the device: reads the inputs, computes, writes a dump. It needs only NumPy, not refacts.

1. Here: `refacts inputs gelu --format bfloat16 --out inputs.npz` writes all 65,536 numbers.
2. There: `python dump.py inputs.npz results.npz` computes. (The "device" of this example multiplies in
   float32, and cuts bfloat16 off instead of rounding it.)
3. Here: `refacts verify results.npz --max-ulp 1` judges.

A bfloat16 number is the upper half of a float32; it travels as a uint16.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def gelu(x: Any) -> Any:
    """The approximation by tanh that many devices have, in float32."""
    u = np.float32(0.7978846) * (x + np.float32(0.044715) * x**3)
    return np.float32(0.5) * x * (1 + np.tanh(u))


def main(source: str, target: str) -> None:
    """Compute y for every x of the file, and write both."""
    given = np.load(source)
    x = (given["x"].astype(np.uint32) << 16).view(np.float32)
    with np.errstate(all="ignore"):
        y = gelu(x)
    bits = (y.view(np.uint32) >> 16).astype(np.uint16)
    np.savez(target, **{**given, "y": bits})


if __name__ == "__main__":
    main(*sys.argv[1:])
