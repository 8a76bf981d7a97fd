"""From a signed HTTP request to the answer of an action: the checks in the order of the real cloud."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drkit.sandbox import callers
from drkit.sandbox.auditing import Attempt, note
from drkit.sandbox.authorisation import authorise, concerned
from drkit.sandbox.regions import REGIONS
from drkit.sandbox.services.catalogue import EMULATED
from drkit.sandbox.services.table import Call
from drkit.sandbox.wire import errors, parameters, signature
from drkit.sandbox.wire.errors import ApiError
from drkit.sandbox.wire.message import Answer, Request, failed, succeeded
from drkit.sandbox.wire.target import service_of
from drkit.sandbox.wire.validation import validate
from drkit.sandbox.world.clock import SystemClock
from drkit.sandbox.world.events import catch_up

if TYPE_CHECKING:
    from drkit.sandbox.services.table import Emulated
    from drkit.sandbox.specification.load import Specification
    from drkit.sandbox.world.clock import Clock
    from drkit.sandbox.world.identity import Caller
    from drkit.sandbox.world.model import World

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
        self.wall: Clock = SystemClock()

    def answer(self, request: Request) -> Answer:
        """The answer of API 3.0 to a request, an error where something is wrong with it."""
        name, request_id = name_of(request), str(uuid.uuid4())
        try:
            return succeeded(self.audited(request, name, request_id), request_id)
        except ApiError as error:
            return failed(error, request_id=request_id)
        except Exception:
            LOG.exception("a defect of the sandbox in %s %s", name.service, name.action)
            defect = ApiError("InternalError", "A defect of the sandbox; its log says where.")
            return failed(defect, request_id=request_id)

    def audited(self, request: Request, name: Name, request_id: str) -> dict[str, Any]:
        """Carry out a call and write it into the audit trail; nobody's trail has what nobody signed.

        Raises:
            ApiError: what the client is told.
        """
        found = self.authenticate(request, name)
        attempt = Attempt(request, name, request_id, found, catch_up(self.world, self.clock.now()))
        trail = self.world.accounts[found.account].audit
        try:
            result = self.perform(attempt)
        except ApiError as error:
            note(trail, attempt, None, error)
            raise
        note(trail, attempt, result, None)
        return result

    def perform(self, attempt: Attempt) -> dict[str, Any]:
        """Check a signed request and carry out its action.

        Raises:
            ApiError: what the client is told.
        """
        name = attempt.name
        emulated = self.find(name)
        if emulated.regional and not name.region:
            raise errors.missing_parameter("Region")
        if name.region and name.region not in REGIONS:
            raise errors.unsupported_region(name.region)
        given = attempt.parameters = self.parameters(attempt.request, name)
        call = Call(
            self.world,
            attempt.caller,
            name.service,
            name.action,
            name.region,
            emulated.regional,
            given,
            attempt.at,
            self.wall.now(),
            attempt.id,
            chinese=attempt.request.headers.get("x-tc-language") == "zh-CN",
        )
        attempt.resources = concerned(call, emulated.resources)
        authorise(call, attempt.resources)
        return emulated.handler(call)

    def authenticate(self, request: Request, name: Name) -> Caller:
        """The one whose key signed the request.

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
        found = callers.find(self.world, claim.secret_id)
        if found is None:
            raise errors.unknown_secret_id()
        now = self.wall.now()
        signature.verify(request, claim, found.secret_key, int(timestamp), now)
        if service_of(request.host) not in {None, name.service}:
            raise errors.bad_signature()
        if not found.admits(request.headers.get("x-tc-token", ""), now):
            raise errors.bad_token()
        if found.key is not None:
            found.key.use(self.clock.now().date())
        return found.caller

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
