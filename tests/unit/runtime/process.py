"""Puts back what a `main` changes for its whole process: logging and signals."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def as_it_was() -> Iterator[None]:
    root, handler = logging.getLogger(), signal.getsignal(signal.SIGTERM)
    level, handlers = root.level, root.handlers[:]
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()
