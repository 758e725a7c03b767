"""The translations. Texts are written in Chinese where they are used; the catalogue holds the English.

`python -m tracer.web.catalogues` adds texts that are new, drops those that nobody uses any more, and
names those without an English sentence. The file stays sorted, so that two people rarely meet in it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

# Babel's parts are imported where they are used: a start that finds everything compiled needs none.

TRANSLATIONS = Path(__file__).parent / "translations"
ROOT = Path(__file__).resolve().parent.parent.parent
ENGLISH = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
HEADER = """\
# English for what people read; the Chinese is the text in the code itself.
# To add one: write _('中文') in a template, or gettext('中文') in Python, run
# `python -m tracer.web.catalogues`, and fill in the empty msgstr. Never use a "fuzzy" mark.
"""


def compile_catalogues(folder: Path = TRANSLATIONS) -> None:
    """Compile every catalogue that changed. Where the folder cannot be written to, what is there is used."""
    for text in folder.glob("*/LC_MESSAGES/*.po"):
        compiled = text.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns >= text.stat().st_mtime_ns:
            continue
        with suppress(OSError):
            _compile(text, compiled)


def used_texts(root: Path = ROOT) -> set[str]:
    """Every text to translate in the code under `root`, as babel.cfg finds them."""
    from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
    from babel.messages.frontend import parse_mapping_cfg

    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
    found = extract_from_dir(root / "tracer", [(_below(m), how) for m, how in methods], options, keywords)
    return {text for *_, message, _, _ in found for text in _texts(message)}


def read_catalogue(path: Path = ENGLISH) -> Catalog:
    from babel.messages.pofile import read_po

    with path.open("rb") as source:
        return read_po(source, locale="en")


def untranslated(catalogue: Catalog, texts: set[str]) -> list[str]:
    """The texts that have no English, or only a guess."""
    return sorted(
        text for text in texts if not (entry := catalogue.get(text)) or not entry.string or entry.fuzzy
    )


def bring_up_to_date() -> list[str]:
    """Write the English catalogue anew with the texts now used; returns those that lack English."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    known, texts = read_catalogue(), used_texts()
    renewed = Catalog(locale="en", header_comment=HEADER.strip(), fuzzy=False)
    for text in texts:
        entry = known.get(text)
        renewed.add(text, entry.string if entry else "")
    with ENGLISH.open("wb") as target:
        write_po(target, renewed, sort_output=True, no_location=True, omit_header=True, width=0)
    body = ENGLISH.read_text(encoding="utf-8")
    ENGLISH.write_text(f"{HEADER}{_METADATA}{body}", encoding="utf-8")
    return untranslated(renewed, texts)


# No dates and no names: they would change with every run.
_METADATA = """\
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def _compile(text: Path, compiled: Path) -> None:
    from babel.messages.mofile import write_mo

    draft = compiled.with_suffix(f".{os.getpid()}")
    with draft.open("wb") as target:
        write_mo(target, read_catalogue(text))
    draft.replace(compiled)  # whoever starts beside us sees the old one or the new one, whole


def _below(pattern: str) -> str:
    return pattern.removeprefix("tracer/")


def _texts(message: str | tuple[str, ...]) -> Iterator[str]:
    yield from (message,) if isinstance(message, str) else message


if __name__ == "__main__":
    missing = bring_up_to_date()
    for line in missing:
        print(f"no English yet: {line}")
    sys.exit(1 if missing else 0)
