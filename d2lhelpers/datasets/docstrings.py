"""Docstrings of installed packages: more than a million words that every learner's machine has already.

They are read from the source files, nothing is imported. What was read is kept in ``data/downloads``, a file
for each package and version; nothing of it is ever committed.
"""
import ast
import contextlib
import inspect
import json
import platform
import sysconfig
import warnings
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from .. import provenance
from ..environment import settings
from ..files import write_whole

PYTHON = 'python'  # stands for the standard library among names of packages
# folders whose text is of another kind (tests), or belongs to others (vendored copies)
_SKIPPED = {'test', 'tests', 'testing', 'idlelib', 'lib2to3', 'site-packages', 'vendor', '_vendor',
            'externals', 'extern', '_external', '_externals', '_vendored', 'vendored'}


class Docstring(NamedTuple):
    """A docstring and whose it is."""

    module: str  # 'scipy.stats._stats_py'
    name: str    # within the module: 'Class.method'; empty for the module itself
    text: str

    @property
    def group(self):
        """What is alike in style and content: a class, or the functions of a module."""
        outer = self.name.rpartition('.')[0] or (self.name if self.name[:1].isupper() else '')
        return f'{self.module}:{outer}'


def installed(package):
    """The installed version of a package, or of Python for `PYTHON`; None where there is none."""
    return platform.python_version() if package == PYTHON else provenance.version(package)


def read(package):
    """All docstrings of an installed package.

    Parameters
    ----------
    package : str
        As pip calls it, ``'scikit-learn'``; ``'python'`` is the standard library.

    Returns
    -------
    list of Docstring
        In the order of the files' names; the same for every machine that has this version.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        If the package is not installed.
    """
    # the name tells what it was made from, so it is never out of date
    made_from = f'{package}-{installed(package)}-{provenance.module_hash(__name__)}'
    path = settings.downloads / 'docstrings' / f'{made_from}.json'
    if path.exists():
        with contextlib.suppress(ValueError):  # a damaged file is made again
            return [Docstring(*each) for each in json.loads(path.read_text(encoding='utf-8'))]
    found = [each for module, file in sorted(_files(package)) for each in _of_file(module, file)]
    write_whole(path, json.dumps(found))
    return found


def _files(package):
    """Name of the module and path of each source file."""
    if package == PYTHON:
        root = Path(sysconfig.get_path('stdlib'))
        files = [(path.relative_to(root), path) for path in root.rglob('*.py')]
    else:
        files = [(Path(file), Path(file.locate())) for file in metadata.distribution(package).files or ()
                 if file.suffix == '.py']
    for inside, path in files:
        if not _SKIPPED & set(inside.parts) and '..' not in inside.parts and path.is_file():
            parts = inside.with_suffix('').parts
            yield '.'.join(parts[:-1] if parts[-1] == '__init__' else parts), path


def _of_file(module, path):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # about escapes in other people's strings
            tree = ast.parse(path.read_text(encoding='utf-8'))
    except (SyntaxError, ValueError):  # a template, or not UTF-8
        return
    yield from _below(tree, module, '')


def _below(node, module, name):
    """The docstring of a part of a module and of what is defined in it, also by numpy's ``add_newdoc``."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node)
        if text:
            yield Docstring(module, name, text)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _below(child, module, f'{name}.{child.name}'.lstrip('.'))
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _below(child, module, name)
        elif isinstance(child, ast.Expr) and isinstance(child.value, ast.Call):
            yield from _added(child.value, module)


def _added(call, module):
    """``add_newdoc('numpy.core', 'ufunc', text)``, or with ``('method', text)``; scipy's has no module."""
    if not getattr(call.func, 'id', getattr(call.func, 'attr', '')).endswith('add_newdoc'):
        return
    try:
        *place, docs = map(ast.literal_eval, call.args)
    except ValueError:  # a text that is computed
        return
    module, name = (place if len(place) == 2 else (module, place[-1]))
    for doc in docs if isinstance(docs, list) else [docs]:
        method, text = doc if isinstance(doc, tuple) else ('', doc)
        yield Docstring(module, f'{name}.{method}'.rstrip('.'), inspect.cleandoc(text))
