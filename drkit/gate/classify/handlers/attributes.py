"""chmod and chattr: their first operand may begin with a dash."""

from __future__ import annotations

import re

from drkit.gate.classify import effects
from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import literal, shown
from drkit.gate.classify.options import Record
from drkit.gate.classify.state import Values

MODE = re.compile(r"[0-7]{1,5}|[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*")
# For everybody to write, or to run as somebody else.
WIDE = re.compile(r"[0-7]*[2367]$|[4-7]\d{3}|.*([ao]+\+[rx]*w|^\+?[rx]*w|\+[rwx]*s)")


def mode(call: Call, _record: Record) -> Values:
    """``chmod MODE FILE…``."""
    words = [word for word in call.arguments if not re.fullmatch(r"-[cfvRHLP]+|--[a-z-]+(=.*)?", word)]
    recursive = any(re.fullmatch(r"-[cfvHLP]*R[cfvRHLP]*|--rec\w*", word) for word in call.arguments)
    if not any(word.startswith("--ref") for word in call.arguments):
        if words and not (literal(words[0]) and MODE.fullmatch(words[0])):
            call.review("opaque", f"chmod: which mode it sets is not known: {shown(words[0])}")
        elif words and re.fullmatch(r"0?[4-7]\d{3}|.*s.*", words[0]):
            call.review("attributes", f"chmod {words[0]}: lets a program run as its owner")
        words = words[1:]
    for path in words:
        effects.change(call.context, "attributes", path, call.state, call.at)
    del recursive
    return UNKNOWN_OUTPUT


def chattr(call: Call, _record: Record) -> Values:
    """``chattr -i`` opens what was locked."""
    for word in call.arguments:
        if re.fullmatch(r"[-=][^+]*", word) and re.search(r"[iau=]", word) and not word.startswith("--"):
            call.review("attributes", f"chattr {word}: takes away a file's lock")
        elif not word.startswith(("-", "+", "=")):
            effects.change(call.context, "attributes", word, call.state, call.at)
    return UNKNOWN_OUTPUT
