"""Pictures at the door: what they hold is told, nothing is booked, and what is hostile is refused."""

from __future__ import annotations

import base64
import io
from contextlib import ExitStack
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from tests.api.ward import Ward, problem
from tests.browser.film import code, jpeg, view
from tests.small_hospital import STENT_DI, SYRINGE_DI, udi
from tracer.access.rules import Role
from tracer.charging.images_api import LARGEST_IMAGE
from tracer.charging.looking import EXTENSION

PATH = "/api/v1/images"
RAW = udi(STENT_DI, lot="A1", serial="S1")
STENT = code(f"(01){STENT_DI}(10)A1(21)S1")
SYRINGE = code(f"(01){SYRINGE_DI}(10)L1")


def send(
    ward: Ward, body: bytes, kind: str = "image/jpeg", *, role: str | None = Role.NURSE, **headers: str
) -> TestResponse:
    return ward.client.post(PATH, data=body, content_type=kind, headers=ward.headers(role) | headers)


def picture(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def raws_of(answer: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(one["raw_b64"]) for one in answer["symbols"]]


# --- what is read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_a_code_is_told_with_what_it_says(ward: Ward, kind: str) -> None:
    answer = send(ward, picture(view(STENT), kind), f"image/{kind}")
    assert answer.status_code == 200
    [symbol] = answer.get_json()["symbols"]
    assert base64.b64decode(symbol["raw_b64"]) == RAW.encode()
    assert (symbol["symbology"], symbol["text"]) == ("]d2", RAW[3:])
    reading = symbol["reading"]
    assert (reading["agency"], reading["di"], reading["lot"], reading["serial"]) == (
        "GS1",
        STENT_DI,
        "A1",
        "S1",
    )
    assert reading["error"] is None
    [choice] = answer.get_json()["choices"]
    assert choice == {
        "raw_b64": symbol["raw_b64"],
        "symbols": [0],
        "device": True,
        "certain": True,
        "reading": reading,
    }
    xs, ys = ([corner[axis] for corner in symbol["position"]] for axis in (0, 1))
    assert 200 < min(xs) < 320 < max(xs) < 440 and 120 < min(ys) < 240 < max(ys) < 360


def test_what_is_told_can_be_scanned(ward: Ward) -> None:
    [choice] = send(ward, jpeg(view(STENT))).get_json()["choices"]
    scan = ward.scan(..., raw_b64=choice["raw_b64"]).get_json()
    assert (scan["outcome"], scan["serial"]) == ("charged", "S1")


def test_a_form_brings_the_same(ward: Ward) -> None:
    body = jpeg(view(STENT))
    form = {"image": (io.BytesIO(body), "photo.jpg", "image/jpeg")}
    answer = ward.client.post(PATH, data=form, headers=ward.headers(Role.NURSE))
    assert answer.status_code == 200, answer.text
    assert answer.get_json() == send(ward, body).get_json()


def test_several_codes_are_several_choices(ward: Ward) -> None:
    answer = send(ward, jpeg(view(STENT, SYRINGE))).get_json()
    assert sorted(raws_of(answer)) == sorted([RAW.encode(), udi(SYRINGE_DI, lot="L1").encode()])
    assert [one["certain"] for one in answer["choices"]] == [True, True]


def test_a_picture_without_a_code_is_no_error(ward: Ward) -> None:
    assert send(ward, jpeg(view())).get_json() == {"symbols": [], "choices": []}


def test_what_is_no_device_is_told_with_its_fault(ward: Ward) -> None:
    [choice] = send(ward, jpeg(view(code("ZY20260301", "Code128", scale=2, gs1=False)))).get_json()["choices"]
    assert (choice["device"], choice["certain"]) == (False, False)
    assert choice["reading"]["error"]["code"] == "not_a_udi"


def test_bytes_that_are_no_text_come_back_as_they_are(ward: Ward) -> None:
    raw = b"\xb3\xa4\xff\x80 A"
    answer = send(ward, jpeg(view(code(raw, gs1=False)))).get_json()
    assert raws_of(answer) == [b"]d1" + raw]


def test_nothing_is_kept_and_nothing_booked(ward: Ward) -> None:
    before = ward.rows()
    assert raws_of(send(ward, jpeg(view(STENT))).get_json()) == [RAW.encode()]
    assert ward.rows() == before


# --- who may ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_who_may_scan_may_have_a_picture_read(ward: Ward, role: Role) -> None:
    answer = send(ward, jpeg(view()), role=role)
    if role in {Role.NURSE, Role.ADMIN}:
        assert answer.status_code == 200
    else:
        problem(answer, 403, "forbidden")


def test_nobody_else_is_let_in(ward: Ward) -> None:
    problem(send(ward, jpeg(view()), role=None), 401, "not_signed_in")


# --- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/json", "image/svg+xml", "image/heic", "text/plain", ""])
def test_other_types_are_refused_by_their_name(ward: Ward, kind: str) -> None:
    problem(send(ward, b"<svg xmlns='http://www.w3.org/2000/svg'/>", kind), 415, "wrong_content_type")


@pytest.mark.parametrize(
    "body",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\x00" * 100, b"\xff", b"MZ" * 500, b"{}"],
)
@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/webp"])
def test_and_by_their_content(ward: Ward, body: bytes, kind: str) -> None:
    problem(send(ward, body, kind), 415, "wrong_image_type")


class Unread(io.RawIOBase):
    """A body that must not be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        raise AssertionError("it was read")


@pytest.mark.parametrize("kind", ["image/jpeg", "multipart/form-data; boundary=x"])
def test_too_many_bytes_are_refused_before_they_are_read(ward: Ward, kind: str) -> None:
    sent = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(LARGEST_IMAGE + 1)}
    answer = ward.client.post(
        PATH, content_type=kind, headers=ward.headers(Role.NURSE), environ_overrides=sent
    )
    problem(answer, 413, "too_large")


def test_too_many_pixels_are_refused(ward: Ward) -> None:
    huge = picture(Image.new("1", (30_000, 30_000)), "png")
    assert len(huge) < 200_000
    problem(send(ward, huge, "image/png"), 413, "image_too_large")


def test_a_picture_that_breaks_off_is_damaged(ward: Ward) -> None:
    problem(send(ward, jpeg(view(STENT))[:3000]), 422, "damaged_image")


def test_an_animation_is_refused(ward: Ward) -> None:
    frames = [view(STENT), view(SYRINGE)]
    moving = picture(frames[0], "webp", save_all=True, append_images=frames[1:], duration=100)
    problem(send(ward, moving, "image/webp"), 422, "animated_image")


@pytest.mark.parametrize("files", [{}, {"photo": b"x"}, {"image": b"x", "other": b"y"}, {"image": None}])
def test_a_form_brings_one_image(ward: Ward, files: dict[str, bytes | None]) -> None:
    fields = {
        name: (io.BytesIO(body), f"{name}.jpg") if body is not None else "text"
        for name, body in files.items()
    }
    answer = ward.client.post(
        PATH, data=fields, content_type="multipart/form-data", headers=ward.headers(Role.NURSE)
    )
    problem(answer, 422, "no_image")


def test_no_picture_at_all_is_refused(ward: Ward) -> None:
    problem(send(ward, b""), 422, "no_image")
    problem(ward.client.post(PATH, headers=ward.headers(Role.NURSE)), 422, "no_image")


def test_it_is_said_in_the_readers_language(ward: Ward) -> None:
    for language, told in (("zh-CN", "不是可用的图片"), ("en", "no image that can be used")):
        answer = send(ward, b"%PDF", **{"Accept-Language": language})
        assert told in problem(answer, 415, "wrong_image_type")["detail"]


def test_one_too_many_is_asked_to_come_again(ward: Ward) -> None:
    eye = ward.client.application.extensions[EXTENSION]
    with ExitStack() as held:
        for _ in range(4):  # half of the threads
            held.enter_context(eye.turn())
        answer = send(ward, jpeg(view()))
        problem(answer, 503, "images_busy")
        assert answer.headers["Retry-After"] == "1"
        assert ward.scan(RAW).get_json()["outcome"] == "charged"
    assert send(ward, jpeg(view())).status_code == 200


def test_a_refused_picture_gives_its_place_back(ward: Ward) -> None:
    for _ in range(10):
        problem(send(ward, b"%PDF"), 415, "wrong_image_type")


# --- what is documented -----------------------------------------------------------------------------------


def test_the_document_tells_how_a_picture_is_sent(ward: Ward) -> None:
    document = ward.client.get("/openapi/openapi.json").get_json()
    told = document["paths"][PATH]["post"]
    types = {"image/jpeg", "image/png", "image/webp", "multipart/form-data"}
    assert set(told["requestBody"]["content"]) == types
    assert {"200", "401", "403", "413", "415", "422", "503"} <= set(told["responses"])
    schema = told["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ImageOut"}
