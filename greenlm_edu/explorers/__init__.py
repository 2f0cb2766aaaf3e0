"""Pictures with controls, to play with an idea: each stands beside a question, and tells in words what it shows.

`explorer.py` holds what they share; one explorer a file.
"""

from greenlm_edu.explorers.explorer import Explorer, View

__all__ = ["Explorer", "View"]
