"""Reading our own PDFs: their text, in the order in which it was written."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)
_WRITTEN = re.compile(rb"/F(\d+) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\) Tj", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def lines_of(pdf: bytes) -> list[str]:
    """Every line of text, page after page."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = {
        int(name): _letters(objects, int(number)) for name, number in re.findall(rb"/F(\d+) (\d+) 0 R", pdf)
    }
    written: list[str] = []
    font = 0
    for body in objects.values():
        if (stream := _STREAM.search(body)) is None or b"/FlateDecode" not in body or b"/Length1" in body:
            continue
        for size, text in _WRITTEN.findall(zlib.decompress(stream[1])):
            if size:
                font = int(size)
            else:
                codes = _ESCAPED.sub(lambda match: _CONTROLS.get(match[1], match[1]), text).decode(
                    "utf-16-be"
                )
                written.append("".join(fonts[font][ord(code)] for code in codes))
    return written


def text_of(pdf: bytes) -> str:
    """The whole text with single spaces, wherever its lines break."""
    return " ".join(" ".join(lines_of(pdf)).split())


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\n", pdf))


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    """What each code of a font stands for."""
    found = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    assert found, "our fonts say what their glyphs mean"
    pairs = re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>\n", objects[int(found[1])])
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}
