"""Changes one condition of a module at a time, to see whether any test notices.

A *mutant* is the module with one small thing done to one of its functions: a comparison turned
round, an operand or a statement left out, a branch always or never taken, a number one off. It is
brought to life by giving the real functions its code, so that classes stay the same and tests need
not be loaded again; and laid to rest by giving them their own code back.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

_TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_SWAPPED = {"any": "all", "all": "any", "max": "min", "min": "max"}
_NOTHING = (ast.Expr, ast.Raise, ast.Continue, ast.AugAssign, ast.Assign)


@dataclass(frozen=True)
class Mutant:
    """One change: in which function, at which line, what became what; ``compiled`` makes it."""

    function: str
    line: int
    before: str
    after: str
    compiled: Callable[[], CodeType]

    def __str__(self) -> str:
        return f"{self.function}: {self.before}  →  {self.after}"


def mutants(module: ModuleType) -> Iterator[Mutant]:
    """Yield every mutant of a module's functions and methods, in the order of its lines."""
    path = Path(inspect.getfile(module))
    tree = ast.parse(path.read_text())
    for function in _functions(tree):
        for node in _code(function):
            for change, after in _changes(node):
                yield Mutant(
                    function=function.name,
                    line=getattr(node, "lineno", function.lineno),
                    before=_text(node),
                    after=after,
                    compiled=partial(_compiled, tree, _index(tree, node), change, str(path)),
                )


def _compiled(tree: ast.Module, index: int, change: ast.AST, path: str) -> CodeType:
    twin = copy.deepcopy(tree)
    _replace(twin, index, change)
    return compile(ast.fix_missing_locations(twin), path, "exec")


@contextmanager
def alive(module: ModuleType, mutant: Mutant) -> Iterator[None]:
    """Have the module's functions do what the mutant's would."""
    real = dict(_callables(module))
    # What is defined anew goes into a module of its own; only the functions' code is taken.
    twin = ModuleType(f"{module.__name__}__mutant")
    twin.__file__ = module.__file__
    sys.modules[twin.__name__] = twin  # dataclasses look their module up
    try:
        exec(mutant.compiled(), twin.__dict__)
    finally:
        del sys.modules[twin.__name__]
    before = {name: (each.__code__, each.__defaults__) for name, each in real.items()}
    try:
        for name, function in _callables(twin):
            code = function.__code__
            if code.co_freevars != real[name].__code__.co_freevars:
                # It has lost its only super(); the cell that was for it is not looked at.
                code = code.replace(co_freevars=real[name].__code__.co_freevars)
            real[name].__code__, real[name].__defaults__ = code, function.__defaults__
        yield
    finally:
        for name, (code, defaults) in before.items():
            real[name].__code__, real[name].__defaults__ = code, defaults


def _code(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield all of a function that does anything: neither its name nor what is said of types."""
    for part in (*function.args.defaults, *function.body):
        yield from ast.walk(part)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (each for each in node.body if isinstance(each, ast.FunctionDef))


def _callables(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            yield name, value
        elif isinstance(value, type) and value.__module__ == module.__name__:
            for inner, method in vars(value).items():
                if isinstance(method, property) and isinstance(method.fget, FunctionType):
                    method = method.fget
                if isinstance(method, FunctionType) and method.__code__.co_filename == str(
                    module.__file__
                ):
                    yield f"{name}.{inner}", method


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield what a node may become, with how that reads."""
    for changed in _expressions(node):
        yield changed, _text(changed)
    if isinstance(node, ast.If):
        for taken in (True, False):
            changed = copy.copy(node)
            changed.test = ast.copy_location(ast.Constant(taken), node.test)
            yield changed, f"if {taken}"
    if isinstance(node, ast.ExceptHandler):
        uncaught = copy.copy(node)
        uncaught.type = ast.copy_location(ast.Tuple([], ast.Load()), node)
        yield uncaught, "except ()"
    if isinstance(node, _NOTHING) or (isinstance(node, ast.Return) and _is_early(node)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        yield ast.copy_location(ast.Pass(), node), "pass"


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[op]):
            for kind in _TURNED[type(op)]:
                changed = copy.copy(node)
                changed.ops = [kind()]
                yield changed
        case ast.BoolOp():
            changed_op = copy.copy(node)
            changed_op.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield changed_op
            for index in range(len(node.values)):
                rest = node.values[:index] + node.values[index + 1 :]
                fewer = copy.copy(node)
                fewer.values = rest
                yield fewer if len(rest) > 1 else rest[0]
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.BitOr()):
            yield node.left
            yield node.right
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Constant(value=bool(value)):
            yield ast.copy_location(ast.Constant(not value), node)
        case ast.Constant(value=int(value)):
            yield ast.copy_location(ast.Constant(value + 1), node)
        case ast.Call(func=ast.Name(id=name)) if name in _SWAPPED:
            other = copy.copy(node)
            other.func = ast.copy_location(ast.Name(_SWAPPED[name], ast.Load()), node.func)
            yield other
        case ast.Call(func=ast.Name(id="sorted"), args=[first]):
            yield ast.copy_location(
                ast.Call(ast.Name("tuple", ast.Load()), [first], keywords=[]), node
            )


def _is_early(node: ast.Return) -> bool:
    """Whether a return gives nothing, or a plain value: what leaves a function before its end."""
    return node.value is None or isinstance(node.value, ast.Constant)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.ExceptHandler):
        return f"except {ast.unparse(node.type) if node.type else ''}"
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return ast.unparse(node)


def _index(tree: ast.AST, node: ast.AST) -> int:
    return next(number for number, each in enumerate(ast.walk(tree)) if each is node)


def _replace(tree: ast.AST, index: int, new: ast.AST) -> None:
    """Put ``new`` in the place of the node that ``ast.walk`` comes to as number ``index``."""
    old = next(each for number, each in enumerate(ast.walk(tree)) if number == index)
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                return
            if isinstance(value, list):
                for place, each in enumerate(value):
                    if each is old:
                        value[place] = new
                        return
    raise AssertionError("every node but the module has a parent")
