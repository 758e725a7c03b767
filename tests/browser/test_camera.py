"""The camera of a phone on the scan page: a real browser that sees a film, is given photos, and is denied."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.browser.film import code, film, jpeg, view
from tests.browser.test_pairs import CHARGES, FIRST, catheter, second  # noqa: F401
from tests.browser.visitor import Visitor
from tests.browser.ward import Ward
from tests.small_hospital import STENT_DI, SYRINGE_DI, new_key, udi

pytestmark = pytest.mark.browser

PATIENT = "ZY20260304"
BAND = code(PATIENT, "Code128", scale=2, gs1=False)
SYRINGE = code(f"(01){SYRINGE_DI}(10)L1")
SYRINGE_RAW = udi(SYRINGE_DI, lot="L1")
NOTHING = view()
FOREVER = 90.0  # s; longer than a test takes: then the film begins anew

SCANS = """
    SELECT count(*) FROM scan s JOIN encounter e ON e.id = s.encounter_id
     WHERE e.ref = :ref AND s.raw = :raw AND s.outcome = :outcome
"""
# What becomes of the camera's tracks, and cameras that can more, or nothing.
WATCH = """
window.tracks = [];
const ask = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices);
if (ask) navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.asked = wanted;
  await new Promise((resolve) => setTimeout(resolve, window.cameraTakes ?? 0));
  if (window.refuseCamera) throw new DOMException("no", window.refuseCamera);
  const stream = await ask(wanted);
  window.tracks.push(...stream.getTracks());
  return stream;
};
"""
ABLE = """
MediaStreamTrack.prototype.getCapabilities = () => (
  {torch: true, zoom: {min: 1, max: 5}, focusMode: ["continuous"]}
);
window.set = [];
MediaStreamTrack.prototype.applyConstraints = async (given) => window.set.push(...given.advanced);
"""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def stent(serial: str) -> Image.Image:
    return code(f"(01){STENT_DI}(10)A1(21){serial}")


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


class Phone(Visitor):
    """A nurse with a phone, or at a desk with a webcam."""

    def __init__(self, browser: Any, hospital: Ward, *scripts: str, phone: bool = True) -> None:
        super().__init__(browser, hospital, "nurse", phone=phone)
        self.context.set_default_timeout(30_000)
        for script in (WATCH, *scripts):
            self.context.add_init_script(script)
        self.page.reload()
        self.page.wait_for_selector("#scan-queue .count")

    def open_camera(self) -> None:
        self.page.click(".camera .open")

    def state(self, *names: str) -> None:
        """Wait until the camera says one of these."""
        self.page.wait_for_selector(", ".join(f".finder[data-state={name}]" for name in names))

    def said(self) -> str:
        self.page.wait_for_selector(".camera .said:not([hidden])")
        return self.page.inner_text(".camera .said")

    def bring(self, data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> None:
        """A photo, as from the phone's own camera."""
        self.page.set_input_files("#camera-photo", {"name": name, "mimeType": kind, "buffer": data})

    def live_tracks(self) -> int:
        return self.page.evaluate("window.tracks.filter((one) => one.readyState === 'live').length")

    def scans(self, raw: str, outcome: str = "charged") -> int:
        return self.hospital.count(SCANS, ref=PATIENT, raw=raw.encode(), outcome=outcome)

    def settle(self) -> None:
        """Time for a second scan that must not come."""
        self.page.wait_for_timeout(1500)
        self.wait_for_queue("waiting", 0)

    def expects(self, *problems: str) -> None:
        """These belong to what was tried."""
        self.problems = [one for one in self.problems if not any(known in one for known in problems)]


@pytest.fixture
def browsers(process: Any, chromium: str) -> Iterator[Callable[..., Any]]:
    """`browsers(*arguments)`: a Chromium of its own; its camera is chosen when it starts."""
    opened: list[Any] = []

    def begin(*arguments: str) -> Any:
        given = ["--no-sandbox", "--headless=new", "--disable-gpu", "--lang=zh-CN", *arguments]
        opened.append(process.browser_type.launch(executable_path=chromium, args=given))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


@pytest.fixture
def phones(hospital: Ward, cjk_font: str) -> Iterator[Callable[..., Phone]]:
    """`phones(browser)`: somebody signed in there, after whom nothing may have gone wrong."""
    held: list[Phone] = []

    def begin(browser: Any, *scripts: str, at: str | None = None, **options: Any) -> Phone:
        here = replace(hospital, url=at) if at else hospital
        held.append(Phone(browser, here, *scripts, **options))
        return held[-1]

    yield begin
    for one in held:
        one.leave()
    for one in held:
        assert one.problems == []


