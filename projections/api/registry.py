"""The read-only routes of a Confluent schema registry, answered from the committed schemas.

Their errors have that registry's shape, which its clients parse, instead of a problem.
"""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from projections.api.views import PROBLEM
from schemas.registry import Schema, schemas

NO_SUBJECT, NO_VERSION, NO_SCHEMA = 40401, 40402, 40403


class SchemaText(BaseModel):
    """One schema by its id."""

    schema_text: str = Field(serialization_alias="schema", description="Avro, as JSON text")


class SubjectVersion(SchemaText):
    """One version of a subject."""

    subject: str = Field(examples=["decisions-decision"])
    version: int
    id: int


class RegistryError(BaseModel):
    """What is missing, as registries say it."""

    error_code: int = Field(examples=[NO_SCHEMA])
    message: str


router = APIRouter(tags=["schemas"], responses={404: {"model": RegistryError}, 422: PROBLEM})


@router.get("/schemas/ids/{id}", response_model=SchemaText)
def get_schema(id: int) -> SchemaText | JSONResponse:
    """The schema that the four bytes of a frame name."""
    found = schemas().get(id)
    if found is None:
        return _missing(NO_SCHEMA, f"Schema {id} not found")
    return SchemaText(schema_text=found.text)


@router.get("/subjects")
def list_subjects() -> list[str]:
    """Every subject: a topic and an event."""
    return sorted({schema.subject for schema in schemas().values()})


@router.get("/subjects/{subject}/versions", response_model=list[int])
def list_versions(subject: str) -> list[int] | JSONResponse:
    """The versions of one subject."""
    return sorted(_versions(subject)) or _missing(NO_SUBJECT, f"Subject '{subject}' not found")


@router.get("/subjects/{subject}/versions/{version}", response_model=SubjectVersion)
def get_version(subject: str, version: str) -> SubjectVersion | JSONResponse:
    """One version by number, or `latest`."""
    versions = _versions(subject)
    if not versions:
        return _missing(NO_SUBJECT, f"Subject '{subject}' not found")
    number = max(versions) if version == "latest" else int(version) if version.isdecimal() else 0
    found = versions.get(number)
    if found is None:
        return _missing(NO_VERSION, f"Version {version} not found")
    return SubjectVersion(subject=subject, version=found.version, id=found.id, schema_text=found.text)


def _versions(subject: str) -> dict[int, Schema]:
    return {schema.version: schema for schema in schemas().values() if schema.subject == subject}


def _missing(code: int, message: str) -> JSONResponse:
    return JSONResponse(RegistryError(error_code=code, message=message).model_dump(), status_code=404)
