"""What is done to a path, held against what kind of place it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drkit.gate.classify.markers import STAR, TAME, shown
from drkit.gate.classify.places import Place
from drkit.gate.verdict import Verdict

if TYPE_CHECKING:
    from drkit.gate.classify.context import Context
    from drkit.gate.classify.state import State

SECRETS = re.compile(
    r"/etc/(g?shadow-?|sudoers|krb5\.keytab|ssl/private/.*|ssh/ssh_host_\w+_key)|"
    r"(/home/[^/]+|/root|~|\.)/\.(ssh/(id_\w+|[\w.-]+\.pem)|aws/credentials|kube/config|netrc|pgpass|my\.cnf|"
    r"docker/config\.json|tccli/[\w.-]*credential[\w.-]*|vault-token|git-credentials)|"
    r"/proc/(\d+|self|\*|.)/(environ|mem)|/dev/(mem|kmem)|/var/run/secrets/.*|/run/secrets/.*"
)
HOME = re.compile(r"/home/[^/]+|/root")
PUBLIC = re.compile(r".*\.pub")

WORDS = {
    "delete": ("deletes", ""),
    "tree": ("deletes", " and all that lies below it"),
    "write": ("overwrites", ""),
    "move": ("moves away", ""),
    "attributes": ("changes owner, mode or attributes of", ""),
    "alias": ("gives another name, by which it may be destroyed later, to", ""),
}


def read(context: Context, path: str, state: State, at: str) -> None:
    """Reading destroys nothing; secrets are another matter."""
    del state
    if SECRETS.fullmatch(path) and not PUBLIC.fullmatch(path):
        context.note("secret", f"reads a secret: {shown(path)}", at)


def append(context: Context, path: str, state: State, at: str) -> None:
    """Adding to a file spoils it only where the file means something."""
    context.wrote = True
    place = context.places.of(path, state.directory)
    if place is Place.UNKNOWN:
        context.note("opaque", f"which file it adds to is only known when it runs: {shown(path)}", at)
    elif place >= Place.PROTECTED:
        context.note("write", f"adds to a protected file: {shown(path)}", at)


def create(context: Context, path: str, state: State, at: str) -> None:
    """A new directory or an empty file; an existing one stays."""
    if "/-" in f"/{path}" and not path.startswith("/"):
        context.note("name", f"makes a file whose name is read as an option: {shown(path)}", at)
    if path.startswith(("/dev/", "/etc/", "/proc/", "/sys/", "/forcefsck", "/.autorelabel")):
        context.note("write", f"makes a file where the system takes orders from: {shown(path)}", at)
    del state


def write(context: Context, path: str, state: State, at: str) -> None:
    """Whatever stood there is gone."""
    context.wrote = True
    _judge(context, "write", path, state, at)


def change(context: Context, kind: str, path: str, state: State, at: str) -> None:
    """One of `WORDS`, done to a path."""
    if kind == "write":
        context.wrote = True
    _judge(context, kind, path, state, at)


def _judge(context: Context, kind: str, path: str, state: State, at: str) -> None:
    if kind == "write" and (path.endswith("/") or HOME.fullmatch(path)):
        path = f"{path}/{TAME}"  # something in it
    tree = kind in ("tree", "move", "attributes")
    found = (context.places.below if tree else context.places.of)(path, state.directory)
    verb, after = WORDS[kind]
    where = (shown(path) or "''") + after
    if found is Place.UNKNOWN:
        context.note("opaque", f"what it {verb} is only known when it runs: {where}", at)
    elif found is Place.WHOLE and (kind in ("tree", "delete", "move") or STAR in path):
        context.note(kind, f"{verb} a whole directory, of which nobody said which it is: {where}", at)
    elif found is Place.ROOT and tree:
        verdict = Verdict.DENY if kind == "tree" else Verdict.REVIEW
        context.note(kind, f"{verb} {where}: the host itself is made of this", at, verdict)
    elif found >= Place.PROTECTED:
        context.note(kind, f"{verb} {where}: a protected place", at)
