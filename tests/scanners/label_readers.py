"""Readers that share no code with what writes labels: ZBar and libdmtx."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from ctypes import c_uint, cast
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from types import ModuleType
from typing import Any

import numpy as np
import pypdfium2
import pytest
from packaging.version import Version
from PIL import Image, ImageFilter

# What needs a library of the system is imported where it is used: a test asks for the fixture first.

GS = "\x1d"
_MOD_GS1 = 1  # zbar_modifier_t: FNC1 stood in first place


@dataclass(frozen=True)
class Seen:
    """What a reader saw; ``gs1``: behind FNC1 in first place."""

    text: str
    gs1: bool


def by_zbar(picture: Image.Image) -> list[Seen]:
    """Code 128 and QR, with the one thing pyzbar does not hand on: whether FNC1 came first."""
    from pyzbar import pyzbar, wrapper

    grey = picture.convert("L")
    modifiers = wrapper.LIBZBAR.zbar_symbol_get_modifiers
    modifiers.restype = c_uint
    seen = []
    with ExitStack() as stack:
        scanner = stack.enter_context(pyzbar._image_scanner())
        image = stack.enter_context(pyzbar._image())
        pixels = grey.tobytes()
        wrapper.zbar_image_set_format(image, int.from_bytes(b"Y800", "little"))
        wrapper.zbar_image_set_size(image, *grey.size)
        wrapper.zbar_image_set_data(image, cast(pixels, wrapper.c_void_p), len(pixels), None)
        for type_ in wrapper.ZBarSymbol:
            wrapper.zbar_image_scanner_set_config(scanner, type_, wrapper.ZBarConfig.CFG_ENABLE, 0)
        for type_ in (wrapper.ZBarSymbol.CODE128, wrapper.ZBarSymbol.QRCODE):
            wrapper.zbar_image_scanner_set_config(scanner, type_, wrapper.ZBarConfig.CFG_ENABLE, 1)
        assert wrapper.zbar_scan_image(scanner, image) >= 0
        for symbol in pyzbar._symbols_for_image(image):
            data = pyzbar.string_at(
                wrapper.zbar_symbol_get_data(symbol), wrapper.zbar_symbol_get_data_length(symbol)
            )
            seen.append(Seen(data.decode(), bool(modifiers(symbol) & _MOD_GS1)))
    return seen


def by_dmtx(picture: Image.Image) -> list[Seen]:
    """DataMatrix; libdmtx names FNC1 only when it is told by which character."""
    pylibdmtx = _pylibdmtx()
    from pylibdmtx.wrapper import DmtxProperty, DmtxUndefined, c_ubyte_p

    pixels = picture.convert("RGB").tobytes()  # kept by this name for as long as libdmtx looks at them
    seen = []
    with ExitStack() as stack:
        image = stack.enter_context(
            pylibdmtx._image(cast(pixels, c_ubyte_p), *picture.size, pylibdmtx._PACK_ORDER[24])
        )
        decoder = stack.enter_context(pylibdmtx._decoder(image, 1))
        assert pylibdmtx.dmtxDecodeSetProp(decoder, DmtxProperty.DmtxPropFnc1, ord(GS)) == 1
        deadline = pylibdmtx.dmtxTimeAdd(pylibdmtx.dmtxTimeNow(), 4000)
        while True:
            with pylibdmtx._region(decoder, deadline) as region:
                if not region:
                    return seen
                found = pylibdmtx._decode_region(decoder, region, DmtxUndefined, 1)
                if found:
                    text = found.data.decode()
                    seen.append(Seen(text.removeprefix(GS), text.startswith(GS)))


@cache
def _pylibdmtx() -> Any:
    """It compares versions with distutils, which Python 3.12 has no more, and before that warns of."""
    version = ModuleType("distutils.version")
    version.LooseVersion = Version  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as stand_in:
        stand_in.setitem(sys.modules, "distutils", ModuleType("distutils"))
        stand_in.setitem(sys.modules, "distutils.version", version)
        from pylibdmtx import pylibdmtx
    return pylibdmtx


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png))


def pdf_pages(pdf: bytes, dpi: float = 203.2) -> list[Image.Image]:
    """The pages as a printer of that resolution would see them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()


def as_a_camera_sees(picture: Image.Image, scale: float) -> Image.Image:
    """Not one pixel a dot, the edges soft, and a little noise."""
    size = round(picture.width * scale), round(picture.height * scale)
    soft = picture.convert("L").resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(0.8))
    noise = np.random.default_rng(20261121).normal(0, 2, (soft.height, soft.width))
    return Image.fromarray(np.clip(np.asarray(soft) + noise, 0, 255).astype(np.uint8))
