"""Faults to order: what a test wants the cloud to do wrong, as small data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Kind = Literal[
    "throttle",  # RequestLimitExceeded
    "error",  # the error `code`
    "charset",  # the true answer (or the error `code`) as `application/json; charset=utf-8`
    "garbage",  # no JSON
    "cut_before",  # the connection closes, nothing was done
    "cut_after",  # the action was carried out, then the connection closes
    "hang",  # no answer for `seconds`, then the true one
    "server_error",  # HTTP 500
]
DEFAULT_MESSAGE = "A fault that was asked for."


@dataclass(slots=True)
class Fault:
    """One fault; what is None matches everything, ``times`` None means until it is cleared."""

    kind: Kind
    service: str | None = None
    action: str | None = None
    region: str | None = None
    times: int | None = 1
    code: str | None = None
    message: str = DEFAULT_MESSAGE
    seconds: float = 3600.0

    def concerns(self, service: str, action: str, region: str) -> bool:
        """Whether a call is one of those that it is about."""
        wanted = ((self.service, service), (self.action, action), (self.region, region))
        return self.times != 0 and all(want is None or want == is_ for want, is_ in wanted)


class Faults:
    """The faults that are waiting, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, service: str, action: str, region: str) -> Fault | None:
        """The first fault that concerns this call, one time less of it left."""
        for fault in self.waiting:
            if fault.concerns(service, action, region):
                if fault.times is not None:
                    fault.times -= 1
                self.waiting = [one for one in self.waiting if one.times != 0]
                return fault
        return None

    def shown(self) -> list[dict[str, Any]]:
        """The waiting faults as JSON."""
        return [asdict(fault) for fault in self.waiting]


TYPES: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "service": (str,),
    "action": (str,),
    "region": (str,),
    "times": (int,),
    "code": (str,),
    "message": (str,),
    "seconds": (int, float),
}


def parse(content: Any) -> Fault:
    """A fault out of JSON.

    Raises:
        ValueError: with one sentence about what is wrong.
    """
    if not isinstance(content, dict) or content.get("kind") not in get_args(Kind):
        raise ValueError(f"a fault is an object whose kind is one of {', '.join(get_args(Kind))}")
    for field, value in content.items():
        if field not in TYPES:
            raise ValueError(f"a fault has no field {field!r}; it has {', '.join(TYPES)}")
        absent = value is None and field not in {"kind", "message", "seconds"}
        if not absent and (isinstance(value, bool) or not isinstance(value, TYPES[field])):
            raise ValueError(f"the field {field!r} of a fault is not valid: {value!r}")
    if content["kind"] == "error" and not content.get("code"):
        raise ValueError("a fault of kind error needs the code")
    times = content.get("times")
    if (times is not None and times < 1) or not 0 <= content.get("seconds", 0) <= 86400:  # noqa: PLR2004 - a day
        raise ValueError("times has to be at least 1, seconds between 0 and 86400")
    return Fault(**content)
