"""The audit trail, and the story of an attack in it: the official client against the sandbox."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from people import ACCOUNT, People, allow, policy, refused

from drkit.sandbox.testing import InThread
from drkit.sandbox.world import audit

ADMIN = "administrator"
FIELDS = {
    "CloudAuditEvent",
    "EventName",
    "EventTime",
    "SecretId",
    "EventId",
    "ErrorCode",
    "RequestID",
    "SourceIPAddress",
    "EventSource",
    "EventRegion",
    "Resources",
    "Username",
    "AccountID",
    "Location",
    "ResourceTypeCn",
    "EventNameCn",
    "ResourceRegion",
}


@pytest.fixture
def by(sandbox: InThread) -> People:
    return People(sandbox)


def window(by: People, hours: int = 1) -> dict[str, int]:
    now = int(by.sandbox.clock.now().timestamp())
    return {"StartTime": now - hours * 3600, "EndTime": now + 60}


def events(by: People, *attributes: tuple[str, str], who: str = ADMIN, **more: Any) -> Any:
    looked = [{"AttributeKey": key, "AttributeValue": value} for key, value in attributes]
    given = {**window(by), "LookupAttributes": looked, "MaxResults": 50, **more}
    return by(who, "cloudaudit", "DescribeEvents", **given)


def test_every_call_stands_in_the_trail_with_who_made_it_and_what_it_was_about(by: People) -> None:
    disk = by(ADMIN, "cbs", "DescribeDisks", Limit=1)["DiskSet"][0]["DiskId"]
    made = by("drkit-make", "cbs", "CreateSnapshot", DiskId=disk, SnapshotName="n")

    (event,) = events(by, ("EventName", "CreateSnapshot"))["Events"]
    assert set(event) == FIELDS
    assert (event["RequestID"], event["Username"]) == (made["RequestId"], "drkit-make")
    assert event["SecretId"] == by.sandbox.key("drkit-make").secret_id
    assert (event["ErrorCode"], event["AccountID"], event["EventRegion"]) == (0, int(ACCOUNT), "ap-beijing")
    assert disk in event["Resources"]["ResourceName"]
    assert event["EventTime"] == str(int(by.sandbox.clock.now().timestamp()))
    detail = json.loads(event["CloudAuditEvent"])
    assert json.loads(detail["requestParameters"]) == {"DiskId": disk, "SnapshotName": "n"}
    assert json.loads(detail["responseElements"])["SnapshotId"] == made["SnapshotId"]
    assert (detail["actionType"], detail["apiErrorCode"], detail["errorCode"]) == ("Write", 0, "0")
    assert detail["userIdentity"]["type"] == "CAMUser"
    assert detail["userIdentity"]["principalId"] == "100000000103"


def test_what_was_refused_and_what_failed_stand_there_too(by: People) -> None:
    assert (
        refused(lambda: by("drkit-look", "cam", "AddUser", Name="x")) == "AuthFailure.UnauthorizedOperation"
    )
    assert refused(lambda: by(ADMIN, "cam", "GetUser", Name="x")) == "ResourceNotFound.UserNotExist"
    assert refused(lambda: by(ADMIN, "kms", "ListKeys")) == "UnsupportedOperation.NotEmulated"

    (denied,) = events(by, ("CamErrorCode", "1"))["Events"]
    assert (denied["EventName"], denied["Username"], denied["ErrorCode"]) == ("AddUser", "drkit-look", 1)
    assert (
        "not authorized to perform operation (cam:AddUser)"
        in json.loads(denied["CloudAuditEvent"])["errorMessage"]
    )
    (failed,) = events(by, ("ApiErrorCode", "ResourceNotFound.UserNotExist"))["Events"]
    assert (failed["EventName"], failed["ErrorCode"]) == ("GetUser", 0)
    assert len(events(by, ("ResourceType", "kms"))["Events"]) == 1


def test_no_secret_stands_in_the_trail(by: People) -> None:
    made = by(ADMIN, "cam", "AddUser", Name="jack", UseApi=1, ConsoleLogin=1, Password="aB3!aB3!")
    key = by(ADMIN, "cam", "CreateAccessKey", TargetUin=made["Uin"])["AccessKey"]
    arn = f"qcs::cam::uin/{ACCOUNT}:roleName/drkit-destroy"
    session = by("drkit-broker", "sts", "AssumeRole", RoleArn=arn, RoleSessionName="me")["Credentials"]
    trail = json.dumps(events(by))
    for secret in (
        made["SecretKey"],
        "aB3!aB3!",
        key["SecretAccessKey"],
        session["TmpSecretKey"],
        session["Token"],
    ):
        assert secret not in trail
    assert made["SecretId"] in trail


def test_events_are_looked_up_by_every_documented_attribute_which_add_up(by: People) -> None:
    disk = by(ADMIN, "cbs", "DescribeDisks", Limit=1)["DiskSet"][0]["DiskId"]
    made = by("drkit-make", "cbs", "CreateSnapshot", DiskId=disk)
    by("root", "cam", "CreateGroup", GroupName="g")
    for attribute in (
        ("RequestId", made["RequestId"]),
        ("PrincipalId", "100000000103"),
        ("AccessKeyId", by.sandbox.key("drkit-make").secret_id),
        ("ResourceId", disk),
        ("ResourceName", disk),
        ("Username", "drkit-make"),
    ):
        assert [one["EventName"] for one in events(by, attribute)["Events"]] == ["CreateSnapshot"], attribute
    writes = [one["EventName"] for one in events(by, ("ActionType", "Write"))["Events"]]
    assert writes == ["CreateGroup", "CreateSnapshot"]
    either = events(by, ("EventName", "CreateGroup"), ("EventName", "CreateSnapshot"))["Events"]
    assert len(either) == 2
    both = events(by, ("EventName", "CreateGroup"), ("Username", "drkit-make"))["Events"]
    assert both == []
    assert events(by, ("SensitiveAction", "1"), ("SourceIPAddress", "127.0.0.1"))["Events"] == []
    assert events(by, ("Tags", "x"))["Events"] == []


def test_pages_show_every_event_once_newest_first(by: People) -> None:
    for number in range(7):
        by(ADMIN, "cam", "CreateGroup", GroupName=f"group-{number}")
    names: list[str] = []
    token: dict[str, int] = {}
    while True:
        page = events(by, ("EventName", "CreateGroup"), **token, MaxResults=3)
        details = [json.loads(one["CloudAuditEvent"]) for one in page["Events"]]
        names += [json.loads(one["requestParameters"])["GroupName"] for one in details]
        if page["ListOver"]:
            break
        token = {"NextToken": page["NextToken"]}
        assert isinstance(page["NextToken"], int)
    assert names == [f"group-{number}" for number in reversed(range(7))]


@pytest.mark.parametrize(
    ("action", "change", "code"),
    [
        ("DescribeEvents", {"MaxResults": 51}, "InvalidParameter"),
        ("DescribeEvents", {"days": 91, "EndTime": None}, "InvalidParameter"),
        ("DescribeEvents", {"days": 30}, "InvalidParameter"),
        ("DescribeEvents", {"EndTime": 0}, "InvalidParameter"),
        ("DescribeEvents", {"StartTime": 2**63}, "InvalidParameter"),
        ("DescribeEvents", {"LookupAttributes": [{"AttributeKey": "x"}]}, "InvalidParameter"),
        ("LookUpEvents", {"MaxResults": 51}, "InvalidParameterValue.MaxResult"),
        ("LookUpEvents", {"days": 91}, "InvalidParameterValue.Time"),
        ("LookUpEvents", {"days": 30}, "LimitExceeded.OverTime"),
        (
            "LookUpEvents",
            {"LookupAttributes": [{"AttributeKey": "x"}]},
            "InvalidParameterValue.attributeKey",
        ),
        ("LookUpEvents", {"NextToken": "x"}, "InvalidParameterValue"),
        ("LookUpEvents", {"NextToken": "9" * 5000}, "InvalidParameterValue"),
    ],
    ids=str,
)
def test_a_look_into_the_trail_is_refused_with_the_documented_codes(
    by: People, action: str, change: dict[str, Any], code: str
) -> None:
    given = window(by)
    days = change.pop("days", None) if "days" in change else None
    if days:
        given["StartTime"] = given["EndTime"] - days * 86400
    given |= {key: value for key, value in change.items() if value is not None}
    assert refused(lambda: by(ADMIN, "cloudaudit", action, **given)) == code


def test_the_older_action_tells_the_same_with_naive_times_and_a_textual_token(by: People) -> None:
    by(ADMIN, "cam", "CreateGroup", GroupName="g")
    by(ADMIN, "cam", "CreateGroup", GroupName="h")
    given = {
        **window(by),
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateGroup"}],
    }
    first = by(ADMIN, "cloudaudit", "LookUpEvents", MaxResults=1, **given)
    assert (first["ListOver"], len(first["Events"])) == (False, 1)
    assert len(first["Events"][0]["EventTime"]) == len("2019-03-20 12:36:27")
    then = by(ADMIN, "cloudaudit", "LookUpEvents", MaxResults=1, NextToken=first["NextToken"], **given)
    assert then["ListOver"]
    assert then["Events"][0]["EventId"] != first["Events"][0]["EventId"]


def test_events_of_another_time_and_of_another_account_are_not_shown(by: People, sandbox: InThread) -> None:
    by(ADMIN, "cam", "CreateGroup", GroupName="old")
    sandbox.clock.advance(timedelta(days=2))
    assert events(by, ("EventName", "CreateGroup"))["Events"] == []
    assert len(events(by, ("EventName", "CreateGroup"), **window(by, 72))["Events"]) == 1
    assert (
        events(by, ("EventName", "CreateGroup"), who="vault-administrator", **window(by, 72))["Events"] == []
    )


def test_the_oldest_events_go_when_there_are_too_many(by: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST", 20)
    for number in range(30):
        by(ADMIN, "cam", "CreateGroup", GroupName=f"group-{number}")
    kept = events(by)["Events"]
    assert 20 <= len(kept) <= 22
    assert kept[0]["EventName"] == "CreateGroup"


def test_the_show(by: People, sandbox: InThread) -> None:
    """Disks in one region, a role with a session policy, the deletion in the trail, and the state loaded back."""
    everything = f"qcs::cvm:ap-beijing:uin/{ACCOUNT}:*"
    mallory = by.new_user("mallory", allow(["cbs:*", "cvm:*"], everything), allow("sts:AssumeRole"))
    here = by(ADMIN, "cbs", "DescribeSnapshots", Limit=3)["SnapshotSet"]
    there = by(ADMIN, "cbs", "DescribeSnapshots", "ap-shanghai", Limit=1)["SnapshotSet"]
    before = by(ADMIN, "cbs", "DescribeSnapshots")["TotalCount"]
    sandbox.control("POST", "states/before")

    def delete(who: Any, snapshot: dict[str, Any], region: str = "ap-beijing") -> Any:
        return by(who, "cbs", "DeleteSnapshots", region, SnapshotIds=[snapshot["SnapshotId"]])

    # A user with rights in one region deletes there, and is denied elsewhere.
    delete(mallory, here[0])
    assert refused(lambda: delete(mallory, there[0], "ap-shanghai")) == "UnauthorizedOperation"

    # A role is assumed with a session policy that names one snapshot, and deletes that and no other.
    one = f"qcs::cvm:ap-beijing:uin/{ACCOUNT}:snapshot/{here[1]['SnapshotId']}"
    session = by(
        "drkit-broker",
        "sts",
        "AssumeRole",
        RoleArn=f"qcs::cam::uin/{ACCOUNT}:roleName/drkit-destroy",
        RoleSessionName="approved-4711",
        DurationSeconds=900,
        Policy=quote(policy(allow("cvm:DeleteSnapshots", one))),
    )
    assert refused(lambda: delete(session, here[2])) == "UnauthorizedOperation"
    delete(session, here[1])

    # All of it stands in the audit trail.
    told = events(by, ("EventName", "DeleteSnapshots"))["Events"]
    assert [(event["Username"], event["EventRegion"], event["ErrorCode"]) for event in reversed(told)] == [
        ("mallory", "ap-beijing", 0),
        ("mallory", "ap-shanghai", 1),
        ("drkit-destroy", "ap-beijing", 1),
        ("drkit-destroy", "ap-beijing", 0),
    ]
    assert told[0]["Resources"]["ResourceName"] == here[1]["SnapshotId"]
    identity = json.loads(told[0]["CloudAuditEvent"])["userIdentity"]
    assert (identity["type"], "approved-4711" in identity["sessionContext"]) == ("AssumedRole", True)
    assert by(ADMIN, "cbs", "DescribeSnapshots")["TotalCount"] == before - 2

    # And the attack is undone.
    sandbox.control("POST", "states/before/load")
    assert by(ADMIN, "cbs", "DescribeSnapshots")["TotalCount"] == before
    assert events(by, ("EventName", "DeleteSnapshots"))["Events"] == []
    assert by(mallory, "cbs", "DescribeSnapshots")["TotalCount"] == before
    assert refused(lambda: by(session, "sts", "GetCallerIdentity")) == "AuthFailure.SecretIdNotFound"
