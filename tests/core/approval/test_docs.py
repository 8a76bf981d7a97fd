"""The commands in docs/approvals.md are run as they stand there, and its table names every refusal."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import orjson
import pytest

from drkit.core.approval import people, signers, store
from drkit.core.approval.reasons import Refusal

DOCS = Path(__file__).parents[3] / "docs" / "approvals.md"


@pytest.fixture(scope="module")
def text():
    return DOCS.read_text()


@pytest.fixture
def commands(text):
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def run(command, directory):
    return subprocess.run(["sh", "-c", command], cwd=directory, capture_output=True, text=True, check=False)


def test_the_commands_sign_and_verify_a_request(world, tmp_path, commands):
    sign, digest, verify = commands
    directory = store.add(tmp_path, world.document).parent
    key = shlex.quote(str(world.pens["bob"].path))
    assert run(sign.replace("~/.ssh/id_ed25519", key), directory).returncode == 0
    store.approve(tmp_path, world.document.id, "bob", (directory / "request.json.sig").read_bytes())
    (directory / "allowed_signers").write_text(signers.write(world.roster.allowed_signers()))
    assert run(digest, directory).stdout.startswith(world.document.id)
    accepted = run(verify, directory)
    assert accepted.returncode == 0, accepted.stderr
    assert 'Good "approve@drkit" signature for bob' in accepted.stdout
    (directory / "request.json").write_bytes(world.request().raw)
    assert run(verify, directory).returncode != 0
    found = [(directory / "approvals" / "bob.sig").read_bytes(), *world.approved("carol")]
    assert world.decide(signatures=found).accepted


def test_the_table_names_every_refusal_and_no_other(text):
    table = text.split("## Refusals")[1]
    named = [
        name
        for line in table.splitlines()
        for name in re.findall(r"`([a-z-]+)`", line.split("|")[1] if line.startswith("| `") else "")
    ]
    assert named == [refusal.value for refusal in Refusal]


def test_the_fields_of_a_request_and_a_roster_are_those_that_the_docs_name(world, text):
    signed, roster = text.split("## What is signed")[1].split("## Signing")[0], text.split("## The roster")[1]
    value = orjson.loads(world.document.raw)
    for name in {*value, *value["plan"]["actions"][0]}:
        assert f"`{name}`" in signed
    version = orjson.loads(world.first.raw)
    for name in {*version, *version["people"][0], *version["people"][0]["keys"][0], *version["root"]}:
        assert f"`{name}`" in roster
    assert all(f"`{role}`" in roster for role in (people.REQUESTER, people.APPROVER, people.ADMINISTRATOR))
