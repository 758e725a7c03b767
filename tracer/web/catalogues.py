"""Translations, made ready: compiled where the text is newer than what was compiled from it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

TRANSLATIONS = Path(__file__).parent / "translations"


def compile_catalogues(folder: Path = TRANSLATIONS) -> None:
    """Compile every catalogue that changed. Where the folder cannot be written to, what is there is used."""
    for text in folder.glob("*/LC_MESSAGES/*.po"):
        compiled = text.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns >= text.stat().st_mtime_ns:
            continue
        with suppress(OSError):
            _compile(text, compiled)


def _compile(text: Path, compiled: Path) -> None:
    # Imported here: a start that finds everything compiled needs neither.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with text.open("rb") as source:
        catalogue = read_po(source)
    draft = compiled.with_suffix(f".{os.getpid()}")
    with draft.open("wb") as target:
        write_mo(target, catalogue)
    draft.replace(compiled)  # whoever starts beside us sees the old one or the new one, whole
