"""``drkit evidence``: a directory that is named, or the estate's own."""

from __future__ import annotations

import argparse

from drkit.core.evidence import commands
from drkit.core.state import find_state, state_root
from drkit.flows.loading import load_estate


def show(arguments: argparse.Namespace) -> int:
    """Read the evidence."""
    return commands.show(_with_directory(arguments))


def verify(arguments: argparse.Namespace) -> int:
    """Verify the evidence."""
    return commands.verify(_with_directory(arguments))


def _with_directory(arguments: argparse.Namespace) -> argparse.Namespace:
    if arguments.directory is None:
        estate = load_estate(arguments.estate)
        arguments.directory = find_state(state_root(arguments.state), estate.estate).evidence
    return arguments
