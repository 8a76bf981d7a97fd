"""A bucket without an inventory is listed whole, by several at once, and goes on where it was killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from shutil import copyfile
from typing import Any

import boto3
import duckdb
import pytest
import yaml
from botocore.config import Config
from clouds.aws.relay import relaying
from helpers import Drkit
from hypothesis import example, given
from hypothesis import strategies as st

from drkit.clouds.aws.client import AwsClient
from drkit.clouds.aws.cloud import AwsCloud
from drkit.clouds.aws.objects import AwsObjects
from drkit.clouds.tencent.settings import Endpoint, KeyPair
from drkit.copies.lists.keeping import list_bucket
from drkit.copies.lists.making import ROWS_A_SEGMENT, Asked, Listing
from drkit.copies.lists.opening import read_list
from drkit.copies.lists.segments import DIRECTORY, Writer
from drkit.copies.lists.splitting import LAST, cut
from drkit.copies.refusal import RefusedError
from drkit.core.datasets import PromisedCopy
from drkit.core.times import now
from drkit.ports.objects import StoredObject
from drkit.ports.rooms import Room
from drkit.sandbox.testing import Running, running

OBJECTS = 1_020

long_only = pytest.mark.skipif(os.environ.get("DRKIT_SOAK") != "1", reason="takes long: make soak")
KEYS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("ab/0"), min_size=1, max_size=6)


@given(st.sets(KEYS, min_size=1, max_size=20), KEYS)
@example({"a", "b", LAST}, LAST)
@example({"\ud7ff", "\ue000", "\U0010ffff"}, LAST)
def test_a_cut_comes_after_where_one_is_and_has_keys_beyond_it(keys: set[str], until: str):
    at = min(keys)
    left = sorted(key for key in keys if at < key <= until)
    found = cut(at, until, lambda text: any(key > text for key in left))
    if found is not None:
        assert at.encode() < found.encode() < until.encode()
        assert any(key > found for key in left)


def test_keys_that_share_a_long_beginning_are_cut_about_in_half_by_a_few_questions():
    keys = [f"data/2019/{'x' * 80}/part-{number:08}.bin" for number in range(10_000)]
    asked = []

    def beyond(text: str) -> bool:
        asked.append(text)
        return keys[-1] > text

    found = cut(keys[1000], "data/" + LAST, beyond)
    assert found is not None
    assert 0.3 < sum(key > found for key in keys[1000:]) / 9000 < 0.7
    assert len(asked) < 20


def test_rows_that_do_not_fit_into_memory_are_refused_as_that_and_not_for_the_disk(tmp_path: Path):
    """No server sends such tags; a list is not believed whatever one sends."""
    rows = "".join(
        f"<Contents><Key>{number:04}</Key><Size>1</Size><ETag>{number:050000}</ETag>"
        "<LastModified>2026-01-02T03:04:05Z</LastModified></Contents>"
        for number in range(1000)
    )
    with relaying(0) as relay:
        body = f"<Result>{rows}<IsTruncated>false</IsTruncated></Result>".encode()
        relay.answers["GET"] = (200, "application/xml", body)
        endpoint = Endpoint("http", relay.endpoint.removeprefix("http://"))
        objects = AwsObjects(AwsClient(KeyPair("id", "key", None), endpoint, 20))
        with pytest.raises(RefusedError) as caught:
            Listing(objects, Asked("us-east-1", "cold"), tmp_path, now, workers=1).run()
    assert caught.value.name == "memory"


def test_a_segment_of_the_longest_keys_is_written_as_it_was_told(tmp_path: Path):
    """They are more than fits into the memory of one conversion at once."""
    (tmp_path / DIRECTORY).mkdir()
    moment = datetime(2026, 1, 1, 8, 0, 0, 250_000, timezone(timedelta(hours=8)))
    marks = "\x01\n\"\\'\u00fc"  # each longer in JSON
    keys = [
        f"{number:08}{marks if number < 100 else ''}".ljust(1024, "-") for number in range(ROWS_A_SEGMENT)
    ]
    told = [
        StoredObject(
            key, size, "" if size % 2 else "e" * 32, "STANDARD", moment, None if size % 3 else 2**64 - 1
        )
        for size, key in enumerate(keys)
    ]
    writer = Writer(tmp_path, "", now())
    for start in range(0, len(told), 1000):
        writer.add(told[start : start + 1000])
    segment = writer.finish(LAST, now())
    assert segment.rows == len(told)
    file = tmp_path / DIRECTORY / segment.file
    columns = "key, size, etag, storage_class, epoch_us(last_modified), crc64, version_id, is_latest, is_delete_marker"
    found = duckdb.sql(f"SELECT {columns} FROM '{file}' ORDER BY size").fetchall()
    stamp = int(moment.timestamp() * 1_000_000)
    assert found == [
        (*each[:2], each.etag or None, "STANDARD", stamp, each.crc64 and str(each.crc64), "", True, False)
        for each in told
    ]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running("empty", home=tmp_path_factory.mktemp("aws")) as sandbox:
        yield sandbox


def client(sandbox: Running, service: str) -> Any:
    variables = sandbox.environment()
    return boto3.client(
        service,
        "us-east-1",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(max_pool_connections=8),
    )


@pytest.fixture(scope="module")
def s3(sandbox: Running) -> Any:
    return client(sandbox, "s3")


def put(s3: Any, bucket: str, keys: list[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=key.encode()), keys))


@pytest.fixture(scope="module")
def keys(s3: Any) -> list[str]:
    """A bucket of more than two pages; their keys, most under one prefix."""
    s3.create_bucket(Bucket="cold")
    made = [f"data/{number:06}.bin" for number in range(OBJECTS)] + ["other/new\nline", "ü"]
    put(s3, "cold", made)
    return made


@pytest.fixture
def aws(drkit: Drkit, sandbox: Running) -> Drkit:
    estate = {
        "estate": "e",
        "accounts": {
            "abroad": {
                "cloud": "aws",
                "account": "210000000001",
                "environment": "production",
                "regions": ["us-east-1"],
            }
        },
    }
    path = drkit.write("estate.yaml", yaml.safe_dump(estate))
    drkit.environment |= {**sandbox.environment(), "DRKIT_STATE": drkit.environment["DRKIT_STATE"]}
    drkit.environment["DRKIT_ESTATE"] = str(path)
    return drkit


def listed(directory: Path) -> list[str]:
    """The keys of all rows of a list, as reconcile would read them."""
    found = duckdb.sql(
        f"SELECT key FROM read_parquet('{directory}/segments/*.parquet') ORDER BY key"
    ).fetchall()
    return [key for (key,) in found]


def test_a_bucket_is_listed_whole_and_reconciled_with_what_is_known_of_it(aws: Drkit, keys: list[str]):
    ran = aws("copies", "list", "--bucket", "s3://cold", "--to", "list", "--format", "json")
    assert (ran.status, ran.json["summary"]["objects"]) == (0, len(keys))
    assert listed(aws.directory / "list") == sorted(keys)
    assert ran.json["begun"] <= ran.json["ended"]
    ran = aws("copies", "reconcile", "--copy", "a=list", "--copy", "b=list", "--younger-than", "1h")
    assert ran.status == 0, ran.out


def test_buckets_are_compared_without_a_list_of_their_own_and_one_that_is_not_there_is_unknown_alone(
    aws: Drkit, keys: list[str]
):
    words = ["--copy", "a=s3://cold/data/", "--copy", "b=s3://cold/data/", "--copy", "c=s3://nowhere-at-all"]
    ran = aws("copies", "reconcile", *words, "--format", "json")
    copies = ran.json["copies"]
    assert ran.status == 1, ran.err
    assert (copies["a"]["objects"], copies["b"]["verdict"]) == (OBJECTS, "pass")
    assert copies["c"]["refused"] == "bucket-missing"
    assert list((Path(aws.environment["DRKIT_STATE"]) / "spill").iterdir()) == []
    ran = aws("copies", "reconcile", "--copy", "a=s3://cold", "--previous", "a=s3://cold")
    assert (ran.status, "a bucket tells of now" in ran.err) == (2, True)


def test_a_bucket_is_not_cut_before_it_has_proven_to_be_large(
    sandbox: Running, keys: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Each question where to cut costs as much as a page: a small bucket is asked for its pages alone."""
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    asked: list[int] = []
    objects = AwsCloud("AWS", "us-east-1").objects
    plain = objects.list_objects
    monkeypatch.setattr(
        objects, "list_objects", lambda *where, **more: (asked.append(more["most"]), plain(*where, **more))[1]
    )
    made = Listing(objects, Asked("us-east-1", "cold"), tmp_path / "list", now).run()
    assert (made.rows, asked) == (len(keys), [1000, 1000])