@pytest.fixture
def sees(browsers: Any, phones: Any, tmp_path: Path) -> Callable[..., Phone]:
    """`sees(scenes)`: a phone whose camera sees these scenes, from when it is turned on."""

    def begin(*scenes: tuple[Image.Image, float], scripts: tuple[str, ...] = ()) -> Phone:
        seen = film(tmp_path / "seen.mjpeg", [*scenes, (NOTHING, FOREVER)])
        browser = browsers(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={seen}")
        return phones(browser, *scripts)

    return begin


@pytest.fixture
def desk(phones: Any, process: Any) -> Phone:
    """A desk without a camera, with a patient taken."""
    nurse = phones(process, phone=False)
    nurse.take(PATIENT)
    return nurse


# --- films -----------------------------------------------------------------------------------------------


def test_each_piece_held_before_the_camera_is_charged_once(sees: Callable[..., Phone]):
    nurse = sees(
        (NOTHING, 1),
        (view(BAND), 3),
        (NOTHING, 1),
        (view(SYRINGE), 4),
        (NOTHING, 2.5),
        (view(stent("S8")), 4),
    )
    raw = udi(STENT_DI, lot="A1", serial="S8")
    assert "\x1d" in raw
    before = nurse.scans(SYRINGE_RAW)
    nurse.open_camera()
    nurse.page.wait_for_selector(f".patient:has-text('{PATIENT}')")
    nurse.page.wait_for_selector(".row-scan[data-state=charged]:has-text('注射器')")
    nurse.state("hold")
    nurse.page.wait_for_selector("#scan-result [data-state=charged]:has-text('冠脉支架')")
    nurse.settle()
    assert nurse.scans(SYRINGE_RAW) == before + 1
    assert nurse.scans(raw) == 1  # byte for byte, the separator too
    assert nurse.page.evaluate("window.sounds.filter((one) => one === 'booked').length") == 2
    assert nurse.page.evaluate("window.asked.video.facingMode.ideal") == "environment"


def test_the_same_code_is_a_new_scan_only_after_it_left_the_view(sees: Callable[..., Phone]):
    held = view(SYRINGE)
    nurse = sees((NOTHING, 1), (held, 3), (NOTHING, 0.6), (held, 3), (NOTHING, 4), (held, 4))
    before = nurse.scans(SYRINGE_RAW)
    nurse.take(PATIENT)
    nurse.open_camera()
    nurse.wait_for_queue("sent", 2)
    assert "名单上已有此项" in nurse.result("charged").inner_text()
    nurse.settle()
    assert nurse.scans(SYRINGE_RAW) == before + 2


def test_of_two_in_view_a_person_says_which(sees: Callable[..., Phone]):
    nurse = sees((view(SYRINGE, stent("S9")), 60))
    stent_raw = udi(STENT_DI, lot="A1", serial="S9")
    before = nurse.scans(SYRINGE_RAW)
    nurse.take(PATIENT)
    nurse.open_camera()
    nurse.page.wait_for_selector(".offer li:has-text('冠脉支架')")
    assert nurse.page.locator(".offer li").count() == 2
    assert nurse.page.locator(".finder polygon").count() == 2
    assert nurse.too_wide() == []
    nurse.settle()
    assert (nurse.scans(SYRINGE_RAW), nurse.scans(stent_raw)) == (before, 0)
    nurse.page.click(".offer li:has-text('冠脉支架') button")
    nurse.result("charged")
    nurse.page.wait_for_selector(".offer li:has-text('冠脉支架') button:disabled")
    nurse.settle()
    assert (nurse.scans(SYRINGE_RAW), nurse.scans(stent_raw)) == (before, 1)


def test_what_is_refused_is_refused_once(sees: Callable[..., Phone]):
    raw = udi(STENT_DI, lot="A1", serial="S12")
    nurse = sees((NOTHING, 1), (view(stent("S12")), 30))
    nurse.take(PATIENT)
    nurse.scan(raw)
    nurse.result("charged")
    nurse.open_camera()
    nurse.result("refused")
    nurse.settle()
    assert nurse.scans(raw, "refused") == 1
    assert nurse.page.evaluate("window.sounds.filter((one) => one === 'refused').length") == 1


def test_a_code_that_is_no_device_is_only_offered(sees: Callable[..., Phone]):
    nurse = sees((view(code("10D9T", "Code128", scale=3, gs1=False)), 60))
    nurse.take(PATIENT)
    nurse.open_camera()
    nurse.page.wait_for_selector(".offer li:has-text('不是 UDI')")
    nurse.settle()
    assert nurse.scans("]C010D9T", "unresolved") == 0
    nurse.page.click(".offer .none")
    nurse.page.wait_for_selector(".offer", state="hidden")
    nurse.settle()
    assert nurse.page.is_hidden(".offer")


@pytest.mark.parametrize("at_first", [0, 5])
def test_a_pack_with_two_codes_is_one_piece_though_one_came_into_view_first(
    sees: Callable[..., Phone], at_first: float
):
    both = [code(raw, gs1=False) for raw in (FIRST, second(f"CM{at_first}"))]
    nurse = sees((NOTHING, 1), (view(both[0]), at_first), (view(*both), 60))
    nurse.take(PATIENT)
    nurse.open_camera()
    assert f"CM{at_first}" in nurse.result("charged").inner_text()
    nurse.settle()
    assert nurse.hospital.count(CHARGES, lot=f"CM{at_first}") == 1
    newest = nurse.page.locator(".row-scan").first
    assert newest.get_attribute("data-state") == "charged"


def test_the_second_code_alone_waits_for_the_first(sees: Callable[..., Phone]):
    nurse = sees((view(code(second("CM9"), gs1=False)), 6), (NOTHING, 2), (view(code(FIRST, gs1=False)), 60))
    nurse.take(PATIENT)
    nurse.open_camera()
    nurse.result("half")
    assert "CM9" in nurse.result("charged").inner_text()
    nurse.settle()
    assert nurse.hospital.count(CHARGES, lot="CM9") == 1


# --- the camera ------------------------------------------------------------------------------------------


def test_a_page_that_is_not_seen_does_not_look(sees: Callable[..., Phone]):
    nurse = sees()
    nurse.open_camera()
    nurse.state("aim")
    assert nurse.live_tracks() == 1
    nurse.page.evaluate(HIDE, True)
    assert nurse.live_tracks() == 0
    asked = len(nurse.hospital.requests)
    nurse.page.wait_for_timeout(1000)
    assert not [one for one in nurse.hospital.requests[asked + 1 :] if "/images" in one]
    nurse.page.evaluate(HIDE, False)
    nurse.state("aim")
    assert nurse.live_tracks() == 1
    nurse.page.click(".tool.close")
    assert nurse.live_tracks() == 0
    nurse.page.evaluate(HIDE, True)
    nurse.page.evaluate(HIDE, False)
    nurse.page.wait_for_timeout(300)
    assert nurse.live_tracks() == 0 and nurse.page.is_visible(".camera .open")


def test_a_camera_that_is_no_longer_wanted_when_it_opens_is_closed(sees: Callable[..., Phone]):
    nurse = sees()
    nurse.page.evaluate("window.cameraTakes = 1000")
    nurse.open_camera()
    nurse.page.evaluate(HIDE, True)
    nurse.page.wait_for_timeout(1800)
    assert nurse.page.evaluate("window.tracks.length") == 1 and nurse.live_tracks() == 0
    nurse.page.evaluate(HIDE, False)
    nurse.page.evaluate(HIDE, True)
    nurse.page.evaluate(HIDE, False)
    nurse.state("aim")
    nurse.page.wait_for_timeout(1800)
    assert nurse.live_tracks() == 1


def test_another_lens_is_kept_for_the_next_time(phones: Any, browsers: Any):
    browser = browsers("--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream")
    nurse = phones(browser)
    nurse.open_camera()
    nurse.page.click(".tool.lens")
    nurse.page.wait_for_timeout(300)
    nurse.state("aim")
    chosen = nurse.page.evaluate("window.asked.video.deviceId.exact")
    assert nurse.live_tracks() == 1
    nurse.page.reload()
    nurse.open_camera()
    nurse.state("aim")
    assert nurse.page.evaluate("window.asked.video.deviceId.exact") == chosen


def test_a_camera_that_sees_nothing_for_minutes_is_turned_off(sees: Callable[..., Phone]):
    nurse = sees()
    nurse.page.clock.install()
    nurse.page.reload()
    nurse.open_camera()
    nurse.state("aim")
    nurse.page.clock.fast_forward(170_000)
    nurse.page.wait_for_timeout(1500)
    assert nurse.live_tracks() == 1
    nurse.page.clock.fast_forward(20_000)
    assert "省电" in nurse.said()
    assert nurse.live_tracks() == 0


def test_who_was_signed_out_looks_no_more(sees: Callable[..., Phone]):
    nurse = sees()
    nurse.open_camera()
    nurse.state("aim")
    other = nurse.context.new_page()
    other.goto(nurse.hospital.url + "/scan")
    other.click("text=退出")
    other.close()
    nurse.page.wait_for_selector(".queue.locked")
    assert nurse.live_tracks() == 0
    nurse.expects("401")


def test_light_and_zoom_where_the_camera_has_them(sees: Callable[..., Phone]):
    nurse = sees(scripts=(ABLE,))
    nurse.open_camera()
    nurse.page.click(".tool.torch")
    nurse.page.click(".tool.zoom")
    assert nurse.page.inner_text(".tool.zoom") == "2×"
    assert nurse.page.get_attribute(".tool.torch", "aria-pressed") == "true"
    assert nurse.page.evaluate("window.set") == [{"focusMode": "continuous"}, {"torch": True}, {"zoom": 2}]


def test_no_light_and_no_zoom_where_it_has_none(sees: Callable[..., Phone]):
    nurse = sees()
    nurse.open_camera()
    nurse.page.wait_for_selector(".tool.close")
    assert nurse.page.locator(".tool.torch, .tool.zoom").count() == 0


def test_without_the_server_it_says_so_and_goes_on_afterwards(sees: Callable[..., Phone]):
    nurse = sees((view(SYRINGE), 60))
    before = nurse.scans(SYRINGE_RAW)
    nurse.take(PATIENT)
    nurse.context.set_offline(True)
    nurse.open_camera()
    nurse.state("offline")
    assert "需要连接服务器" in nurse.page.inner_text(".finder .told")
    assert (
        nurse.page.evaluate("Object.keys(localStorage).filter((one) => one.startsWith('tracer.out'))") == []
    )
    nurse.context.set_offline(False)
    nurse.result("charged")
    nurse.settle()
    assert nurse.scans(SYRINGE_RAW) == before + 1
    nurse.expects("ERR_INTERNET_DISCONNECTED")


def test_a_busy_server_is_waited_for(sees: Callable[..., Phone]):
    nurse = sees((view(SYRINGE), 60))
    nurse.take(PATIENT)
    busy = {"status": 503, "json": {"code": "images_busy"}, "headers": {"Retry-After": "1"}}
    nurse.page.route("**/api/v1/images*", lambda route: route.fulfill(**busy))
    asked: list[float] = []
    nurse.page.on("request", lambda request: "/images" in request.url and asked.append(1))
    nurse.open_camera()
    nurse.state("server_busy")
    asked.clear()
    nurse.page.wait_for_timeout(4000)
    assert 1 <= len(asked) <= 8  # at its own pace it would be more than a dozen
    nurse.page.unroute("**/api/v1/images*")
    nurse.result("charged")
    nurse.expects("503")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("NotAllowedError", "没有相机权限"),
        ("NotFoundError", "没有找到相机"),
        ("NotReadableError", "其他程序"),
    ],
)
def test_why_there_is_no_camera_is_said_and_a_photo_is_offered(
    phones: Any, process: Any, error: str, told: str
):
    nurse = phones(process, f"window.refuseCamera = '{error}';")
    nurse.open_camera()
    assert told in nurse.said()
    assert nurse.page.is_visible(".camera .photo") and nurse.page.is_hidden(".finder")


