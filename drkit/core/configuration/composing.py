"""Text → nodes, from PyYAML's event stream alone.

The parsers are state machines and the tree is built with a stack of ours, so neither deep nesting nor
aliases can exhaust anything: nothing is ever expanded, and the limits apply while events arrive.
"""

from __future__ import annotations

from typing import Any, NoReturn

import yaml

from drkit.core.configuration import scalars, syntax, tabs
from drkit.core.configuration.building import Tree
from drkit.core.configuration.nodes import Document, Kind, Node
from drkit.core.configuration.problems import Problem, at_most, quote
from drkit.core.configuration.text import Unreadable, decode, first_forbidden, forbidden, lines_of

DEEPEST = 64
MOST_NODES = 100_000

# libyaml where PyYAML was built with it. What both parsers accept they read the same; on a few oddities,
# such as the question mark in ``[ready?]``, the one in Python is stricter.
FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_STANDARD_TAG = "tag:yaml.org,2002:"


def compose(content: bytes, file: str, *, parser: Any = FASTEST) -> tuple[Document | None, list[Problem]]:
    """The tree of a file's bytes, and everything that is wrong with it as YAML.

    There is no document where the text cannot be read to its end: not UTF-8, not YAML, over a limit.

    Args:
        content: the bytes of the file.
        file: the name to show.
        parser: the class of PyYAML that makes events.
    """
    try:
        text = decode(content, file)
        composer = _Composer(text, file)
        root = composer.compose(parser)
    except Unreadable as error:
        return None, at_most(error.problems)
    return Document(file, root, content) if root else None, at_most(composer.problems)


class _Stop(Exception):  # noqa: N818 - nothing after this place can be read; the problem is noted
    """Ends the reading of events."""


class _Composer:
    """Takes events one by one; `root` is the tree once all have come, `problems` what was wrong."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = lines_of(text)
        self.tabs = tabs.Tabs(self.lines)
        self.problems: list[Problem] = []
        self.tree = Tree(self._report_at)
        self.documents = 0
        self.nodes = 0
        self.line, self.column = 1, 1

    def compose(self, parser: Any) -> Node | None:
        """The root, or None where the events did not come to their end."""
        try:
            self._refuse_directives()
            self._take_all(parser)
        except _Stop:
            return None
        return self.tree.root

    def _take_all(self, parser: Any) -> None:
        try:
            for event in yaml.parse(self.text, Loader=parser):
                self._take(event)
        except yaml.YAMLError as error:
            self.problems.append(syntax.explain(error, self.lines, self.file))
            raise _Stop from error
        except (ValueError, OverflowError) as error:
            # The pure parser takes "\\UFFFFFFFF" for a character; libyaml calls it a syntax error.
            self._report(syntax.UNKNOWN_ESCAPE)
            raise _Stop from error
        if self.tree.root is None:
            self.line, self.column = 1, 1
            self._stop("the file is empty")

    def _refuse_directives(self) -> None:
        # %YAML would change what scalars mean and %TAG what tags do; the parsers differ on others.
        for number, line in enumerate(self.lines, 1):
            if line.startswith("%"):
                self.line, self.column = number, 1
                self._stop("directives are not read: remove this line")
            if line.strip() and not line.lstrip().startswith("#"):
                return

    def _take(self, event: Any) -> None:
        self._refuse_tab(event)
        self.line, self.column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._begin_document()
        elif isinstance(event, yaml.CollectionEndEvent):
            self.tree.close()
        elif isinstance(event, yaml.NodeEvent):
            self._begin_node(event)

    def _begin_document(self) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop("a second document begins here: put it in a file of its own")

    def _begin_node(self, event: Any) -> None:
        self._count()
        if isinstance(event, yaml.AliasEvent):
            self._report(f"alias {quote(f'*{event.anchor}')} is not read: write the value out here")
            self.tree.add(Node("scalar", self.line, self.column, refused=True))
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        else:
            self._begin_collection(event)

    def _begin_collection(self, event: yaml.NodeEvent) -> None:
        if self.tree.depth == DEEPEST:
            self._stop(f"nested deeper than {DEEPEST} levels: make the file flatter")
        kind: Kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
        self.tree.open(kind, self.line, self.column, refused=self._refuse_properties(event))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if not self.tree.depth and event.value == "" and event.implicit[0]:
            return  # "---" and nothing more: as empty as no document
        refused = self._refuse_properties(event)
        value: scalars.Scalar = event.value
        try:
            if event.implicit[0] and not refused:
                value = scalars.resolve(event.value)
            elif hidden := first_forbidden(event.value):
                if "\ud800" <= hidden <= "\udfff":
                    self._stop(syntax.UNKNOWN_ESCAPE)  # half a character; libyaml calls it a syntax error
                raise scalars.Refused(forbidden(hidden))  # noqa: TRY301 - one way to refuse a scalar
        except scalars.Refused as error:
            self._report(str(error))
            refused = True
        self.tree.add(Node("scalar", self.line, self.column, value, refused=refused))

    def _refuse_properties(self, event: Any) -> bool:
        if event.anchor is not None:
            said = (
                f"anchor {quote('&' + event.anchor)} is not read: write the value out wherever it is needed"
            )
            self._report(said)
        if event.tag is not None:
            tag = quote(event.tag.replace(_STANDARD_TAG, "!!", 1))
            self._report(f"tag {tag} is not read: remove it, a file holds plain data only")
        return event.anchor is not None or event.tag is not None

    def _count(self) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self._stop(f"more than {MOST_NODES:,} values: split the file")

    def _refuse_tab(self, event: Any) -> None:
        if place := self.tabs.before_the_end_of(event):
            self.line, self.column = place
            self._stop(tabs.sentence(self.lines, place))

    def _report(self, message: str) -> None:
        self._report_at(self.line, self.column, message)

    def _report_at(self, line: int, column: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, column, message))

    def _stop(self, message: str) -> NoReturn:
        self._report(message)
        raise _Stop
