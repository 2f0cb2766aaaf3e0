"""`python -m greenlm_edu` is the same as `greenlm`, also where the environment's scripts are not on the path."""

from greenlm_edu.cli import main

main()
