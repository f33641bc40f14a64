"""Files on a server: a local one with range requests, which counts what it sends and can misbehave in every way."""

from __future__ import annotations

import contextlib
import pickle
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import tifffile
from typer.testing import CliRunner

import htan_kit as hk
from htan_kit.cli import app
from htan_kit.io import _remote_answers, _remote_http, _remote_server
from htan_kit.io._bytes import Files
from htan_kit.io._paths import exists, is_file, is_inside, is_remote, located, on_disk
from htan_kit.io._remote_blocks import BLOCK, Blocks
from htan_kit.io.channel_table import is_channel_table
from htan_kit.io.hashing import file_hash
from htan_kit.io.table_header import read_table_header
from htan_kit.pixels import thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRET = "s3cr3t"
IMAGE, MASK, TABLE = "level2/HTA200_1_D1.ome.tiff", "level3/HTA200_1_D2.ome.tiff", "level4/HTA200_1_D4.csv"


@dataclass
class Server:
    """What is served, how badly, and what was asked for."""

    files: dict[str, Path | bytes] = field(default_factory=dict)
    port: int = 0
    ranges: bool = True
    total: bool = True  # whether the size is said
    etag: str = '"v1"'
    fail: Callable[[int], int] = lambda _: 0  # number of the request -> status to answer instead, 0 for none
    fail_first: int = 0  # how often each range is answered with 500 before it is sent
    tries: Counter[str] = field(default_factory=Counter)
    cut: Callable[[int], bool] = lambda _: False  # whether to stop in the middle of the body
    wait_s: float = 0.0
    requests: list[tuple[str, int, int]] = field(default_factory=list)  # path, first byte, bytes sent
    headers: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def forget(self) -> None:
        self.requests.clear()

    @property
    def sent(self) -> int:
        return sum(n for *_, n in self.requests)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    kit: Server

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        kit, path = self.kit, self.path.partition("?")[0]
        with kit.lock:
            number = len(kit.requests)
            kit.requests.append((path, 0, 0))
            kit.headers.append({**self.headers, "path": self.path})
        time.sleep(kit.wait_s)
        kit.tries[asked_for := f"{path} {self.headers.get('Range')}"] += 1
        if status := kit.fail(number) or (500 if kit.tries[asked_for] <= kit.fail_first else 0):
            return self._answer(status, {})
        if path not in kit.files:
            return self._answer(404, {})
        content = kit.files[path]
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if kit.ranges else None
        start, end = (int(asked[1]), min(int(asked[2] or size), size - 1) + 1) if asked else (0, size)
        if asked and start >= size:
            return self._answer(416, {"Content-Range": f"bytes */{size}"})
        headers = {
            "ETag": kit.etag,
            "Content-Length": str(end - start),
            "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        }
        if asked:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size if kit.total else '*'}"
        if self.command == "HEAD":
            return self._answer(200, headers)
        stop = start + (end - start) // 2 if kit.cut(number) else end
        sent = 0
        self.send_response(206 if asked else 200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for at in range(start, stop, 2**16):
                until = min(at + 2**16, stop)
                if isinstance(content, bytes):
                    piece = content[at:until]
                else:
                    with content.open("rb") as file:
                        file.seek(at)
                        piece = file.read(until - at)
                self.wfile.write(piece)
                sent += len(piece)
                kit.requests[number] = path, start, sent
        except OSError:  # the client has had enough
            pass
        if stop != end:
            self.close_connection = True
        return None


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(_remote_http, "DELAYS_S", (0.01, 0.01, 0.01))
    kit = Server()
    made = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"kit": kit}))
    made.daemon_threads = True
    made.handle_error = lambda *_: None  # a client that hangs up
    kit.port = made.server_port
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield kit
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture(scope="module")
def pyramid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """8 channels of 2048 x 2048 px in 4 levels, written by tifffile: 89 MB, directories all over the file."""
    path = tmp_path_factory.mktemp("pyramid") / "x.ome.tif"
    pixels = np.random.default_rng(0).integers(0, 2**16, (8, 2048, 2048), np.uint16)
    options: dict[str, Any] = {"tile": (256, 256), "photometric": "minisblack"}
    with tifffile.TiffWriter(path, ome=True) as writer:
        names = {"Name": [f"m{i}" for i in range(8)]}
        meta = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.5, "Channel": names}
        writer.write(pixels, subifds=3, metadata=meta, **options)
        for level in range(1, 4):
            writer.write(pixels[:, :: 2**level, :: 2**level], subfiletype=1, **options)
    return path


