"""A command that somebody wants to run, bound to all that decides what it does."""

from __future__ import annotations

import argparse
import os
import posixpath
import pwd
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from drkit.clouds.ssh.handout import run as handout
from drkit.core.calls import BoundCall
from drkit.core.commands import LARGEST, MOST_SECONDS, PATH, USER, VARIABLE, Bound
from drkit.core.errors import DrkitError, UsageError
from drkit.core.estate import Estate
from drkit.flows.approving.commands import judge
from drkit.flows.broker.client import ask_description
from drkit.flows.options import duration

MACHINE = Path("/etc/machine-id")


def bind_call(arguments: argparse.Namespace, estate: Estate) -> BoundCall:
    """The call of a command line that says `tccli …`.

    Raises:
        UsageError: it is none, or something is said beside it that no call has.
    """
    from drkit.clouds.tencent import tccli

    if arguments.script or arguments.sourced or arguments.env or arguments.user or arguments.directory:
        raise UsageError("a call of an API has no user, directory, variables or script")
    words = _readable(arguments.words)
    typed = tccli.read(words)
    bound = BoundCall(
        words,
        typed.service,
        typed.version,
        typed.action,
        typed.region,
        typed.parameters,
        asked_from=this_machine(),
        break_glass=arguments.break_glass,
    )
    return replace(bound, verdict=judge(estate, bound).as_data())


def bind(arguments: argparse.Namespace, estate: Estate) -> Bound:
    """The command of a command line.

    Raises:
        UsageError: something is missing, or is not as it should be.
        DrkitError: its host or its program is not there.
    """
    words = _readable(arguments.words) or (("bash",) if arguments.script else ())
    if not words:
        raise UsageError("ask for what?", hint="drkit gate request --reason WHY -- COMMAND, or a playbook")
    host = estate.gate.hosts.get(arguments.host) if arguments.host else None
    if arguments.host and host is None:
        raise UsageError(f"the estate has no host '{arguments.host}'", hint="name it under gate.hosts")
    user = host.user if host else arguments.user or _own_user()
    if not USER.fullmatch(user):
        raise UsageError(f"no command runs as '{user}': small letters, digits, - and _", hint="--user NAME")
    directory = _directory(arguments.directory, here=host is None)
    names = (words[0], *map(str, arguments.sourced))
    program, *files = _described(estate, arguments.host or "", [_within(directory, name) for name in names])
    bound = Bound(
        host=arguments.host or "",
        host_key=host.host_key if host else "",
        user=user,
        directory=directory,
        words=words,
        program=program["path"],
        program_sha256=program["sha256"],
        script=_script(arguments.script),
        files={each["path"]: each["sha256"] for each in files},
        environment=_environment(arguments.env, user),
        seconds=_seconds(arguments.timeout),
        asked_from=this_machine(),
        break_glass=arguments.break_glass,
    )
    return replace(bound, verdict=judge(estate, bound).as_data())


def account_of(arguments: argparse.Namespace, estate: Estate) -> str:
    """The account that the command's host belongs to.

    Raises:
        UsageError: nobody said which of several it is.
    """
    if arguments.host:
        return estate.gate.hosts[arguments.host].account
    names = list(estate.accounts)
    if arguments.account in names or (arguments.account is None and len(names) == 1):
        return arguments.account or names[0]
    raise UsageError(
        "which account does this host belong to?", hint=f"--account, one of {', '.join(sorted(names))}"
    )


def this_machine() -> str:
    """What tells this machine from others, without saying which it is."""
    try:
        return sha256(b"drkit " + MACHINE.read_bytes().strip()).hexdigest()[:32]
    except OSError:
        return ""


def _described(estate: Estate, host: str, names: Iterable[str]) -> list[Mapping[str, Any]]:
    if host:
        return list(ask_description(estate, host, names)["files"])
    try:
        return [handout.describe(name, PATH) for name in names]
    except handout.RefusedError as error:
        raise DrkitError(str(error), hint="name the program by its absolute path") from None


def _directory(said: str | None, *, here: bool) -> str:
    directory = said or (str(Path.cwd()) if here else "/")
    if not directory.startswith("/"):
        raise UsageError("--cwd is an absolute path")
    # A link may lead elsewhere than its name says; on another host that is found out when it runs.
    return os.path.realpath(directory) if here else posixpath.normpath(directory)


def _readable(words: Iterable[str]) -> tuple[str, ...]:
    """Words that people can read, all of them."""
    found = tuple(words)
    if sum(map(len, found)) > LARGEST:
        raise UsageError(f"the command has more than {LARGEST} characters")
    for word in found:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise UsageError("the command is not UTF-8: nobody could read what it does") from None
    return found


def _own_user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise UsageError("as whom? this user has no name", hint="--user NAME") from None


def _within(directory: str, name: str) -> str:
    """What is named by a path, from where the command runs; programs that are looked for stay as they are."""
    return posixpath.join(directory, name) if "/" in name else name


def _seconds(text: str) -> int:
    seconds = int(duration("--timeout", text).total_seconds())
    if not 1 <= seconds <= MOST_SECONDS:
        raise UsageError("--timeout: a second at least, a day at most")
    return seconds


def _script(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UsageError(f"{path} has more than {LARGEST} bytes")
        text = content.decode()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 at byte {error.start}: nobody could read what it does"
        ) from None
    if "\0" in text:
        raise UsageError(f"{path} has a NUL byte: nobody could read what it does")
    return text


def _environment(settings: Iterable[str], user: str) -> dict[str, str]:
    _readable(settings)
    found = {"PATH": PATH, "LANG": "C.UTF-8", "USER": user, "LOGNAME": user}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not VARIABLE.fullmatch(name):
            raise UsageError("--env takes NAME=VALUE, and no secret: everybody who approves reads it")
        found[name] = value
    return found
