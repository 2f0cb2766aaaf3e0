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


LOOKS_FOR_GPUS = """
class config:
    def list_physical_devices(kind):
        os.write(2, b"E0000 00:00:1795.3 22017 cuda_platform.cc:52] failed call to cuInit: UNKNOWN ERROR (303)\\n")
        os.write(2, b"E0000 00:00:1795.4 22017 real.cc:2] another fault\\n")
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


def test_the_error_line_of_a_machine_without_a_driver_goes_and_other_faults_stay(tmp_path):
    code = "import ctypes.util; ctypes.util.find_library = lambda name: None"
    told = import_fake(tmp_path, more=f"{LOOKS_FOR_GPUS}\n{code}").stderr
    assert "cuInit" not in told
    assert "another fault" in told


def test_where_there_is_a_driver_nobody_looks_for_gpus(tmp_path):
    code = "import ctypes.util; ctypes.util.find_library = lambda name: 'libcuda.so.1'"
    assert "cuInit" not in import_fake(tmp_path, more=f"{LOOKS_FOR_GPUS}\n{code}").stderr
