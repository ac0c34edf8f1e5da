"""Which of the two profiles the course runs in, and where the learner keeps real data. Read once, before MXNet is imported."""
import os
from pathlib import Path

from .errors import CourseError

ROOT = Path(__file__).resolve().parent.parent  # the repository: the package is always installed editable

PROFILE = os.environ.get('D2LHELPERS_PROFILE') or 'embedded'
if PROFILE not in ('embedded', 'full'):
    raise CourseError(f"D2LHELPERS_PROFILE is {PROFILE!r}, but the course knows only 'embedded' (nothing is fetched) and 'full' "
                      '(real photos and weights): correct it, or unset it for embedded.')

DATA = Path(os.environ['D2LHELPERS_DATA']).expanduser() if os.environ.get('D2LHELPERS_DATA') else None
if DATA is not None and not DATA.is_dir():
    raise CourseError(f'D2LHELPERS_DATA names the folder {str(DATA)!r}, which does not exist here: correct the path, or unset it.')
