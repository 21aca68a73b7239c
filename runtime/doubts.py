"""Whether a transactional request was answered at once: the client repeats it in silence, and only logs so (rule 6)."""

import logging

SIGNS = ("REQTMOUT", "FAIL")
"""How the client's lines begin that tell of a request without an answer, or of a connection that went away."""


_LOG = logging.getLogger("kafka")
"""Where warnings are shown; that a connection was closed is said by the client at a level below."""


class Doubts(logging.Handler):
    """Hears the log of one producer; `raised` is why it may not begin another transaction.

    librdkafka lacks KIP-890: an answer that came too late could decide the next transaction
    (librdkafka issues 5423).
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.raised: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """One line; what is not about the transaction coordinator raises nothing. Warnings are passed on."""
        line = record.getMessage()
        if line.startswith(SIGNS) and "TxnCoordinator" in line:
            self.raised = line.partition(" ")[0]
        if record.levelno >= logging.WARNING:
            _LOG.handle(record)
