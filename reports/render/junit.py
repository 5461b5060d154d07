"""Verdicts as JUnit XML: a test case a row, for whatever shows tests."""

from __future__ import annotations

from xml.etree import ElementTree

from refacts.reports.judge.rows import Row
from refacts.reports.render import verdict_words as words
from refacts.reports.render.texts import printable
from refacts.reports.verdicts import Document

NAME = "refacts verify"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
MARK = f'{_HEAD}<testsuites name="{NAME}"'


def junit(document: Document) -> str:
    """XML of one suite.

    A row that fails is a <failure> with its first reason; incidents are <error>s, and so are verdicts that
    are void or incomplete, rows that were refused, and a run that was not finished.
    """
    suite = ElementTree.Element("testsuite", name=NAME)
    for row in document.rows:
        suite.append(_case(row))
    refused = document.run.get("refused", ())
    for sentence in refused:
        name = printable(sentence.partition(": ")[0])
        case = ElementTree.SubElement(suite, "testcase", classname=NAME, name=name)
        _add(case, "error", "refused", sentence, "")
    if not document.complete and not refused:
        case = ElementTree.SubElement(suite, "testcase", classname=NAME, name="the run")
        _add(case, "error", "incomplete", "the run was not finished", "")
    counts = {
        "tests": len(suite),
        "failures": len(suite.findall("testcase[failure]")),
        "errors": len(suite.findall("testcase[error]")),
    }
    numbers = {key: str(count) for key, count in counts.items()}
    suite.attrib |= numbers
    root = ElementTree.Element("testsuites", {"name": NAME, **numbers})
    root.append(suite)
    ElementTree.indent(root)
    return _HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(row: Row) -> ElementTree.Element:
    name = row.key.removeprefix(f"{row.target} as ")
    case = ElementTree.Element("testcase", classname=printable(row.target), name=printable(name))
    said = "\n".join(_lines(row))
    incidents = [] if row.verdict == "pass" else row.incidents
    sentences = [incident.sentence for incident in incidents]
    failed = [reason for reason in row.reasons if reason not in sentences]
    if row.verdict == "fail" and failed:
        _add(case, "failure", row.verdict, failed[0], said)
    elif row.verdict in ("void", "incomplete") and failed:
        _add(case, "error", row.verdict, failed[0], said)
    for incident in incidents:
        _add(case, "error", incident.kind, incident.sentence, printable(incident.reproducer))
    if not len(case):
        ElementTree.SubElement(case, "system-out").text = _printable_lines(said)
    return case


def _lines(row: Row) -> list[str]:
    """All that is said of a row."""
    lines = [", ".join(f"{head} {cell}" for head, cell in zip(words.HEADS, words.cells(row), strict=True))]
    for detail in words.details(row):
        lines += [*map(printable, detail.sentences), *([printable(detail.code)] if detail.code else [])]
    return lines


def _add(case: ElementTree.Element, tag: str, kind: str, message: str, text: str) -> None:
    found = ElementTree.SubElement(case, tag, type=kind, message=printable(message))
    found.text = _printable_lines(text)


def _printable_lines(text: str) -> str:
    """Line ends are kept; what XML has no place for is an escape."""
    return "\n".join(map(printable, text.split("\n")))