def test_a_browser_that_denies_the_camera(phones: Any, browsers: Any):
    nurse = phones(browsers("--use-fake-device-for-media-stream", "--deny-permission-prompts"))
    nurse.open_camera()
    assert "没有相机权限" in nurse.said()


def test_over_plain_http_a_photo_takes_its_place(phones: Any, browsers: Any, hospital: Ward):
    browser = browsers(*FAKE_CAMERA, "--host-resolver-rules=MAP tracer.example 127.0.0.1")
    nurse = phones(browser, at=f"http://tracer.example:{urlsplit(hospital.url).port}")
    assert nurse.page.evaluate("[window.isSecureContext, Boolean(navigator.mediaDevices)]") == [False, False]
    assert nurse.page.locator(".camera .open").count() == 0
    assert "HTTPS" in nurse.page.inner_text(".camera .hint")
    assert nurse.page.get_attribute("#camera-photo", "capture") == "environment"
    assert nurse.too_wide() == []
    nurse.take(PATIENT)
    before = nurse.scans(SYRINGE_RAW)
    nurse.bring(jpeg(view(SYRINGE)))
    nurse.result("charged")
    assert nurse.scans(SYRINGE_RAW) == before + 1
    nurse.expects("Cross-Origin-Opener-Policy header has been ignored")


