"""Functions of torch for a survey: one that is wrong, one that is right."""

from __future__ import annotations

from typing import Any

import torch


def sigmoid_with_a_slip(x: Any) -> Any:
    return torch.where(x < -10, torch.exp(x) * (1 + 2**-6), torch.sigmoid(x))


def relu(x: Any) -> Any:
    return torch.where(x >= 0, x, torch.where(x < 0, 0.0, x))
