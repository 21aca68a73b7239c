"""The page for people, of the app that serves everything."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from runtime.pages import page
from tests.docs.routes import app
from tests.unit.runtime.asgi import client_of

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Every tag closes, and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert name not in {"style", "src"}, tag
            assert not name.startswith("on"), tag
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def served() -> tuple[str, dict[str, str]]:
    with client_of(app()) as client:
        answer = client.get("/docs")
    assert answer.status_code == 200
    return answer.text, dict(answer.headers)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_every_route_and_model_is_on_the_page_and_every_link_leads_there(
    served: tuple[str, dict[str, str]],
) -> None:
    reader, document = read(served[0]), app().openapi()
    operations = [one["operationId"] for path in document["paths"].values() for one in path.values()]

    assert len(reader.ids) == len(set(reader.ids))
    assert {*operations, *(f"model-{name}" for name in document["components"]["schemas"])} <= set(reader.ids)
    assert {link.removeprefix("#") for link in reader.links if link[0] == "#"} <= set(reader.ids)
    assert {link for link in reader.links if link[0] != "#"} == {"/openapi.json"}


def test_the_page_runs_nothing_and_its_policy_allows_its_own_style_alone(
    served: tuple[str, dict[str, str]],
) -> None:
    text, headers = served
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert "script" not in read(text).tags
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", f"style-src 'sha256-{digest}'", "frame-ancestors 'none'"} <= set(policy)
    assert "url(" not in style
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_what_the_document_says_is_text_and_never_markup() -> None:
    evil = '<script>alert("1")</script>'
    operation = {
        "summary": evil,
        "description": evil,
        "operationId": "one",
        "tags": [evil],
        "parameters": [{"name": "size", "in": "query", "schema": {"enum": [evil]}, "description": evil}],
        "responses": {"200": {"description": evil, "content": {"text/plain": {"example": evil}}}},
    }
    document = {
        "info": {"title": evil, "description": evil},
        "paths": {"/" + evil: {"get": operation}},
        "components": {"schemas": {"Thing": {"properties": {evil: {"type": "string", "examples": [evil]}}}}},
    }

    assert "<script" not in page(document)
    assert "script" not in read(page(document)).tags
