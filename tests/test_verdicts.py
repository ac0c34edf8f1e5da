"""The table of expected verdicts: written by make verdicts, and in step with the committed notebooks."""

import pytest
import tiny

from tools import verdicts
from tools.selection import PYTORCH, all_notebooks, name_of

CLAIMS = """from d2lhelpers import claim
claim('One is one, "really"', 1 == 1)
claim('Two is one', 2 == 1)
claim('Nobody knows', None)"""


def test_they_are_written_and_changes_are_told(root, capsys):
    path = tiny.write(root, '01_first', CLAIMS)
    verdicts.verdicts('01', root)
    assert verdicts.table(root) == {('01_first', 'One is one, "really"'): {'embedded': 'holds', 'full': None},
                                    ('01_first', 'Two is one'): {'embedded': 'does not hold', 'full': None}}
    assert '01_first: Two is one\n  was not there, is does not hold' in capsys.readouterr().out
    tiny.edit(path, '2 == 1', '1 == 1')
    tiny.edit(path, "claim('One is one", "claim('One is always one")
    tiny.write(root, '02_second', CLAIMS.replace('Two', 'Three'))
    verdicts.verdicts(None, root, 'full')  # of the other profile nothing is lost
    both = verdicts.table(root)
    assert both['01_first', 'Two is one'] == {'embedded': 'does not hold', 'full': 'holds'}
    assert both['01_first', 'One is one, "really"']['embedded'] == 'holds'
    assert both['02_second', 'Three is one'] == {'embedded': None, 'full': 'does not hold'}
    assert '01_first: Two is one\n  was not there, is holds' in capsys.readouterr().out
    verdicts.verdicts('01', root)
    assert 'Two is one\n  was does not hold, is holds' in capsys.readouterr().out
    assert ('01_first', 'One is one, "really"') not in verdicts.table(root)


@pytest.mark.parametrize('path', all_notebooks(), ids=name_of)
def test_the_committed_notebooks_came_out_as_expected(path):
    """Each claim has its line, and each line its claim."""
    found = {claim: verdict for (notebook, claim), line in verdicts.table().items()
             if notebook == name_of(path) and (verdict := line['embedded'])}
    assert verdicts.claims(tiny.read(path)) == found


def test_every_line_is_of_a_notebook():
    assert {notebook for notebook, _ in verdicts.table()} <= {name_of(path) for path in all_notebooks()} | {
        PYTORCH}
