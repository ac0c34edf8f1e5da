"""From what the outputs of notebooks and the records of studies were made, and whether that is still so.

A notebook keeps both in ``metadata.d2lhelpers``. ``made_from``: hashes of its own code, and of the modules of
the package, the files and the versions that its kernel has used. ``studies``: by name of the record, what it
would be made from now. A record has its own account beside it, ``data/results/<record>-<profile>.json``.
"""
import hashlib
import json
from pathlib import Path

from d2lhelpers import provenance
from d2lhelpers.datasets import fingerprints
from d2lhelpers.environment import settings


def cells_hash(nb):
    """Hash of what the code cells of a notebook do: comments and text cells do not count."""
    return _hash(_code(cell.source) for cell in nb.cells if cell.cell_type == 'code')


def _code(source):
    try:
        return provenance.code_hash(source)
    except SyntaxError:  # a magic of IPython, or a mistake that is the lesson
        return source


def modules(root=settings.root):
    """The hash of each module of the package, by its name."""
    root = Path(root)
    names = ['.'.join(path.relative_to(root).with_suffix('').parts).removesuffix('.__init__')
             for path in sorted(root.glob('d2lhelpers/**/*.py'))]
    return {name: provenance.module_hash(name, root) for name in names}


def account(nb, used, before):
    """What a notebook keeps of what it was made from.

    Parameters
    ----------
    nb : nbformat.NotebookNode
    used : dict
        `d2lhelpers.provenance.report` of its kernel.
    before : dict of str to str
        `modules` before the kernel started: what was edited meanwhile is new to the notebook.

    Returns
    -------
    dict
    """
    used = {'modules': {}, 'files': {}, 'versions': {}, 'studies': {}} | used
    loaded = {name: before.get(name, code) for name, code in used['modules'].items()}
    return {'made_from': {'cells': cells_hash(nb), 'modules': loaded, 'files': used['files'],
                          'versions': used['versions']}, 'studies': used['studies']}


def uses_now(made_from, root):
    """The hashes and versions, as they are now, of what a notebook has used."""
    return {'modules': {name: provenance.module_hash(name, root) for name in made_from['modules']},
            'files': {name: provenance.file_hash(Path(root) / name) for name in made_from['files']},
            'versions': {name: provenance.version(name) for name in made_from['versions']}}


def studies(nb):
    """What the records of a notebook's studies would be made from, as of its last execution."""
    return nb.metadata.get('d2lhelpers', {}).get('studies', {})


def edited(nb):
    """Is its code another one than make notebooks has executed (if ever)?"""
    made_from = nb.metadata.get('d2lhelpers', {}).get('made_from', {})
    return 'cells' not in made_from or made_from['cells'] != cells_hash(nb)


def reasons(nb, root=settings.root):
    """Why a notebook is due to be executed.

    Parameters
    ----------
    nb : nbformat.NotebookNode
    root : pathlib.Path
        The repository.

    Returns
    -------
    list of str
        Such as ``'d2lhelpers/training.py changed'``; empty where nothing has changed.
    """
    root = Path(root)
    made_from = nb.metadata.get('d2lhelpers', {}).get('made_from', {})
    if 'cells' not in made_from:
        return ['make notebooks has never executed it']
    found = ['its code changed'] if edited(nb) else []
    now = uses_now(made_from, root)
    found += _changed(made_from['modules'], now['modules'].get, _path(root))
    found += _changed(made_from['files'], now['files'].get)
    return found + _changed(made_from['versions'], now['versions'].get, 'the version of {}'.format)


def record_reasons(nb, root=settings.root, profile='embedded'):
    """Why records of a notebook's studies are out of date.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        As it was last executed, which is always in the embedded profile: of a record of the full profile only
        the package can be compared.
    root : pathlib.Path
    profile : {'embedded', 'full'}

    Returns
    -------
    dict of str to (list of str, list of str)
        For each record that is out of date: what changed in the study itself, and what in the package.
    """
    found = {record: _record_reasons(record, now, Path(root), profile) for record, now in studies(nb).items()}
    return {record: both for record, both in found.items() if any(both)}


def _record_reasons(record, now, root, profile):
    table = root / 'data' / 'results' / f'{record}-{profile}.csv'
    beside = table.with_suffix('.json')
    if not (table.exists() and beside.exists()):
        return ['it was never computed'], []
    about = json.loads(beside.read_text(encoding='utf-8'))
    package = _changed(about['package'], lambda name: provenance.module_hash(name, root), _path(root))
    if profile != 'embedded':
        return [], package
    names = dict.fromkeys([*about['code'], *now['code']])
    of_study = _changed({name: about['code'].get(name) for name in names}, now['code'].get,
                        'in the notebook {}'.format)
    theirs, ours = about['data'], now['data']
    if len(theirs) != len(ours) or not all(map(fingerprints.same, theirs, ours)):
        of_study.append('its data or weights changed')
    return of_study, package


def _path(root):
    return lambda name: provenance.module_path(name, root).relative_to(root).as_posix()


def _changed(before, now, call=str):
    """A sentence for each name that has another hash now."""
    found = []
    for name, code in before.items():
        if (new := now(name)) != code:
            what = 'is gone' if new is None else 'is new' if code is None else 'changed'
            found.append(f'{call(name)} {what}')
    return found


def _hash(parts):
    return hashlib.sha256('\0'.join(parts).encode()).hexdigest()[:16]
