"""Calls of a cloud's API, judged by the catalogue of what each action does, and by the parameters that decide.

Reading is allowed, but for what hands out secrets; what only adds something that can be given back (a snapshot, a disk,
a host) as well, though it costs money. All else is held, and so is every action that the catalogue does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drkit.gate.calls import has_service, known
from drkit.gate.calls.rules import CHANGE, DESTROY, MAKE, PROTECTS, READ, RUN, SECRET
from drkit.gate.classify.parameters import Given, refined
from drkit.gate.verdict import Judgement, Reason, Verdict, judged, review

CLOUDS = {"tencent": "tencent", "qcloud": "tencent", "aws": "aws"}
ACTION = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
SERVICE = re.compile(r"[A-Za-z0-9._-]+")
WHY = {
    CHANGE: ("cloud-change", "changes what is there"),
    DESTROY: ("cloud-destroy", "destroys, or takes away for good"),
    PROTECTS: ("cloud-protects", "changes what protects: rights, keys, records, copies or guards"),
    RUN: ("cloud-run", "runs something, of which nobody has read what, or opens a way in"),
    SECRET: ("secret", "hands out a secret or opens a way in"),
}


def judge_call(call: Mapping[str, Any]) -> Judgement:
    """Judge one API call: ``cloud``, ``service``, ``action`` and ``params``."""
    names = [call.get(key) for key in ("cloud", "service", "action")]
    if not all(isinstance(name, str) and name for name in names):
        return review("input", "an API call needs cloud, service and action, each as text")
    params = call.get("params")
    if params is not None and not isinstance(params, Mapping):
        return review("input", "the params of an API call are one JSON object")
    cloud, service, action = map(str, names)
    reason = judge_action(cloud, service, action, {} if params is None else params)
    return judged([reason] if reason else [])


def judge_action(cloud: str, service: str, action: str, given: Given | None = None) -> Reason | None:
    """What keeps an action from being everyday work; None where nothing does.

    Args:
        cloud: ``tencent`` or ``aws``.
        service: as the cloud or its command line calls it.
        action: as the cloud or its command line calls it.
        given: the parameters by name; None where they are not known for sure.
    """
    name = f"{cloud} {service} {action}"
    catalogue = CLOUDS.get(cloud.lower())
    if catalogue is None:
        return _held(name, "nothing is known of this cloud")
    if not ACTION.fullmatch(action) or not SERVICE.fullmatch(service):
        return _held(name, "this is no name of an action")
    found = known(catalogue, service, action)
    if found is None:
        what = "action" if has_service(catalogue, service) else "service"
        return _held(name, f"nothing is known of this {what}")
    kind = refined(found, given)
    if kind in (READ, MAKE):
        return None
    rule, why = WHY[kind]
    return Reason(Verdict.REVIEW, rule, f"{name}: {why}")


def _held(name: str, why: str) -> Reason:
    return Reason(Verdict.REVIEW, "cloud", f"{name}: {why}")
