"""Settings that only the projections have."""

from pydantic import Field

from runtime.settings import Settings


class ProjectionsSettings(Settings):
    """What a receipt of an erasure has to say of copies that it cannot reach."""

    backup_days: int = Field(
        default=30, ge=0, description="days that copies of Postgres are kept: what receipts of erasures say"
    )
