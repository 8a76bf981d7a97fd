"""What the volumes here need of the inside of ministack's EC2, at the one version that is pinned."""
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

Parameters = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[Parameters], Answer]
Thing = dict[str, Any]
OK, REFUSED = 200, 400  # HTTP statuses


class Ec2:
    """ministack's EC2 module, for the account and the region of the call that is being answered."""

    def __init__(self, module: Any) -> None:
        self.module = module

    @property
    def handlers(self) -> dict[str, Handler]:
        """What answers each action; may be changed."""
        found: dict[str, Handler] = self.module._ACTION_MAP
        return found

    @property
    def volumes(self) -> dict[str, Thing]:
        """The volumes by their ids."""
        return dict(self.module._volumes.items())

    @property
    def place(self) -> tuple[str, str]:
        """Whose call it is, and for which region."""
        return self.module.get_account_id(), self.module.get_region()

    def host(self, id_: str) -> Thing | None:
        """A host, None where there is none."""
        found: Thing | None = self.module._instances.get(id_)
        return found

    def all_volumes(self) -> dict[str, Thing]:
        """The volumes of all accounts and regions by their ids."""
        return {key[-1]: each for key, each in self.module._volumes._data.items()}

    def all_snapshots(self) -> dict[str, Thing]:
        """The snapshots of all accounts and regions by their ids."""
        return {key[-1]: each for key, each in self.module._snapshots._data.items()}

    def snapshots_here(self) -> dict[str, Thing]:
        """The snapshots of all accounts in this region: one may be another account's that lends it."""
        here = self.module.get_region()
        return {key[-1]: each for key, each in self.module._snapshots._data.items() if key[1] == here}

    def denied(self, action: str, volume: str) -> Answer | None:
        """The refusal of IAM where whoever calls may not do something to a volume."""
        from ministack.core import iam_actions, iam_evaluator

        key, region = iam_evaluator._verified_key.get(), self.module.get_region()
        if not key:  # the root's, which may do everything
            return None
        thing = f"arn:aws:ec2:{region}:{self.module.get_account_id()}:volume/{volume}"
        denied = iam_evaluator.enforce(key, action, "ec2", region, resource_arn=thing)
        if not denied:
            return None
        principal = getattr(denied, "principal_arn", "")
        answer: Answer = iam_actions.access_denied_response("ec2", action, principal, "")
        return answer

    def answer(self, action: str, fields: dict[str, str]) -> Answer:
        """A good answer."""
        told = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
        return self.answer_with(action, told)

    def answer_with(self, action: str, inner: str) -> Answer:
        """A good answer of XML."""
        answer: Answer = self.module._xml(OK, f"{action}Response", inner)
        return answer

    def error(self, code: str, message: str) -> Answer:
        """A refusal."""
        answer: Answer = self.module._error(code, escape(message, quote=False), REFUSED)
        return answer

    def word(self, parameters: Parameters, name: str) -> str:
        """A parameter, empty where there is none."""
        return str(self.module._p(parameters, name))