@pytest.fixture
def served(server: Server, pyramid: Path) -> Server:
    server.files["/a/x.ome.tif"] = pyramid
    return server


@pytest.fixture
def sample(server: Server) -> Server:
    folder = hk.datasets.sample()
    server.files |= {f"/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*") if path.is_file()}
    return server


def rules(problem: pytest.ExceptionInfo[hk.InputError]) -> list[str]:
    return [finding.rule for finding in problem.value.findings]


# Addresses


def test_addresses_become_paths_that_show_no_secret() -> None:
    path = located(f"https://me:{SECRET}@example.org:8443/a%20b/x.ome.tif?X-Amz-Signature={SECRET}#part")
    assert (path.name, path.suffix, path.stem, path.parent.name) == ("x.ome.tif", ".tif", "x.ome", "a%20b")
    shown = f"{path} {path!r} {path.parent} {path / 'zarr.json'} {path.as_posix()}"
    assert SECRET not in shown
    assert str(path) == "https://example.org:8443/a%20b/x.ome.tif"
    assert pickle.loads(pickle.dumps(path)) == path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3://bucket/key with #/x.tif", "s3://bucket/key with #/x.tif"),
        ("gcs://bucket/x.tif", "gs://bucket/x.tif"),
        ("HTTPS://Example.org/x.tif", "https://Example.org/x.tif"),
        ("http://h/a.zarr/", "http://h/a.zarr"),
        ("http://h/a b/%20ä.tif", "http://h/a%20b/%20%C3%A4.tif"),
    ],
)
def test_schemes(text: str, shown: str) -> None:
    path = located(text)
    assert is_remote(path)
    assert str(path) == shown
    assert located(path) is path


@pytest.mark.parametrize(
    "text",
    [
        "zip::https://h/x.zip", "simplecache::https://h/x.tif", "file::/etc/passwd", "ftp://h/x.tif", "memory://x.tif",
        "zip://x.tif::https://h/x.zip", "reference://x", "ssh://h/x.tif", f"s3://key:{SECRET}@bucket/x.tif",
        "https:///x.tif", "https://h", "https://[h/x.tif", "file://elsewhere/x.tif",
    ],
)  # fmt: skip
def test_other_addresses_are_refused_without_a_request(text: str) -> None:
    with pytest.raises(hk.InputError) as problem:
        hk.read_image(text)
    assert rules(problem) == ["remote.address"]
    assert SECRET not in str(problem.value)


def test_names_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a::b.tif").touch()
    assert located("a::b.tif") == Path("a::b.tif")
    assert located((tmp_path / "ä b.tif").as_uri()) == tmp_path / "ä b.tif"
    assert located("C:\\x.tif") == Path("C:\\x.tif")
    assert not is_remote(located("http:/x"))
    assert on_disk(tmp_path) is tmp_path


def test_what_is_not_made_for_servers_says_so() -> None:
    with pytest.raises(hk.InputError, match="works on files of this machine") as problem:
        Path(located(f"https://h/x.tif?{SECRET}"))
    assert rules(problem) == ["remote.local"]


@pytest.mark.parametrize("name", ["{url}", "../{url}", "{url}::x", "s3://bucket/x.tif"])
def test_what_a_sheet_names_is_never_fetched(sample: Server, tmp_path: Path, name: str) -> None:
    name = name.format(url=sample.url(f"/{IMAGE}"))
    (tmp_path / "samples.csv").write_text(f"sample,image,mask,table\nA,{name},{name},{name}\n")
    with contextlib.suppress(hk.InputError):
        hk.check(tmp_path / "samples.csv")
    assert not sample.requests


def test_what_a_manifest_names_is_never_fetched(sample: Server, tmp_path: Path) -> None:
    manifest = next(path for path in (hk.datasets.sample()).rglob("*.csv") if "D1.ome.tiff" in path.read_text())
    text = manifest.read_text()
    (tmp_path / manifest.name).write_text(re.sub(r"[^,\n]*HTA200_1_D1\.ome\.tiff", sample.url(f"/{IMAGE}"), text))
    with contextlib.suppress(hk.InputError):
        hk.check(tmp_path)
    assert not sample.requests


