"""A page for the phone: one HTML file that has everything in it, the network, what runs it, and the course's
own preprocessing. It asks no server for anything, and no photo leaves the phone.
"""
import base64
import gzip
import html
import json
import re
from pathlib import Path

from .. import files
from ..errors import CourseError
from ..handover import ONNX, PHONE_PAGE, UNSURE, settings_of
from .runtime import onnxruntime_web

_HERE = Path(__file__).parent


def phone_page(folder):
    """Write ``phone.html`` into a folder that has ``network.onnx``.

    Parameters
    ----------
    folder : str or pathlib.Path
        See `d2lhelpers.handover.hand_over` and `d2lhelpers.onnx_export.to_onnx`.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    CourseError
        If the folder has no network as ONNX, or onnxruntime-web is neither here nor can be fetched.
    """
    folder = Path(folder)
    numbers = settings_of(folder)
    if not (folder / ONNX).is_file():
        raise CourseError(f'{folder} has no {ONNX}: call to_onnx(folder) first.')
    module, glue, program = onnxruntime_web()
    # one module with the page's own code, for from the disk a page may not load a second one
    module = re.sub(r'export\{(.*?)\};', lambda found: _as_object(found[1]), module.decode())
    code = ''.join((_HERE / name).read_text(encoding='utf-8') for name in ('preprocessing.js', 'page.js'))
    told = {'TITLE': html.escape(numbers['title']), 'PURPOSE': html.escape(numbers['purpose']),
            'NETWORK': _packed((folder / ONNX).read_bytes()), 'GLUE': _packed(glue),
            'PROGRAM': _packed(program),
            # within a script, "</" would be taken for its end
            'SETTINGS': json.dumps({**numbers, 'unsure': UNSURE}, ensure_ascii=False).replace('</', r'<\/'),
            'CODE': module + '\n' + code}
    page = (_HERE / 'page.html').read_text(encoding='utf-8')
    files.write_whole(folder / PHONE_PAGE, re.sub(r'@(\w+)@', lambda found: told[found[1]], page))
    return folder / PHONE_PAGE


def _as_object(names):
    """What a module exports, ``a as Tensor, b as env``, as an object ``ort``."""
    pairs = (name.split(' as ') for name in names.split(','))
    return f'const ort={{{",".join(f"{theirs}:{ours}" for ours, theirs in pairs)}}};'


def _packed(data):
    """Bytes as text for the page, which unpacks them."""
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()
