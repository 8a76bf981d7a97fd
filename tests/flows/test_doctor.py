"""``drkit doctor`` against a sandbox whose users and policies each test sets as it needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers import ROOT, Drkit, Ran

from drkit.flows.examining import approvals, credentials, host
from drkit.sandbox.seeds.people import HOLDERS, add_policy
from drkit.sandbox.testing import InThread, in_thread
from drkit.sandbox.world.identity import Group, Identity, Key

ACCOUNT = "100000000001"
LOOK_AND_MAKE = {"look": "LOOK", "make": "MAKE"}
DAILY = "playbook: p\nschedule: {every: day}\nsteps: [{uses: snapshots.cover}]\n"


class Patient:
    """A host that the doctor looks at: its estate, its environment, and its cloud."""

    def __init__(self, drkit: Drkit, server: InThread) -> None:
        self.drkit, self.server = drkit, server
        drkit.environment["DRKIT_TENCENT_ENDPOINT"] = server.endpoint
        for prefix, name in (("LOOK", "drkit-look"), ("MAKE", "drkit-make"), ("ROOT", "root")):
            pair = server.key(name)
            self.give(prefix, pair.secret_id, pair.secret_key)
        self.estate()

    @property
    def identity(self) -> Identity:
        return self.server.world.accounts[ACCOUNT].identity

    def give(self, prefix: str, secret_id: str, secret_key: str) -> None:
        """Put a key pair into the environment."""
        self.drkit.environment |= {f"{prefix}_SECRET_ID": secret_id, f"{prefix}_SECRET_KEY": secret_key}

    def estate(self, *, credentials: Any = None, number: str = ACCOUNT, **more: Any) -> Path:
        """Write the estate."""
        production = {
            "cloud": "tencent",
            "account": number,
            "environment": "production",
            "regions": ["ap-beijing"],
            "credentials": credentials or LOOK_AND_MAKE,
        }
        role = more.pop("destroy_role", None)
        production |= {"destroy_role": role} if role else {}
        text = yaml.safe_dump({"estate": "weimob", "accounts": {"production": production}, **more})
        return self.drkit.write("estate.yaml", text)

    def allow(self, action: str, who: str = "drkit-make", *, by_group: bool = False) -> None:
        """Attach another policy to a user, or to a group that he is in."""
        statement = {"effect": "allow", "action": [action], "resource": ["*"]}
        text = json.dumps({"version": "2.0", "statement": [statement]})
        now, uin = datetime.now(UTC), HOLDERS[who][1]
        added = add_policy(self.identity, "another", text, now)
        if by_group:
            group = Group(1, "operators", now, policies={added: now}, members={uin: now})
            self.identity.groups[1] = group
        else:
            self.identity.users[uin].policies[added] = now

    def examine(self) -> Ran:
        return self.drkit("doctor", "--estate", self.drkit.directory / "estate.yaml", "--format", "json")

    def check(self, name: str, about: str = "") -> dict[str, Any]:
        """The one row of a check whose subject ends so."""
        rows = [
            row
            for row in self.examine().json["checks"]
            if row["check"] == f"doctor/{name}" and row["subject"].endswith(about)
        ]
        assert len(rows) == 1, rows
        return dict(rows[0])

    def verdict(self, name: str, about: str = "") -> str:
        return str(self.check(name, about)["verdict"])


@pytest.fixture
def patient(drkit: Drkit) -> Iterator[Patient]:
    with in_thread() as server:
        yield Patient(drkit, server)


def test_the_shipped_policies_are_found_harmless_and_what_is_not_there_yet_unknown(patient: Patient) -> None:
    ran = patient.examine()

    verdicts = {(row["check"], row["subject"]): row["verdict"] for row in ran.json["checks"]}
    assert verdicts["doctor/rights", "production: look"] == "pass"
    assert verdicts["doctor/rights", "production: make"] == "pass"
    assert verdicts["doctor/credentials-apart", "production"] == "pass"
    assert [subject for (check, subject), verdict in verdicts.items() if verdict != "pass"] == [
        str(patient.drkit.directory / "state" / "weimob")
    ]
    assert (ran.status, ran.json["verdict"], ran.json["statuses"]) == (1, "unknown", [1])
    assert ran.json["summary"] == {"checks": len(verdicts), "unknown": 1, "pass": len(verdicts) - 1}


@pytest.mark.parametrize("by_group", [False, True])
@pytest.mark.parametrize(
    "action", ["*", "cvm:*", "cvm:Delete*", "cbs:TerminateDisks", "cam:AttachUserPolicy"]
)
def test_a_policy_that_could_destroy_is_found_whoever_it_is_attached_to(
    patient: Patient,
    action: str,
    by_group: bool,  # noqa: FBT001 - both ways
) -> None:
    patient.allow(action, by_group=by_group)

    ran = patient.examine()

    assert ran.status == 3
    (finding,) = ran.json["findings"]
    assert (finding["id"], finding["subject"]) == ("doctor/rights", "production: make")
    assert finding["why"].startswith(f"the policy another allows {action}, which could mean ")


def test_a_policy_that_only_reads_beside_the_shipped_one_is_no_finding(patient: Patient) -> None:
    patient.allow("cvm:Describe*")

    assert patient.verdict("rights", "make") == "pass"


def test_policies_that_may_not_be_read_are_unknown_and_never_harmless(patient: Patient) -> None:
    look = patient.identity.users[HOLDERS["drkit-look"][1]]
    look.policies.clear()
    patient.allow("sts:GetCallerIdentity", who="drkit-look")

    for power in ("look", "make"):
        row = patient.check("rights", power)
        assert row["verdict"] == "unknown"
        assert "UnauthorizedOperation" in row["reason"]


@pytest.mark.parametrize("kind", ["garbage", "cut_before", "throttle"])
def test_a_cloud_that_does_not_answer_is_unknown(patient: Patient, kind: str) -> None:
    patient.server.fault(kind, service="cam", action="GetPolicy", times=None)

    assert patient.verdict("rights", "make") == "unknown"


def test_the_root_accounts_key_pair_can_destroy_everything(patient: Patient) -> None:
    patient.estate(credentials={"look": "LOOK", "make": "ROOT"})

    assert "the root account" in patient.check("rights", "make")["reason"]
    assert patient.examine().status == 3


def test_one_key_pair_for_two_powers_is_a_finding(patient: Patient) -> None:
    patient.estate(credentials={"look": "LOOK", "make": "LOOK"})

    row = patient.check("credentials-apart")

    assert (row["verdict"], row["reason"]) == ("fail", "the key pair of LOOK has more than one power")


def test_two_key_pairs_of_one_user_are_a_finding(patient: Patient) -> None:
    user = HOLDERS["drkit-look"][1]
    second = Key("AKID" + 32 * "s", 32 * "k", user, datetime.now(UTC))
    patient.identity.keys[second.secret_id] = second
    patient.give("MAKE", second.secret_id, second.secret_key)

    row = patient.check("credentials-apart")

    assert (row["verdict"], "two key pairs of one user" in row["reason"]) == ("fail", True)


def test_a_key_pair_that_is_not_there_is_unknown_and_the_rest_is_examined(patient: Patient) -> None:
    del patient.drkit.environment["MAKE_SECRET_KEY"]

    verdicts = [patient.verdict(name, about) for name, about in (("identity", "make"), ("rights", "make"))]

    assert verdicts == ["unknown", "unknown"]
    assert patient.verdict("credentials-apart") == "unknown"
    assert patient.verdict("rights", "look") == "pass"


def test_a_key_pair_of_another_account_is_a_finding(patient: Patient) -> None:
    patient.estate(number="100000000009")

    assert patient.verdict("identity", "look") == "fail"


def test_a_clock_that_is_off_is_a_finding(patient: Patient) -> None:
    patient.server.fault("skewed_clock", seconds=900)

    row = patient.check("identity", "look")

    assert row["verdict"] == "fail"
    assert "more than five minutes off" in row["fix"]


@pytest.mark.parametrize("prefix", ["DRKIT_DESTROY", "CHOSEN"])
def test_the_brokers_key_pair_in_this_environment_is_a_finding_that_does_not_show_it(
    patient: Patient, prefix: str
) -> None:
    credentials = {**LOOK_AND_MAKE, "destroy": "CHOSEN"}
    patient.estate(credentials=credentials, destroy_role=f"qcs::cam::uin/{ACCOUNT}:roleName/drkit-destroy")
    patient.give(prefix, "AKIDbroker", "the-brokers-secret")

    ran = patient.examine()

    held = [row for row in ran.json["checks"] if row["check"] == "doctor/destroy-key-here"]
    assert [(row["subject"], row["verdict"]) for row in held if row["verdict"] != "pass"] == [
        (prefix, "fail")
    ]
    assert "the-brokers-secret" not in ran.out + ran.err
    assert "AKIDbroker" not in ran.out + ran.err


def test_an_estate_that_others_can_change_is_a_finding(patient: Patient) -> None:
    estate = patient.drkit.directory / "estate.yaml"
    assert patient.verdict("files", "estate.yaml") == "pass"
    for mode in (0o664, 0o646):
        estate.chmod(mode)
        row = patient.check("files", "estate.yaml")
        assert (row["verdict"], str(estate) in row["reason"]) == ("fail", True)
    estate.chmod(0o644)

    patient.drkit.directory.chmod(0o777)

    row = patient.check("files", "estate.yaml")
    assert (row["verdict"], row["reason"].endswith(str(patient.drkit.directory))) == ("fail", True)


def test_a_link_to_the_estate_that_others_can_replace_is_a_finding(patient: Patient) -> None:
    folder = patient.drkit.directory / "open"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "estate.yaml").symlink_to(patient.drkit.directory / "estate.yaml")

    ran = patient.drkit("doctor", "--estate", folder / "estate.yaml", "--format", "json")

    assert [(each["id"], each["subject"]) for each in ran.json["findings"]] == [
        ("doctor/files", str(folder / "estate.yaml"))
    ]


def ran_once(patient: Patient, **estate: Any) -> Path:
    """The state that one run leaves."""
    patient.estate(**estate)
    done = patient.drkit("run", "--yes", patient.drkit.write("p.yaml", DAILY), "--estate", "estate.yaml")
    assert done.status in {0, 3}, done.err
    return patient.drkit.directory / "state" / "weimob"


def test_a_sound_state_passes_and_evidence_without_an_outside_is_unknown(patient: Patient) -> None:
    ran_once(patient)

    assert patient.verdict("state") == patient.verdict("private-key") == "pass"
    assert patient.verdict("files", "weimob") == "pass"
    row = patient.check("evidence")
    assert (row["verdict"], "self-signed" in row["reason"]) == ("unknown", True)


def test_evidence_under_an_outside_checkpoint_passes_and_an_altered_one_fails(
    patient: Patient, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    state = ran_once(patient, evidence={"outside": [{"directory": str(outside)}]})
    ran = patient.examine()
    assert (ran.status, ran.json["verdict"]) == (0, "pass"), ran.out
    log = state / "evidence" / "log.jsonl"

    log.write_bytes(log.read_bytes().replace(b"weimob", b"weimod", 1))

    assert patient.verdict("evidence") == "fail"
    assert patient.examine().status == 3


@pytest.mark.parametrize(
    ("name", "content", "check"),
    [
        ("schema.json", '{"schema": 99}', "state"),
        ("schema.json", "nonsense", "state"),
        ("keys/private-key.pem", "nonsense", "private-key"),
    ],
)
def test_a_state_that_this_drkit_does_not_understand_is_a_finding(
    patient: Patient, name: str, content: str, check: str
) -> None:
    (ran_once(patient) / name).write_text(content)

    assert patient.verdict(check) == "fail"


def test_a_private_key_and_a_journal_that_others_can_reach_are_findings(patient: Patient) -> None:
    state = ran_once(patient)
    (state / "keys" / "private-key.pem").chmod(0o644)
    assert patient.verdict("private-key") == "fail"
    (state / "keys" / "private-key.pem").chmod(0o600)

    (state / "journal.sqlite3").chmod(0o666)

    assert patient.verdict("files", "weimob") == "fail"


def test_a_waived_finding_is_shown_as_waived(patient: Patient) -> None:
    patient.allow("cvm:*")
    (finding,) = patient.examine().json["findings"]
    until = datetime.now(UTC).date().isoformat()
    waiver = {"finding": finding["fingerprint"], "owner": "ops", "reason": "being moved", "until": until}

    patient.estate(waivers=[waiver])

    ran = patient.examine()
    assert (ran.json["findings"], [each["id"] for each in ran.json["waived"]]) == ([], ["doctor/rights"])


def test_the_page_tells_of_every_check_and_of_no_other() -> None:
    modules = (approvals, credentials, host)
    ids = {value for module in modules for value in vars(module).values() if str(value).startswith("doctor/")}
    page = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")

    told = {f"doctor/{name}" for name in re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)}

    assert told == ids


def test_the_text_names_each_check_and_the_way_out(patient: Patient) -> None:
    patient.allow("cvm:*")

    ran = patient.drkit("doctor", "--estate", "estate.yaml")

    assert ran.out.startswith("FAIL  production: make: the policy another allows cvm:*")
    assert "help: attach the policy that drkit ships for it" in ran.out
