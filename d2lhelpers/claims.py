"""Claims of the course: sentences, each with the verdict of a comparison, and with the verdict expected."""
import textwrap

import numpy
import pandas
from IPython import get_ipython
from IPython.display import HTML

from .comparisons import FAILS, HOLDS, NOT_JUDGED, Outcome
from .environment import settings
from .errors import CourseError
from .messages import say
from .records import read_csv

_claims = {}  # what this notebook has claimed so far: text -> (verdict, cell)


def claim(text, outcome):
    """Print whether a claim holds here, with its figures, and remember it for `claims_table`.

    What the course expects stands in ``data/results/verdicts.csv``, not in the cell, where it would give the
    guess away.

    Parameters
    ----------
    text : str
        The claim, as a sentence.
    outcome : Outcome, bool or None
        None where it could not be measured.

    Raises
    ------
    CourseError
        If the outcome is something else, such as a number.
    AssertionError
        If the verdict is not the expected one and ``D2LHELPERS_STRICT`` is 1, as in the course's own tests. A
        learner who changes a setting is not punished.
    """
    if not isinstance(outcome, Outcome):
        if outcome is not None and not isinstance(outcome, bool | numpy.bool_):
            raise CourseError('A claim is judged by a comparison, beats(...), or by true or false, but was '
                              f'given a {type(outcome).__name__}: write the condition, for instance x > .9.')
        outcome = Outcome(NOT_JUDGED if outcome is None else HOLDS if outcome else FAILS, '')
    figures = textwrap.indent(f'\n{outcome.figures}' if outcome.figures else '', '  ')
    say(f'{outcome.verdict}: {text}{figures}', kind='claim', claim=text,
        verdict=outcome.verdict)
    shell = get_ipython()
    # execution_count is this cell's or the next's, by version
    cell = len(shell.history_manager.input_hist_parsed) - 1 if shell else None
    _claims[text] = (outcome.verdict, cell)
    if settings.strict:
        _check(text, outcome)


def _check(text, outcome):
    """Compare a verdict with what the course expects of it."""
    wanted = expected().get(text)
    if outcome.verdict not in (NOT_JUDGED, wanted):
        what = f'the course expects: {wanted}' if wanted else 'it has no line there'
        raise AssertionError(f'This claim came out as "{outcome.verdict}", and in data/results/verdicts.csv '
                             f'{what}. Look at the runs before you change the line or the sentence. {text} '
                             f'{outcome.figures}')


def expected():
    """The verdicts that the course expects in the present profile.

    Returns
    -------
    dict of str to str
        By the text of the claim; without those of which nothing is expected in this profile.
    """
    path = settings.results / 'verdicts.csv'
    if not path.exists():
        return {}
    table = read_csv(path).dropna(subset=[settings.profile])
    return dict(zip(table['claim'], table[settings.profile], strict=True))


def claims_table():
    """The claims of this notebook in short: how many came out how, and those that do not hold, each with the
    cell that shows its figures. Those that hold stand folded below.

    Returns
    -------
    IPython.display.HTML
    """
    table = pandas.DataFrame([(text, verdict, f'[{cell}]') for text, (verdict, cell) in _claims.items()],
                             columns=['claim', 'outcome', 'cell'])
    counts, holds = table['outcome'].value_counts(), table['outcome'] == HOLDS
    parts = [f'<p>Claims: {", ".join(f"{n} × {verdict}" for verdict, n in counts.items())}.</p>'
             if len(table) else '<p>Nothing is claimed yet: run the cells above.</p>']
    if not holds.all():
        parts.append(_html(table[~holds], 'open', 'What does not hold here, or is undecided'))
    if holds.any():
        parts.append(f'<details><summary>What holds ({holds.sum()})</summary>\n'
                     f'{_html(table[holds], "folded")}</details>')
    return HTML('\n'.join(parts))


def _html(table, name, caption=None):
    """A table of claims; by its name it is the same in every execution."""
    style = table.style.hide(axis='index').format(escape='html').set_uuid(f'claims-{name}')
    style.set_table_styles([{'selector': 'th, td', 'props': 'text-align: left; white-space: normal'},
                            {'selector': 'caption', 'props': 'text-align: left; caption-side: top'}])
    return (style.set_caption(caption) if caption else style).to_html()
