"""The read-only routes of a Confluent schema registry, answered from the committed schemas.

Their errors have that registry's shape, which its clients parse, instead of a problem. Its query parameters for
deleted subjects, contexts and pages are ignored: nothing here is deleted, there is one context, and it is short.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from projections.api.registry_look_up import look_up, versions_of
from projections.api.views import PROBLEM
from schemas.registry import Schema, schemas

NO_SUBJECT, NO_VERSION, NO_SCHEMA, NO_AVRO = 40401, 40402, 40403, 42201
LATEST = frozenset({"latest", "-1"})
AVRO = "AVRO"

Subject = Annotated[str, Path(examples=["decisions-decision"])]
Version = Annotated[str, Path(description="a number, or `latest`", examples=["latest"])]
AnySchema = dict[str, Any]
"""An Avro record: no event is anything else."""
Id = Annotated[int, Path(description="the four bytes behind a frame's first one", examples=[47])]


class SchemaText(BaseModel):
    """One schema by its id."""

    schema_text: str = Field(serialization_alias="schema", description="Avro, as JSON text")
    max_id: int | None = Field(
        None, serialization_alias="maxId", description="the highest id, where it was asked for"
    )


class SubjectVersion(BaseModel):
    """One version of a subject."""

    subject: str = Field(examples=["decisions-decision"])
    version: int
    id: int
    schema_text: str = Field(serialization_alias="schema", description="Avro, as JSON text")


class Place(BaseModel):
    """Where a schema stands."""

    subject: str = Field(examples=["decisions-decision"])
    version: int


class Compatibility(BaseModel):
    """What a new version must keep to; a check of the build holds every subject to it."""

    level: Literal["FULL_TRANSITIVE"] = Field("FULL_TRANSITIVE", serialization_alias="compatibilityLevel")


class Mode(BaseModel):
    """What may be done here."""

    mode: Literal["READONLY"] = "READONLY"


class SoughtSchema(BaseModel):
    """A schema whose id is sought."""

    schema_text: str = Field(alias="schema", max_length=200_000, description="Avro, as JSON text")


class RegistryError(BaseModel):
    """What is missing or wrong, as registries say it."""

    error_code: int = Field(examples=[NO_SCHEMA])
    message: str


router = APIRouter(tags=["schemas"])
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": RegistryError}, 422: PROBLEM}
NO_SCHEMA_AT_ALL: dict[int | str, dict[str, Any]] = {422: PROBLEM | {"model": RegistryError}}
_AS_IT_IS: dict[int | str, dict[str, Any]] = {200: {"description": "The schema itself"}}


@router.get("/schemas/types")
def list_schema_types() -> list[str]:
    """Avro alone."""
    return [AVRO]


@router.get(
    "/schemas/ids/{id}", response_model=SchemaText, response_model_exclude_none=True, responses=MISSING
)
def get_schema(id: Id, fetch_max_id: Annotated[bool, Query(alias="fetchMaxId")] = False) -> object:  # noqa: FBT002 -- a flag of the query
    """The schema that the four bytes of a frame name."""
    found = schemas().get(id)
    if found is None:
        return _no_schema(id)
    return SchemaText(schema_text=found.text, max_id=max(schemas()) if fetch_max_id else None)


@router.get("/schemas/ids/{id}/schema", response_model=AnySchema, responses=MISSING | _AS_IT_IS)
def get_schema_text(id: Id) -> object:
    """The same without anything around it."""
    found = schemas().get(id)
    return _no_schema(id) if found is None else _as_it_is(found)


@router.get("/schemas/ids/{id}/subjects", response_model=list[str], responses=MISSING)
def list_subjects_of_schema(id: Id) -> object:
    """The subject that has the schema."""
    found = schemas().get(id)
    return _no_schema(id) if found is None else [found.subject]


@router.get("/schemas/ids/{id}/versions", response_model=list[Place], responses=MISSING)
def list_versions_of_schema(id: Id) -> object:
    """The subject that has the schema, and the version that it is there."""
    found = schemas().get(id)
    return _no_schema(id) if found is None else [Place(subject=found.subject, version=found.version)]


@router.get("/subjects")
def list_subjects() -> list[str]:
    """Every subject: a topic and an event."""
    return sorted({schema.subject for schema in schemas().values()})


@router.post("/subjects/{subject}", response_model=SubjectVersion, responses=MISSING | NO_SCHEMA_AT_ALL)
def look_up_schema(subject: Subject, sought: SoughtSchema) -> object:
    """The version that a schema is; nothing is registered."""
    if not versions_of(subject):
        return _no_subject(subject)
    try:
        found = look_up(subject, sought.schema_text)
    except ValueError:
        return _error(422, NO_AVRO, "The schema is not Avro")
    return _error(404, NO_SCHEMA, "Schema not found") if found is None else _version(found)


@router.get("/subjects/{subject}/versions", response_model=list[int], responses=MISSING)
def list_versions(subject: Subject) -> object:
    """The versions of one subject."""
    return sorted(versions_of(subject)) or _no_subject(subject)


@router.get("/subjects/{subject}/versions/{version}", response_model=SubjectVersion, responses=MISSING)
def get_version(subject: Subject, version: Version) -> object:
    """One version by number, or `latest`."""
    found = _found(subject, version)
    return _version(found) if isinstance(found, Schema) else found


@router.get(
    "/subjects/{subject}/versions/{version}/schema",
    response_model=AnySchema,
    responses=MISSING | _AS_IT_IS,
)
def get_version_text(subject: Subject, version: Version) -> object:
    """The same without anything around it."""
    found = _found(subject, version)
    return _as_it_is(found) if isinstance(found, Schema) else found


@router.get("/subjects/{subject}/versions/{version}/referencedby", responses=MISSING)
def list_references(subject: Subject, version: Version) -> list[int]:
    """None: every schema stands alone."""
    del subject, version
    return []


@router.get("/contexts")
def list_contexts() -> list[str]:
    """The one that is always there."""
    return ["."]


@router.get("/config")
def get_compatibility() -> Compatibility:
    """What a new version must keep to."""
    return Compatibility()


@router.get("/config/{subject}", response_model=Compatibility, responses=MISSING)
def get_compatibility_of_subject(subject: Subject) -> object:
    """The same for one subject."""
    return Compatibility() if versions_of(subject) else _no_subject(subject)


@router.get("/mode")
def get_mode() -> Mode:
    """That it is read only."""
    return Mode()


@router.get("/mode/{subject}", response_model=Mode, responses=MISSING)
def get_mode_of_subject(subject: Subject) -> object:
    """The same for one subject."""
    return Mode() if versions_of(subject) else _no_subject(subject)


def _found(subject: str, version: str) -> Schema | JSONResponse:
    versions = versions_of(subject)
    if not versions:
        return _no_subject(subject)
    wanted = str(max(versions)) if version in LATEST else version
    found = {str(number): schema for number, schema in versions.items()}.get(wanted)
    return found or _error(404, NO_VERSION, f"Version {version} not found")


def _as_it_is(found: Schema) -> Response:
    return Response(found.text, media_type="application/json")


def _version(found: Schema) -> SubjectVersion:
    return SubjectVersion(subject=found.subject, version=found.version, id=found.id, schema_text=found.text)


def _no_schema(id: int) -> JSONResponse:
    return _error(404, NO_SCHEMA, f"Schema {id} not found")


def _no_subject(subject: str) -> JSONResponse:
    return _error(404, NO_SUBJECT, f"Subject '{subject}' not found")


def _error(status: int, code: int, message: str) -> JSONResponse:
    return JSONResponse(RegistryError(error_code=code, message=message).model_dump(), status_code=status)
