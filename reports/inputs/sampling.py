"""The inputs of the shards: where functions change, and samples beyond."""

from __future__ import annotations

import numpy as np
from refacts.oracles.inputs import all_values, hard
from refacts.reports.inputs.cases import Cases, PointCases
from refacts.reports.inputs.drawn import factors
from refacts.reports.inputs.logit_cases import LogitCases
from refacts.reports.inputs.modes import Settings
from refacts.reports.inputs.plan import LogitShard, Shard, exhaustive
from refacts.reports.inputs.row_cases import RowCases
from refacts.reports.inputs.rows import LONGEST, any_patterns
from refacts.reports.inputs.thresholds import thresholds
from refacts.reports.quantities import gate, operands, reduces, results


def cases(shard: Shard, settings: Settings) -> Cases:
    """The inputs of a shard; the same settings give the same bits."""
    activation, quantity, fmt = shard.activation, shard.quantity, shard.fmt
    if isinstance(shard, LogitShard):
        count = shard.rows(settings)
        return LogitCases(activation, quantity, fmt, shard.family, shard.length, count, settings.seed)
    if activation.spec.kind == "rowwise":
        return _rows(shard, settings)
    if exhaustive(shard, settings):
        return PointCases(activation, quantity, fmt, {"x": all_values(fmt)})
    count, seed = settings.mode.counts[fmt.bits], settings.seed
    rng = np.random.default_rng([seed, fmt.bits, fmt.precision])
    if activation.spec.kind == "gated":
        of = "derivative" if quantity in ("vjp_b", "jvp") else "value"
        b = hard(fmt, count, seed, thresholds(gate(activation), of, fmt))
        drawn = {name: factors(fmt, len(b), rng) for name in operands(activation, quantity)}
        return PointCases(activation, quantity, fmt, {**drawn, "b": b})
    x = hard(fmt, count, seed, thresholds(activation, quantity, fmt))
    cotangent = {"g": any_patterns(fmt, len(x), rng)} if quantity == "vjp" else {}
    return PointCases(activation, quantity, fmt, {"x": x, **cotangent})


def _rows(shard: Shard, settings: Settings) -> RowCases:
    """Rows of so many results; where each has but one, a tenth as many."""
    mode, activation, quantity = settings.mode, shard.activation, shard.quantity
    long = mode.long_jacobian if quantity == "jacobian" else mode.long_row
    wanted = mode.counts[shard.fmt.bits] // (10 if reduces(activation, quantity) else 1)
    count, missing = 0, wanted - results(activation, quantity, long)
    while missing > 0 or count < mode.least_rows:
        missing -= results(activation, quantity, 1 + (17 * count) % LONGEST)
        count += 1
    return RowCases(activation, quantity, shard.fmt, settings.seed, count, long)
