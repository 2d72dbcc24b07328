#!/usr/bin/env bash
# safetensors 0.6.2 (Python): the bytes of a file with several metadata entries, and the order of its tensors.
#
# Guess before the run: metadata may come in any order (right), tensors in the order of the dictionary (wrong).
# Most people expect: that the same tensors and metadata give a file with the same SHA-256.
# Seen: metadata entries are written in an order that changes from process to process, and even from call to call,
#   so the file's hash does too; with one entry or none it is stable. Tensors are not in the order of the dictionary
#   either: the larger element type comes first, then the name.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.2.6 safetensors==0.6.2
cat >"$folder/write.py" <<'PY'
import hashlib
import sys

import numpy
import safetensors.numpy

tensors = {"z": numpy.ones(2, numpy.float32), "b": numpy.ones(2, numpy.uint8), "a": numpy.ones(2, numpy.float32)}
metadata = {f"key{i}": "value" for i in range(int(sys.argv[1]))}
data = safetensors.numpy.save(tensors, metadata)
starts = {name: data.index(f'"{name}":'.encode()) for name in tensors}
print(hashlib.sha256(data).hexdigest()[:16], " ".join(sorted(starts, key=starts.get)))
PY
"$folder/venv/bin/python" -c 'import safetensors; print("safetensors", safetensors.__version__)'
many=()
one=()
for _ in 1 2 3 4 5; do
  many+=("$("$folder/venv/bin/python" "$folder/write.py" 8)")
  one+=("$("$folder/venv/bin/python" "$folder/write.py" 1)")
done
echo 'hash and order of the tensors; eight metadata entries, five processes:'
printf '  %s\n' "${many[@]}"
echo 'one entry:'
printf '  %s\n' "${one[@]}"
different_many=$(printf '%s\n' "${many[@]}" | sort -u | wc -l)
different_one=$(printf '%s\n' "${one[@]}" | sort -u | wc -l)
if ((different_many < 2 || different_one != 1)) || [[ ${one[0]#* } != 'a z b' ]]; then
  echo 'the behavior has changed' >&2
  exit 1
fi
