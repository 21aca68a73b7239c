"""`make docs`: writes the generated parts of every page."""

from tests.docs.parts import PAGES, rewritten


def main() -> None:
    """Rewrite in place."""
    for page in PAGES:
        page.write_text(rewritten(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
