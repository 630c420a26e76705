#!/usr/bin/env bash
# A copy of all of Relevo's data, taken while it runs: docker/backup.sh > relevo-$(date +%F).tar.gz
set -euo pipefail
store() { docker compose -f "$(dirname "$0")/compose.yml" exec -T redis "$@"; }

# The append-only files are only ever appended to while nobody rewrites them.
trap 'store redis-cli config set auto-aof-rewrite-percentage 100 >/dev/null' EXIT
store redis-cli config set auto-aof-rewrite-percentage 0 >/dev/null
until store redis-cli info persistence | grep -q aof_rewrite_in_progress:0; do sleep 1; done
store tar -C /data -cz appendonlydir
