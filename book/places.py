"""Where the book's parts lie, and which pages it has."""
from pathlib import Path

ROOT = Path(__file__).parents[1]
HERE = ROOT / 'book'
READING = ROOT / 'reading'  # what readers get
WORK = ROOT / '.book' / 'work'  # what building leaves behind
LANGUAGES = ('vi', 'zh_TW')  # besides English


def notebooks(root=ROOT):
    """The notebooks in the order of the book: the start page, Gluon, the lessons, each followed by its
    exercises and solutions, and the page on PyTorch.

    Parameters
    ----------
    root : pathlib.Path
        The repository.

    Returns
    -------
    list of str
        Their names without suffix, such as ``'exercises/01_fine_tuning_hotdog'``.
    """
    folder = root / 'notebooks'
    names = sorted(path.stem for path in folder.glob('*.ipynb'))
    names.sort(key=lambda name: (name[:1].isalpha(), name != '00_start_here'))
    return [page for name in names for page in (name, f'exercises/{name}', f'solutions/{name}')
            if (folder / f'{page}.ipynb').exists()]


def teaching(root=ROOT):
    """The notes for teachers, in order: the overview first, then by the number of the lesson.

    Returns
    -------
    list of str
        Such as ``'teaching/lesson-1'``.
    """
    names = [path.stem for path in (root / 'teaching').glob('*.md')]
    names.sort(key=lambda name: (name != 'README', not name.startswith('lesson'), len(name), name))
    return [f'teaching/{name}' for name in names]
