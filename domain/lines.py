"""Where a name stands in a table of TOML, so that a complaint can name the line."""


def line_of(text: str, key: str, section: str = "") -> int:
    """The number of the line that gives the key in a section (`[name]` or `[[name]]`), else of the section, else 1."""
    here, found = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            here = stripped.strip("[] ")
            found = number if here == section and found == 1 else found
        elif key and here == section and stripped.partition("=")[0].strip().strip('"') == key:
            return number
    return found
