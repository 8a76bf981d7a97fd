"""From a signed HTTP request to the answer of an action: the checks in the order of the real cloud."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drkit.sandbox.regions import REGIONS
from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.services.table import Call
from drkit.sandbox.wire import errors, parameters, signature
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.wire.message import Answer, Request, failed, succeeded
from drkit.sandbox.wire.target import service_of
from drkit.sandbox.wire.validation import validate
from drkit.sandbox.world.clock import SystemClock

if TYPE_CHECKING:
    from drkit.sandbox.services.table import Emulated
    from drkit.sandbox.specification.load import Specification
    from drkit.sandbox.world.clock import Clock
    from drkit.sandbox.world.model import Credential, World

LOG = logging.getLogger("drkit.sandbox")


@dataclass(frozen=True, slots=True)
class Name:
    """What is called, before anything was checked; the service is the one that the client signed for."""

    service: str
    version: str
    action: str
    region: str


def name_of(request: Request) -> Name:
    """What a request calls, with empty parts where it does not say."""
    _, _, credential = request.headers.get("authorization", "").partition("Credential=")
    scope = credential.partition(",")[0].split("/")
    return Name(
        service=scope[2] if len(scope) == 4 else "",  # noqa: PLR2004 - SecretId/date/service/tc3_request
        version=request.headers.get("x-tc-version", ""),
        action=request.headers.get("x-tc-action", ""),
        region=request.headers.get("x-tc-region", ""),
    )


class Gateway:
    """Everything between a request and the world.

    ``clock`` is the world's time, which may be anything; signatures are held against the time of the machine,
    because clients stamp them with that.
    """

    def __init__(self, world: World, specification: Specification, clock: Clock) -> None:
        self.world = world
        self.specification = specification
        self.clock = clock
        self.wall = SystemClock()

    def answer(self, request: Request) -> Answer:
        """The answer of API 3.0 to a request, an error where something is wrong with it."""
        name = name_of(request)
        try:
            return succeeded(self.perform(request, name))
        except ApiError as error:
            return failed(error)
        except Exception:
            LOG.exception("a defect of the sandbox in %s %s", name.service, name.action)
            return failed(ApiError("InternalError", "A defect of the sandbox; its log says where."))

    def perform(self, request: Request, name: Name) -> dict[str, Any]:
        """Check the request and carry out its action.

        Raises:
            ApiError: what the client is told.
        """
        caller = self.authenticate(request, name)
        emulated = self.find(name)
        if emulated.regional and not name.region:
            raise errors.missing_parameter("Region")
        if name.region and name.region not in REGIONS:
            raise errors.unsupported_region(name.region)
        given = self.parameters(request, name)
        chinese = request.headers.get("x-tc-language") == "zh-CN"
        return emulated.handler(Call(self.world, caller, name.region, given, self.clock.now(), chinese))

    def authenticate(self, request: Request, name: Name) -> Credential:
        """The credential that signed the request.

        Raises:
            ApiError: a common parameter is missing, or the signature is not good.
        """
        if request.method not in {"GET", "POST"}:
            raise ApiError("UnsupportedProtocol", "Only GET and POST requests are supported.")
        timestamp = common(request, "Timestamp")
        common(request, "Action")
        common(request, "Version")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 10):  # noqa: PLR2004 - until 2286
            raise errors.wrong_type("Timestamp")
        claim = signature.parse(request.headers.get("authorization", ""))
        caller = self.world.credentials.get(claim.secret_id)
        if caller is None:
            raise errors.unknown_secret_id()
        signature.verify(request, claim, caller.secret_key, int(timestamp), self.wall.now())
        if service_of(request.host) not in {None, name.service}:
            raise errors.bad_signature()
        if request.headers.get("x-tc-token"):
            raise errors.bad_token()
        return caller

    def find(self, name: Name) -> Emulated:
        """The emulated action of this name.

        Raises:
            ApiError: there is none, in the real cloud or here.
        """
        versions = self.specification.index.get(name.service)
        if versions is None:
            raise errors.no_such_product(name.service)
        known = versions.get(name.version)
        if known is None:
            raise errors.no_such_version(name.service, name.version)
        if name.action in known.offline:
            raise errors.action_offline(name.action)
        if name.action not in known.actions:
            raise errors.invalid_action(name.service, name.version, name.action)
        emulated = EMULATED.get((name.service, name.version, name.action))
        if emulated is None:
            raise errors.not_emulated(f"{name.action} of {name.service} {name.version}")
        return emulated

    def parameters(self, request: Request, name: Name) -> dict[str, Any]:
        """The parameters, found to be those of the specification.

        Raises:
            ApiError: they are not.
        """
        known = self.specification.service_shapes(name.service, name.version)
        shape = known.request(name.action)
        given = (
            parameters.from_query(request.query, shape, known)
            if request.method == "GET"
            else parameters.from_json(request.body)
        )
        validate(given, shape, known)
        return given


def common(request: Request, name: str) -> str:
    """A common parameter, which comes as a header.

    Raises:
        ApiError: it is missing.
    """
    value = request.headers.get(f"x-tc-{name.lower()}", "")
    if not value:
        raise errors.missing_parameter(name)
    return value
