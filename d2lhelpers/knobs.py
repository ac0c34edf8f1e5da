"""The cells "Turn it yourself": a value that does not work there is answered in one sentence."""
import re
import traceback

from IPython import get_ipython

from .errors import CourseError

FIRST_LINE = '# Turn it yourself'


def explain():
    """Show an error in such a cell as one sentence that names the learner's settings and the line, without
    the traceback through code that the learner never wrote. All other cells show what they always show.
    """
    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc((Exception,), _show)


def _show(shell, kind, error, tb, tb_offset=None):
    cell = shell.history_manager.input_hist_raw[-1]
    if cell.startswith(FIRST_LINE) and not isinstance(error, CourseError):
        sentence = _sentence(cell, error, tb, shell.user_ns)
        error._render_traceback_ = lambda: [sentence]  # IPython asks the exception itself
    shell.showtraceback((kind, error, tb), tb_offset=tb_offset)


def _sentence(cell, error, tb, variables):
    """Which settings, what went wrong, in which line of the cell."""
    names = ', '.join(re.findall(r'^(MY_\w+(?:, MY_\w+)*) = ', cell, re.MULTILINE)).split(', ')
    settings = ', '.join(f'{name} = {variables[name]!r}' for name in names if name in variables)
    lines = cell.splitlines()
    # the innermost line of the cell itself, below which the package begins
    numbers = [frame.lineno for frame in traceback.extract_tb(tb)
               if frame.lineno <= len(lines) and lines[frame.lineno - 1].strip() == frame.line]
    said = (str(error).strip() or 'no reason given').splitlines()[0]
    where = f' in line {numbers[-1]}' if numbers else ''
    return (f'{type(error).__name__}{where}: {said}. With {settings} this cell does not work: take values '
            'like those that its first lines suggest.')