def test_what_is_quoted_is_sent_as_it_is(server: Server) -> None:
    server.files = {"/a%20b/%C3%A4+%2B.csv": (hk.datasets.sample() / TABLE).read_bytes()}
    assert hk.read_table(server.url("/a b/ä+%2B.csv?X=%2F%2B+&Y=a/b")).dialect == "mcquant"
    assert server.headers[0]["path"] == "/a%20b/%C3%A4+%2B.csv?X=%2F%2B+&Y=a/b"


# What it costs


def test_opening_reads_headers_only(served: Server, pyramid: Path) -> None:
    image = hk.read_image(served.url("/a/x.ome.tif"))
    size = pyramid.stat().st_size
    assert image.shape == (8, 2048, 2048)
    assert len(image.levels) == 4
    assert image.pixel_size_um == 0.5
    assert image.channel_names == [f"m{i}" for i in range(8)]
    assert served.sent < 0.01 * size
    assert len(served.requests) < 60  # 32 directories, OME-XML, tables of tiles


def test_a_window_costs_its_tiles(served: Server, pyramid: Path) -> None:
    image, local = hk.read_image(served.url("/a/x.ome.tif")), hk.read_image(pyramid)
    window, tile = (250, 300, 600, 700), 256 * 256 * 2
    served.forget()
    np.testing.assert_array_equal(image.read([2], window), local.read([2], window))
    assert sorted(n for *_, n in served.requests) == [tile] * 2
    served.forget()
    np.testing.assert_array_equal(image.read(None, window), local.read(None, window))
    assert sorted(n for *_, n in served.requests) == [tile] * 16
    served.forget()
    np.testing.assert_array_equal(image.dask(2)[:3, :10, :10].compute(), local.read([0, 1, 2], (0, 10, 0, 10), 2))
    assert served.sent < 40 * tile


def test_a_thumbnail_costs_the_small_level(served: Server, pyramid: Path) -> None:
    image = hk.read_image(served.url("/a/x.ome.tif"))
    served.forget()
    pixels, scale = thumbnail(image, 256)
    expected, same = thumbnail(hk.read_image(pyramid), 256)
    np.testing.assert_array_equal(pixels, expected)
    assert scale == same
    assert served.sent == 8 * 256 * 256 * 2


def test_check_reads_headers_only(served: Server, pyramid: Path) -> None:
    findings = hk.check(served.url("/a/x.ome.tif"))
    assert not [f for f in findings.errors if f.rule.startswith(("image", "remote", "file"))]
    assert served.sent < 0.02 * pyramid.stat().st_size


# The same as on disk


def test_everything_reads_the_same_as_from_disk(sample: Server) -> None:
    folder = hk.datasets.sample()
    url = {name: sample.url(f"/{name}") for name in (IMAGE, MASK, TABLE)}
    image = hk.read_image(url[IMAGE])
    np.testing.assert_array_equal(image.read(), hk.read_image(folder / IMAGE).read())
    np.testing.assert_array_equal(hk.read_mask(url[MASK]).read(), hk.read_mask(folder / MASK).read())
    table, local = hk.read_table(url[TABLE]), hk.read_table(folder / TABLE)
    pd.testing.assert_frame_equal(table.markers, local.markers)
    assert table.paths == (located(url[TABLE]),)
    assert read_table_header(url[TABLE]).columns == read_table_header(folder / TABLE).columns
    channels = next(path for path in sorted(folder.rglob("*.csv")) if is_channel_table(path))
    address = sample.url(f"/{channels.relative_to(folder).as_posix()}")
    pd.testing.assert_frame_equal(hk.read_channels(address), hk.read_channels(channels))
    measured = hk.quantify(url[IMAGE], url[MASK])
    expected = hk.quantify(folder / IMAGE, folder / MASK)
    np.testing.assert_array_equal(measured.X, expected.X)
    pd.testing.assert_frame_equal(measured.obs, expected.obs)


def test_an_anndata_holds_no_secret(sample: Server) -> None:
    sign = f"?X-Amz-Signature={SECRET}"
    base = f"http://me:{SECRET}@127.0.0.1:{sample.port}"
    adata = hk.read(image=f"{base}/{IMAGE}{sign}", mask=f"{base}/{MASK}{sign}", table=f"{base}/{TABLE}{sign}")
    block = adata.uns["htan_kit"]["HTA200_1_D1"]
    assert SECRET not in f"{adata.uns!r} {block!r} {adata.obs.iloc[0].to_dict()!r}"
    folder = hk.datasets.sample()
    for role, name in (("image", IMAGE), ("mask", MASK), ("table", TABLE)):
        assert block["files"][role]["size_bytes"] == (folder / name).stat().st_size
        assert block["files"][role]["hash"].startswith("sha256-version:")
    np.testing.assert_array_equal(adata.X, hk.read(image=folder / IMAGE, mask=folder / MASK, table=folder / TABLE).X)
    assert all(SECRET in headers["path"] and "Authorization" in headers for headers in sample.headers)


