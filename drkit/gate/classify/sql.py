"""SQL, by an allow-list: what is parsed into nothing but known kinds of reading is allowed, all else is held.

sqlglot misreads what is dangerous (``/*!50000 DROP */``, ``SHUTDOWN``), so a tree is believed only if every node of it
is known, and a text with version comments or client commands is not parsed at all.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from drkit.gate.classify.sqlwords import (
    FUNCTION_CLASSES_REFUSED,
    KNOWN_CHANGES,
    PLAIN_ANONYMOUS,
    STATEMENTS,
    STRUCTURE,
)
from drkit.gate.verdict import Judgement, Reason, Verdict, judged

LONGEST = 100_000
DEEPEST = 200
REFUSED = (
    (re.compile(r"/\*[!+M]"), "comment", "a comment that a server may run: /*! … */"),
    (re.compile(r"(?im)^\s*delimiter\b"), "procedure", "DELIMITER: a stored program, which is not read"),
    (
        re.compile(r"(?m)^\s*\\|\\[!.gGcopTPuwx]"),
        "client",
        "a command of the client itself, which may run a program",
    ),
    (
        re.compile(r"(?im)^\s*(source|system|tee|pager|edit|nopager|notee)\b"),
        "client",
        "a command of the client itself",
    ),
    (re.compile(r"(?i)\binto\s+(outfile|dumpfile)\b"), "write", "writes a file on the server"),
    (
        re.compile(r"(?i)\bfor\s+(no\s+key\s+)?(update|share)\b|\block\s+in\s+share\s+mode\b"),
        "lock",
        "locks rows",
    ),
)
# These are read word by word: the parser takes them for names or opaque commands.
SHOWING = re.compile(
    r"(?is)\s*(show\s+(?!.*\binto\b)[\w\s.`'%=,\"@<>-]+|desc(ribe)?\s+[\w.`\"]+(\s+[\w`'%]+)?|use\s+[\w`]+|"
    r"explain\s+(\([\w\s,]+\)\s+|analy[sz]e\s+)?(format\s*=\s*\w+\s+)?(?=select\b)(?P<select>.*)|"
    r"help\s+'?[\w ]+'?|begin|commit|rollback|"
    r"start\s+transaction(\s+read\s+only)?|set\s+(session\s+)?transaction\s+[\w\s]+|set\s+names\s+\w+|"
    r"set\s+(statement_timeout|lock_timeout|search_path)\s*(=|to)\s*[\w',.\s$\"]+|ping|status|checkpoint_status)\s*"
)


def judge_sql(text: str, dialect: str = "mysql") -> Judgement:
    """Judge the statements of a text."""
    return judged(statements(text, dialect))


def statements(text: str, dialect: str = "mysql") -> list[Reason]:  # noqa: PLR0911 - one rule, one return
    """What keeps statements from being plain reading; several of them are judged each."""
    if dialect not in _dialects():
        return [_held("syntax", f"the SQL of '{dialect}' is not known here")]
    if len(text) > LONGEST or "\0" in text:
        return [_held("bounds", "it is too long to be judged, or has a NUL byte")]
    if not text.isprintable() and any(letter < " " and letter not in "\t\n\r" for letter in text):
        return [_held("syntax", "it has control characters")]
    if text.count("(") > DEEPEST or text.count("[") > DEEPEST:
        return [_held("bounds", "it is nested too deep to be judged")]
    text = re.sub(r"\\[gG]\s*$", ";", text)  # the client's other semicolon
    for pattern, rule, why in REFUSED:
        if found := pattern.search(text):
            return [_held(f"sql-{rule}", f"{why} ({found.group().strip()[:30]})")]
    if not text.strip(" \t\r\n;"):
        return []
    if ";" not in text.strip(" \t\r\n;") and (shown := SHOWING.fullmatch(text.strip(" \t\r\n;"))):
        selected = shown.group("select")
        return statements(selected, dialect) if selected else []
    return _parsed(text, dialect)


def _held(rule: str, why: str) -> Reason:
    return Reason(Verdict.REVIEW, rule, why)


@cache
def _dialects() -> frozenset[str]:
    return frozenset(
        ("mysql", "postgres", "sqlite", "clickhouse", "tsql", "oracle", "mariadb", "redshift", "hive")
    )


def _parsed(text: str, dialect: str) -> list[Reason]:
    import logging

    import sqlglot
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it would talk on stderr of what it cannot read
    try:
        trees = sqlglot.parse(text, dialect="mysql" if dialect == "mariadb" else dialect)
    except (
        SqlglotError,
        RecursionError,
        ValueError,
        IndexError,
        AttributeError,
        TypeError,
        KeyError,
        AssertionError,
    ):
        return [_held("sql-syntax", "it cannot be read as SQL")]
    if not any(trees):
        return [_held("sql-syntax", "it cannot be read as SQL")]
    reasons: list[Reason] = []
    for number, tree in enumerate(trees, 1):
        if tree is not None:
            reason = _statement(tree)
            if reason is not None:
                where = f"statement {number}: " if len(trees) > 1 else ""
                reasons.append(reason._replace(why=where + reason.why))
    return reasons


def _statement(tree: Any) -> Reason | None:
    kind = type(tree).__name__
    if kind not in STATEMENTS:
        why = (
            f"it is a {kind.upper()} and no plain reading"
            if kind in KNOWN_CHANGES
            else f"it is no plain reading ({kind})"
        )
        return _held("sql-change" if kind in KNOWN_CHANGES else "sql-unknown", why)
    if (
        kind == "Select"
        and not tree.args.get("expressions")
        and not tree.args.get("from_")
        and not tree.args.get("from")
    ):
        return _held("sql-unknown", "it selects nothing, so it was probably misread")
    for node in tree.walk():
        name = type(node).__name__
        if name not in _allowed():
            return _held("sql-unknown", f"it contains something that is not known to be harmless: {name}")
        if name in ("Anonymous", "AnonymousAggFunc", "ParameterizedAgg"):
            function = str(node.this).lower()
            if function not in PLAIN_ANONYMOUS:
                return _held("sql-function", f"it calls a function of which nothing is known: {function}")
    return None


@cache
def _allowed() -> frozenset[str]:
    from sqlglot import exp

    functions = {
        each.__name__
        for each in exp.ALL_FUNCTIONS
        if each.__name__.lower() not in FUNCTION_CLASSES_REFUSED
        and not each.__name__.startswith(("AI", "ML"))
    }
    return STRUCTURE | functions
