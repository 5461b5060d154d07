"""Kernels of torch tensors, as a user has them in a file."""

from __future__ import annotations

from typing import Any

import torch


def silu(x: Any) -> Any:
    return x * torch.sigmoid(x)


def silu_backward(x: Any, g: Any) -> Any:
    s = torch.sigmoid(x)
    return g * s * (1 + x * (1 - s))


class _Silu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return silu(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return silu_backward(x, g)


def without_forward_mode(x: Any) -> Any:
    return _Silu.apply(x)


def swiglu(a: Any, b: Any) -> Any:
    return a * torch.nn.functional.silu(b)


def narrow(x: Any) -> Any:
    return torch.tanh(x).to(torch.bfloat16)


def widens(x: Any) -> Any:
    return torch.tanh(x.double())


def in_place(x: Any) -> Any:
    return x.mul_(2)


def detached(x: Any) -> Any:
    return torch.tanh(x.detach())


def to_numpy(x: Any) -> Any:
    return torch.tanh(x).detach().numpy()


def of_numbers(x: Any) -> Any:
    return x * 2  # of any library


def as_integers(x: Any) -> Any:
    return torch.round(x).long()


def flushes(x: Any) -> Any:
    torch.set_flush_denormal(True)
    return x.clone()


def raises(x: Any) -> Any:
    raise torch.OutOfMemoryError("out of memory")


def breaks_its_device(x: Any) -> Any:
    """As an assertion that fails on a GPU: from then on each call raises."""
    if bool((x > 5).any()):
        torch.zeros = torch.sigmoid = _asserted
        _asserted()
    return torch.sigmoid(x)


def _asserted(*given: Any, **keywords: Any) -> Any:
    raise RuntimeError("CUDA error: device-side assert triggered")


def only_on_meta(x: Any) -> Any:
    """A kernel for one device, as those of Triton; its code names no library."""
    if x.device.type != "meta":
        raise ValueError(f"pointer argument cannot be accessed ({x.device})")
    return x.sigmoid()