# --- pictures --------------------------------------------------------------------------------------------


def test_a_photo_is_read_and_charged(desk: Phone):
    raw = udi(STENT_DI, lot="A1", serial="S13")
    desk.bring(jpeg(view(stent("S13"), size=(2000, 1500))))
    desk.result("charged")
    desk.settle()
    assert desk.scans(raw) == 1


def test_of_two_on_a_photo_a_person_says_which(desk: Phone):
    desk.bring(jpeg(view(stent("S14"), stent("S15"))))
    desk.page.wait_for_selector(".offer li:has-text('S15')")
    desk.settle()
    desk.page.click(".offer li:has-text('S15') button")
    desk.result("charged")
    desk.settle()
    charged = [desk.scans(udi(STENT_DI, lot="A1", serial=serial)) for serial in ("S14", "S15")]
    assert charged == [0, 1]
    desk.page.click(".offer .none")
    assert desk.page.is_hidden(".offer")


def test_a_pasted_picture_is_read(desk: Phone):
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    put = """async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      const picture = new Blob([bytes], {type: "image/png"});
      await navigator.clipboard.write([new ClipboardItem({"image/png": picture})]);
    }"""
    raw = udi(STENT_DI, lot="A1", serial="S16")
    desk.page.evaluate(put, base64.b64encode(png(view(stent("S16")))).decode())
    desk.page.focus("#typed-code")
    desk.page.keyboard.press("Control+V")
    desk.result("charged")
    assert desk.scans(raw) == 1
    assert desk.page.input_value("#typed-code") == ""


