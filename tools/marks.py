"""What an output of a notebook is: what printed it has marked it, see `d2lhelpers.messages.say`.

So nothing need be guessed from the code above it.
"""


def mark(output):
    """The mark of an output: a dict with its ``kind``, empty for most outputs."""
    return output.get('metadata', {}).get('d2lhelpers', {})


def of_kind(cell, kind):
    """The outputs of a cell that are marked with a kind: ``'claim'``, ``'guess'``, ``'check'``."""
    return [output for output in cell.get('outputs', []) if mark(output).get('kind') == kind]


def said(output):
    """What an output says in printed text; nothing for tables, pictures and values."""
    if output.output_type == 'stream':
        return output.text
    return output.data['text/plain'].rstrip('\n') + '\n' if mark(output) else ''


def tagged(cell, tag):
    """Has a cell this tag?"""
    return tag in cell.metadata.get('tags', [])
