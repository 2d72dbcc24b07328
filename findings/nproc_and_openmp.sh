#!/usr/bin/env bash
# nproc of GNU coreutils 9.1 (Debian 12) and OpenMP's environment variables.
#
# Guess before the run: OMP_NUM_THREADS=1 makes nproc print 1 (right), but never more than the affinity mask (wrong).
# Most people expect: `make -j$(nproc)` is independent of the thread settings of a numerical program.
# Seen: nproc prints OMP_NUM_THREADS where it is set, also above the number of processors, and never more than
#   OMP_THREAD_LIMIT. A job script that exports OMP_NUM_THREADS=1 for PyTorch compiles with one process afterwards,
#   and one that exports 64 on a small machine starts 64. `nproc --all` and Python's affinity are not concerned.
set -euo pipefail

nproc --version | sed -n 1p
unset OMP_NUM_THREADS OMP_THREAD_LIMIT
plain=$(nproc)
mask=$(python3 -c 'import os; print(len(os.sched_getaffinity(0)))')
one=$(OMP_NUM_THREADS=1 nproc)
many=$(OMP_NUM_THREADS=$((plain + 61)) nproc)
limited=$(OMP_NUM_THREADS=64 OMP_THREAD_LIMIT=3 nproc)
all_one=$(OMP_NUM_THREADS=1 nproc --all)
all=$(nproc --all)
printf '%-52s %s\n' 'nproc' "$plain" 'processors of the affinity mask' "$mask" 'OMP_NUM_THREADS=1 nproc' "$one" \
  "OMP_NUM_THREADS=$((plain + 61)) nproc" "$many" 'OMP_NUM_THREADS=64 OMP_THREAD_LIMIT=3 nproc' "$limited" \
  'OMP_NUM_THREADS=1 nproc --all' "$all_one"
if [[ $plain != "$mask" || $one != 1 || $many != $((plain + 61)) || $limited != 3 || $all_one != "$all" ]]; then
  echo 'the behavior has changed' >&2
  exit 1
fi
