"""The show: the seeded estate audited from a read-only credential, from the report to the line in the policy."""

from __future__ import annotations

import json
import re
from pathlib import Path

from helpers import ROOT, Drkit
from people import People, allow

from drkit.sandbox.testing import Running

WEEKLY = ROOT / "playbooks" / "audit-permissions.yaml"


def test_the_seeded_estate_is_audited_and_a_finding_leads_to_the_line_of_its_policy(
    cloud: Drkit, sandbox: Running
) -> None:
    staff = People(sandbox)
    text = json.dumps({"version": "2.0", "statement": [allow("cvm:Describe*"), allow("cvm:*")]}, indent=2)
    made = staff("administrator", "cam", "CreatePolicy", PolicyName="ops", PolicyDocument=text)
    staff.attach(staff.new_user("ann"), made["PolicyId"])

    # from the credential `look`, which may read and nothing else
    assert cloud("collect", "--to", "facts").status == 0
    estate = Path(cloud.environment["DRKIT_ESTATE"])
    words = ("access", "audit", "--facts", "facts", "--estate", estate)
    report = cloud(*words, "--format", "json").json
    found = next(
        each
        for each in report["findings"]
        if each["id"] == "access.audit/destructive-wildcard" and "ops" in each["where"]
    )

    # its place is the line at which the statement begins
    name, line, column = found["where"].rsplit(":", 2)
    lines = text.splitlines()
    assert name == "production/policies/ops"
    assert lines[int(line) - 1][int(column) - 1 :] == "{"
    assert '"cvm:*"' in lines[int(line) + 1]

    # on the page the finding is a link to that line
    page = cloud(*words, "--format", "html").out
    link = re.search(rf'<a href="#(p[0-9]+-[0-9]+)">{re.escape(found["where"])}</a>', page)
    assert link
    assert re.search(rf'<li id="{link[1]}"> *{{</li>', page)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert "严重程度" in cloud(*words, "--format", "html", "--language", "zh").out

    # offline, with nothing but the files, byte for byte the same
    nowhere = {"DRKIT_TENCENT_ENDPOINT": "http://127.0.0.1:9", "DRKIT_LOOK_SECRET_ID": ""}
    assert cloud(*words, "--format", "html", **nowhere).out == page


def test_policies_are_audited_in_a_job_of_ci_with_sarif(drkit: Drkit) -> None:
    text = '{"version": "2.0", "statement": [\n  {"effect": "allow", "action": "cvm:*", "resource": "*"}]}'
    drkit.write("policies/ops.json", text)

    words = ("access", "audit", "--policies", "policies", "--dialect", "cam")
    ran = drkit(*words, "--format", "sarif", "--output", "drkit.sarif")

    sarif = json.loads((drkit.directory / "drkit.sarif").read_bytes())
    assert (ran.status, sarif["version"]) == (3, "2.1.0")
    (run,) = sarif["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} <= rules
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "policies/ops.json"
    assert place["region"] == {"startLine": 2, "startColumn": 3}


def test_the_weekly_audit_tells_who_gained_what_and_by_whom(cloud: Drkit, sandbox: Running) -> None:
    staff = People(sandbox)
    ann = staff.new_user("ann", allow("cvm:DescribeDisks"))
    assert cloud("run", "--yes", WEEKLY).status == 3
    number = staff.new_policy("more", allow("cvm:DeleteSnapshots"))
    staff.attach(ann, number)

    assert cloud("run", "--yes", WEEKLY).status == 3

    rows = cloud("report", "--format", "json").json
    told = json.dumps(rows, ensure_ascii=False)
    assert "the policy more" in told
    assert "the right to cvm:DeleteSnapshots" in told
    assert "administrator by cam:AttachUserPolicy" in told
