"""Why the bedside cannot carry something out. What concerns the piece itself is not here: such a
scan is recorded with the outcome "refused" and its reason.

Refusal
├── UnknownScan         no such scan, or not one this person may see
├── UnknownEncounter    a stay of which this person may see nothing
├── NothingToReverse    the scan booked nothing
├── AlreadyReversed     the use was undone before
├── UnknownBillingCode  no item has this code on that day
├── UnknownUse          the use a charge names does not exist, or has its charge
├── NoImage             a request to read an image that brings none, or several
├── UnreadableImage     a picture that cannot be read, or not in the time there is
│   ├── ImageTooLarge   too many bytes or pixels
│   ├── WrongImageType  not a JPEG, PNG or WebP picture
│   ├── DamagedImage    broken off, or not what its beginning says
│   └── AnimatedImage   several pictures in one
└── ImagesBusy          as many pictures are being read as this worker takes at once
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, Invalid, NotFound, Refusal


class UnknownScan(NotFound):
    code = "unknown_scan"
    zh = "没有扫码记录 {scan}"
    en = "There is no scan {scan}"


class UnknownEncounter(NotFound):
    code = "unknown_encounter"
    zh = "没有就诊号“{ref}”，或您无权查看"
    en = "There is no encounter {ref!r}, or you may not see it"


class NothingToReverse(Conflict):
    code = "nothing_to_reverse"
    zh = "该次扫码没有记账，无需撤销"
    en = "This scan booked nothing; there is nothing to undo"


class AlreadyReversed(Conflict):
    code = "already_reversed"
    zh = "该次扫码已经撤销过"
    en = "This scan was undone before"


class UnknownBillingCode(Invalid):
    code = "unknown_code"
    zh = "{on} 没有项目使用{system}编码“{value}”"
    en = "No item has the {system} code {value!r} on {on}"


class UnknownUse(Invalid):
    code = "unknown_use"
    zh = "使用记录 {use} 不存在、与本项目不符，或已计费"
    en = "The use {use} does not exist, is of another item, or has its charge"


class NoImage(Invalid):
    code = "no_image"
    zh = "请发送一张图片：作为请求正文，或表单中名为 image 的一个文件"
    en = "Send one image: as the body, or as one file named image of a form"


class UnreadableImage(Refusal):
    code = "unreadable_image"
    status = 422
    zh = "这张图片无法读取，请重新拍摄"
    en = "This image cannot be read; take it again"


class ImageTooLarge(UnreadableImage):
    code = "image_too_large"
    status = 413
    zh = "图片太大，请降低相机分辨率或裁剪后再试"
    en = "The image is too large; lower the camera's resolution, or crop it"


class WrongImageType(UnreadableImage):
    code = "wrong_image_type"
    status = 415
    zh = "不是可用的图片，请使用 JPEG、PNG 或 WebP"
    en = "This is no image that can be used; take JPEG, PNG or WebP"


class DamagedImage(UnreadableImage):
    code = "damaged_image"
    zh = "图片不完整或已损坏，请重新拍摄"
    en = "The image is broken off or damaged; take it again"


class AnimatedImage(UnreadableImage):
    code = "animated_image"
    zh = "这是动图，请使用单张照片"
    en = "This is an animation; take a single picture"


class ImagesBusy(Refusal):
    code = "images_busy"
    status = 503
    zh = "正在识别的图片太多，请稍候再试"
    en = "Too many images are being read; try again in a moment"
