"""Templates for the managed bastion: only what the gate itself holds, made once, by the credential that makes."""

from __future__ import annotations

import json

from gating import People

from drkit.flows.gate.templating import LONGEST, templates
from drkit.gate.classify.shell import judge_shell
from drkit.gate.verdict import Verdict
from drkit.sandbox.testing import Running


def test_every_line_begins_a_command_that_the_gate_holds() -> None:
    lines = [line for each in templates() for line in each.lines]
    assert {"mkfs.xfs", "rm -rf", "rsync --delete", "dropdb"} <= set(lines)
    passed = [line for line in lines if judge_shell(f"{line} /usr/lib/x").verdict is Verdict.ALLOW]
    assert passed == []
    for everyday in ("ls", "cat", "cp", "rm", "systemctl", "git", "tar"):
        assert everyday not in lines


def test_a_template_fits_and_its_name_tells_its_content() -> None:
    for each in templates():
        assert len(each.text.encode()) <= LONGEST
        assert len(each.name) <= 32
    assert templates() == templates()


def test_templates_are_made_once_in_an_accounts_bastion(people: People, sandbox: Running) -> None:
    first = people.drkit("gate", "templates", "--push", "production", "--format", "json")
    assert (first.status, len(first.json["made"])) == (0, len(templates())), first.err
    second = people.drkit("gate", "templates", "--push", "production", "--format", "json")
    assert (second.status, second.json["made"]) == (0, [])
    nowhere = people.drkit("gate", "templates", "--push", "staging")
    assert (nowhere.status, "no account" in nowhere.err) == (2, True)
    assert json.loads(json.dumps(first.json["templates"]))[0]["commands"]
