"""Which notebooks were handed in, by whom, and what in them is to be run."""
import ast
import dataclasses
import re
from collections import Counter

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from ..errors import CourseError

_LESSON = re.compile(r'\be(\d\d)\.check_\d')
_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign,
                ast.AnnAssign, ast.AugAssign)


@dataclasses.dataclass(frozen=True)
class Submission:
    """A notebook that was handed in.

    Attributes
    ----------
    name : str
        Its path in the folder.
    student : str
        The first folder on that path, else the file's name without what the course calls the exercise.
    lesson : str
        Two digits.
    cells : tuple of str
        Its code cells.
    content : bytes
        The file.
    problem : str
        Why it cannot be marked, or nothing.
    """

    name: str
    student: str
    lesson: str
    cells: tuple
    content: bytes
    problem: str


def find(folder):
    """The notebooks in a folder and below it.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Submission

    Raises
    ------
    CourseError
        If there is none.
    """
    paths = [path for path in sorted(folder.rglob('*.ipynb')) if '.ipynb_checkpoints' not in path.parts]
    if not paths:
        raise CourseError(f'There is no notebook in {folder}: put the submissions there, as '
                          'student.ipynb, or in a folder for each student.')
    return [_read(path, path.relative_to(folder)) for path in paths]


def _read(path, name):
    plain = re.sub(r'^\d\d_[a-z_]+[-_ ]+|[-_ ]*\d\d_[a-z_]+$', '', name.stem)
    student = name.parts[0] if len(name.parts) > 1 else plain or name.stem
    content, cells, problem = path.read_bytes(), (), ''
    try:
        cells = tuple(cell.source for cell in nbformat.reads(content.decode(), as_version=4).cells
                      if cell.cell_type == 'code')
    except Exception as error:  # a learner's file may hold anything
        problem = f'The file cannot be read as a notebook ({type(error).__name__}).'
    lessons = Counter(_LESSON.findall('\n'.join(cells))).most_common(1)
    if not problem and not lessons:
        problem = 'No cell calls a check of the course, such as e01.check_1(answer_1).'
    return Submission(str(name), student, lessons[0][0] if lessons else '', cells, content, problem)


def parsed(source, name):
    """The code of a cell, magics turned into calls.

    Parameters
    ----------
    source : str
        As IPython takes it.
    name : str
        How messages call the cell.

    Returns
    -------
    ast.Module

    Raises
    ------
    SyntaxError
        If it is no Python.
    """
    return ast.parse(TransformerManager().transform_cell(source), name)


def definitions(tree):
    """What a cell defines: imports, functions, classes and assignments. The rest, such as calls of checks,
    figures and magics, is not needed to judge the answers.

    Parameters
    ----------
    tree : ast.Module

    Returns
    -------
    ast.Module
    """
    return ast.Module([each for each in tree.body if isinstance(each, _DEFINITIONS)], [])
