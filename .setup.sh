#!/bin/sh
# The course's own Python: makes it where it is missing, broken or out of date, then runs what it is asked to.
#
#     sh .setup.sh python -m pytest tests     Python 3.11 in .venv, filled from requirements.lock
#     sh .setup.sh uv pip compile ...         uv alone: the one on PATH, else a private one in .uv
#     sh .setup.sh book -m book               Python 3.11 in .book, filled from book/requirements.lock: on any
#                                             platform, for the reading edition needs no MXNet
#
# All paths are relative to this folder, whose name may hold spaces.
set -eu
cd "$(dirname "$0")"

stop() { echo "$*" >&2; exit 1; }

check_platform() {
    case "$(uname -s) $(uname -m)" in
        'Linux x86_64' | 'Linux aarch64' | 'Darwin x86_64') ;;
        MINGW* | MSYS* | CYGWIN*) stop 'MXNet 1.9.1 does not exist for Windows: work inside WSL2, or use the docker lines of README.md.' ;;
        'Darwin arm64') stop 'MXNet 1.9.1 does not exist for Apple silicon: use the docker lines of README.md.' ;;
        *) stop "MXNet 1.9.1 does not exist for $(uname -s) on $(uname -m), only for Linux (x86_64, aarch64) and Macs with Intel chips: use one of these." ;;
    esac
}

# What the learner's shell says about other Pythons is not meant for this one
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV CONDA_PREFIX UV_SYSTEM_PYTHON UV_PYTHON UV_PROJECT_ENVIRONMENT

# Files of the course are UTF-8, whatever the locale says (Turkish or Chinese ones may name another encoding)
export PYTHONUTF8=1

# Jupyter, matplotlib and uv keep files in HOME; some containers have none that can be written to
if [ -z "${HOME:-}" ] || [ ! -w "$HOME" ]; then
    if [ -w . ]; then
        mkdir -p .home
        HOME=$PWD/.home
    else
        HOME=$(mktemp -d)
    fi
    export HOME
fi

# Wheels fetched beforehand, on the stick that D2LHELPERS_DATA names (python -m d2lhelpers download)
wheels=${D2LHELPERS_DATA:-}/wheels

find_uv() {
    if command -v uv >/dev/null 2>&1; then
        uv=uv
        return
    fi
    uv=.uv/bin/uv
    if ! "$uv" --version >/dev/null 2>&1; then
        python=$(command -v python3 || command -v python) || stop 'There is no Python here: install any Python 3 (on Debian and Ubuntu: apt-get install python3-venv), then call make again.'
        echo 'Fetching uv, which installs the rest, into .uv ...'
        rm -rf .uv
        "$python" -m venv .uv ||
            stop "$python has no working venv module: install it (on Debian and Ubuntu: apt-get install python3-venv), or install uv, then call make again."
        set -- --retries 1
        [ ! -d "$wheels" ] || set -- --no-index --find-links "$wheels"
        # A learner's pip.conf may say "user = true", which pip refuses inside a venv
        PIP_USER=0 .uv/bin/python -m pip install --quiet --disable-pip-version-check "$@" uv ||
            stop 'uv could not be fetched (see the message above): the first call needs a connection to a Python package index. Then call make again.'
    fi
}

# False too where .venv/bin/python points at a Python that is gone: removed, moved, or outside of this container
has_python() { .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; }

# What somebody else has set up is left alone: it serves others
check_mine() {
    [ -w . ] && { [ ! -e .venv ] || [ -O .venv ]; } && return
    owner=$(ls -ld .venv . 2>/dev/null | awk 'NR == 1 { print $3 }')
    stop "The course in $PWD was installed by $owner, and its Python (.venv) does not run here, or is out of date. It is not yours to build again, so nothing was changed: tell $owner to call make there (README.md, 'A room of machines'), or copy the course into a folder of your own."
}

is_filled() { cat requirements.lock pyproject.toml | cmp -s - .venv/made-from && has_python; }

