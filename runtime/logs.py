"""Logs of every process: one JSON object a line on stderr, an event's name and its keys, nothing personal."""

import logging
import sys
import traceback
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FRAMES = 12
"""Innermost places of an error that are named."""


def configure(level: str = "INFO") -> None:
    """Send our own and every library's log lines to stderr as JSON; called once, in `main`."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper("iso", key="time"),
        _without_message,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(capture=True)
    for chatty in ("alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def places(error: BaseException) -> list[str]:
    """`file:line function` of the innermost frames: where it happened, without any value."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _without_message(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """An error's class and places stay, its message goes: a library may have put a family's words into it."""
    found = event.pop("exc_info", None)
    error = _error(found)
    if error is not None:
        event["error"] = type(error).__name__
        event["places"] = places(error)
    return event


def _error(
    found: BaseException | tuple[type[BaseException], BaseException, TracebackType] | bool | None,  # noqa: FBT001 -- the shapes that `logging` allows
) -> BaseException | None:
    if isinstance(found, BaseException):
        return found
    if isinstance(found, tuple):
        return found[1]
    return sys.exc_info()[1] if found else None
