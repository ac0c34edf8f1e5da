"""Anchors of headings, as JupyterLab makes them: links of the notebooks lead to the same places here."""


def slug(title):
    """The anchor of a heading."""
    return title.replace(' ', '-')
