"""``drkit access audit`` as a user runs it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from helpers import Drkit, Ran

from drkit.access.audit import audit as audit_text
from drkit.access.language.form import Dialect


def test_what_a_policy_hides_from_a_terminal_is_spelt_out(drkit: Drkit) -> None:
    actions = ["cvm:\x1b[2J*", "*"]
    policy = {"version": "2.0", "statement": [{"effect": "allow", "action": actions, "resource": "*"}]}
    drkit.write("policies/a\x1b[31m.json", json.dumps(policy))

    ran = drkit("access", "audit", "--policies", drkit.directory / "policies", "--dialect", "cam")

    assert ran.status == 3
    assert "\\x1b[31m" in ran.out
    assert "\x1b" not in ran.out + ran.err


def audit(drkit: Drkit, text: str | bytes, *words: str) -> Ran:
    """The audit of one document of CAM."""
    (drkit.directory / "policies").mkdir(exist_ok=True)
    raw = text if isinstance(text, bytes) else text.encode()
    (drkit.directory / "policies" / "p.json").write_bytes(raw)
    return drkit("access", "audit", "--policies", "policies", "--dialect", "cam", *words)


WIDE = '{"version": "2.0", "statement": [{"effect": "allow", "action": "*", "resource": "*"}]}'


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        # found all the same
        (
            '{"version":"2.0","statement":{"effect":"allow","action":"*","resource":"*"}}',
            3,
            "p.json:1:30: critical",
        ),
        (b"\xef\xbb\xbf" + WIDE.encode(), 3, "p.json:1:34: critical"),
        (WIDE.replace("effect", "Effect").replace("statement", "Statement"), 3, "critical"),
        # not understood, with its place
        (
            WIDE.replace('"effect": "allow"', '"effect": "allow", "effect": "deny"'),
            1,
            "p.json:1:34: the element",
        ),
        (WIDE.replace('"allow"', '"perhaps"'), 3, "p.json:1:34: the effect is neither allow nor deny"),
        ('{"version":"2.0"}', 1, "p.json:1:1: there is no statement"),
        (WIDE[:40], 1, "p.json:1:1: no JSON: line 1, column"),
        (b"\xff\xfe{", 1, "p.json: no UTF-8"),
        ("[" * 100_000, 1, "p.json:1:1: the policy is no object"),
        ('{"version":"2.0","statement":' + "[" * 10_000, 1, "p.json:1:1: no JSON"),
    ],
)
def test_bad_policies_are_told_with_their_place_and_never_by_a_traceback(
    drkit: Drkit, text: str | bytes, status: int, told: str
) -> None:
    ran = audit(drkit, text)

    assert (ran.status, "Traceback" in ran.err) == (status, False)
    assert told in ran.out


def test_the_longest_policy_and_ten_thousand_wildcards_take_no_longer_than_others(drkit: Drkit) -> None:
    actions = [f"cvm:Describe{number:04}*" for number in range(300)]
    longest = json.dumps(
        {"version": "2.0", "statement": [{"effect": "allow", "action": actions, "resource": "*"}]}
    )
    assert len(longest) > 6144
    wild = WIDE.replace('"*"', f'"cvm:{"*a" * 10_000}"', 1)

    for text in (longest, wild):
        begun = time.process_time()
        found = audit_text(Dialect.CAM, "p.json", text.encode())
        assert time.process_time() - begun < 2
        assert not found.findings


def test_a_waiver_shows_the_finding_as_waived_and_an_expired_one_does_not_count(drkit: Drkit) -> None:
    finding = next(each for each in audit(drkit, WIDE, "--format", "json").json["findings"])
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    for day, status, count in ((until, 0, 1), ("2020-01-01", 3, 0)):
        waiver = {
            "finding": finding["fingerprint"],
            "owner": "ann",
            "reason": "sealed for emergencies",
            "until": day,
        }
        drkit.write("estate.yaml", json.dumps({**ESTATE, "waivers": [waiver]}))

        ran = audit(drkit, WIDE, "--estate", "estate.yaml", "--format", "json")
        sarif = audit(drkit, WIDE, "--estate", "estate.yaml", "--format", "sarif").json

        assert (ran.status, len(ran.json["waived"])) == (status, count)
        assert [("suppressions" in each) for each in sarif["runs"][0]["results"]] == [bool(count)]


ESTATE = {
    "estate": "e",
    "accounts": {
        "production": {
            "cloud": "tencent",
            "account": "100000000001",
            "environment": "production",
            "regions": ["ap-beijing"],
        }
    },
}


@pytest.mark.parametrize(
    "words",
    [
        ("--policies", "policies"),
        ("--dialect", "cam"),
        ("--policies", "policies", "--dialect", "cam", "--facts", "x"),
        ("--facts", "nowhere"),
        ("--policies", "policies", "--dialect", "cam", "--without", "nothing"),
    ],
)
def test_what_does_not_go_together_is_refused(drkit: Drkit, words: tuple[str, ...]) -> None:
    drkit.write("policies/p.json", WIDE)

    assert drkit("access", "audit", *words).status == 2


def test_accounts_of_aws_are_audited_from_what_its_command_line_prints(drkit: Drkit) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    user = {
        "Arn": "arn:aws:iam::210000000001:user/ann",
        "UserName": "ann",
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "UserPolicyList": [
            {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
        ],
    }
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
    trust["Statement"][0]["Principal"] = {"AWS": "AIDAIOSFODNN7EXAMPLE"}  # type: ignore[index]
    role = {
        "Arn": "arn:aws:iam::210000000001:role/r",
        "RoleName": "r",
        "AssumeRolePolicyDocument": trust,
        "AttachedManagedPolicies": [],
        "RolePolicyList": [],
    }
    details = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}
    drkit.write("facts/aws/210000000001/authorization-details.json", json.dumps(details))

    ran = drkit("access", "audit", "--facts", "facts", "--format", "json")

    found = {(each["id"], each["subject"]) for each in ran.json["findings"]}
    assert ("access.audit/administrators", user["Arn"]) in found
    assert ("access.audit/dangling-trust", f"{role['Arn']}/AIDAIOSFODNN7EXAMPLE") in found
    drkit.write("facts/aws/210000000001/authorization-details.json", json.dumps(details)[:-30])
    cut = drkit("access", "audit", "--facts", "facts", "--format", "json")
    assert (cut.status, "Traceback" in cut.err) == (1, False)
    assert any("authorization-details.json:1:" in each for each in cut.json["not_understood"])
