"""Wrong regions for bug reports, a line each: a page for each framework, by activation, and an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from refacts.reports.judge.rows import Row
from refacts.reports.survey.findings import NOTHING, activations, frameworks, is_value, worst_first
from refacts.reports.survey.frameworks import FRAMEWORKS
from refacts.reports.survey.functions import entries
from refacts.reports.survey.lines import lines
from refacts.reports.targets.spec import TargetSpec

FOLDER = "bugs"
Found = dict[str, list[tuple[Row, str]]]  # the lines of a framework, each with its row, by activation
_UP_TO = "Results up to 4 ulp from the exact value are in no region."


def bugs(rows: Sequence[Row], head: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The index and the pages of frameworks by their files' names; ``head``: what all begin with."""
    told = {name: _told(rows, name) for name in frameworks(rows)}
    told = {name: found for name, found in told.items() if found}
    yield f"{FOLDER}.md", _index(told, activations(rows), head)
    for name, found in told.items():
        yield f"{FOLDER}/{name}.md", _page(name, found, head)


def _told(rows: Sequence[Row], framework: str) -> Found:
    """Activations in the order of the document, the lines of each by how wrong their row is."""
    specs = {(each.target.title, each.activation): each.target for each in entries()}
    of_it = [row for row in rows if frameworks([row]) == [framework]]
    found: Found = {name: [] for name in activations(of_it)}
    for row in worst_first(of_it):
        spec = specs.get((row.target, row.activation), TargetSpec(row.target.partition(" ")[0]))
        found[row.activation] += [(row, line) for line in lines(row, spec)]
    return {name: told for name, told in found.items() if told}


def _index(told: dict[str, Found], names: Sequence[str], head: Sequence[str]) -> str:
    """How many regions of each activation are wrong, with links to their lines."""
    found = [head[0], "", "# Wrong regions: how many, and where their lines are", ""]
    found += [*head[1:], "", _UP_TO, ""]
    if not told:
        return "\n".join([*found, "There are none."]) + "\n"
    found.append(f"| activation | {' | '.join(_link(FRAMEWORKS[name][0], name) for name in told)} |")
    found.append(f"|---|{'---:|' * len(told)}")
    for name in names:
        counts = {framework: len(of_it.get(name, ())) for framework, of_it in told.items()}
        if any(counts.values()):
            cells = [_link(f"{n}", key, name) if n else NOTHING for key, n in counts.items()]
            found.append(f"| {name} | {' | '.join(cells)} |")
    sums = [f"{sum(map(len, of_it.values()))}" for of_it in told.values()]
    return "\n".join([*found, f"| together | {' | '.join(sums)} |"]) + "\n"


def _link(text: str, framework: str, activation: str = "") -> str:
    return f"[{text}]({FOLDER}/{framework}.md{activation and f'#{activation}'})"


def _page(name: str, told: Found, head: Sequence[str]) -> str:
    """The lines of a framework under its activations, after a table of how many there are."""
    found = [head[0], "", f"# Wrong regions of {FRAMEWORKS[name][0]}, a line each", "", *head[1:], ""]
    found += [f"{_UP_TO} [The other frameworks](../{FOLDER}.md).", ""]
    found += ["| activation | of the value | of the derivative |", "|---|---:|---:|"]
    for activation, lines_of_it in told.items():
        counts = Counter(is_value(row) for row, _ in lines_of_it)
        found.append(f"| [{activation}](#{activation}) | {counts[True]} | {counts[False]} |")
    for activation, lines_of_it in told.items():
        found += ["", f"## {activation}", "", *(f"- {line}" for _, line in lines_of_it)]
    return "\n".join(found) + "\n"
