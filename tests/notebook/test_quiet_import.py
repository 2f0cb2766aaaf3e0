"""TensorFlow's chatter is taken out; everything else that is written to standard error stays."""

import subprocess
import sys
import textwrap

FAKE = """
import os
os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
os.write(2, b"I0000 00:00:1795.1 22017 port.cc:153] oneDNN custom operations are on.\\n")
os.write(2, b"E0000 00:00:1795.2 22017 real.cc:1] something broke\\n")
os.write(2, b"a warning of another library\\n")
{more}
"""


def import_fake(tmp_path, more=""):
    (tmp_path / "tensorflow.py").write_text(FAKE.format(more=more))
    code = """
    import sys
    sys.path.insert(0, sys.argv[1])
    from greenlm_edu.notebook.quiet_import import QuietTensorFlow
    sys.meta_path.insert(0, QuietTensorFlow())
    import tensorflow
    import os; os.write(2, b"I0000 afterwards\\n")
    """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], capture_output=True, text=True, timeout=60
    )


def test_information_lines_go_and_all_others_stay(tmp_path):
    run = import_fake(tmp_path)
    assert run.returncode == 0
    assert run.stderr.splitlines() == [
        "E0000 00:00:1795.2 22017 real.cc:1] something broke",
        "a warning of another library",
        "I0000 afterwards",
    ]


def test_everything_stays_where_the_import_fails(tmp_path):
    run = import_fake(tmp_path, more="raise ImportError('no such library')")
    assert "ImportError: no such library" in run.stderr
    assert "oneDNN" in run.stderr
