"""One line of ``drkit access evaluate --jsonl``: a JSON object in, an answer out.

The fields stand in the contract of the command line (docs/access.md). null is the same as absent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drkit.access.evaluate import aws, aws_requests, cam, cam_requests
from drkit.access.evaluate.answer import Answer, Decision
from drkit.access.evaluate.holdings import Held
from drkit.access.language.reading import TWICE

LONGEST_RESOURCE = 16_384
LONGEST_ACTION = 1_024


class RequestError(Exception):
    """A request that cannot be decided, and why."""


def evaluate(raw: Any, keys: Held) -> Answer:
    """The answer to one request; whatever it is, there is one.

    Args:
        raw: the fields of the request but for its policies.
        keys: its policies.
    """
    try:
        return _language(raw)(raw, keys)
    except (RequestError, ValueError) as error:
        return Answer(Decision.UNKNOWN, [str(error)])
    except RecursionError:
        return Answer(Decision.UNKNOWN, ["the request is nested too deeply"])


def _language(raw: Any) -> Callable[[dict[str, Any], Held], Answer]:
    if not isinstance(raw, dict):
        raise RequestError("the line is no object")
    if TWICE in raw:
        raise RequestError(f"{raw[TWICE]} stands there twice")
    _check_text("action", raw.get("action"), LONGEST_ACTION)
    _check_text("resource", raw.get("resource"), LONGEST_RESOURCE)
    context = raw.get("context")
    if context is not None and (not isinstance(context, dict) or TWICE in context):
        raise RequestError("context is not one object of keys and values")
    partial = raw.get("context_partial")
    if partial is not None and not isinstance(partial, bool):
        raise RequestError("context_partial is neither true nor false")
    dialect = raw.get("dialect")
    if dialect == "aws":
        return _aws
    if dialect == "cam":
        return _cam
    raise RequestError("dialect is neither cam nor aws")


def _check_text(name: str, value: Any, longest: int) -> None:
    if not isinstance(value, str) or not value:
        raise RequestError(f"{name} is no text")
    if len(value) > longest:
        raise RequestError(f"{name} is longer than {longest} characters")


def _aws(raw: dict[str, Any], keys: Held) -> Answer:
    held = aws.holdings(keys)
    return aws.evaluate(aws_requests.request(raw, bounded=held.boundary is not None), held)


def _cam(raw: dict[str, Any], keys: Held) -> Answer:
    return cam.evaluate(cam_requests.request(raw), cam.holdings(keys))
