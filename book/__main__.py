"""``make book`` and ``make book-messages``."""
import sys

from . import build, messages

if __name__ == '__main__':
    try:
        if sys.argv[1:2] == ['messages']:
            messages.update_catalogues(sys.argv[2:])
        else:
            build.build()
    except build.BookError as error:
        sys.exit(str(error))
