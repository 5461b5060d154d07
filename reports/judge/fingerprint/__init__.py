"""Which definition and parameters a target follows: found on probes, before ulps are counted."""

from refacts.reports.judge.fingerprint.beside_kinks import beside_kinks
from refacts.reports.judge.fingerprint.decision import fingerprint
from refacts.reports.judge.fingerprint.kinks import kink_side

__all__ = ["beside_kinks", "fingerprint", "kink_side"]
