"""Which definition and parameters a target follows: found on probes, before ulps are counted."""

from refacts.reports.judge.fingerprint.decision import fingerprint
from refacts.reports.judge.fingerprint.kinks import kink_side
from refacts.reports.judge.fingerprint.probes import probes

__all__ = ["fingerprint", "kink_side", "probes"]