def test_the_hash_of_a_version_reads_nothing(sample: Server) -> None:
    first, again = (located(sample.url(f"/{IMAGE}")) for _ in range(2))
    before = file_hash(first)
    assert sample.sent <= BLOCK * 4
    assert file_hash(again) == before
    sample.etag = '"v2"'
    assert file_hash(located(sample.url(f"/{IMAGE}"))) != before


def test_commands(sample: Server, tmp_path: Path) -> None:
    run = CliRunner().invoke
    sign = f"?signature={SECRET}"
    found = run(app, ["info", sample.url(f"/{IMAGE}") + sign])
    assert found.exit_code == 0, found.output
    assert "HTA200_1_D1.ome.tiff: image, Imaging Level 2" in found.output
    assert "label mask, Imaging Level 3" in run(app, ["info", sample.url(f"/{MASK}")]).output
    assert "mcquant" in run(app, ["info", sample.url(f"/{TABLE}") + sign]).output
    out = tmp_path / "cells.csv"
    found = run(app, ["quantify", sample.url(f"/{IMAGE}") + sign, sample.url(f"/{MASK}"), "--out", str(out)])
    assert found.exit_code == 0, found.output
    assert len(pd.read_csv(out)) == 994
    found = run(app, ["check", sample.url(f"/{IMAGE}") + sign])
    assert found.exit_code == 0, found.output
    found = run(app, ["check", sample.url("/missing.tif") + sign])
    assert found.exit_code in (1, 2)
    assert "There is no such file" in found.output
    found = run(app, ["run", sample.url(f"/{IMAGE}") + sign, "--out", str(tmp_path / "out")])
    assert found.exit_code == 2
    assert "Download it" in found.output
    assert SECRET not in found.output


# What servers do wrong


def test_what_passes_is_asked_again(served: Server, pyramid: Path) -> None:
    served.fail_first = 3
    image = hk.read_image(served.url("/a/x.ome.tif"))
    served.fail_first = 0
    served.cut = lambda number: number == len(served.headers) // 2
    np.testing.assert_array_equal(image.read([1], (0, 600, 0, 9)), hk.read_image(pyramid).read([1], (0, 600, 0, 9)))


def test_a_server_that_never_answers(served: Server) -> None:
    served.fail = lambda _: 500
    with pytest.raises(hk.InputError) as problem:
        hk.read_image(f"{served.url('/a/x.ome.tif')}?{SECRET}")
    assert rules(problem) == ["remote.server"]
    text = str(problem.value)
    assert f"127.0.0.1:{served.port} did not send bytes 0 to" in text
    assert "500 Internal Server Error (4 tries)" in text
    assert "Try again later" in text
    assert SECRET not in text
    assert len(served.requests) == 4


@pytest.mark.parametrize("after", [1, 2, 8, 20])
def test_a_server_that_breaks_while_the_header_is_read(served: Server, after: int) -> None:
    served.fail = lambda number: 502 if number >= after else 0
    with pytest.raises(hk.InputError) as problem:
        hk.read_image(served.url("/a/x.ome.tif"))
    assert rules(problem) == ["remote.server"]


def test_a_server_that_breaks_while_pixels_are_read(served: Server) -> None:
    image = hk.read_image(served.url("/a/x.ome.tif"))
    served.fail = lambda _: 500
    with pytest.raises(hk.InputError) as problem:
        image.read()
    assert rules(problem) == ["remote.server"]


def test_bodies_that_stop(served: Server) -> None:
    image = hk.read_image(served.url("/a/x.ome.tif"))
    served.cut = lambda _: True
    with pytest.raises(hk.InputError, match="the connection broke off") as problem:
        image.read([0], (0, 9, 0, 9))
    assert rules(problem) == ["remote.server"]


def test_a_server_that_is_not_there() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_remote_http, "DELAYS_S", (0.01,))
        patch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(hk.InputError, match="cannot be reached") as problem:
            hk.read_image("http://127.0.0.1:9/x.tif")
    assert rules(problem) == ["remote.server"]


