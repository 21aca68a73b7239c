"""Settings that only the local stack reads, beside those that every process shares."""

from pydantic import Field

from runtime.settings import Settings

DEFAULT_PORT = 8001


class LocalSettings(Settings):
    """Adds the one address of ingest, API and dashboard."""

    port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description=f"address of ingest, API, dashboard; absent: {DEFAULT_PORT} or the next free",
    )
