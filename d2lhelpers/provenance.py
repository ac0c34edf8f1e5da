"""What a result was made from: the code that really ran, without its comments, and the files that were read.

A record keeps these hashes beside its figures, a notebook beside its outputs; whoever compares them with the
present ones knows whether the two still belong together.
"""
import ast
import dis
import hashlib
import itertools
import json
import symtable
import sys
import tomllib
import types
from importlib import metadata
from pathlib import Path

from IPython import get_ipython

from .environment import settings

_PACKAGE = Path(__file__).resolve().parent
_IMPORT = 'import '
_read = set()
_studies = {}


def code_hash(source):
    """Hash of what a piece of Python code does: comments, layout and docstrings do not count.

    Parameters
    ----------
    source : str

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    return _hash([_bare(ast.parse(source))])


def read(path):
    """Note that a file of the course was read; returns the path."""
    _read.add(Path(path))
    return path


def note_study(record, **what):
    """Note that a study was asked for, with the hashes of what it would be made from now."""
    _studies[record] = what


def report():
    """What this process has used so far, for whoever keeps its outputs.

    Returns
    -------
    dict
        ``modules`` of this package, ``files`` of the course and ``versions`` of the packages that
        pyproject.toml names, each a dict to a hash or a version; ``studies``, by name of the record what
        `note_study` was told.
    """
    return {'modules': {name: module_hash(name) for name in modules_loaded()},
            'files': {path: file_hash(settings.root / path) for path in files_read()},
            'versions': {name: version(name) for name in _packages_loaded()}, 'studies': _studies}


def module_hash(name, root=None):
    """Hash of the code of a module of this package, or None where there is no such module; see `module_path`.
    """
    path = module_path(name, root)
    return code_hash(path.read_text(encoding='utf-8')) if path.is_file() else None


def file_hash(path):
    """Hash of what a reader of the file sees, or None where there is no such file.

    Of a notebook that is what its author wrote; of what a record says of itself, all but the hashes of code.
    """
    path = Path(path)
    if not path.is_file():
        return None
    if path.suffix == '.ipynb':
        cells = json.loads(path.read_text(encoding='utf-8'))['cells']
        return _hash([''.join(cell['source']) for cell in cells])
    if path.suffix == '.json' and path.parent.name == 'results':
        about = json.loads(path.read_text(encoding='utf-8'))
        return _hash([json.dumps({key: about[key] for key in sorted(about)
                                  if key not in ('code', 'package')})])
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def version(name):
    """The installed version of a package, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _packages_loaded():
    """Those of the packages that pyproject.toml names of which this process has loaded a module."""
    from packaging.requirements import Requirement

    project = tomllib.loads((_PACKAGE.parent / 'pyproject.toml').read_text(encoding='utf-8'))['project']
    named = {Requirement(line).name for line in project['dependencies']}
    tops = {name.partition('.')[0] for name in sys.modules}
    owners = metadata.packages_distributions()
    return sorted(named & {owner for top in tops for owner in owners.get(top, ())})


def files_read():
    """The files of the course that this process has read, below ``data`` or ``notebooks``.

    Returns
    -------
    list of str
        Paths from the root of the repository.
    """
    return sorted(path.relative_to(settings.root).as_posix() for path in _read
                  if path.is_relative_to(settings.root))


def modules_loaded():
    """The modules of this package that the process has loaded.

    Returns
    -------
    list of str
        Such as ``'d2lhelpers.training'``.
    """
    return sorted(name for name in sys.modules if name.partition('.')[0] == __package__)


def module_path(name, root=None):
    """Where a module of this package lies.

    Parameters
    ----------
    name : str
        ``'d2lhelpers.training'``.
    root : pathlib.Path, optional
        Another repository than this one.

    Returns
    -------
    pathlib.Path
        It need not exist.
    """
    path = (root or _PACKAGE.parent).joinpath(*name.split('.'))
    return path / '__init__.py' if path.is_dir() else path.with_suffix('.py')


class _Watch:
    """A context that looks at every piece of code when it first runs: ``with … as names:``."""

    def __enter__(self):
        self._names, self._seen, self._before = set(), set(), sys.getprofile()
        sys.setprofile(self._note)
        return self._names

    def __exit__(self, *_):
        sys.setprofile(self._before)

    def _note(self, frame, event, _):
        if event == 'call' and frame.f_code not in self._seen:
            self._seen.add(frame.f_code)
            self._names |= self._told_by(frame)


class modules_run(_Watch):
    """A context that notes in which modules of this package functions run: ``with modules_run() as names:``.
    """

    def _told_by(self, frame):
        of_package = frame.f_code.co_filename.startswith(f'{_PACKAGE}/')
        return {frame.f_globals['__name__']} - {__name__} if of_package else set()


class notebook_names_run(_Watch):
    """A context that notes which functions and classes of the notebook run, and which of its other names they
    look up: ``with notebook_names_run() as names:``.
    """

    def _told_by(self, frame):
        if frame.f_globals.get('__name__') != '__main__':
            return set()
        looked_up = {name for name in _globals(frame.f_code) if not _runs(frame.f_globals.get(name))}
        return {frame.f_code.co_qualname.partition('.')[0], *looked_up}


def _runs(value):
    """Is it something that is noted when it runs, not when it is looked up?"""
    return isinstance(value, types.FunctionType | type) or hasattr(value, '__wrapped__')


