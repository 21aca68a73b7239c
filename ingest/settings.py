"""Settings of ingest beside those of every HTTP app."""

from pydantic import Field

from runtime.web import WebSettings


class IngestSettings(WebSettings):
    """Adds the clock."""

    clock_seconds: float = Field(
        default=60.0, ge=0, description="seconds between ticks of the clock; 0: no ticks"
    )
