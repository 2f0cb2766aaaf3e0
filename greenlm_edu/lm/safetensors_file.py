"""The safetensors format: names and arrays in a file that cannot hold a program.

Eight bytes with the header's length (little-endian), the header as JSON (for each name: type, shape, first and last
byte), and then the bytes of all arrays.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from greenlm_edu.errors import CheckpointError

__all__ = ["read_safetensors", "write_safetensors"]

TYPES: dict[str, Any] = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U8": np.uint8,
    "BOOL": np.bool_,
}


def read_safetensors(path: str | Path) -> dict[str, np.ndarray]:
    """Name -> array.

    Args:
        path: a .safetensors file.
    Raises:
        CheckpointError: the file is missing, truncated, or holds something else.
    Source: the format's description, huggingface.co/docs/safetensors.   Lesson: notebooks/15.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as err:
        raise CheckpointError(
            f"read_safetensors: {path} must be a file that can be read; got {err.strerror}. Check the path."
        ) from err
    try:
        start = 8 + int.from_bytes(content[:8], "little")
        header: dict[str, Any] = json.loads(content[8:start])
        header.pop("__metadata__", None)
        expected = start + max((entry["data_offsets"][1] for entry in header.values()), default=0)
        if len(content) >= expected:
            return {name: _array(memoryview(content)[start:], **entry) for name, entry in header.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        raise CheckpointError(
            f"read_safetensors: {path} must be a safetensors file; got {len(content)} bytes that do not begin as one "
            f"({type(err).__name__}). Download or save it again."
        ) from err
    raise CheckpointError(
        f"read_safetensors: {path} must hold {expected} bytes by its header; got {len(content)}. "
        "The file is truncated: download or save it again."
    )


def write_safetensors(path: str | Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays under their names.

    Args:
        path: the file, usually ….safetensors.
        arrays: name -> array.
    """
    names = {np.dtype(kind): name for name, kind in TYPES.items()}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}  # transformers asks for this entry
    end = 0
    for name, array in arrays.items():
        offsets = [end, end := end + array.nbytes]
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": offsets}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays start at a multiple of eight bytes
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).tobytes())


def _array(content: memoryview, dtype: str, shape: list[int], data_offsets: list[int]) -> np.ndarray:
    values = np.frombuffer(content[slice(*data_offsets)], TYPES[dtype])
    if len(values) != math.prod(shape):
        raise ValueError("a shape that does not fit its bytes")
    return values.reshape(shape)
