"""What `make ssh-engines`, `make slurm-engines` and `make emulated-machines` say where they cannot go on."""
import os

from d2lhelpers import CourseError

import pytest

from tools import emulated_machines, far_engines, slurm_engines


def test_a_program_that_is_missing_is_named_with_its_package():
    with pytest.raises(CourseError, match='needs no-such-program .Debian: apt-get install a-package'):
        far_engines.found('sh', 'no-such-program', package='a-package')
    assert os.access(*far_engines.found('sh', package='dash'), os.X_OK)


def test_what_does_not_come_is_said_with_the_end_of_the_log(tmp_path):
    log = tmp_path / 'log'
    log.write_text('bad key\n')
    with pytest.raises(CourseError, match='Nobody could log in within 0.1 s. bad key'):
        far_engines.wait_for(lambda: False, 'Nobody could log in', log, seconds=.1)


@pytest.mark.parametrize('made', [slurm_engines, emulated_machines])
def test_networks_of_their_own_are_for_root(monkeypatch, made):
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    with pytest.raises(CourseError, match='as root'):
        made.main()
