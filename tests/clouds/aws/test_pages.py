"""Pages of buckets are read as botocore reads them, and left to it where they are not of the usual form."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.parsers import RestXMLParser
from botocore.session import Session

from drkit.clouds.aws.pages import ROWS, rows

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
        b"<Result><Contents><LastModified>2026-01-02T03:04:05</LastModified></Contents></Result>",
        b"\xff\xfe",
    ],
)
def test_another_form_is_left_to_botocore(body: bytes):
    assert rows(body, ROWS["ListObjectsV2"]) is None
