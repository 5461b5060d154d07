"""Torch tensors: reverse mode by torch.autograd.grad, forward mode by dual numbers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from refacts.oracles import FORMATS, Format
from refacts.oracles.numbers.formats import Bits
from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.frameworks.arrays import LAYOUTS, Arrays, Function, laid_out

INTEGERS = {16: np.int16, 32: np.int32, 64: np.int64}  # torch knows few unsigned ones


class TorchArrays(Arrays):
    """Tensors on a device of torch's."""

    name = "torch"
    noun = "a torch.Tensor"
    layouts = LAYOUTS

    def __init__(self, device: str | None = None) -> None:
        try:
            self.device = torch.device(device or "cpu")
            torch.empty(1, device=self.device)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            said = str(error).splitlines()[0]
            raise UsageError(f"--device {device} is not to be had from torch: {said}") from error

    def array(self, bits: Bits, fmt: Format, layout: str = "plain") -> Any:
        """A tensor of fresh memory, reinterpreted: no number is converted."""
        integers = laid_out(bits, layout).view(INTEGERS[fmt.bits])
        return torch.from_numpy(integers).view(getattr(torch, fmt.name)).to(self.device)

    def lives(self) -> bool:
        """Whether a zero comes back from the device."""
        try:
            return float(torch.zeros(1, device=self.device).cpu()) == 0
        except RuntimeError:  # "CUDA error: device-side assert triggered"
            return False

    def is_array(self, found: object) -> bool:
        """Whether it is a tensor."""
        return isinstance(found, torch.Tensor)

    def dtype(self, array: Any) -> str:
        """Its name without "torch."."""
        return str(array.dtype).removeprefix("torch.")

    def numpy(self, array: Any) -> npt.NDArray[Any]:
        """As NumPy's; formats through integers, since they might be bfloat16."""
        own = array.detach().resolve_conj().resolve_neg().cpu().contiguous()
        name = self.dtype(array)
        if name in FORMATS:
            unsigned = own.view(getattr(torch, f"int{FORMATS[name].bits}")).numpy()
            fmt = FORMATS[name]
            found: npt.NDArray[Any] = unsigned.view(fmt.unsigned if name == "bfloat16" else fmt.dtype)
            return found
        narrow = own.is_floating_point()  # a float8
        return (own.double() if narrow else own).numpy()  # type: ignore[no-any-return, unused-ignore]

    def scope(self, question: Question) -> AbstractContextManager[object]:
        """Gradients are recorded where they are asked."""
        return torch.set_grad_enabled(question.quantity != "value")

    def vjp(self, f: Function, xs: Sequence[Any], g: Any) -> tuple[Any, Sequence[Any]]:
        """By torch.autograd.grad."""
        leaves = [x.requires_grad_() for x in xs]
        y = f(*leaves)
        return y, torch.autograd.grad(y, leaves, self.cotangent(g, y))

    def jvp(self, f: Function, xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
        """By dual numbers; where a function has no forward mode, by differentiating its VJP by g."""
        try:
            with torch.autograd.forward_ad.dual_level():
                duals = [torch.autograd.forward_ad.make_dual(x, v) for x, v in zip(xs, vs, strict=True)]
                y, tangent = torch.autograd.forward_ad.unpack_dual(f(*duals))
            if tangent is not None:
                return y, tangent
        except (RuntimeError, NotImplementedError):
            pass  # raised again below, unless only forward mode is missing
        leaves = [x.detach().requires_grad_() for x in xs]
        y = f(*leaves)
        g = torch.zeros_like(y, requires_grad=True)
        pulled = torch.autograd.grad(y, leaves, g, create_graph=True)
        return y, torch.autograd.grad(pulled, g, list(vs))[0]

    def cast(self, array: Any, like: Any) -> Any:
        """By tensor.to."""
        return array.to(like.dtype)
