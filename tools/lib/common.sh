# Sourced by the commands in tools/: where the tree is, how they speak, how they become root.
# shellcheck shell=bash disable=SC2034
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${HOLDFAST_CACHE:-$root/.cache}
command=$(basename "$0")

say() { printf '%s: %s\n' "$command" "$*"; }
warn() { printf '%s: %s\n' "$command" "$*" >&2; }
die() {
  warn "$*"
  exit 1
}

# The comment at the head of the calling command is its help.
help() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

# Runs the calling command again as root, with its arguments, when it is not root yet.
become_root() {
  [ "$(id -u)" = 0 ] && return
  command -v sudo >/dev/null || die "must run as root, and there is no sudo to become root with"
  exec sudo --preserve-env=HOLDFAST_CACHE,HOLDFAST_HUGEPAGES,CCACHE_DIR "$0" "$@"
}
