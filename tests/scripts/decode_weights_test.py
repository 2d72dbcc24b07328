"""decode_weights.py converts published weights to safetensors and rejects everything else."""

import array
import io
import json
import math
import pathlib
import pickle
import struct
import sys
import types
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import decode_weights  # noqa: E402

SMALL = [(1, 3, 2), (2, 2, 4)]  # blocks: conv1_1, conv2_1, conv2_2


class Stored:
    """A tensor to be written: what torch.save would see."""

    def __init__(self, kind, key, shape, raw):
        self.kind, self.key, self.shape, self.raw = kind, key, shape, raw


def _rebuild_tensor_v2():
    """Stands in for torch's function of this name: only its name is written."""


class TorchPickler(pickle._Pickler):  # the Python one: it lets a test write any global
    def persistent_id(self, obj):
        if isinstance(obj, tuple) and obj and obj[0] == "storage":
            return obj
        return None

    def save_stored(self, obj):
        strides = [math.prod(obj.shape[i + 1 :]) for i in range(len(obj.shape))]
        count = len(obj.raw) // (1 if obj.kind is FAKE_TORCH.ByteStorage else 4)
        self.save_reduce(
            FAKE_UTILS._rebuild_tensor_v2,
            (("storage", obj.kind, obj.key, "cpu", count), 0, tuple(obj.shape), tuple(strides)),
        )

    dispatch = {**pickle._Pickler.dispatch, Stored: save_stored}


def fake_module(name, **members):
    module = types.ModuleType(name)
    for key, value in members.items():
        value.__module__, value.__qualname__, value.__name__ = name, key, key
        setattr(module, key, value)
    return module


FAKE_TORCH = fake_module("torch", ByteStorage=type("ByteStorage", (), {}), FloatStorage=type("FloatStorage", (), {}))
FAKE_UTILS = fake_module("torch._utils", _rebuild_tensor_v2=_rebuild_tensor_v2)


def pickled(obj):
    names = {"torch": FAKE_TORCH, "torch._utils": FAKE_UTILS}
    before = {name: sys.modules.get(name) for name in names}
    sys.modules.update(names)
    try:
        file = io.BytesIO()
        TorchPickler(file, 2).dump(obj)
        return file.getvalue()
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def legacy_file(tensors):
    machine = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    head = b"".join(pickle.dumps(part, 2) for part in (decode_weights.LEGACY_MAGIC, 1001, machine))
    body = pickled(tensors) + pickle.dumps([t.key for t in tensors.values()], 2)
    for tensor in tensors.values():
        item = 1 if tensor.kind is FAKE_TORCH.ByteStorage else 4
        body += struct.pack("<q", len(tensor.raw) // item) + tensor.raw
    return head + body


def zip_file(tensors):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled(tensors))
        for tensor in tensors.values():
            archive.writestr(f"archive/data/{tensor.key}", tensor.raw)
    return file.getvalue()


def floats(values):
    return array.array("f", values).tobytes()


def caffe_tensors():
    """8-bit tensors of the small network, and the float values they stand for."""
    tensors, expected = {}, {}
    for index, (name, shape) in enumerate(decode_weights.convolutions()):
        count = math.prod(shape)
        prefix = "block{}_conv{}".format(*name[4:].split("_"))
        table = [0.125 * (entry - 100) + index for entry in range(256)]
        indices = bytes((entry * 37 + index) % 256 for entry in range(count))
        bias = [0.5 * entry for entry in range(shape[0])]
        parts = {"W_q": (FAKE_TORCH.ByteStorage, shape, indices),
                 "W_table": (FAKE_TORCH.FloatStorage, (256,), floats(table)),
                 "b": (FAKE_TORCH.FloatStorage, shape[:1], floats(bias))}  # fmt: skip
        for part, (kind, extent, raw) in parts.items():
            tensors[f"{prefix}_{part}"] = Stored(kind, f"{prefix}{part}", extent, raw)
        expected[f"{name}.weight"] = [table[entry] for entry in indices]
        expected[f"{name}.bias"] = bias
    return tensors, expected


