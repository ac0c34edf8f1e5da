"""Letters for the names of classes in figures."""
import contextlib
import functools
import warnings

import matplotlib
from matplotlib import font_manager

from .messages import say


def cover(texts):
    """Make sure that figures from now on have the glyphs of these texts.

    matplotlib's own font has Latin, Greek, Cyrillic, Arabic and Hebrew letters; Chinese, Japanese and Korean
    come from the package noto-cjk-sans-jp-regular, whose font has those of all three. Other scripts are
    looked for among the fonts of the machine.

    Parameters
    ----------
    texts : sequence of str
    """
    families = list(matplotlib.rcParams['font.family'])
    letters = {ord(letter) for text in texts for letter in text if not letter.isspace()}
    missing = letters - _letters(font_manager.findfont('DejaVu Sans'))
    for path in _more() if missing else ():
        if found := missing & _letters(path):
            font_manager.fontManager.addfont(path)
            families.append(font_manager.get_font(path).family_name)
            missing -= found
        if not missing:
            break
    matplotlib.rcParams['font.family'] = list(dict.fromkeys(families))
    if missing:
        say(f'No font here has {" ".join(map(chr, sorted(missing)[:10]))}: in figures a box stands in its '
            'place.')
        # one line is enough: matplotlib would warn at every figure
        warnings.filterwarnings('ignore', r'Glyph \d+ .* missing from current font', UserWarning)


def _more():
    """Paths of further fonts: the course's own first, then those of the machine."""
    with contextlib.suppress(ImportError):  # no figure is worth a stop; `doctor` says what is missing
        from noto_cjk_sans_jp_regular import FONT_PATH  # here, because hardly any lesson needs it

        yield str(FONT_PATH)
    yield from sorted(path for path in font_manager.findSystemFonts() if not path.endswith('.ttc'))


@functools.cache
def _letters(path):
    """The code points that a font has glyphs for; none where it cannot be opened."""
    try:
        return frozenset(font_manager.get_font(path).get_charmap())
    except (RuntimeError, OSError):
        return frozenset()
