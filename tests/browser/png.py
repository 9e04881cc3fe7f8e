"""Pictures of pages as small PNG files: at most 256 colours, in a palette."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256

Colour = tuple[int, int, int]


def size(png: bytes) -> tuple[int, int]:
    """Width and height."""
    assert png.startswith(SIGNATURE)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def reduced(png: bytes) -> bytes:
    """The same picture in the 256 colours that it shows most, the others as the nearest of them."""
    (width, height), pixels = size(png), _pixels(png)
    counts = Counter(pixels)
    palette = [colour for colour, _count in counts.most_common(COLOURS)]
    place = {colour: number for number, colour in enumerate(palette)}
    for colour in counts:
        if colour not in place:
            place[colour] = min(range(len(palette)), key=lambda number: _distance(palette[number], colour))
    numbers = bytes(place[colour] for colour in pixels)
    rows = b"".join(b"\0" + numbers[row * width : (row + 1) * width] for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    chunks = (b"IHDR", header), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        yield kind, png[place + 8 : place + 8 + length]
        place += length + 12


def _pixels(png: bytes) -> list[Colour]:
    """The pixels of a screenshot: eight bits a channel, with or without an alpha channel, not interlaced."""
    width, _height = size(png)
    depth, kind = png[24], png[25]
    assert (depth, kind) in ((8, 2), (8, 6)), "not a screenshot"
    channels = 3 if kind == 2 else 4
    data = zlib.decompress(b"".join(data for kind, data in _chunks(png) if kind == b"IDAT"))
    line, stride = bytearray(width * channels), width * channels + 1
    pixels: list[Colour] = []
    for start in range(0, len(data), stride):
        line = _unfiltered(data[start], bytearray(data[start + 1 : start + stride]), line, channels)
        pixels.extend(zip(line[0::channels], line[1::channels], line[2::channels], strict=True))
    return pixels


def _unfiltered(method: int, line: bytearray, above: bytearray, channels: int) -> bytearray:
    """A line as it was before PNG wrote it as differences to its left and to the line above."""
    for place in range(len(line) if method else 0):
        left = line[place - channels] if place >= channels else 0
        corner = above[place - channels] if place >= channels else 0
        guess = (left, above[place], (left + above[place]) // 2, _paeth(left, above[place], corner))[method - 1]
        line[place] = (line[place] + guess) & 255
    return line


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    distances = abs(guess - left), abs(guess - up), abs(guess - corner)
    return (left, up, corner)[distances.index(min(distances))]