def shortened(directory: Path) -> None:
    """A list whose head names less than all keys."""
    head = json.loads((directory / "list.json").read_bytes())
    head["segments"].pop()
    (directory / "list.json").write_text(json.dumps(head))


def altered(directory: Path) -> None:
    part = next((directory / "segments").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-10])


def headless(directory: Path) -> None:
    (directory / "list.json").unlink()


def test_a_list_that_is_not_whole_is_refused_and_a_directory_that_holds_another_one_is(
    aws: Drkit, keys: list[str]
):
    aws("copies", "list", "--bucket", "s3://cold/other/", "--to", "list")
    assert listed(aws.directory / "list") == ["other/new\nline"]
    ran = aws("copies", "list", "--bucket", "s3://cold", "--to", "list")
    assert (ran.status, "another-list" in ran.out) == (1, True)
    words = []
    for spoil in (shortened, altered, headless):
        shutil.copytree(aws.directory / "list", aws.directory / spoil.__name__)
        spoil(aws.directory / spoil.__name__)
        words += ["--copy", f"{spoil.__name__}={spoil.__name__}"]
    ran = aws("copies", "reconcile", *words, "--format", "json")
    assert ran.status == 1
    assert {name: copy["refused"] for name, copy in ran.json["copies"].items()} == {
        "shortened": "list-cut",
        "altered": "file-altered",
        "headless": "form-unknown",
    }


