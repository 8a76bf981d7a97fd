"""A shell text judged whole: read twice where that matters, walked once, never run."""

from __future__ import annotations

from collections.abc import Callable

from drkit.gate.classify.context import Context, TooMuchError, _nothing
from drkit.gate.classify.markers import literal
from drkit.gate.classify.parsing import parse
from drkit.gate.classify.places import Places
from drkit.gate.classify.state import State
from drkit.gate.verdict import Judgement, judged, review

LONGEST = 1024 * 1024  # bytes
SHELLS = frozenset(("bash", "sh", "dash", "ash", "ksh", "posix"))
FORK_BOMB = b"|:&"


def judge_shell(
    text: bytes | str,
    places: Places | None = None,
    *,
    user: str | None = None,
    shell: str = "bash",
    twice: bool = False,
    builds: bool = True,
    read: Callable[[str], bytes | None] = _nothing,
) -> Judgement:
    """Judge a command or a script.

    Args:
        text: as it would be typed, or a script's bytes.
        places: what is protected and what is scratch, and the working directory.
        user: who runs it, if that is known.
        shell: whose language it is; anything but a POSIX shell is not read.
        twice: always ask the second parser, as for what people approve; else only where the first one fails.
        builds: whether build tools may run what the working directory says.
        read: gives the bytes of scripts that the text runs, where the caller has them.
    """
    if shell not in SHELLS:
        return review("syntax", f"the language of '{shell}' is not known here")
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if problem := _unreadable(raw):
        return review("syntax", problem)
    context = Context(places or Places(), user=user, builds=builds, read=read)
    try:
        _judge(context, raw, twice=twice)
    except TooMuchError as error:
        context.note("bounds", f"it is too much to be judged: {error}", "1:1")
    except RecursionError:
        context.note("bounds", "it is too much to be judged: it is nested too deep", "1:1")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the gate itself, it stays shut
        context.note("defect", f"the gate failed over it: {type(error).__name__}: {error}", "1:1")
    return judged(context.reasons)


def _unreadable(raw: bytes) -> str:
    if len(raw) > LONGEST:
        return f"it is longer than {LONGEST} bytes: nobody would read that either"
    if b"\0" in raw:
        return "it has a NUL byte, at which programs disagree where it ends"
    try:
        decoded = raw.decode()
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 at byte {error.start}"
    if not decoded.isascii() and not literal(decoded):
        return "it is not UTF-8"
    controls = [letter for letter in decoded if letter < " " and letter not in "\t\n"]
    return f"it has a control character: {controls[0]!r}" if controls else ""


def _judge(context: Context, raw: bytes, *, twice: bool) -> None:
    from drkit.gate.classify.walking import walk

    if parse(raw) is None:
        from drkit.gate.classify.opinion import rewritten

        again = rewritten(raw)
        if again is None or parse(again) is None:
            context.note("syntax", "it cannot be read as shell text", "1:1")
            return
        walk(context, again, State(), "1:1")
        return
    if twice:
        from drkit.gate.classify.opinion import agrees

        if not agrees(raw):
            context.note("syntax", "two parsers read it differently", "1:1")
    walk(context, raw, State())
