"""The book for readers of EPUB, in one file."""
import re
import zipfile


def finish(out, path):
    """Take the file that Sphinx made, declare the formulas in it, and put it where it belongs.

    Parameters
    ----------
    out : pathlib.Path
        Sphinx's output folder.
    path : pathlib.Path
    """
    made = next(out.glob('*.epub'))
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as new:
        pages = {item.filename: old.read(item) for item in old.infolist()}
        formulas = {name for name, text in pages.items() if b'<math' in text}
        for item in old.infolist():
            content = pages[item.filename]
            if item.filename.endswith('content.opf'):
                content = re.sub(r'<item [^>]*href="([^"]+)"[^>]*/>', lambda found: _declare(found, formulas),
                                 content.decode()).encode()
            new.writestr(item, content, zipfile.ZIP_STORED if item.filename == 'mimetype' else None)


def _declare(found, formulas):
    return found[0] if found[1] not in formulas else found[0].replace('/>', ' properties="mathml"/>')
