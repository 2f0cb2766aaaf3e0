"""Pictures with controls, to play with an idea: each stands beside a question, and tells in words what it shows.

`explorer.py` holds what they share; one explorer a file.
"""

from greenlm_edu.explorers.alignment_view import alignment_view
from greenlm_edu.explorers.attention_view import attention_view
from greenlm_edu.explorers.embedding_map import embedding_map
from greenlm_edu.explorers.entropy_slider import entropy_slider
from greenlm_edu.explorers.explorer import Explorer, View
from greenlm_edu.explorers.footprint_view import footprint_view
from greenlm_edu.explorers.mask_lab import mask_lab
from greenlm_edu.explorers.ngram_sampler import ngram_sampler
from greenlm_edu.explorers.optimizer_paths import optimizer_paths
from greenlm_edu.explorers.position_view import position_view
from greenlm_edu.explorers.sampling_view import sampling_view
from greenlm_edu.explorers.threshold_view import threshold_view
from greenlm_edu.explorers.tokenizer_view import tokenizer_view

__all__ = [
    "Explorer",
    "View",
    "alignment_view",
    "attention_view",
    "embedding_map",
    "entropy_slider",
    "footprint_view",
    "mask_lab",
    "ngram_sampler",
    "optimizer_paths",
    "position_view",
    "sampling_view",
    "threshold_view",
    "tokenizer_view",
]
