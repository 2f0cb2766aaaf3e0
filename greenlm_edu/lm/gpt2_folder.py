"""GPT-2 in a folder, as Hugging Face keeps it: config.json and model.safetensors."""

from __future__ import annotations

import json
from pathlib import Path

from greenlm_edu.errors import CheckpointError, WeightsUnavailable
from greenlm_edu.lm.hugging_face import from_hugging_face, to_hugging_face
from greenlm_edu.lm.safetensors_file import read_safetensors, write_safetensors
from greenlm_edu.lm.transformer import Transformer

__all__ = ["load_gpt2", "save_gpt2"]


def load_gpt2(folder_or_name: str | Path, download: bool = False) -> Transformer:
    """A GPT-2 from a folder with config.json and model.safetensors, or from the hub.

    Args:
        folder_or_name: a folder; or, with download, a name on the hub, such as "gpt2" (548 MB).
        download: whether the hub may be asked. What was once downloaded is found again without a network.
    Raises:
        WeightsUnavailable: there is no such folder, or the hub cannot be reached.
        CheckpointError, InputError: see from_hugging_face.
    Lesson: notebooks/15.
    """
    folder = Path(folder_or_name)
    if not folder.is_dir():
        folder = _downloaded(str(folder_or_name), download)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise CheckpointError(
            f"load_gpt2: {folder} must hold a config.json; got {type(err).__name__}: {err}. "
            "Take the whole folder of the model."
        ) from err
    return from_hugging_face(read_safetensors(folder / "model.safetensors"), config)


def save_gpt2(model: Transformer, folder: str | Path) -> None:
    """Write config.json and model.safetensors, which transformers' `from_pretrained(folder)` reads.

    Raises:
        InputError: see to_hugging_face.
    """
    state_dict, config = to_hugging_face(model)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    write_safetensors(folder / "model.safetensors", state_dict)


def _downloaded(name: str, download: bool) -> Path:
    if not download:
        raise WeightsUnavailable(
            f"load_gpt2: {name!r} must be a folder with config.json and model.safetensors; got no such folder. "
            f"To ask the Hugging Face hub, say load_gpt2({name!r}, download=True); to stay off line, take "
            "Transformer.gpt2(), which has the same layers and random weights."
        )
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, allow_patterns=["config.json", "model.safetensors"]))
    except Exception as err:  # a missing package, no network, no such model: many kinds of error, one remedy
        reason = (str(err).strip().splitlines() or [type(err).__name__])[0][:200].rstrip(".")
        raise WeightsUnavailable(
            f"load_gpt2: the hub must be reachable and know {name!r}; got {reason}. Without a network, take "
            "Transformer.gpt2(), which has the same layers and random weights, or give a folder that holds the files."
        ) from err
