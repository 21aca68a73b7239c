"""What takes audit records, in memory: the same protocol as the outlet over a broker."""

from concurrent.futures import Future

from domain.audit import SealedRead
from runtime.outlet import Headers, Unacknowledged, Written
from schemas.codec import decode


class MemorySink:
    """Keeps everything; `full` takes no more, `away` answers nothing, as a broker that is gone."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, bytes, Headers]] = []
        self.waiting: list[Future[Written]] = []
        self.full = self.away = self.closed = False

    def write(self, topic: str, key: str, value: bytes, headers: Headers) -> "Future[Written]":
        if self.full:
            raise Unacknowledged("too many records wait for Kafka")
        self.records.append((topic, key, value, headers))
        written: Future[Written] = Future()
        if self.away:
            self.waiting.append(written)
        else:
            written.set_result(Written(topic, 0, len(self.records) - 1))
        return written

    def close(self) -> None:
        self.closed = True
        for written in self.waiting:
            written.set_exception(Unacknowledged("Kafka has not confirmed the record (_PURGE_QUEUE)"))

    def reads(self) -> list[SealedRead]:
        """Each under its household's key."""
        found: list[SealedRead] = [decode("audit", value) for _, _, value, _ in self.records]
        assert [key for _, key, *_ in self.records] == [read.lead_id for read in found]
        return found