def torchvision_tensors():
    tensors, expected = {}, {}
    for index, (name, shape) in enumerate(decode_weights.convolutions()):
        prefix = f"features.{decode_weights.TORCHVISION_INDEX[name]}"
        weight = [0.25 * entry - index for entry in range(math.prod(shape))]
        bias = [float(entry) for entry in range(shape[0])]
        tensors[f"{prefix}.weight"] = Stored(FAKE_TORCH.FloatStorage, f"w{index}", shape, floats(weight))
        tensors[f"{prefix}.bias"] = Stored(FAKE_TORCH.FloatStorage, f"b{index}", shape[:1], floats(bias))
        expected[f"{name}.weight"], expected[f"{name}.bias"] = weight, bias
    return tensors, expected


def read_safetensors(data):
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    values = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values[name] = (entry["shape"], list(array.array("f", data[begin:end])))
    return metadata, values


class DecodeWeights(unittest.TestCase):
    def setUp(self):
        self.blocks = decode_weights.BLOCKS
        decode_weights.BLOCKS = SMALL

    def tearDown(self):
        decode_weights.BLOCKS = self.blocks

    def check(self, kind, data, expected):
        metadata, values = read_safetensors(decode_weights.decode(kind, data))
        self.assertEqual(metadata["input"], kind)
        self.assertIn("VGG-19", metadata["source"])
        self.assertEqual({name: value for name, (_, value) in values.items()}, expected)
        shapes = {name: list(shape) for name, shape in decode_weights.convolutions()}
        for name, shape in shapes.items():
            self.assertEqual(values[f"{name}.weight"][0], shape)
            self.assertEqual(values[f"{name}.bias"][0], shape[:1])

    def test_looks_each_8_bit_weight_up_in_its_layers_table(self):
        tensors, expected = caffe_tensors()
        self.check("caffe", legacy_file(tensors), expected)

    def test_reads_a_state_dict_in_the_zip_container(self):
        tensors, expected = torchvision_tensors()
        self.check("torchvision", zip_file(tensors), expected)

    def test_reads_a_state_dict_in_the_old_container(self):
        tensors, expected = torchvision_tensors()
        self.check("torchvision", legacy_file(tensors), expected)

    def test_writes_the_same_bytes_for_the_same_weights(self):
        data = legacy_file(caffe_tensors()[0])
        self.assertEqual(decode_weights.decode("caffe", data), decode_weights.decode("caffe", data))

    def assert_refused(self, kind, data, words):
        with self.assertRaisesRegex(decode_weights.BadWeights, words):
            decode_weights.decode(kind, data)

    def test_refuses_a_truncated_file(self):
        self.assert_refused("caffe", legacy_file(caffe_tensors()[0])[:-10], "truncated")

    def test_refuses_weights_of_the_other_source(self):
        self.assert_refused("caffe", legacy_file(torchvision_tensors()[0]), "not caffe weights")

    def test_refuses_a_wrong_shape(self):
        tensors, _ = torchvision_tensors()
        tensors["features.0.weight"].shape = (1, 3, 3, 3)
        self.assert_refused("torchvision", zip_file(tensors), "features.0.weight has shape")

    def test_refuses_values_that_are_not_finite(self):
        tensors, _ = torchvision_tensors()
        tensors["features.0.bias"].raw = floats([1.0, float("nan")])
        self.assert_refused("torchvision", zip_file(tensors), "conv1_1.bias")

    def test_runs_no_code_that_a_pickle_asks_for(self):
        machine = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
        head = b"".join(pickle.dumps(part, 2) for part in (decode_weights.LEGACY_MAGIC, 1001, machine))
        self.assert_refused("caffe", head + b"cos\nsystem\n(S'false'\ntR.", "os.system")

    def test_refuses_a_file_of_another_kind(self):
        self.assert_refused("caffe", b"\xff\xd8\xff\xe0JFIF" + bytes(64), "not a torch.save file")
        self.assert_refused("caffe", b"", "not a torch.save file")


if __name__ == "__main__":
    unittest.main()
