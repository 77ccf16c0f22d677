#!/usr/bin/env bash
# The shell scripts: bash can read them, and shellcheck (where there is one) finds nothing.
set -euo pipefail
root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}

mapfile -t scripts < <(grep -rlE --exclude-dir=build --exclude-dir=.git '^#!.*\b(ba)?sh$' \
    "$root/.ci" "$root/scripts" "$root/tests" 2>/dev/null)
for script in "${scripts[@]}"; do
    bash -n "$script"
    [ -x "$script" ] || case $script in *.sh) ;; *)
        echo "$script: not executable"
        exit 1
        ;;
    esac
done
if ! command -v shellcheck >/dev/null; then
    echo "SKIP check_shell: shellcheck is not installed; only the syntax was checked"
    exit 77
fi
shellcheck "${scripts[@]}"
echo "${#scripts[@]} scripts"
