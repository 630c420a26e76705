#!/usr/bin/env bash
# Renew the lock files from pyproject.toml: all of it, what the slim services need, and that plus what tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile pyproject.toml --python-version 3.10 --generate-hashes --quiet "$@"; }
compile --extra bot --output-file requirements.lock
compile --constraints requirements.lock --output-file requirements-services.lock
compile --extra bot --extra dev --constraints requirements.lock --output-file requirements-dev.lock
