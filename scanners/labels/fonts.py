"""Fonts: for pictures, one with Chinese characters if the machine has one.

Where none is found, ASCII is drawn in the font that Pillow brings along, and a Chinese line is
refused with the name of the package that helps. (A PDF names a font that every viewer has a
stand-in for, and an SVG leaves the choice to the browser: see their modules.)
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from scanners.labels.label import LabelError, LabelFault

# Debian and its Chinese descendants, Fedora, Arch; Windows; macOS. Regular weights.
_PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
    "C:/Windows/Fonts/simsun.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)
MARGIN = 1  # a letter may reach a little out of its own width
_MOST_ROWS = 500
_LATIN = 0x100  # what the font that Pillow brings along can draw ends here
PATIENCE = 10.0  # seconds, for fontconfig
REMEDY = (
    "no font with Chinese characters was found; install one (Debian, Ubuntu: apt-get install fonts-noto-cjk)"
    " or name one"
)


class PictureFont:
    """A font whose glyphs become dots. ``path`` None: one that the machine has.

    Rows are kept once drawn: the labels of a delivery differ in little but their number.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = path or find_chinese_font()
        self._face = _simplified_face(self._path) if self._path else 0
        self._sizes: dict[int, FreeTypeFont] = {}
        self._advances: dict[tuple[str, int], float] = {}
        self._rows: dict[tuple[str, int], Image.Image] = {}

    def at(self, size: int) -> FreeTypeFont:
        font = self._sizes.get(size)
        if font is None:
            font = self._sizes[size] = self._load(size)
        return font

    def advance(self, character: str, size: int) -> float:
        known = self._advances.get((character, size))
        if known is None:
            if self._path is None and ord(character) >= _LATIN:
                raise LabelError(LabelFault.NO_FONT, REMEDY)
            known = self.at(size).getlength(character, mode="1")
            self._advances[character, size] = known
        return known

    def ink(self, text: str, size: int) -> Image.Image:
        """A row of text, white on black, without grey; ``MARGIN`` dots wider at each end.

        Its height is more than an em, for what reaches below it; the em is in its middle.
        """
        known = self._rows.get((text, size))
        if known is None:
            if len(self._rows) >= _MOST_ROWS:
                self._rows.clear()
            known = self._rows[text, size] = self._drawn(text, size)
        return known

    def _drawn(self, text: str, size: int) -> Image.Image:
        width = int(sum(self.advance(character, size) for character in text)) + 1
        row = Image.new("L", (width + 2 * MARGIN, size + 2 * (size // 8)), 0)
        pen = ImageDraw.Draw(row)
        pen.fontmode = "1"  # as a thermal head prints: no grey
        pen.text((MARGIN, row.height / 2), text, 255, self.at(size), anchor="lm")
        return row

    def _load(self, size: int) -> FreeTypeFont:
        if self._path is None:
            default = ImageFont.load_default(size)
            if not isinstance(default, FreeTypeFont):
                raise LabelError(LabelFault.NO_FONT, "this Pillow was built without FreeType")
            return default
        return _open(self._path, size, self._face)


@cache
def picture_font(path: str | None) -> PictureFont:
    """The font of that path; opened once."""
    return PictureFont(path)


@cache
def find_chinese_font() -> str | None:
    """The path of a font with Simplified Chinese that this machine has."""
    for place in _PLACES:
        if Path(place).is_file():
            return place
    asking = shutil.which("fc-list")
    if asking is None:
        return None
    try:
        answer = subprocess.run(
            [asking, ":lang=zh-cn", "file"], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.partition("\n")[0].partition(":")[0].strip() or None


def _simplified_face(path: str) -> int:
    """The number of the face for Simplified Chinese, of a file that has faces for several countries."""
    for number in range(10 if path.lower().endswith((".ttc", ".otc")) else 1):
        try:
            family = ImageFont.truetype(path, 10, index=number).getname()[0] or ""
        except OSError:
            break
        if {"SC", "GB", "CN"} & set(family.split()):
            return number
    return 0


def _open(path: str, size: int, face: int) -> FreeTypeFont:
    try:
        return ImageFont.truetype(path, size, index=face)
    except OSError as error:
        raise LabelError(LabelFault.NO_FONT, f"{path}: no font that can be read ({error})") from error
