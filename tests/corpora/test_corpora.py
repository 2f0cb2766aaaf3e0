"""The room of texts as a whole: names, errors, what a Text says of itself."""

import dataclasses
import hashlib
import subprocess
import sys

import pytest

from greenlm_edu import corpora
from greenlm_edu.corpora import Text
from greenlm_edu.errors import EmptyCorpus, InputError


@pytest.mark.parametrize("name", corpora.names())
def test_every_text_states_licence_source_and_sizes(name: str) -> None:
    text = corpora.load(name)
    assert text.name == name
    assert text.licence
    assert text.source
    sizes = {"train": len(text.train), "validation": len(text.validation), "test": len(text.test)}
    assert (text.characters if isinstance(text, Text) else text.sizes) == sizes
    assert 0.85 < len(text.train) / sum(sizes.values()) < 0.95
    for answer in dataclasses.astuple(text.datasheet):
        assert answer.endswith(".")
    assert "motivation" in str(text.datasheet)
    assert len(repr(text)) < 200


def test_unknown_name_is_answered_with_the_nearest_and_all_names() -> None:
    with pytest.raises(
        InputError, match=r"'python_docs', 'toy_language', .*; got 'pyton_dox'. Did you mean 'python_docs'"
    ):
        corpora.load("pyton_dox")


def test_fingerprint_tells_splits_apart() -> None:
    def digest(*splits: str) -> str:
        return hashlib.sha256(b"".join(len(s).to_bytes(8, "little") + s.encode() for s in splits)).hexdigest()

    text = Text("t", "ab", "c", "d", "", "", "")
    moved = Text("t", "a", "bc", "d", "", "", "")
    assert text.fingerprint == digest("ab", "c", "d")
    assert moved.fingerprint != text.fingerprint


def test_empty_split_is_refused() -> None:
    with pytest.raises(EmptyCorpus, match="got an empty validation"):
        Text("t", "ab", "", "d", "", "", "")


def test_importing_texts_loads_no_third_party_engine() -> None:
    code = (
        "import sys, greenlm_edu.corpora; "
        "print([m for m in ('keras', 'tensorflow', 'numpy', 'pynvml', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
