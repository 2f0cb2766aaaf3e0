"""Downloads against a server on loopback: the right file, wrong ones, half of one, none."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from greenlm_edu import corpora
from greenlm_edu.corpora import imdb, tiny_shakespeare
from greenlm_edu.corpora.download import Download, cache_folder, cached, fetch
from greenlm_edu.errors import CorpusUnavailable, InputError

SCENE = "".join(f"First Voice:\nThis is line {n}, good people.\n\n" for n in range(200)).encode()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path == "/missing.txt":
            self.send_error(404)
            return
        body = {"/other.txt": SCENE.replace(b"good", b"bad "), "/longer.txt": SCENE + b"more"}.get(self.path, SCENE)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000] if self.path == "/half.txt" else body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("GREENLM_CACHE", str(tmp_path / "cache"))
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    running.asked = []
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def _item(server: ThreadingHTTPServer, path: str = "scene.txt") -> Download:
    address = f"http://127.0.0.1:{server.server_port}/{path}"
    return Download("song", address, len(SCENE), hashlib.sha256(SCENE).hexdigest(), "this test", "python_docs")


def test_right_file_is_fetched_once_and_its_size_said_before(
    server: ThreadingHTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    item = _item(server)
    path = fetch(item)
    assert path.read_bytes() == SCENE
    assert path.parent == cache_folder()
    said = capsys.readouterr().out
    assert said.startswith("Downloading song: 0.0 MB from http://127.0.0.1:")
    assert str(path) in said
    assert fetch(item) == cached(item) == path
    assert server.asked == ["/scene.txt"]
    assert capsys.readouterr().out == ""


FAULTS = {
    "other.txt": rf"whose checksum is known; got sha256 [0-9a-f]{{64}} instead of {hashlib.sha256(SCENE).hexdigest()}",
    "half.txt": rf"got .*1,?000 .*{len(SCENE):,} bytes|got IncompleteRead",
    "longer.txt": rf"got more than {len(SCENE):,} bytes",
    "missing.txt": r"must be reachable; got 404 Not Found",
}


@pytest.mark.parametrize(("path", "message"), FAULTS.items(), ids=FAULTS)
def test_any_other_file_is_refused_and_nothing_kept(server: ThreadingHTTPServer, path: str, message: str) -> None:
    with pytest.raises(CorpusUnavailable, match=message) as caught:
        fetch(_item(server, path))
    assert str(caught.value).endswith("take the text that comes with the package: corpora.load('python_docs').")
    assert list(cache_folder().iterdir()) == []


def test_off_line_is_said_and_the_stand_in_named(server: ThreadingHTTPServer) -> None:
    item = _item(server)
    nobody = replace(item, address=item.address.replace(str(server.server_port), "9"))  # nothing listens there
    with pytest.raises(CorpusUnavailable, match=r"must be reachable; got .*refused.*corpora.load\('python_docs'\)"):
        fetch(nobody)


def test_damaged_cache_is_noticed_and_mended(server: ThreadingHTTPServer) -> None:
    item = _item(server)
    path = fetch(item)
    path.write_bytes(SCENE.replace(b"line 7", b"lime 7"))
    with pytest.raises(CorpusUnavailable, match=r"must hold the text; got sha256 .*corpora.download\('song'\), 0.0 MB"):
        cached(item)
    assert fetch(item).read_bytes() == SCENE


def test_folder_that_cannot_be_written_is_said(server: ThreadingHTTPServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CorpusUnavailable, match=r"got .*Not a directory|got .*File exists"):
        fetch(_item(server), tmp_path / "file")


@pytest.mark.parametrize("name", corpora.optional_names())
def test_load_never_fetches_but_says_how(name: str, server: ThreadingHTTPServer) -> None:
    size = {"tiny_shakespeare": "1.1 MB", "imdb": "84.1 MB"}[name]
    with pytest.raises(
        CorpusUnavailable, match=rf"no such file. Fetch it once with corpora.download\('{name}'\), {size}"
    ):
        corpora.load(name)
    assert server.asked == []
    assert not cache_folder().exists()


def test_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        InputError, match=r"corpora.download: name must be one of 'tiny_shakespeare', 'imdb'; got 'imbd'"
    ):
        corpora.download("imbd")


def test_every_stand_in_is_embedded_and_every_checksum_has_a_source() -> None:
    for item in (tiny_shakespeare.DOWNLOAD, imdb.DOWNLOAD):
        assert item.stand_in in corpora.names()
        assert len(item.sha256) == 64
        assert item.checksum_source
        assert item.address.startswith("https://")


def test_tiny_shakespeare_is_split_in_order_between_speeches(tmp_path: Path) -> None:
    path = tmp_path / "scene.txt"
    path.write_bytes(SCENE)
    text = tiny_shakespeare.read(path)
    assert text.train + text.validation + text.test == SCENE.decode()
    assert text.validation.startswith("First Voice:\n")
    assert text.test.startswith("First Voice:\n")
    assert len(text.train) / len(SCENE) == pytest.approx(0.9, abs=0.01)
    assert text.datasheet is not None


def _archive(path: Path, reviews: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in reviews.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def test_imdb_reads_reviews_in_place_and_drops_what_stands_in_the_test_split(tmp_path: Path) -> None:
    reviews = {f"aclImdb/train/pos/{n}_9.txt": f"Lovely, number {n}.<br />Again!" for n in range(60)}
    reviews |= {f"aclImdb/test/neg/{n}_2.txt": f"Dreadful, number {n}." for n in range(5)}
    reviews |= {
        "aclImdb/train/neg/60_1.txt": "Dreadful, number 3.",
        "aclImdb/train/unsup/1_0.txt": "?",
        "../x_1.txt": "!",
    }
    collection = imdb.read(_archive(tmp_path / "reviews.tar.gz", reviews))
    assert collection.sizes["test"] == 5
    assert collection.sizes["train"] + collection.sizes["validation"] == 60  # one of 61 stands in the test split
    assert {review.label for review in collection.train} == {"positive"}
    assert {review.true_label for review in collection.train} == {None}
    assert "\nAgain!" in collection.train[0].text
    assert list(tmp_path.iterdir()) == [tmp_path / "reviews.tar.gz"]


def test_imdb_says_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "reviews.tar.gz").write_bytes(b"not an archive")
    with pytest.raises(CorpusUnavailable, match=r"must be the archive of reviews; got .*Delete it"):
        imdb.read(tmp_path / "reviews.tar.gz")
