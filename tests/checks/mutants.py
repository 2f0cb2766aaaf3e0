"""How many small changes to each solution its check rejects: `make mutants`.

Each mutant differs from the solution in one operator, constant, comparison, index, axis, function or condition. One
that passes is either equal in what it computes, or shows what the check does not look at; which of the two, the
lesson's `bank_NN.py` says under EQUIVALENT or ACCEPTED, and why.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from greenlm_edu.checks import Exercise, Hint, exercises
from greenlm_edu.checks.talk import judged

BAR = 0.95

OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}  # fmt: skip
FUNCTIONS = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "log": "log2",
    "log2": "log", "exp": "exp2", "sqrt": "square", "square": "sqrt", "zeros": "ones", "ones": "zeros", "any": "all",
    "all": "any", "sin": "cos", "cos": "sin", "tril": "triu", "triu": "tril", "floor": "ceil", "sorted": "list",
    "cumsum": "cumprod", "zeros_like": "ones_like", "ones_like": "zeros_like", "maximum": "minimum",
    "minimum": "maximum",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change.

    Args:
        line: of the solution, from 1.
        before, after: the changed part.
        source: the whole solution with it.
    """

    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.before} → {self.after}"


@dataclass
class Tally:
    """What became of one exercise's mutants."""

    name: str
    total: int = 0
    survivors: list[Mutant] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return self.total - len(self.survivors)


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a solution, each once."""
    seen = {ast.unparse(ast.parse(source))}
    nodes = list(ast.walk(ast.parse(source)))
    for place, node in enumerate(nodes):
        for changed in changes(node):
            tree = ast.parse(source)
            old = list(ast.walk(tree))[place]
            replaced = Replace(old, changed).visit(tree)
            text = ast.unparse(ast.fix_missing_locations(replaced))
            if text not in seen:
                seen.add(text)
                yield Mutant(getattr(node, "lineno", 0), ast.unparse(node), ast.unparse(changed), text)


class Replace(ast.NodeTransformer):
    """Puts one node in another's place."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        yield with_(node, op=OPERATORS[type(node.op)]())
    elif isinstance(node, ast.Compare):
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            yield with_(node, ops=[other(), *node.ops[1:]])
    elif isinstance(node, ast.BoolOp):
        yield with_(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from (ast.copy_location(ast.Constant(value), node) for value in other_values(node.value))
    elif isinstance(node, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node, part) is not None:
                yield with_(node, **{part: None})
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in FUNCTIONS:
            other = FUNCTIONS[name]
            is_attribute = isinstance(node.func, ast.Attribute)
            yield with_(node, func=with_(node.func, **{"attr" if is_attribute else "id": other}))
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        values = (False,) if isinstance(node, ast.While) else (True, False)
        yield from (with_(node, test=ast.Constant(value)) for value in values)


def other_values(value: object) -> tuple[object, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1, value - 1)
    if isinstance(value, float):
        return (value * 2, value / 2) if value else (1.0,)
    return ()


def with_(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def survives(exercise: Exercise, source: str) -> bool:
    """Whether the check takes this code for right."""
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(exercise.given, names)
        try:
            exec(source, names)
        except Exception:
            return False  # the learner's own cell stops
        return not isinstance(judged(exercise, [names[want] for want in exercise.wants]), Hint)


def tally(exercise: Exercise) -> Tally:
    """Judge every mutant of one exercise's solution."""
    found = Tally(exercise.name)
    for mutant in mutants(exercise.solution):
        found.total += 1
        if survives(exercise, mutant.source):
            found.survivors.append(mutant)
    return found


def main(lessons: list[str]) -> int:
    """Print the table; 1 where the course's share is below the bar, or a survivor has no explanation."""
    from tests.checks.test_bank import BANKS

    known = {}
    for bank in BANKS.values():
        for kind in ("EQUIVALENT", "ACCEPTED"):
            for name, reasons in getattr(bank, kind, {}).items():
                known |= {(name, mutant): f"{kind.lower()}: {reason}" for mutant, reason in reasons.items()}
    chosen = [one for lesson in lessons for one in exercises(lesson)] if lessons else exercises()
    tallies, unexplained = [], 0
    print(f"{'exercise':28} rejected  of mutants")
    for exercise in chosen:
        one = tally(exercise)
        tallies.append(one)
        print(f"{one.name:28} {one.rejected:8}  {one.total:5}  {one.rejected / max(1, one.total):6.1%}")
        for mutant in one.survivors:
            reason = known.get((one.name, str(mutant)), "NOT EXPLAINED")
            unexplained += reason == "NOT EXPLAINED"
            print(f"    passes: {mutant}  ({reason})")
    total, rejected = sum(one.total for one in tallies), sum(one.rejected for one in tallies)
    share = rejected / max(1, total)
    print(f"{'all':28} {rejected:8}  {total:5}  {share:6.1%}  (bar {BAR:.0%}; {unexplained} survivors not explained)")
    return int(share < BAR or unexplained > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
