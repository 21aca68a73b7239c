"""The app over a database that is not there: enough for what needs no row."""

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from projections.api.app import build
from projections.api.settings import ApiSettings
from projections.connections import reading
from tests.keyring import MemoryKeys
from tests.trail import MemorySink
from tests.unit.projections.api.client import SECRET, Client

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def app() -> FastAPI:
    tokens = SecretStr(f"reader:{SECRET}:read,writer:{SECRET}-2:ingest,analyst:{SECRET}-3:analyse")
    settings = ApiSettings(tokens=tokens, postgres=SecretStr(NOWHERE))
    return build(settings, reading(NOWHERE, "academy", 1.0), MemoryKeys(), MemorySink())


@pytest.fixture
def client(app: FastAPI) -> Client:
    return Client(app)
