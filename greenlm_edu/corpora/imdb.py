"""50,000 film reviews with a sentiment. Optional: 84 MB are downloaded."""

from __future__ import annotations

import hashlib
import re
import tarfile
from pathlib import Path
from typing import Final

from greenlm_edu.corpora.collection import Collection
from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.corpora.download import Download, cached
from greenlm_edu.corpora.labelled import Labelled
from greenlm_edu.errors import CorpusUnavailable

__all__ = ["DOWNLOAD", "read"]

DOWNLOAD: Final = Download(
    name="imdb",
    address="https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    size_bytes=84_125_825,
    sha256="c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    checksum_source="the same in TensorFlow Datasets (imdb_reviews) and in several public repositories that pin this "
    "archive; not worked out by us",
    stand_in="reviews",
)
_LABELS: Final = {"pos": "positive", "neg": "negative"}
_REVIEW: Final = re.compile(r"aclImdb/(train|test)/(pos|neg)/(\d+_\d+)\.txt")
_DATASHEET: Final = Datasheet(
    motivation="Collected by Maas et al. (2011) to learn word vectors that know sentiment.",
    composition="25,000 reviews to train with and 25,000 to test on, half of each positive; at most 30 on one film, "
    "and no film in both halves. A tenth of the training reviews becomes the validation split.",
    making="Stars given on the site became labels: 7 – 10 positive, 1 – 4 negative, 5 and 6 left out. Here line breaks "
    "written as <br /> become real ones, and reviews that stand in a held-out split word for word leave training. The "
    "order is random, and never changes.",
    label_noise="Unknown: stars are not always what the words say. `true_label` is None.",
    limits="Opinions of the site's users until 2011, in English, strong ones only. Read before you show it to a class.",
    uses="Lesson 06, to see what changes from generated reviews to real ones.",
)  # fmt: skip


def read(path: Path | None = None) -> Collection[Labelled]:
    """Reviews with labels `negative` and `positive`.

    Args:
        path: the archive; the one in the cache if left out.
    Raises:
        CorpusUnavailable: it was not downloaded yet, or is no such archive.
    """
    path = path or cached(DOWNLOAD)
    splits: dict[str, list[tuple[str, Labelled]]] = {"train": [], "validation": [], "test": []}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:  # read in place: nothing is unpacked onto the disk
                found = _REVIEW.fullmatch(member.name)
                if found and member.isfile():
                    half, label, number = found.groups()
                    text = archive.extractfile(member).read().decode("utf-8").replace("<br />", "\n")  # type: ignore[union-attr]
                    split = "validation" if half == "train" and _is_held_out(f"{label}/{number}") else half
                    splits[split].append((member.name, Labelled(text, _LABELS[label])))
    except (tarfile.TarError, OSError, EOFError, UnicodeDecodeError) as err:
        raise CorpusUnavailable(
            f"corpora.load('imdb'): {path} must be the archive of reviews; got {err}. Delete it and download it again."
        ) from err
    taken: set[str] = set()
    for split in ("test", "validation", "train"):
        kept = [(name, review) for name, review in sorted(splits[split], key=_by_hash) if review.text not in taken]
        splits[split] = kept
        taken.update(review.text for _, review in kept)
    train, validation, test = (tuple(review for _, review in kept) for kept in splits.values())
    licence = "none stated; the authors ask to be cited: Maas et al. 2011"
    return Collection("imdb", train, validation, test, licence, DOWNLOAD.address, _DATASHEET)


def _by_hash(entry: tuple[str, Labelled]) -> str:
    return hashlib.sha256(entry[0].encode()).hexdigest()


def _is_held_out(name: str) -> bool:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) < 0.1 * 2**32
