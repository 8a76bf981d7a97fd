"""botocore's client, with bounds: no retry, no file of the user's, no redirect, and an answer ends in size.

How long an answer takes is bounded by whoever calls (`drkit.clouds.tencent.bounded.within`).
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any

from drkit.clouds.aws.pages import hasten
from drkit.clouds.tencent.bounded import CHUNK, LARGEST, TooMuchError
from drkit.clouds.tencent.cutting import cuttable
from drkit.clouds.tencent.settings import LOOPBACK, Endpoint, KeyPair

# (name in a file, variable, value): what botocore would otherwise look for in profiles and files.
NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}

_MAKING = threading.Lock()


def client(
    service: str, version: str, region: str, pair: KeyPair, endpoint: Endpoint | None, timeout: int
) -> Any:
    """A client of one service in one region.

    Args:
        service: its name in botocore.
        version: of its API.
        region: where it is asked.
        pair: the key pair that signs.
        endpoint: another place for the API than AWS's own.
        timeout: seconds, for each wait for bytes.
    """
    from botocore.config import Config

    here = endpoint is not None and endpoint.host.rpartition(":")[0].strip("[]") in LOOPBACK
    made = _create(
        service,
        region_name=region,
        api_version=version,
        aws_access_key_id=pair.id,
        aws_secret_access_key=pair.key,
        aws_session_token=pair.token,
        endpoint_url=f"{endpoint.scheme}://{endpoint.host}" if endpoint else None,
        config=Config(
            connect_timeout=timeout,
            read_timeout=timeout,
            retries={"total_max_attempts": 1},  # what is repeated, `drkit.clouds.tencent.retry` decides
            ignore_configured_endpoint_urls=True,
            proxies={} if here else None,
            user_agent_extra="drkit",
        ),
    )
    inner = made._endpoint  # noqa: SLF001 - botocore offers no other way
    _let_be_cut(inner.http_session)
    inner.http_session = _Bounded(inner.http_session)
    if service == "s3":
        hasten(made)
    return made


def _create(service: str, **settings: Any) -> Any:
    """By the one session of the process, which makes one client after the other: it is not for several threads."""
    with _MAKING:
        return _session().create_client(service, **settings)


def _let_be_cut(session: Any) -> None:
    """Let its connections be cut by other threads; what it makes for proxies has the same classes."""
    session._pool_classes_by_scheme = cuttable(session._pool_classes_by_scheme)  # noqa: SLF001
    session._manager.pool_classes_by_scheme = session._pool_classes_by_scheme  # noqa: SLF001


@cache
def _session() -> Any:
    """What reads the description of EC2, some megabytes of JSON, once for all regions. It holds no key."""
    from botocore.session import Session

    from drkit.clouds.aws.descriptions import descriptions

    session = Session(session_vars=NO_FILES)
    session.register_component("data_loader", descriptions())
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    return session


def _moment(value: Any) -> datetime:
    """A time as botocore reads it, much faster for the form that AWS writes: lists of buckets are full of them."""
    from botocore.utils import parse_timestamp

    if isinstance(value, str):
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return moment
    found: datetime = parse_timestamp(value)
    return found


class _Bounded:
    """An HTTP session of botocore that reads no more than it has to.

    urllib3 follows no redirect here: botocore asks it for no retries, and a redirect counts as one.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def send(self, request: Any) -> Any:
        """As botocore's session; raises TooMuchError where the answer is larger than it can be."""
        request.stream_output = True
        answer = self._session.send(request)
        content = bytearray()
        for chunk in answer.raw.stream(CHUNK):
            content += chunk
            if len(content) > LARGEST:
                answer.raw.close()
                raise TooMuchError(f"the answer is larger than {LARGEST} bytes")
        answer._content = bytes(content)  # noqa: SLF001 - what `content` would have kept
        return answer

    def close(self) -> None:
        """As botocore's session."""
        self._session.close()
