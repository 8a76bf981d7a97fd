"""CAM 2019-01-16: who from outside says who people are; nothing that is emulated makes one, so there are none."""

from __future__ import annotations

from typing import Any

from drkit.sandbox.services.table import Actions, Call

ACTIONS = Actions("cam", "2019-01-16")


@ACTIONS.add("ListSAMLProviders", regional=False)
def list_saml_providers(call: Call) -> dict[str, Any]:  # noqa: ARG001 - every action takes the call
    """All providers; there are no pages."""
    return {"TotalCount": 0, "SAMLProviderSet": []}
