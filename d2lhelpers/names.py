"""Names that a file system can hold, as a sentence, a table or a figure can show them."""
import os
import unicodedata

# They would turn the rest of the sentence round, or hide what a name really is
_UNSEEN = {'Cc', 'Zl', 'Zp'}
_TURNING = set('\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069')


def shown(name):
    """A name as it can be shown anywhere: what no text can hold is written with a backslash.

    A file system may hold names that are no text: ``caf\\xe9.jpg`` comes from a machine with another
    encoding, and Python keeps such a byte in a form that can be neither printed nor drawn.

    Parameters
    ----------
    name : str or path

    Returns
    -------
    str
        Composed letters where there are such (NFC): the same name comes decomposed from a Mac.
    """
    return ''.join(map(_letter, unicodedata.normalize('NFC', os.fsdecode(_plain(name)))))


def some(names, most=3):
    """The first of some names, and how many more there are: ``'a.jpg, b.jpg, c.jpg and 27 more'``.

    Parameters
    ----------
    names : sequence of str or path
    most : int

    Returns
    -------
    str
    """
    more = f' and {len(names) - most:,} more' if len(names) > most else ''
    return ', '.join(map(shown, names[:most])) + more


def _plain(name):
    return name if isinstance(name, str) else str(name)


def _letter(letter):
    if '\udc80' <= letter <= '\udcff':  # a byte that is no text, as Python keeps it
        return f'\\x{ord(letter) - 0xdc00:02x}'
    if unicodedata.category(letter) in _UNSEEN or letter in _TURNING or '\ud800' <= letter <= '\udfff':
        return letter.encode('unicode_escape', 'surrogatepass').decode()
    return letter
