"""Questions to the API of the local system."""

from typing import Any

import httpx

from infra.cli.connect import token
from infra.local import status
from infra.local.errors import NotRunningError
from infra.local.layout import Layout
from infra.local.settings import LocalSettings
from runtime.errors import RuntimeFault

PATIENCE = 10.0
"""Seconds: longer than the API waits for its database."""


class ApiAway(RuntimeFault):
    """The API of the local system does not answer, or answers what is no answer."""


def ask(settings: LocalSettings, method: str, path: str, body: Any = None) -> httpx.Response:
    """The API's response, whatever its status; raises NotRunningError and ApiAway."""
    layout = Layout.at(settings.data_dir)
    known = status.read(layout)
    if known.api is None:
        raise NotRunningError(data_dir=settings.data_dir)
    bearer = {"Authorization": f"Bearer {token(layout)}"}
    address = f"{known.api}{path}"
    try:
        return httpx.request(method, address, json=body, headers=bearer, timeout=PATIENCE, trust_env=False)
    except httpx.TransportError as error:
        raise ApiAway(f"{known.api} does not answer ({type(error).__name__}); see `academy status`") from None


def unexpected(response: httpx.Response) -> ApiAway:
    """An answer that is none."""
    return ApiAway(f"the API answered {response.status_code}; see `academy status` and .academy/logs")
