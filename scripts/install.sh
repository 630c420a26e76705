#!/usr/bin/env bash
# Make .venv with Python 3.10 and install a lock file into it, bytecode compiled.
# Usage: scripts/install.sh LOCK_FILE MARK…    (the marks are touched when all went well)
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1
shift

find_python() {
  for candidate in "${RELEVO_PYTHON:-}" python3.10 python3 python; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

explain_python() {
  cat >&2 <<'MESSAGE'
Relevo needs Python 3.10 (the newest that Rasa 3.6 runs on), and found neither it nor uv. Any of these gives it:
  uv       curl -LsSf https://astral.sh/uv/install.sh | sh     then run this command again: uv fetches Python 3.10
  pyenv    pyenv install 3.10
  Ubuntu   sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt install python3.10 python3.10-venv
  macOS    brew install python@3.10
Or name one that you have: RELEVO_PYTHON=/path/to/python3.10 make run
MESSAGE
  exit 1
}

if [ ! -x .venv/bin/python ]; then
  python=$(find_python)
  if [ -n "$python" ]; then
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv .venv
  elif command -v uv >/dev/null; then
    echo "Making .venv with Python 3.10 from uv"
    uv venv --quiet --seed --python 3.10 .venv
  else
    explain_python
  fi
fi

echo "Installing $lock (2-3 GB; under a minute where the packages are cached)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-installer.lock
.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode "$lock" requirements-installer.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
touch "$@"
