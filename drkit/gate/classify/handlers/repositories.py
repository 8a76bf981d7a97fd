"""git's settings, some of which are commands."""

from __future__ import annotations

import re

from drkit.gate.classify import options
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import literal, shown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values

HARMLESS = re.compile(
    r"(user\.(name|email|signingkey)|color\..*|core\.(quotepath|autocrlf|ignorecase|filemode|longpaths|compression|"
    r"eol|safecrlf|abbrev|precomposeunicode)|push\.(default|autosetupremote|followtags)|pull\.(rebase|ff)|"
    r"fetch\.(prune|parallel)|init\.defaultbranch|merge\.(ff|conflictstyle|renamelimit)|diff\.(renames|algorithm|"
    r"renamelimit|colormoved|mnemonicprefix)|rebase\.(autostash|autosquash)|branch\.[^.]+\.(remote|merge|rebase|description)|"
    r"remote\.[^.]+\.(url|fetch|pushurl)|advice\..*|log\..*|status\..*|http\.(postbuffer|lowspeedlimit|lowspeedtime|"
    r"version|timeout)|safe\.directory|rerere\.enabled|help\.autocorrect|column\..*|commit\.(verbose|gpgsign)|"
    r"tag\.(sort|gpgsign)|gc\.auto|protocol\.version|submodule\.recurse|feature\..*|index\..*|pack\.(threads|windowmemory))",
    re.IGNORECASE,
)
READING = frozenset(
    ("l", "list", "get", "get-all", "get-regexp", "get-urlmatch", "show-origin", "show-scope")
)
WRITING = frozenset(("e", "edit", "rename-section", "remove-section", "unset-all", "replace-all-none"))
RUNNING_URL = re.compile(r"(ext|fd)::|[-]")


def config(call: Call, _record: Record) -> Values:
    """``git config``: reading, and settings that run nothing."""
    record = {"takes": dict.fromkeys(("f", "file", "blob", "type", "default", "comment", "value"), "value")}
    parsed = options.parse(record, call.arguments)
    words = parsed.operands
    if set(parsed.flags) & WRITING or words[:1] in (["edit"], ["rename-section"], ["remove-section"]):
        call.review("option", f"{call.name}: opens an editor, or removes settings")
    elif set(parsed.flags) & READING or words[:1] in (["list"], ["get"]) or len(words) == 1:
        return UNKNOWN_OUTPUT
    elif words and not HARMLESS.fullmatch(
        words[1] if words[0] in ("set", "unset") and len(words) > 1 else words[0]
    ):
        call.review("option", f"{call.name} {shown(words[0])}: a setting that may name a command")
    elif parsed.value("f", "file") is not None:
        call.review("option", f"{call.name} --file: changes another file's settings")
    return UNKNOWN_OUTPUT


def setting(call: Call, word: str) -> None:
    """``-c name=value``."""
    name = word.partition("=")[0]
    if not literal(name) or not HARMLESS.fullmatch(name):
        call.review("option", f"{call.name} -c {shown(name)}: a setting that may name a command")


def url(call: Call, word: str) -> None:
    """Some URLs name a program."""
    if RUNNING_URL.match(word):
        call.review("option", f"{call.name} {shown(word)}: an address that runs a program")


def fetched(call: Call, word: str) -> None:
    """``+x:refs/heads/x`` overwrites a branch of one's own."""
    url(call, word)
    _from, colon, to = word.partition(":")
    if word.startswith("+") and colon and not to.startswith("refs/remotes/"):
        call.review("option", f"{call.name} {shown(word)}: overwrites branches here")


def pushed(call: Call, word: str) -> None:
    """``+x`` overwrites, ``:x`` deletes."""
    url(call, word)
    if word.startswith(("+", ":")):
        call.review("option", f"{call.name} {shown(word)}: overwrites or deletes what others see")
