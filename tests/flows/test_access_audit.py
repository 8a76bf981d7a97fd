"""``drkit access audit`` as a user runs it."""

from __future__ import annotations

import json

from helpers import Drkit


def test_what_a_policy_hides_from_a_terminal_is_spelt_out(drkit: Drkit) -> None:
    actions = ["cvm:\x1b[2J*", "*"]
    policy = {"version": "2.0", "statement": [{"effect": "allow", "action": actions, "resource": "*"}]}
    drkit.write("policies/a\x1b[31m.json", json.dumps(policy))

    ran = drkit("access", "audit", "--policies", drkit.directory / "policies", "--dialect", "cam")

    assert ran.status == 3
    assert "\\x1b[31m" in ran.out
    assert "\x1b" not in ran.out + ran.err
