"""After %load_ext, a Keras `fit` in a metered cell tells its epochs with no edit of the learner's code."""

import nbclient
import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.process

CELLS = {
    "load": "%load_ext greenlm_edu",
    "light": "import sys\n'keras' in sys.modules",
    "train": "%%meter\nimport keras\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"
    "model.compile('sgd', 'mse')\nx = keras.ops.ones((8, 2))\n_ = model.fit(x, x[:, :1], epochs=3, verbose=0)",
    "unload": "%unload_ext greenlm_edu",
    "restored": "'fit' in vars(keras.Model), any(type(one).__name__ == 'AroundImport' for one in sys.meta_path)",
}


def test_epochs_are_on_the_card_and_unloading_restores_keras(tmp_path, monkeypatch):
    monkeypatch.setenv("GREENLM_LEDGER", str(tmp_path / "ledger.db"))
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS.values()])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    texts = {
        name: [output.data["text/plain"] for output in cell.outputs if "text/plain" in output.get("data", {})]
        for name, cell in zip(CELLS, notebook.cells, strict=True)
    }
    assert texts["light"] == ["False"]
    assert "3 epochs" in texts["train"][-1]
    assert texts["restored"] == ["(False, False)"]
