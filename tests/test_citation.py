"""CITATION.cff says what the package says."""
import tomllib

from d2lhelpers.environment import settings

import yaml


def test_the_citation_is_that_of_the_package():
    cited = yaml.safe_load((settings.root / 'CITATION.cff').read_text())
    package = tomllib.loads((settings.root / 'pyproject.toml').read_text())['project']
    assert cited['version'] == package['version'] and 'd2lhelpers' in cited['title']
    assert {'cff-version', 'message', 'title', 'authors'} <= set(cited)
    assert cited['license'] == ['MIT', 'CC-BY-4.0']
    assert 'MIT' in (settings.root / 'LICENSE').read_text()
    assert 'CC BY 4.0' in (settings.root / 'README.md').read_text()
