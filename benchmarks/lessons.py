"""How the figures of lessons 07 to 11 vary with the first weights: each lesson's own cells, run with three seeds.

    python benchmarks/lessons.py [07 … 11] [--seeds 0 1000 2000]

The number is added to every seed that a lesson gives Keras, for first weights and dropout; 0 is the lesson as it is.
Texts, and the order in which they are read, stay the same. Some twenty minutes for all.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Final

import nbformat
from nbclient import NotebookClient
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
SHIFTED: Final = """
import keras
_set_random_seed = keras.utils.set_random_seed
keras.utils.set_random_seed = lambda seed: _set_random_seed(seed + {shift})
"""

# What is asked of each lesson's kernel when its last cell has run: a name, and an expression.
FIGURES: Final = {
    "07": {
        "one head, both notes right": "np.mean([results[1, seed][1] for seed in (0, 1, 2)])",
        "two heads, both notes right": "np.mean([results[2, seed][1] for seed in (0, 1, 2)])",
        "toy language, bits a word": "bits",
        "… over the exact floor": "bits / floor",
    },
    "08": {
        "nats a character, trained places, none": "loss_at['none'][8:32].mean()",
        "… learned": "loss_at['learned'][8:32].mean()",
        "… sinusoidal": "loss_at['sinusoidal'][8:32].mean()",
        "… rotary": "loss_at['rotary'][8:32].mean()",
        "nats a character, places 64–95, none": "loss_at['none'][64:96].mean()",
        "… learned, beyond": "loss_at['learned'][64:96].mean()",
        "… sinusoidal, beyond": "loss_at['sinusoidal'][64:96].mean()",
        "… rotary, beyond": "loss_at['rotary'][64:96].mean()",
        "impostor, bits a word": "bits['impostor, logits said']",
        "honest, bits a word": "bits['honest']",
    },
    "09": {
        "pre-norm at 0.008, bits a word": "runs['pre', 8e-3][1]",
        "post-norm at 0.008, bits a word": "runs['post', 8e-3][1]",
        "post-norm at 0.002, bits a word": "runs['post', 2e-3][1]",
        "Transformer, nats a character": "losses['Transformer']",
        "… bits a character": "in_bits['Transformer']",
        "… fewer nats than pairs": "losses['pairs (bigram)'] - losses['Transformer']",
    },
    "10": {
        "the writer, nats a character": "lm.evaluate(model, validation)",
        "grammatical at τ = 1": "right[1.0]",
        "grammatical at τ = 1.5": "right[1.5]",
        "greedy, repeated 8-grams": "shares['greedy']",
    },
    "11": {
        "translator, last loss": "translated[-1]",
        "to Chinese, exact match": "exact['to Chinese']",
        "to English, exact match": "exact['to English']",
        "summariser, last loss": "summarised[-1]",
        "ROUGE-L": "marks['ROUGE-L']",
        "building kept": "kept['building']",
        "consumption kept": "kept['consumption']",
        "more or less, right": "kept['more or less']",
        "largest, right": "kept['largest']",
        "answerer, last loss": "answered[-1]",
        "one place, exact match": "shares['one place: exact']",
        "one place, F1": "shares['one place: F1']",
        "refused where it must": "refused[~told].mean()",
        "refused where it must not": "refused[told].mean()",
        "two places, exact match": "shares['two places: exact']",
    },
}


def figures_of(lesson: str, shift: int) -> dict[str, float]:
    """Run a lesson and ask its kernel."""
    path = next((ROOT / "notebooks").glob(f"{lesson}_*.ipynb"))
    notebook = nbformat.read(path, as_version=4)
    ask = ", ".join(f"{name!r}: float({expression})" for name, expression in FIGURES[lesson].items())
    notebook.cells = [
        nbformat.v4.new_code_cell(SHIFTED.format(shift=shift)),
        *notebook.cells,
        nbformat.v4.new_code_cell(f"import json\nprint(json.dumps({{{ask}}}))"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "GREENLM_STEPS"},
            "GREENLM_LEDGER": f"{folder}/ledger.db",
            "PYTHONPATH": str(ROOT),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        resources = {"metadata": {"path": str(path.parent)}}
        client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources)
        client.execute(env=environment)
    said = "".join(output.text for output in notebook.cells[-1].outputs if output.output_type == "stream")
    return json.loads(said[said.index("{") :])  # type: ignore[no-any-return]


def main() -> None:
    """Run, and print mean and range of each figure."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("lessons", nargs="*", default=list(FIGURES), help=", ".join(FIGURES))
    options.add_argument("--seeds", nargs="+", type=int, default=[0, 1000, 2000], help="what is added to each seed")
    given = options.parse_args()
    screen = Console()
    for lesson in given.lessons:
        runs = []
        for shift in given.seeds:
            runs.append(figures_of(lesson, shift))
            screen.print(f"lesson {lesson}, seeds + {shift}: done", highlight=False)
        table = Table(title=f"Lesson {lesson}, {len(runs)} runs")
        for column, justify in (("figure", "left"), ("mean", "right"), ("range", "right")):
            table.add_column(column, justify=justify)  # type: ignore[arg-type]
        for name in FIGURES[lesson]:
            values = [run[name] for run in runs]
            table.add_row(name, f"{statistics.mean(values):.3f}", f"{min(values):.3f} – {max(values):.3f}")
        screen.print(table)


if __name__ == "__main__":
    main()
