"""The least that could serve: the same SQL, or the same record to Kafka, in a plain Starlette route.

No token, no check of the body, nothing sealed or opened, no model of the answer. Run by the benches as a process.
"""

import asyncio
import json
import os
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from confluent_kafka import KafkaError, Message, Producer
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CONNECTIONS = 5
"""To Postgres, as many as the API's."""
Statements = dict[str, tuple[str, dict[str, Any]]]
"""What the API sends for one lead, with its constants: `lead history reminders records`; the rest is `%(lead_id)s`."""


def reads(dsn: str, statements: Statements) -> Starlette:
    """`GET /api/leads/{lead_id}` by four statements in one snapshot, their rows as JSON."""
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        dsn, min_size=CONNECTIONS, max_size=CONNECTIONS, open=False, kwargs={"row_factory": dict_row},
        connection_class=AsyncConnection[DictRow],
    )  # fmt: skip

    async def lead(request: Request) -> Response:
        lead_id, found = {"lead_id": request.path_params["lead_id"]}, {}
        async with pool.connection() as connection:
            for name, (text, constants) in statements.items():
                found[name] = await (await connection.execute(text.encode(), constants | lead_id)).fetchall()
        if not found["lead"]:
            return Response("{}", 404)
        return Response(json.dumps(found, default=str), media_type="application/json")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with pool:
            yield

    return Starlette(routes=[Route("/api/leads/{lead_id}", lead)], lifespan=lifespan)


def writes(kafka: str, topic: str) -> Starlette:
    """`POST /api/interactions` and its batch: JSON in, the same JSON to Kafka with acks=all, 202 once it is there."""
    producer = Producer({"bootstrap.servers": kafka, "acks": "all", "linger.ms": 2})

    async def one(request: Request) -> Response:
        place = await produced(json.loads(await request.body()))
        return Response(json.dumps(place), 202, media_type="application/json")

    async def batch(request: Request) -> Response:
        bodies = json.loads(await request.body())
        places = await asyncio.gather(*(produced(body) for body in bodies))
        return Response(json.dumps(places), 207, media_type="application/json")

    def produced(body: dict[str, Any]) -> "asyncio.Future[dict[str, Any]]":
        loop = asyncio.get_running_loop()
        done: asyncio.Future[dict[str, Any]] = loop.create_future()
        event_id = str(uuid.uuid4())
        said = json.dumps(body | {"event_id": event_id}).encode()
        producer.produce(topic, said, body["lead_id"], on_delivery=_told(loop, done, event_id))
        return done

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        stopping = threading.Event()
        polling = asyncio.create_task(asyncio.to_thread(_polled, producer, stopping))
        yield
        stopping.set()
        await polling

    routes = [
        Route("/api/interactions", one, methods=["POST"]),
        Route("/api/interactions/batch", batch, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _polled(producer: Producer, stopping: threading.Event) -> None:
    while not stopping.is_set():
        producer.poll(0.1)


def _told(
    loop: asyncio.AbstractEventLoop, done: "asyncio.Future[dict[str, Any]]", event_id: str
) -> Callable[[KafkaError | None, Message], None]:
    def tell(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            loop.call_soon_threadsafe(done.set_exception, RuntimeError(str(error)))
            return
        place = {"event_id": event_id, "partition": message.partition(), "offset": message.offset()}
        loop.call_soon_threadsafe(done.set_result, place)

    return tell


def main() -> None:
    """What it serves and where is said in `BARE`, as JSON."""
    said = json.loads(os.environ["BARE"])
    app = reads(said["dsn"], said["statements"]) if "dsn" in said else writes(said["kafka"], said["topic"])
    uvicorn.run(app, host="127.0.0.1", port=said["port"], log_config=None, access_log=False)


if __name__ == "__main__":
    main()
