"""How to cite the course, out of CITATION.cff."""
import yaml

from . import outputs


def texts(root):
    """The reference as a sentence and for BibTeX, as Markdown.

    Parameters
    ----------
    root : pathlib.Path
        The repository.

    Returns
    -------
    list of str
    """
    facts = yaml.safe_load((root / 'CITATION.cff').read_text(encoding='utf-8'))
    authors = ' and '.join(author['name'] for author in facts['authors'])
    bibtex = (f'@software{{d2lhelpers,\n  author  = {{{{{authors}}}}},\n  title   = {{{facts["title"]}}},\n'
              f'  version = {{{facts["version"]}}},\n  note    = {{{", ".join(facts["license"])}}}\n}}')
    return [outputs.plain(f'{authors}: {facts["title"]}. Version {facts["version"]}.'),
            outputs.code(bibtex, 'bibtex', 'code')]