# One at a time: two would take each other's .venv away. The lock is a link whose text is the process at work,
# so it cannot be without it; whoever was killed holds nobody up.
lock() {
    tries=0
    until ln -s "$$" .setup-lock 2>/dev/null; do
        owner=$(readlink .setup-lock || true)
        if [ -z "$owner" ]; then
            tries=$((tries + 1))
            [ "$tries" -lt 5 ] || stop "Nothing can be written into $PWD: is the disk full? 2 GB are needed. Make room, then call make again."
        elif [ "$owner" = "$$" ] || ! kill -0 "$owner" 2>/dev/null; then
            rm -f .setup-lock
            continue
        elif [ "${waiting:-}" != "$owner" ]; then
            # After a restart the number may be that of any other process
            echo "Another set-up is at work here (process $owner): waiting for its end. If there is none, delete .setup-lock in $PWD: this one then goes on."
            waiting=$owner
        fi
        sleep 1
    done
    trap 'rm -f .setup-lock' EXIT
}

unlock() {
    rm -f .setup-lock
    trap - EXIT
}

fill() {
    check_mine
    lock
    if is_filled; then
        unlock
        return
    fi
    find_uv
    echo 'Setting up Python 3.11 and the packages of requirements.lock in .venv (some minutes the first time) ...'
    # uv takes a package for whole whose copying was cut off (a full disk, a kill): what was begun and never
    # ended is made anew, from what was fetched
    if ! has_python || [ ! -e .venv/made-from ]; then
        rm -rf .venv
        "$uv" venv --quiet --no-project --python 3.11 .venv ||
            stop 'Python 3.11 was neither found nor fetched (see the message above): connect to the internet or install Python 3.11, then call make again.'
    fi
    rm -f .venv/made-from
    set -- --require-hashes
    [ ! -d "$wheels" ] || set -- "$@" --offline --no-index --find-links "$wheels"
    "$uv" pip sync --quiet --python .venv/bin/python "$@" requirements.lock ||
        stop 'The packages could not be installed (see the message above): if no package index was reachable, connect; if the disk is full, make room (2 GB are needed). Then call make again; it goes on where it stopped.'
    # The package itself, as it lies here: a path file needs no build, and a relative one survives a move of the folder
    echo ../../../.. >.venv/lib/python3.11/site-packages/d2lhelpers.pth
    # JupyterLab would first of all ask about news, and look for updates on the network
    mkdir -p .venv/share/jupyter/lab/settings
    echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' >.venv/share/jupyter/lab/settings/overrides.json
    # In the embedded profile: this is about the packages, not about what the learner has set
    report=$(D2LHELPERS_PROFILE='' D2LHELPERS_DATA='' .venv/bin/python -m d2lhelpers doctor) || {
        echo "$report" | grep '^FAIL' >&2 || true
        stop 'The packages are installed, but a lesson could not run: mend what is said above, then call make again.'
    }
    cat requirements.lock pyproject.toml >.venv/made-from
    unlock
}

tool=$1
shift
case $tool in
    uv)
        find_uv
        exec "$uv" "$@"
        ;;
    book)
        python=.book/bin/python
        [ ! -d .book/Scripts ] || python=.book/Scripts/python.exe
        if ! cmp -s book/requirements.lock .book/made-from || ! "$python" -c '' >/dev/null 2>&1; then
            find_uv
            echo 'Setting up the tools that make the book in .book ...'
            "$uv" venv --quiet --clear --no-project --python 3.11 .book ||
                stop 'Python 3.11 was neither found nor fetched (see the message above): connect to the internet or install Python 3.11, then call make again.'
            [ ! -d .book/Scripts ] || python=.book/Scripts/python.exe
            "$uv" pip sync --quiet --compile-bytecode --python "$python" --require-hashes book/requirements.lock ||
                stop 'The packages could not be installed (see the message above): if no package index was reachable, connect and call make again; it goes on where it stopped.'
            cp book/requirements.lock .book/made-from
        fi
        exec "$python" "$@"
        ;;
    python)
        check_platform
        is_filled || fill
        exec .venv/bin/python "$@"
        ;;
esac