def test_a_picture_dropped_on_the_page_is_read(desk: Phone):
    drop = """(base64) => {
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], "a.jpg", {type: "image/jpeg"}));
      for (const kind of ["dragover", "drop"]) {
        const event = new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true});
        if (document.querySelector("main").dispatchEvent(event)) throw new Error(`${kind}: the browser's`);
      }
    }"""
    desk.page.evaluate(drop, base64.b64encode(jpeg(view(stent("S17")))).decode())
    desk.result("charged")
    assert desk.scans(udi(STENT_DI, lot="A1", serial="S17")) == 1


def test_bytes_that_are_no_text_arrive_as_they_are(desk: Phone):
    raw = b"\xb3\xa4\xc9\xfa" + new_key("b").encode()
    desk.bring(jpeg(view(code(raw, gs1=False))))
    desk.page.click(".offer li:has-text('不是 UDI') button")
    desk.result("unresolved")
    sql = "SELECT count(*) FROM scan WHERE raw = :raw"
    assert desk.hospital.count(sql, raw=b"]d1" + raw) == 1


HOSTILE = {
    "empty.jpg": "没有读到条码",
    "drawing.svg": "不是可用的图片",
    "drawing.png": "不是可用的图片",
    "letter.pdf": "不是可用的图片",
    "large.jpg": "图片太大",
    "broken.jpg": "损坏",
    "huge.png": "图片太大",
}


def test_a_picture_that_cannot_be_read_says_why(desk: Phone, tmp_path: Path):
    for name, told in HOSTILE.items():
        file = tmp_path / name
        file.write_bytes(_hostile(name))
        desk.page.set_input_files("#camera-photo", file)  # its type is what its name says
        desk.page.wait_for_selector(f".camera .said.bad:has-text('{told}')")
        assert desk.page.evaluate("window.sounds.at(-1)") == "refused", name
    desk.expects("413", "415", "422")
    desk.bring(jpeg(view(stent("S18"))))  # and the next one is taken
    desk.result("charged")


def _hostile(name: str) -> bytes:
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
    if name == "large.jpg":
        return b"\xff\xd8\xff\xe0" + os.urandom(25_000_000)
    if name == "broken.jpg":
        return jpeg(view(SYRINGE))[:2000]
    if name == "huge.png":
        return png(Image.new("1", (30_000, 30_000)))
    return {"empty.jpg": jpeg(NOTHING), "letter.pdf": b"%PDF-1.7"}.get(name, drawing)


def test_several_pictures_at_once_are_refused_whole(desk: Phone):
    files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(view(SYRINGE))} for n in "ab"]
    before = desk.scans(SYRINGE_RAW)
    desk.page.evaluate("document.querySelector('#camera-photo').multiple = true")
    desk.page.set_input_files("#camera-photo", files)
    assert "一次" in desk.said()
    desk.settle()
    assert desk.scans(SYRINGE_RAW) == before
