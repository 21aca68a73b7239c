"""The app over a database that is not there: enough for what needs no row."""

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from projections.api.app import build
from projections.api.settings import ApiSettings
from projections.connections import reading
from tests.unit.projections.api.client import SECRET, Client
from tests.unit.projections.household import Ring


@pytest.fixture
def app() -> FastAPI:
    settings = ApiSettings(
        tokens=SecretStr(f"reader:{SECRET}:read,writer:{SECRET}-2:ingest,analyst:{SECRET}-3:analyse")
    )
    return build(settings, reading("postgresql://nobody@127.0.0.1:1/none", "academy", 1.0), Ring())


@pytest.fixture
def client(app: FastAPI) -> Client:
    return Client(app)
