"""Settings of the extractor, and those of the provider under the names that its own tools use."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.settings import Settings


class ExtractorSettings(Settings):
    """Adds what reads the transcripts, and what that may cost."""

    extractor: Literal["offline", "openai", "recorded"] = Field(
        "offline",
        description="what reads transcripts: rules; a model, with the rules behind it; or what an earlier log says",
    )
    recorded_prefix: str | None = Field(
        None, description="with `recorded`: the prefix of the topics whose `enriched` is taken over"
    )
    model: str = Field("gpt-6-luna", min_length=1, description="the model to ask, as the provider names it")
    model_effort: str | None = Field(
        None, description="reasoning effort to ask for; absent: the model's entry in the price list"
    )
    openai_daily_budget: float | None = Field(
        None, ge=0, description="US dollars a UTC day, then the rules read; absent: no limit"
    )
    prices_file: Path | None = Field(None, description="price list (TOML) in place of extractor/prices.toml")


class ProviderSettings(BaseSettings):
    """`OPENAI_API_KEY` and `OPENAI_BASE_URL`: any server that speaks OpenAI's chat completions."""

    model_config = SettingsConfigDict(
        env_prefix="OPENAI_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    api_key: SecretStr | None = Field(None, description="the provider's key")
    base_url: str = Field("https://api.openai.com/v1", description="where the provider answers")
