"""What the parameters of a call make of it, where they decide: a trial, a new deadline, rights for a new host."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from drkit.gate.calls import Known, plain
from drkit.gate.calls.rules import CHANGE, MAKE, PROTECTS, READ, SECRET
from drkit.gate.classify.markers import unknown

Given = Mapping[str, Any]

# Only these parameters weaken what protects; with others the action changes something else.
WEAKENING = {
    "ModifySnapshotAttribute": (
        "deadline",
        "ispermanent",
        "createvolumepermission",
        "operationtype",
        "attribute",
    ),
    "ModifyInstancesAttribute": (
        "disableapitermination",
        "securitygroups",
        "camrolename",
        "camroletype",
        "userdata",
    ),
    "ModifyDiskAttributes": ("deletewithinstance", "deletesnapshot", "portable"),
    "ModifyDBInstance": (
        "deletionprotection",
        "backupretentionperiod",
        "masteruserpassword",
        "publiclyaccessible",
        "vpcsecuritygroupids",
        "manageMasterUserPassword".lower(),
    ),
}
# What a new thing may bring along that is more than itself.
OPENING = re.compile(
    r"camrole\w*|iaminstanceprofile|userdata|launchtemplate\w*|acl|grant\w*|publiclyaccessible|securitygroup\w*|"
    r"disableapitermination|instanceinitiatedshutdownbehavior|forcepoweroff|networkinterfaces|metadataoptions"
)
# What copies and deletes by the clock goes by tags: a new value may take something out of it.
STEERING = re.compile(
    r"backup|snapshot|retention|retain|protect|polic|delet|expir|drkit|keep|dlm|role|env", re.IGNORECASE
)
TAGGING = re.compile(r"(CreateTags?|AddTags?|AddResourceTag|TagResources?)")
FROM_FILES = re.compile(r"cli(input|unfold)\w*|generatecliskeleton")


def refined(known: Known, given: Given | None) -> str:
    """The kind of a call with its parameters; ``None`` where nobody knows them, which is never milder."""
    if given is None:
        return PROTECTS if known.kind == MAKE else known.kind
    told = {plain(str(name)): value for name, value in given.items()}
    if known.dry and true(told.get("dryrun")):
        return READ
    if known.kind == SECRET and re.fullmatch(r"GetParameter(s|History|sByPath)?", known.action):
        return READ if not told.get("withdecryption") else SECRET
    weakening = WEAKENING.get(known.action)
    if known.kind == PROTECTS and weakening is not None:
        return PROTECTS if any(name in told for name in weakening) else CHANGE
    return _made(known, told) if known.kind == MAKE else known.kind


def _made(known: Known, told: Given) -> str:
    if TAGGING.fullmatch(known.action):
        return PROTECTS if STEERING.search(json.dumps(told, default=str)) else MAKE
    return PROTECTS if any(OPENING.fullmatch(name) for name in told) else MAKE


def true(value: Any) -> bool:
    """Whether a parameter is surely true."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def from_words(words: Sequence[str]) -> Given | None:
    """The parameters of a command line, ``--Name value…``; None where they cannot be told for sure."""
    made: dict[str, Any] = {}
    name = ""
    for word in words:
        if word[:2] == "--":
            name = plain(word[2:].partition("=")[0].partition(".")[0])
            if name in made or FROM_FILES.match(name) or unknown(word):
                return None
            made[name] = word.partition("=")[2] or True
            if name.startswith("no") and name[2:] and "=" not in word:
                made[name[2:]] = False
        elif unknown(word):
            return None
        elif name:
            made[name] = word if made[name] is True else f"{made[name]} {word}"
    return made
