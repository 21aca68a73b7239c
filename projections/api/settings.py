"""Settings that only the read API has, beside those of every HTTP app."""

from pathlib import Path

from pydantic import Field

from runtime.web import WebSettings


class ApiSettings(WebSettings):
    """Bounds of what a reader may cost Postgres, and the academy's own words for drafts."""

    read_seconds: float = Field(
        default=5.0, gt=0, le=60, description="after so long Postgres ends a statement"
    )
    read_connections: int = Field(
        default=5, ge=1, le=100, description="connections to Postgres; more readers wait"
    )
    streams: int = Field(default=5_000, ge=1, description="streams of changes that a process keeps open")
    streams_a_token: int = Field(default=1_000, ge=1, description="of them with the same token")
    exports: int = Field(default=2, ge=1, description="exports that a process has under way, of any token")
    export_seconds: float = Field(default=1_800, gt=0, description="after so long an export is broken off")
    profile_file: Path | None = Field(
        default=None,
        description="TOML file with what the academy says of itself; absent: drafts name and promise nothing",
    )
