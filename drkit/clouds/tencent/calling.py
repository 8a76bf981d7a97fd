"""One approved call, made once with the role that destroys, under a session policy that allows exactly its action.

What the role itself may not, no approval makes it do: the cloud refuses, and says what was missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from drkit.clouds.tencent.assuming import FIRST, Bounds, assume
from drkit.clouds.tencent.client import Call, TencentClient
from drkit.clouds.tencent.identity import GET_CALLER_IDENTITY, TencentIdentity
from drkit.clouds.tencent.naming import EVERYTHING, action_of, resources_of, statements
from drkit.clouds.tencent.retry import PatientCaller
from drkit.clouds.tencent.settings import KeyPair, endpoint, key_pair, timeout
from drkit.core.calls import BoundCall
from drkit.ports.identity import Caller


@dataclass(frozen=True, slots=True)
class Opened:
    """An account, with the power to make one call.

    Args:
        caller: who the cloud says that this is.
        unbound: a sentence on what the session may beside the call; empty where nothing.
    """

    caller: Caller
    unbound: str
    _api: PatientCaller

    def call(self, bound: BoundCall) -> Mapping[str, Any]:
        """The content of ``Response``; repeated only where the cloud said that it was too busy, and did nothing.

        Raises:
            RefusedError: the cloud said no. UncertainError: nobody knows. AccountError: the role is no good.
        """
        return self._api.call(_call(bound), bound.parameters)


def open_call(prefix: str, role: str, bound: BoundCall, run: str) -> Opened:
    """Assume the role for one call.

    Args:
        prefix: of the variables that hold the broker's key pair.
        role: which it assumes, by its resource name.
        bound: the call.
        run: the id of its run.

    Raises:
        UsageError: the key pair or a setting is missing or wrong.
        CloudError, AccountError: the role is not to be had.
    """
    within = bounds_of(bound)
    api = _api(assume(_api(key_pair(prefix)), role, run, within))
    return Opened(TencentIdentity(api).caller(), "; ".join(within.unbound), api)


def bounds_of(bound: BoundCall) -> Bounds:
    """What the session may: the call's action, on what CAM can be told to bind it to, and ask who it is."""
    name, own = action_of(_call(bound)), action_of(GET_CALLER_IDENTITY)
    resources = resources_of(name)
    told = f"{name} is allowed on {', '.join(resources)} while the session lasts; drkit alone keeps it to this one call"
    policy = {
        "version": "2.0",
        "statement": statements([*((name, each) for each in resources), (own, EVERYTHING)]),
    }
    return Bounds(policy, (told,), FIRST)


def _call(bound: BoundCall) -> Call:
    # No policy has it but that of its session. That it only reads is what its name says; nothing goes by names here.
    return replace(
        GET_CALLER_IDENTITY,
        service=bound.service,
        version=bound.version,
        action=bound.action,
        region=bound.region,
        writes=True,
        powers=(),
    )


def _api(pair: KeyPair) -> PatientCaller:
    return PatientCaller(TencentClient(pair, endpoint(), timeout()))
