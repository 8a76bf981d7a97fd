"""The argument table: light at the start, the same exit status everywhere, examples that parse."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
from helpers import ROOT, Drkit

from drkit.cli import COMMANDS, Command, Group, build
from drkit.core import exits

# What `drkit --help` may load beside what a bare Python has loaded: argparse, and what it needs.
ALLOWED = {
    "_collections", "_functools", "_locale", "_operator", "_sre", "argparse", "collections", "copyreg",
    "drkit", "drkit.arguments", "drkit.cli", "drkit.commands", "drkit.core", "drkit.core.exits",
    "enum", "errno", "functools", "gettext", "itertools", "keyword", "locale", "operator",
    "re", "re._casefix", "re._compiler", "re._constants", "re._parser", "reprlib", "types", "warnings",
}  # fmt: skip


def commands() -> list[tuple[str, Command]]:
    """Every command with its words."""
    found = []
    for name, entry in COMMANDS.items():
        if isinstance(entry, Group):
            found += [(f"{name} {below}", command) for below, command in entry.commands.items()]
        else:
            found.append((name, entry))
    return found


def loaded_by(code: str) -> set[str]:
    """The modules that a process has loaded at its end."""
    told = code + "; import sys; sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_loads_nothing_but_a_short_list() -> None:
    help_ = "import drkit.cli; p = drkit.cli.build(()); p.format_help()"

    assert loaded_by(help_) - loaded_by("pass") <= ALLOWED


@pytest.mark.parametrize(
    ("words", "command"), commands(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_has_a_function_and_its_help_names_every_exit_status(
    words: str, command: Command
) -> None:
    module, _, function = command.target.partition(":")
    assert callable(getattr(__import__(f"drkit.{module}", fromlist=[function]), function))
    done = subprocess.run(
        [sys.executable, "-m", "drkit", *words.split(), "--help"], capture_output=True, text=True, check=True
    )
    for status, meaning in exits.MEANING.items():
        assert re.search(rf"^ +{status}  {re.escape(meaning[:30])}", done.stdout, re.MULTILINE), status
    for example in command.examples:
        assert example in done.stdout


@pytest.mark.parametrize(
    "example",
    [
        match.group(0)
        for _, command in commands()
        for example in command.examples
        for match in [re.search(r"drkit (?:'[^']*'|[^>|)\"'])*", example)]
        if match
    ],
)
def test_every_example_in_a_help_text_parses(example: str) -> None:
    words = shlex.split(example)[1:]

    assert build(tuple(words[:2])).parse_args(words).command


def test_an_unknown_command_ends_with_the_status_of_usage(drkit: Drkit) -> None:
    assert drkit("nonsense").status == exits.USAGE


def test_the_first_status_that_applies_follows_the_contract() -> None:
    assert exits.first_that_applies({0, 1, 3, 4, 7}) == 7
    assert exits.first_that_applies({0, 1, 3, 4}) == 3
    assert exits.first_that_applies({0, 1, 4}) == 1
    assert exits.first_that_applies({0, 4}) == 4
    assert exits.first_that_applies({0}) == 0
    assert exits.first_that_applies({130, 7}) == 130
    assert exits.first_that_applies(set()) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completions_know_the_commands(drkit: Drkit, shell: str) -> None:
    script = drkit("completion", shell).out

    assert "sandbox" in script
    assert "coverage" in script


def test_a_pipe_that_closes_early_is_no_traceback(drkit: Drkit) -> None:
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    assert reader.stdin
    done = subprocess.run(
        [sys.executable, "-m", "drkit", "schema", "playbook"],
        stdout=reader.stdin,
        stderr=subprocess.PIPE,
        check=False,
    )
    reader.communicate()

    assert b"Traceback" not in done.stderr


def test_the_readme_names_only_commands_that_exist() -> None:
    known = {words for words, _ in commands()} | set(COMMANDS)
    for line in re.findall(r"^\$ drkit ([a-z ]+)", (ROOT / "README.md").read_text(), re.MULTILINE):
        words = line.split()
        assert " ".join(words[:2]) in known or words[0] in known, line
