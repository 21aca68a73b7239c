"""Settings shared by every process, read once in `main` from the environment and `.env`."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _prefix(value: str) -> str:
    if not re.fullmatch(r"([a-z][a-z0-9]*-)*", value):
        raise ValueError("must be lower-case words each followed by a hyphen, such as 'demo-', or empty")
    return value


class Settings(BaseSettings):
    """One field per environment variable `ACADEMY_<FIELD>`; `.env.example` lists them all."""

    model_config = SettingsConfigDict(env_prefix="ACADEMY_", env_file=".env", extra="ignore", frozen=True)

    kafka: str | None = Field(None, description="bootstrap servers; absent: the embedded broker")
    postgres: SecretStr | None = Field(None, description="DSN; absent: the embedded Postgres")
    topic_prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        "", description="heads topic names, group ids and transactional ids and names the Postgres schema"
    )
    partitions: int = Field(12, ge=1, le=1000, description="count of the lead topics, fixed for life")
    replication: int = Field(1, ge=1, le=9, description="replication factor of new topics; 3 on a cluster")
    data_dir: Path = Field(Path(".academy"), description="everything that the local stack keeps")
    master_key_file: Path | None = Field(
        None, description="wraps the subjects' keys; absent: a file in the user's configuration folder"
    )
    master_key: SecretStr | None = Field(None, description="the same as text, 128 hex digits, without a file")
    master_key_provider: str | None = Field(
        None, description="package.module:function that makes the master of a key management service"
    )
    keep_interactions_days: int | None = Field(
        None, ge=1, description="days that what was said is kept, to the end of a month; absent: for ever"
    )
    keep_acts_days: int | None = Field(
        None, ge=1, description="the same of operators' words and of other systems' references"
    )
    slot: int = Field(0, ge=0, description="ordinal of this copy of a service, ends its transactional id")
    group_protocol: Literal["auto", "classic", "consumer"] = Field(
        "auto", description="how copies share partitions; auto: consumer on brokers from 4.3, else classic"
    )
    health_port: int = Field(0, ge=0, le=65535, description="health and metrics of a service; 0: any free")
    start_deadline: float = Field(60.0, gt=0, description="seconds to wait for Kafka and Postgres at start")
    preset: Literal["default", "seed"] = Field(
        "default", description="the numbers that a first start proposes: default, or the original design's"
    )
    log_level: str = "INFO"

    @property
    def schema_name(self) -> str:
        """Name of the Postgres schema that belongs to the prefix."""
        return "_".join(("academy", *self.topic_prefix.split("-"))).rstrip("_")

    def topic(self, name: str) -> str:
        """Full name of a topic or group."""
        return self.topic_prefix + name
