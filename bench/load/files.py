"""Files: what the servers hold of them, and the scenarios that upload, download and scale."""

import json
import random
import struct
import zlib

FILES, FILE_BYTES, IMAGES = 50, 100_000, 40
THUMBS_IN_A_ROUND = 200
SIZES = [f"{width}x{width * 3 // 4}{mode}" for width in range(40, 340, 20) for mode in ("", "t", "b", "f")]
BOUNDARY = "----bench9f2c41d7"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, source):
    """Coloured areas with some noise, so that it is neither trivial nor incompressible."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        noise = source.randbytes(width // 8 + 1)
        for x in range(width):
            rows += bytes(((x * 255) // width, (y * 255) // height, (x // 40 * y // 40 + noise[x // 8] // 16) & 255))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows), 6)) + chunk(b"IEND", b"")


def form(method, path, file_name, content, token=""):
    """A multipart request with one file in the field "file", as it goes over the wire."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n' \
           "Content-Type: application/octet-stream\r\n\r\n"
    body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
             f"Content-Length: {len(body)}"]
    if token:
        lines.append(f"Authorization: {token}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path, **headers):
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def build(server, Scenario):
    source = random.Random(4)
    open_to_all = {"listRule": "", "viewRule": "", "createRule": "", "updateRule": None, "deleteRule": None}
    for name in ("files", "uploads"):
        server.call("POST", "/api/collections", {"name": name, "type": "base", **open_to_all, "fields": [
            {"name": "file", "type": "file", "maxSelect": 1, "maxSize": 5 << 20, "thumbs": SIZES}]})

    def stored(file_name, content):
        record = json.loads(server.send(form("POST", "/api/collections/files/records", file_name, content))[1])
        return f"/api/files/files/{record['id']}/{record['file']}"

    contents = [source.randbytes(FILE_BYTES) for _ in range(FILES)]
    paths = [stored(f"content {n}.bin", content) for n, content in enumerate(contents)]
    image = png(800, 600, source)
    images = [stored(f"image {n}.png", image) for n in range(IMAGES)]
    thumbs = [get(f"{path}?thumb={size}") for path in images for size in SIZES]
    source.shuffle(thumbs)
    uploads = [form("POST", "/api/collections/uploads/records", f"upload {n}.bin", content)
               for n, content in enumerate(contents)]

    is_png = lambda status, body: status == 200 and body.startswith(b"\x89PNG") and len(body) < len(image)
    return [
        Scenario("upload", 16, uploads, lambda answer: len(answer["id"]) == 15 and answer["file"].endswith(".bin")),
        Scenario("download", 32, [get(path) for path in paths], raw_check=lambda status, body: (status, body) == (200, contents[0])),
        Scenario("download-range", 32, [get(path, Range="bytes=50000-50999") for path in paths],
                 raw_check=lambda status, body: (status, body) == (206, contents[0][50000:51000])),
        Scenario("thumb-first", 4, thumbs, raw_check=is_png, once=THUMBS_IN_A_ROUND),
        Scenario("thumb-cached", 32, thumbs[:20], raw_check=is_png),
    ]
