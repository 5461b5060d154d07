"""One HTML file of a document of verdicts: answers, a picture, a table, an entry a row, the environment."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from refacts.reports.judge import severity
from refacts.reports.judge.rows import Row
from refacts.reports.notation import decimal, percent, ulps, upper_percent
from refacts.reports.question import pair
from refacts.reports.render.bug_report import KINDS, bug_report, command, number, pasted, whole
from refacts.reports.render.html import MARK, heat
from refacts.reports.render.html.headline import headline
from refacts.reports.render.html.svg import inline, text_of
from refacts.reports.render.texts import printable
from refacts.reports.verdicts import Document

LIMIT = 990_000  # bytes of a file, if any entry is in detail
LISTED, DETAILED = 5000, 1500  # rows in the table, and in detail, at most
MAPS = 8  # targets whose map is shown
MOST = 50  # things of a list that are shown
LONGEST = 4000  # characters of a text that are shown
MANY = 40  # rows from which on a map is shown, and entries lie in groups that are packed


@dataclass(frozen=True)
class Look:
    """How much is shown of an entry.

    least: points of a plot's column; each: examples of a kind; reported: results in a bug report.
    """

    least: float
    kinds: int
    each: int
    regions: int
    reported: int


FEW_ROWS, MANY_ROWS = Look(2.0, 20, 3, 20, 2), Look(6.0, 2, 1, 6, 1)


@dataclass(frozen=True)
class Entry:
    """A row, what stands in its place on the page, and the group it lies in."""

    name: str
    group: int
    row: Row
    exact: bool


@dataclass(frozen=True)
class Group:
    """The entries of an activation."""

    number: int
    subject: str
    entries: tuple[Entry, ...]
    worst: Row


def html(document: Document) -> str:
    """The file as text: under `LIMIT` bytes, the same for the same document.

    Where a document is too large for that, entries are packed, first the details of the least wrong ones and
    then their lines left out, which is said.
    """
    rank = severity.worst_first(document.rows)
    listed = len(rank[:LISTED])
    look = MANY_ROWS if len(rank) > MANY else FEW_ROWS
    wrong = [row for row in rank if not severity.is_exact(row)][:DETAILED]
    details = {id(row): _details(row, document, look) for row in wrong}
    shown = len(wrong)
    while True:
        kept = {id(row) for row in wrong[:shown]}
        found = _page(document, rank[:listed], {key: each for key, each in details.items() if key in kept})
        if len(found.encode()) < LIMIT or listed <= 1 > shown:
            return found
        shown, listed = shown * 3 // 4, listed if shown else listed * 3 // 4


def _page(document: Document, listed: Sequence[Row], details: dict[int, Markup]) -> str:
    """The file with the rows that are listed, the worst first, and some of their details."""
    many = len(document.rows) > MANY
    among = set(map(id, listed))
    rows = [row for row in document.rows if id(row) in among]
    groups = _groups(rows)
    templates = _templates()
    worst = severity.worst_of(document.rows)
    entries = [entry for group in groups for entry in group.entries]
    names = {id(entry.row): entry for entry in entries}
    rank = [names[id(row)] for row in listed]
    bodies = [
        Markup(templates.get_template("group.html").render(group=group, details=details, worst=worst))
        for group in groups
    ]
    table = Markup(templates.get_template("table.html").render(entries=rank))
    script = Markup(text_of("script.js"))
    maps = heat.maps(rows) if many else []
    return templates.get_template("page.html").render(
        mark=Markup(MARK),
        digest=_sha256(script),
        script=script,
        style=Markup(text_of("style.css") + text_of("plot.css")),
        document=document,
        headline=headline(document),
        worst=worst,
        worst_entry=names[id(worst)] if worst else None,
        picture=_picture(worst, FEW_ROWS) if worst and not many else "",
        report=bug_report(worst, document) if worst else [],
        maps=maps[:MAPS],
        unmapped=len(maps[MAPS:]),
        right=heat.exact(document.rows),
        unlisted=len(document.rows) - len(rows),
        names=names,
        legend=list(heat.legend()),
        groups=groups,
        left_out=sum(not entry.exact and id(entry.row) not in details for entry in entries),
        packs=[Markup(packed(body)) for body in (table, *bodies)] if many else [],
        table=table,
        bodies=bodies,
        many=many,
    )


def _groups(rows: Sequence[Row]) -> list[Group]:
    """The rows by activation, the worst first among those of a group; entries are numbered in this order."""
    by_subject: dict[str, list[Row]] = {}
    for row in rows:
        by_subject.setdefault(row.subject, []).append(row)
    found, number = [], 0
    for place, (subject, own) in enumerate(by_subject.items(), 1):
        ordered = severity.worst_first(own)
        entries = []
        for row in ordered:
            number += 1
            entries.append(Entry(f"e{number}", place, row, severity.is_exact(row)))
        found.append(Group(place, subject, tuple(entries), ordered[0]))
    return found


def _details(row: Row, document: Document, look: Look) -> Markup:
    report, examples = bug_report(row, document, look.reported), severity.examples(row, look.each)
    shown = {
        "row": row,
        "fmt": pair(row.formats)[0],
        "picture": _picture(row, look) if len(document.rows) > 1 else "",
        "examples": examples[: look.kinds],
        "more_kinds": len(examples[look.kinds :]),
        "regions": row.regions[: look.regions],
        "more_regions": len(row.regions[look.regions :]),
        "report": report,
        "command": command(row, document),
    }
    return Markup(_templates().get_template("entry.html").render(**shown))


def _picture(row: Row, look: Look) -> Markup:
    """The plot of a row; nothing where no result has a distance."""
    return Markup(inline(row, look.least)) if row.bins else Markup("")


def packed(text: str) -> str:
    """The text deflated, in base64."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(squeezed.compress(text.encode()) + squeezed.flush()).decode()


def _sha256(text: str) -> str:
    """A script as a content security policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("refacts.reports.render.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    made.filters |= {
        "ulps": ulps,
        "share": upper_percent,
        "right": percent,
        "count": lambda number: f"{number:,}",
        "number": number,
        "near": lambda written, fmt: decimal(float.fromhex(written), fmt),
        "lost": severity.without_distance,
        "brief": heat.brief,
        "level": severity.level,
        "key": id,
        "few": _few,
    }
    made.globals |= {"KINDS": KINDS, "result_format": _result_format, "operand_format": _operand_format}
    made.globals |= {"whole": whole, "pasted": pasted}
    return made


def _visible(thing: Any) -> Any:
    """Texts of others with what cannot be seen as escapes, and long ones cut, which is said."""
    if not isinstance(thing, str) or isinstance(thing, Markup):
        return thing
    text = printable(thing[: LONGEST + 1])
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}... ({len(thing):,} characters, all in the document that --json writes)"


def _few(things: Iterable[Any]) -> list[Any]:
    """The first of some things, and a word on the others."""
    found = list(things)
    rest = len(found) - MOST
    return found if rest <= 0 else [*found[:MOST], f"and {rest:,} more, in the document that --json writes"]


def _result_format(row: Row) -> Any:
    source, output = pair(row.formats)
    return source if row.quantity.startswith("vjp") else output


def _operand_format(row: Row, name: str) -> Any:
    return pair(row.formats)[name == "g"]
