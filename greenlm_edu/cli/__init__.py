"""The command line, `greenlm`: one file a command; what is heavy is imported inside the command that needs it."""

from greenlm_edu.cli.app import app, main

__all__ = ["app", "main"]