def notebook_code(function):
    """What a function of a notebook really uses of the notebook: itself, and every name that it reaches.

    Parameters
    ----------
    function : callable
        Defined in a cell.

    Returns
    -------
    dict of str to str
        A hash by name, of the code by which the name got what it has: the statement that bound it, as last
        executed, and those that added to it. Empty outside of IPython.
    """
    bindings = _bindings(_cells())
    found, left = {}, [getattr(function, '__name__', '')]
    while left:
        name = left.pop()
        if name not in found and name in bindings:
            found[name] = _hash(bindings[name])
            left += [used for code in bindings[name].values() for used in code]
    return dict(sorted(found.items()))


def notebook_source(function):
    """The code of the notebook that a function needs: every import, and the statements that made what it
    reaches (see `notebook_code`), in the order of their execution.

    Returns
    -------
    str
    """
    statements = list(itertools.chain.from_iterable(map(_statements, _cells())))
    imports = [each for each in statements if isinstance(each, ast.Import | ast.ImportFrom)]
    # plots.bands(...) does not make `plots`
    names = set(notebook_code(function)) - {alias.asname or alias.name.split('.')[0]
                                            for each in imports for alias in each.names}
    needed = [each for each in statements if each in imports or names & set().union(*_names(each))]
    return ast.unparse(ast.Module(needed, []))


def _cells():
    shell = get_ipython()
    return shell.history_manager.input_hist_parsed[1:] if shell else []


def cell_names(source):
    """Which names a cell takes from other cells, and which it makes for them.

    Parameters
    ----------
    source : str

    Returns
    -------
    needed, made : set of str
        Made are also names of other cells to which this one adds something: ``ways['new'] = ...``.
    """
    needed, bound, changed = set(), set(), set()
    for statement in ast.parse(source).body:
        table = symtable.symtable(ast.unparse(statement), '', 'exec')
        here = {each.get_name() for each in table.get_symbols() if each.is_assigned() or each.is_imported()}
        loads = _globals(compile(ast.Module([statement], []), '', 'exec'))
        needed |= loads - bound - (here if hasattr(statement, 'body') else set())
        bound |= here
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            changed |= {_base(node) for node in ast.walk(statement)
                        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)} - bound
    return needed, bound | (changed - {None})


def _bindings(cells):
    """For each name of a notebook the statements that made it what it is: a dict from their code to the names
    it uses.
    """
    bindings = {}
    for cell in cells:
        for statement in _statements(cell):
            _bind(statement, bindings)
    return bindings


def _statements(cell):
    """The statements of a cell; those below a ``%%time`` too."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:  # such a cell did not run
        return []
    match body:
        case [ast.Expr(ast.Call(ast.Attribute(attr='run_cell_magic'),
                                [ast.Constant('time' | 'timeit' | 'capture' | 'prun'), _,
                                 ast.Constant(inner)]))]:
            return _statements(inner)
    return body


def _bind(statement, bindings):
    if isinstance(statement, ast.If) and ast.unparse(statement.test) == 'settings.embedded':
        # the other profile does not count
        for inner in statement.body if settings.embedded else statement.orelse:
            _bind(inner, bindings)
        return
    if isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            origin = f'{_IMPORT}{getattr(statement, "module", None) or ""}.{alias.name}'
            bindings[alias.asname or alias.name.partition('.')[0]] = {origin: set()}
        return
    pairs = _pairs(statement)
    if pairs:
        for pair in pairs:
            _bind(pair, bindings)
        return
    uses = _globals(compile(ast.Module([statement], []), '', 'exec'))
    code = _bare(statement)
    new, changed = _names(statement)
    for name in new:
        bindings[name] = {code: uses}
    for name in changed:
        # plots.bands(...) changes no plots
        if not any(known.startswith(_IMPORT) for known in bindings.get(name, ())):
            bindings.setdefault(name, {})[code] = uses


def _pairs(statement):
    """``a, b = 1, 2`` as two assignments, so that b is not another one when a is; empty of anything else."""
    match statement:
        case ast.Assign([ast.Tuple(names)], ast.Tuple(values)) if len(names) == len(values) and all(
                isinstance(each, ast.Name) for each in names):
            return [ast.copy_location(ast.Assign([name], value, lineno=statement.lineno), statement)
                    for name, value in zip(names, values, strict=True)]
    return []


def _names(statement):
    """Names that a statement binds anew, and names whose content it changes or may change."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}, set()
    stored = [node for node in ast.walk(statement) if isinstance(getattr(node, 'ctx', None), ast.Store)]
    names = {node.id for node in stored if isinstance(node, ast.Name)}
    changed = {_base(node) for node in stored
               if not isinstance(node, ast.Name | ast.Tuple | ast.List | ast.Starred)}
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        changed.add(_base(call.func))  # net.hybridize(), part.update(...)
    changed.discard(None)
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return names, changed
    return set(), names | changed  # += and loops build on what was there


def _base(node):
    """The name in front: net of net.output.weight."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _globals(code):
    """Names that a piece of code looks up outside of its functions."""
    names = {each.argval for each in dis.get_instructions(code)
             if each.opname in ('LOAD_NAME', 'LOAD_GLOBAL')}
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return names.union(*map(_globals, inner))


def _bare(tree):
    """The code of a tree as text, in one layout and without docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(
                    first.value.value, str):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _hash(parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(b'%d:' % len(part.encode()) + part.encode())
    return digest.hexdigest()[:16]
