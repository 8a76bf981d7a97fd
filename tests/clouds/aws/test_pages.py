"""Pages of buckets are read as botocore reads them, and left to it where they are not of the usual form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.parsers import RestXMLParser
from botocore.session import Session
from clouds.aws.relay import relaying

from drkit.clouds.aws.bounded import client
from drkit.clouds.aws.client import AwsClient
from drkit.clouds.aws.objects import AwsObjects
from drkit.clouds.aws.pages import ROWS, rows
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.ports.errors import UncertainError
from drkit.ports.objects import Page, Place

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
OBJECT = (
    "<Key>a%20b&amp;&#10;ü</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;d41d&quot;</ETag>"
    "<Size>50000000000</Size><StorageClass>DEEP_ARCHIVE</StorageClass>"
)
VERSION = f"<Version>{OBJECT}<VersionId>v1</VersionId><IsLatest>false</IsLatest></Version>"
MARKER = (
    "<DeleteMarker><Key>k</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest>"
    "<LastModified>2026-01-02T03:04:05Z</LastModified></DeleteMarker>"
)
PAGES = {
    "ListObjectsV2": f"<Contents>{OBJECT}</Contents><Contents>{OBJECT}</Contents><IsTruncated>true</IsTruncated>",
    "ListObjectVersions": f"{VERSION}{MARKER}{VERSION}<NextKeyMarker>k</NextKeyMarker>",
}


def read(action: str, body: bytes) -> dict[str, Any]:
    """What botocore reads of an answer."""
    shape = Session().get_service_model("s3").operation_model(action).output_shape
    answer = {"body": body, "status_code": 200, "headers": {}}
    found: dict[str, Any] = RestXMLParser().parse(answer, shape)
    return found


@pytest.mark.parametrize("action", list(ROWS))
def test_a_page_is_read_as_botocore_reads_it(action: str):
    body = f'<?xml version="1.0" encoding="UTF-8"?><Result {NAMESPACE}>{PAGES[action]}</Result>'.encode()
    taken = rows(body, ROWS[action])
    assert taken is not None
    found, rest = taken
    assert {**read(action, rest), **found} == read(action, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Result><Contents>",
        b"<Result><Contents><Size>many</Size></Contents></Result>",
        b"<Result><Contents><Size>1</Size></Contents></Result>",
        b'<Result><Contents><Key xmlns="elsewhere">k</Key></Contents></Result>',
        b"<Result><Contents><LastModified>2026-01-02T03:04:05</LastModified></Contents></Result>",
        b"\xff\xfe",
    ],
)
def test_another_form_is_left_to_botocore(body: bytes):
    assert rows(body, ROWS["ListObjectsV2"]) is None


class Answer(dict[str, Any]):
    """An answer that remembers which bodies were read of it."""

    def __init__(self, body: str) -> None:
        super().__init__(body=body.encode(), status_code=200, headers={})
        self.bodies: list[bytes] = []

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if name == "body":
            self.bodies.append(value)
        return value


def before_parse(body: str) -> Answer:
    """An answer to ListObjectsV2 after all that botocore does with it before it is parsed."""
    pair = KeyPair("id", "key", None)
    made = client("s3", "2006-03-01", "us-east-1", pair, Endpoint("http", "127.0.0.1:9"), 1)
    model = made.meta.service_model.operation_model("ListObjectsV2")
    answer, more = Answer(body), {"customized_response_dict": {}}
    made.meta.events.emit(
        "before-parse.s3.ListObjectsV2", operation_model=model, response_dict=answer, **more
    )
    return answer


def test_botocore_looks_for_an_error_in_what_is_left_of_a_page_and_still_finds_it():
    answer = before_parse(f"<Result {NAMESPACE}>{PAGES['ListObjectsV2']}</Result>")
    assert answer["status_code"] == 200
    assert [b"Contents" in body for body in answer.bodies] == [True] + [False] * (len(answer.bodies) - 1)
    assert len(answer.bodies) > 1
    assert before_parse("<Error><Code>InternalError</Code></Error>")["status_code"] == 500


ENDED = "<IsTruncated>false</IsTruncated>"
LISTS: dict[str, Callable[[AwsObjects], Page]] = {
    "Contents": lambda objects: objects.list_objects("us-east-1", "cold", after="b"),
    "Version": lambda objects: objects.list_versions("us-east-1", "cold", after=Place("b", "v1")),
}


def row(key: str) -> str:
    return OBJECT.replace("a%20b&amp;&#10;ü", key)


def answered(element: str, body: str) -> Page:
    """What becomes of an answer of HTTP 200 to a question for what comes after the key b."""
    with relaying(0) as relay:
        relay.answers["GET"] = (200, "application/xml", body.encode())
        host = relay.endpoint.removeprefix("http://")
        caller = AwsClient(KeyPair("id", "key", None), Endpoint("http", host), 5)
        return LISTS[element](AwsObjects(caller))


@pytest.mark.parametrize("element", list(LISTS))
def test_an_answer_that_does_not_say_whether_a_list_goes_on_is_not_its_end(element: str):
    said = f"<Result {NAMESPACE}><{element}>{row('c')}</{element}>{ENDED}</Result>"
    assert [each.key for each in answered(element, said).objects] == ["c"]
    for body in ("", "<html/>", "<Error/>", said[:-1], said.replace(ENDED, "")):
        with pytest.raises(UncertainError):
            answered(element, body)


@pytest.mark.parametrize("element", list(LISTS))
@pytest.mark.parametrize("keys", [("a",), ("c", "a"), ("d", "c")])
def test_a_page_whose_keys_are_not_in_their_order_is_none_to_go_on_from(element: str, keys: tuple[str, ...]):
    body = "".join(f"<{element}>{row(key)}</{element}>" for key in keys)
    with pytest.raises(UncertainError, match="order"):
        answered(element, f"<Result>{body}{ENDED}</Result>")


def test_a_list_of_versions_that_goes_on_from_where_it_began_is_an_error_and_no_circle():
    following = "<NextKeyMarker>b</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>"
    body = f"<Version>{row('b')}</Version><IsTruncated>true</IsTruncated>{following}"
    with pytest.raises(UncertainError, match="from where"):
        answered("Version", f"<Result>{body}</Result>")