def test_a_list_that_was_killed_goes_on_with_what_is_left_and_misses_nothing(
    aws: Drkit, keys: list[str], monkeypatch: pytest.MonkeyPatch
):
    """Segments of a hundred rows, so that there are many; killed once some are on the disk."""
    program = (
        "import sys; from drkit.copies.lists import making; making.ROWS_A_SEGMENT = 100; making.PAGES = 1;"
        "page = making._Reader.page;"
        "making._Reader.page = lambda self, after, most=1000: page(self, after, min(most, 100));"
        "from drkit.cli import main; sys.exit(main())"
    )
    words = ["copies", "list", "--bucket", "s3://cold", "--to", "list", "--workers", "2"]
    segments = aws.directory / "list" / "segments"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words], cwd=aws.directory, env=aws.environment
    )
    while process.poll() is None and len(list(segments.glob("*.json"))) < 4:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = {
        path.name: path.stat().st_mtime_ns for path in segments.glob("*.parquet") if path.name[0] != "."
    }
    assert before
    assert not (aws.directory / "list" / "list.json").exists()
    # As if it was killed between the rows of a stretch and what says which stretch they are.
    copyfile(segments / min(before), segments / f"{'0' * 32}.parquet")
    ran = aws("copies", "list", "--bucket", "s3://cold", "--to", "list", "--format", "json")
    assert ran.status == 0, ran.err
    after = {path.name: path.stat().st_mtime_ns for path in segments.glob("*.parquet")}
    assert before.items() <= after.items() or len(after) > len(before)
    assert listed(aws.directory / "list") == sorted(keys)


@long_only
def test_a_bucket_that_is_denied_or_absent_is_unknown_under_its_name(
    aws: Drkit, sandbox: Running, keys: list[str]
):
    iam = client(sandbox, "iam")
    iam.create_user(UserName="blind")
    see = {"Effect": "Allow", "Action": ["sts:*", "ec2:Describe*", "s3:*"], "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "s3:List*", "Resource": "arn:aws:s3:::cold"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [see, deny]})
    iam.put_user_policy(UserName="blind", PolicyName="own", PolicyDocument=document)
    pair = iam.create_access_key(UserName="blind")["AccessKey"]
    named = {"AWS_ACCESS_KEY_ID": pair["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": pair["SecretAccessKey"]}
    for bucket, name in (("cold", "bucket-denied"), ("nowhere-at-all", "bucket-missing")):
        ran = aws("copies", "list", "--bucket", f"s3://{bucket}", "--to", bucket, "--format", "json", **named)
        assert (ran.status, ran.json["refused"]) == (1, name)


@long_only
def test_a_bucket_that_grows_while_it_is_listed_keeps_all_that_was_there_once(
    aws: Drkit, s3: Any, keys: list[str]
):
    process = aws.start("copies", "list", "--bucket", "s3://cold", "--to", "list", "--format", "json")
    more, number = [], 0
    while process.poll() is None:
        more.append(f"data/{number * 37 % OBJECTS:06}.new")
        put(s3, "cold", more[-1:])
        number += 1
    process.communicate()
    try:
        found = listed(aws.directory / "list")
        assert len(found) == len(set(found))
        assert set(keys) <= set(found) <= {*keys, *more}
    finally:
        for key in more:
            s3.delete_object(Bucket="cold", Key=key)


@long_only
def test_every_version_and_delete_marker_is_listed(aws: Drkit, s3: Any):
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    put(s3, "kept", ["a", "b"])
    put(s3, "kept", ["a"])
    s3.delete_object(Bucket="kept", Key="b")
    ran = aws("copies", "list", "--bucket", "s3://kept", "--versions", "--to", "list", "--format", "json")
    assert ran.json["summary"]["objects"] == 4
    # The current objects alone are what is compared, unless versions are asked for.
    ran = aws("copies", "reconcile", "--copy", "a=list", "--copy", "b=list", "--format", "json")
    assert ran.json["copies"]["a"]["objects"] == 1


def in_room(run: str, state: Path) -> Room:
    """Where a run reads, at an hour that is the same for all."""
    moment = now()
    return Room(
        state=state,
        run=run,
        since=moment,
        clouds={"abroad": AwsCloud("AWS", "us-east-1")},
        clock=lambda: moment,
        progress=lambda _: None,
        entries=tuple,
        approved=lambda _: (),
    )


def test_a_run_lists_anew_what_another_listed_in_the_same_second_and_once_for_all_its_steps(
    sandbox: Running, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    s3.create_bucket(Bucket="twice")
    put(s3, "twice", ["a", "b"])
    copy = PromisedCopy(account="abroad", region="us-east-1", bucket="twice")
    first, second = in_room("20261122T000000Z-aaaa", tmp_path), in_room("20261122T000000Z-bbbb", tmp_path)
    directory = tmp_path / "list"

    def rows(room: Room) -> int:
        return read_list(list_bucket(directory, copy, room, timedelta(days=1))).rows

    assert rows(first) == 2
    s3.delete_object(Bucket="twice", Key="b")
    assert rows(first) == 2
    assert rows(second) == 1
