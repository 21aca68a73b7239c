"""Calls an app in this process as an HTTP client would."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

SECRET = "a-secret-for-tests-only"


@dataclass(frozen=True, slots=True)
class Client:
    """Every request has the token, unless told otherwise."""

    app: FastAPI
    headers: Mapping[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {SECRET}"})

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self._ask(
            "GET", path, params=params or None
        )  # an empty one would take away what the path asks

    def head(self, path: str) -> httpx.Response:
        return self._ask("HEAD", path)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self._ask("POST", path, json=body)

    def _ask(self, method: str, path: str, **sent: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, headers=self.headers, **sent)

        return asyncio.run(ask())
