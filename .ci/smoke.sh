#!/usr/bin/env bash
# Builds the wheel once, then installs it under every other Python that is here and lets .ci/smoke.py use it.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/smoke
rm -rf "$out"
mkdir -p "$out"

# A version manager's command may exist and yet run nothing, so each Python has to say its version.
find_python() {
    local candidate
    for candidate in "python$1" "$(command -v pyenv >/dev/null && pyenv prefix "$(pyenv latest "$1" 2>/dev/null)" 2>/dev/null || true)/bin/python"; do
        if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

wheel=""
ran=0
for version in 3.10 3.11 3.12 3.13; do
    python="$(find_python "$version")"
    if [ -z "$python" ]; then
        echo "smoke: Python $version: not here, skipped"
        continue
    fi
    venv="$out/$version"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
    if [ -z "$wheel" ]; then
        "$venv/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$out" .
        wheel="$(ls "$out"/envrules-*.whl)"
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c requirements.lock "$wheel[excel]"
    # Run outside the checkout, so that nothing but the wheel is found.
    script="$PWD/.ci/smoke.py"
    (cd "$venv" && bin/python -W error "$script")
    ran=$((ran + 1))
done
echo "smoke: $ran Pythons passed"
[ "$ran" -gt 0 ]