def test_a_server_that_is_too_slow(served: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_remote_http, "READ_S", 0.05)
    _remote_server.server_of.cache_clear()
    served.wait_s = 0.3
    with pytest.raises(hk.InputError, match="no answer in time"):
        hk.read_image(served.url("/a/x.ome.tif"))
    _remote_server.server_of.cache_clear()


@pytest.mark.parametrize(
    ("status", "rule", "said"),
    [
        (401, "remote.access", "does not give access"), (403, "remote.access", "expire"),
        (404, "file.exists", "no such file"), (410, "file.exists", "no such file"),
        (400, "remote.server", "cannot answer"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("read", [hk.read_image, hk.read_mask, hk.read_table, hk.read_channels])
def test_refusals_are_said_at_once(
    served: Server, status: int, rule: str, said: str, read: Callable[[str], object]
) -> None:
    served.fail = lambda _: status
    with pytest.raises(hk.InputError, match=said) as problem:
        read(f"{served.url('/a/x.ome.tif')}?{SECRET}")
    assert rules(problem) == [rule]
    assert SECRET not in str(problem.value)
    assert len(served.requests) == 1


def test_a_large_file_is_not_taken_whole(served: Server) -> None:
    served.ranges = False
    with pytest.raises(hk.InputError, match=r"whole files only .* 89 MB") as problem:
        hk.read_image(served.url("/a/x.ome.tif"))
    assert rules(problem) == ["remote.ranges"]
    time.sleep(0.2)
    assert served.sent < 16 * 2**20  # what fits into the buffers between the two
    assert len(served.requests) == 1


def test_a_small_file_is_taken_whole(sample: Server) -> None:
    sample.ranges = False
    folder = hk.datasets.sample()
    image = hk.read_image(sample.url(f"/{IMAGE}"))
    np.testing.assert_array_equal(image.read(), hk.read_image(folder / IMAGE).read())
    assert len(sample.requests) == 1


def test_a_size_that_is_not_said(served: Server) -> None:
    served.total = False
    with pytest.raises(hk.InputError, match="how large the file is"):
        hk.read_image(served.url("/a/x.ome.tif"))


@pytest.mark.parametrize("size", [1000, None])
def test_a_file_that_changes(served: Server, pyramid: Path, size: int | None) -> None:
    image = hk.read_image(served.url("/a/x.ome.tif"))
    if size is None:
        served.etag = '"v2"'
    else:
        served.files["/a/x.ome.tif"] = pyramid.read_bytes()[:-size]
    with pytest.raises(hk.InputError, match="changed while it was read") as problem:
        image.read([0], (0, 9, 0, 9))
    assert rules(problem) == ["image.changed"]
    if size is None:
        assert hk.read_image(served.url("/a/x.ome.tif")).shape == image.shape


def test_other_bytes_than_asked_for(served: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    image = hk.read_image(served.url("/a/x.ome.tif"))
    monkeypatch.setattr(_remote_http, "_CONTENT_RANGE", re.compile(r"bytes (\d)\d*-(\d+)/(\d+)"))
    with pytest.raises(hk.InputError, match="other bytes than asked for") as problem:
        image.read([0], (0, 9, 0, 9))
    assert rules(problem) == ["remote.ranges"]


def test_damaged_files_are_told_from_broken_servers(server: Server, pyramid: Path) -> None:
    server.files = {"/cut.ome.tif": pyramid.read_bytes()[:1_000_000], "/text.tif": b"no image", "/empty.tif": b""}
    said = {"/cut.ome.tif": "image.truncated", "/text.tif": "image.tiff", "/empty.tif": "image.tiff"}
    for path, rule in said.items():
        with pytest.raises(hk.InputError) as problem:
            hk.read_image(server.url(path))
        assert rules(problem) == [rule]


def test_sets_of_files_are_read_from_a_disk(server: Server, tmp_path: Path) -> None:
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0" '
        'DimensionOrder="XYZTC" Type="uint8" SizeX="32" SizeY="32" SizeC="2" SizeZ="1" SizeT="1">'
        '<Channel ID="Channel:0:0"/><Channel ID="Channel:0:1"/>'
        '<TiffData FirstC="0" PlaneCount="1"><UUID FileName="a.ome.tif">urn:uuid:1</UUID></TiffData>'
        '<TiffData FirstC="1" PlaneCount="1"><UUID FileName="b.ome.tif">urn:uuid:2</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    tifffile.imwrite(tmp_path / "a.ome.tif", np.zeros((32, 32), np.uint8), description=xml, metadata=None)
    server.files = {"/a.ome.tif": tmp_path / "a.ome.tif", "/b.ome.tif": tmp_path / "a.ome.tif"}
    with pytest.raises(hk.InputError, match="from a disk"):
        hk.read_image(server.url("/a.ome.tif"))
    assert {path for path, *_ in server.requests} == {"/a.ome.tif"}


def test_tables_are_named_by_their_address(server: Server) -> None:
    server.files = {"/a/cells.csv": b"nothing,known\n1,2\n", "/a/t.csv": b"CellID,DNA,X_centroid,Y_centroid\n1,2,,1\n"}
    with pytest.raises(hk.InputError) as problem:
        hk.read_table(f"{server.url('/a/cells.csv')}?{SECRET}")
    assert {finding.subject for finding in problem.value.findings} == {server.url("/a/cells.csv")}
    found = hk.Findings()
    hk.read_table(server.url("/a/t.csv"), findings=found)
    assert {finding.subject for finding in found} == {server.url("/a/t.csv")}


def test_a_table_that_is_too_large(sample: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from htan_kit.io import _remote

    monkeypatch.setattr(_remote, "_MOST_COPY", 1000)
    with pytest.raises(hk.InputError, match="has to be read whole") as problem:
        hk.read_table(sample.url(f"/{TABLE}"))
    assert rules(problem) == ["remote.size"]
    assert len(sample.requests) == 1


# Paths


def test_a_remote_path_is_like_a_path(sample: Server) -> None:
    path = located(sample.url(f"/{TABLE}"))
    here = hk.datasets.sample() / TABLE
    assert is_file(path)
    assert exists(path)
    assert not path.is_dir()
    assert not is_file(path / "x")
    assert is_inside(path, path.parent)
    assert not is_inside(path / "../../x", path)
    assert path.relative_to(path.parent.parent).as_posix() == TABLE
    with path.open(encoding="utf-8", newline="") as file:
        assert file.read() == here.read_text("utf-8")
    with path.open("rb") as file:
        file.seek(-10, 2)
        assert file.read() == here.read_bytes()[-10:]
        with pytest.raises(ValueError, match="not negative"):
            file.seek(-1)
    sample.forget()
    assert on_disk(path).read_bytes() == here.read_bytes()
    assert on_disk(path).name == here.name
    n = len(sample.requests)
    with path.open("rb") as file:
        assert file.read() == here.read_bytes()
    assert len(sample.requests) == n


def test_bytes_at_a_place(sample: Server) -> None:
    path, content = located(sample.url(f"/{TABLE}")), (hk.datasets.sample() / TABLE).read_bytes()
    files = Files()
    assert bytes(files.read(path, 1000, 50)) == content[1000:1050]
    with pytest.raises(EOFError, match="20 bytes too early"):
        files.read(path, len(content) - 30, 50)
    files.close()


def test_blocks_are_fetched_once() -> None:
    content, asked = bytes(range(256)) * 1024, list[tuple[int, int]]()

    def fetch(start: int, end: int) -> bytes:
        asked.append((start, end))
        return content[start:end]

    blocks = Blocks(fetch)
    for start, end in ((5, 9), (0, 3 * BLOCK), (BLOCK - 1, BLOCK + 1), (10 * BLOCK + 7, 12 * BLOCK), (0, len(content))):
        assert blocks.read(start, end) == content[start:end]
    covered = np.zeros(len(content), int)
    for start, end in asked:
        covered[start:end] += 1
    assert (covered == 1).all()
    n = len(asked)
    blocks.prefetch([(0, 10), (5 * BLOCK, 6 * BLOCK)])
    assert len(asked) == n


def test_errors_survive_other_processes() -> None:
    problem = _remote_answers.refused("https://h/x", 404)
    again = pickle.loads(pickle.dumps(problem))
    assert isinstance(again, FileNotFoundError)
    assert str(again) == str(problem)
    assert list(again.findings) == list(problem.findings)


# Buckets


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    def missing(*_: Any, **__: Any) -> None:
        msg = "Install gcsfs"
        raise ImportError(msg)

    monkeypatch.setattr(fsspec, "filesystem", missing)
    _remote_server.server_of.cache_clear()
    with pytest.raises(
        hk.InputError, match=r'gcsfs, which is not installed. .*pip install "htan-kit\[cloud\]"'
    ) as problem:
        hk.read_image("gs://bucket/x.tif")
    assert rules(problem) == ["remote.extra"]
    _remote_server.server_of.cache_clear()


@pytest.fixture
def bucket(served: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """S3, as far as reading goes: GET and HEAD of /bucket/key. Nobody is signed in."""
    pytest.importorskip("s3fs")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{served.port}")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    _remote_server.server_of.cache_clear()
    yield served
    _remote_server.server_of.cache_clear()


def test_a_bucket(bucket: Server, pyramid: Path) -> None:
    image, local = hk.read_image("s3://a/x.ome.tif"), hk.read_image(pyramid)
    assert bucket.sent < 0.01 * pyramid.stat().st_size
    window = (250, 300, 600, 700)
    np.testing.assert_array_equal(image.read([2], window), local.read([2], window))
    bucket.etag = '"v2"'
    with pytest.raises(hk.InputError, match="changed while it was read"):
        image.read([0], window)


@pytest.mark.parametrize(("status", "rule"), [(403, "remote.access"), (404, "file.exists")])
def test_a_bucket_that_refuses(bucket: Server, status: int, rule: str) -> None:
    bucket.fail = lambda _: status
    with pytest.raises(hk.InputError) as problem:
        hk.read_image("s3://a/x.ome.tif")
    assert rules(problem) == [rule]


# OME-Zarr


@pytest.fixture
def zarr_pixels(server: Server, tmp_path: Path) -> np.ndarray:
    import zarr

    pixels = np.random.default_rng(1).integers(0, 2**16, (3, 200, 200), np.uint16)
    axes = [{"name": "c", "type": "channel"}, *({"name": a, "type": "space", "unit": "micrometer"} for a in "yx")]
    scale = [{"type": "scale", "scale": [1.0, 0.5, 0.5]}]
    entry = {"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    ome = {"ome": {"version": "0.5", "multiscales": [entry]}}
    group = zarr.open_group(tmp_path / "x.ome.zarr", mode="w", zarr_format=3, attributes=ome)
    group.create_array("0", data=pixels, chunks=(1, 64, 64))
    server.files = {f"/{path.relative_to(tmp_path).as_posix()}": path for path in tmp_path.rglob("*") if path.is_file()}
    return pixels


def test_a_zarr_folder(server: Server, zarr_pixels: np.ndarray) -> None:
    address = f"http://me:{SECRET}@127.0.0.1:{server.port}/x.ome.zarr?sig={SECRET}"
    image = hk.read_image(address)
    assert image.pixel_size_um == 0.5
    assert SECRET not in f"{image!r} {image.path} {image.store!r}"
    assert not [path for path, *_ in server.requests if "/c/" in path]
    np.testing.assert_array_equal(image.read([1], (70, 100, 0, 9)), zarr_pixels[1:2, 70:100, :9])
    assert [path for path, *_ in server.requests if "/c/" in path] == ["/x.ome.zarr/0/c/1/1/0"]
    np.testing.assert_array_equal(image.read(), zarr_pixels)
    assert all(SECRET in headers["path"] and "Authorization" in headers for headers in server.headers)
    assert not hk.check(address).errors.to_frame()["rule"].str.startswith(("remote", "file")).any()


def test_a_zarr_folder_whose_server_breaks(server: Server, zarr_pixels: np.ndarray) -> None:
    address = f"{server.url('/x.ome.zarr')}?sig={SECRET}"
    image = hk.read_image(address)
    server.fail_first = 2
    np.testing.assert_array_equal(image.read([0]), zarr_pixels[:1])
    server.fail = lambda _: 500
    for read in (image.read, lambda: hk.read_image(address)):
        with pytest.raises(hk.InputError, match="500 Internal Server Error") as problem:
            read()
        assert rules(problem) == ["remote.server"]
        assert SECRET not in str(problem.value)
    server.fail = lambda _: 403
    with pytest.raises(hk.InputError, match="does not give access"):
        hk.read_image(address)


def test_a_dicom_file_is_for_a_disk(server: Server) -> None:
    server.files = {"/x.dcm": b"\0" * 128 + b"DICM"}
    with pytest.raises(hk.InputError):
        hk.read_image(server.url("/x.dcm"))
