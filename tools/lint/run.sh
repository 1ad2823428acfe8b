#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every lint over the tracked files; all of them run, and the first that failed decides the exit code.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
failed=0
step () {
  local name=$1; shift
  if "$@"; then echo "lint: $name ok"; else echo "lint: $name FAILED"; failed=1; fi
}

# shellcheck disable=SC2317  # called through step
# Names each file once; `clang-format -i FILE` is the remedy.
formatted () {
  local wrong
  wrong=$(clang-format --dry-run -Werror "$@" 2>&1 | grep -E ': (error|warning):' | cut -d : -f 1 | sort | uniq -c)
  [ -z "$wrong" ] || { echo "$wrong"; return 1; }
}

mapfile -t c_files < <(git ls-files '*.c' '*.h')
mapfile -t python_files < <(git ls-files '*.py')
shell_files=(.ci/run)
while read -r file; do shell_files+=("$file"); done < <(git ls-files '*.sh')

step clang-format formatted "${c_files[@]}"
step shellcheck shellcheck "${shell_files[@]}"
step python env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c '
import sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        compile(file.read(), name, "exec")
' "${python_files[@]}"
step sources /usr/bin/python3 tools/lint/check-source.py --report
exit $failed
