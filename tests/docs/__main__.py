"""`make docs`: writes the generated parts of every page, and the documents that programs read."""

from tests.docs.contracts import DOCUMENTS
from tests.docs.parts import PAGES, rewritten


def main() -> None:
    """Rewrite in place."""
    for page in PAGES:
        page.write_text(rewritten(page.read_text("utf-8")), "utf-8")
    for document, made in DOCUMENTS.items():
        document.write_text(made(), "utf-8")


if __name__ == "__main__":
    main()
