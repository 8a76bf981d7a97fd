"""Rows of the argument table; a group's are in a module of its own, which only its commands import."""

import sys

TYPE_CHECKING = False  # see cli.py: startup counts
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


class Command:
    """One line of the table.

    Args:
        target: ``module:function`` below ``drkit``.
        summary: one line for the list of commands.
        adders: each adds some of the command's arguments to its parser.
        examples: command lines that work as they stand.
    """

    def __init__(
        self,
        target: str,
        summary: str,
        adders: "tuple[Callable[[argparse.ArgumentParser], None], ...]",
        *examples: str,
    ) -> None:
        self.target, self.summary, self.examples = target, summary, examples
        self.adders = adders


class Group:
    """A word with commands of its own below it, such as ``sandbox``.

    Args:
        summary: one line for the list of commands.
        module: which holds them as ``COMMANDS``, below ``drkit.commands``.
    """

    def __init__(self, summary: str, module: str) -> None:
        self.summary, self.module = summary, module

    @property
    def commands(self) -> "dict[str, Command]":
        """The commands below it."""
        name = f"drkit.commands.{self.module}"
        __import__(name)
        found: dict[str, Command] = sys.modules[name].COMMANDS
        return found
