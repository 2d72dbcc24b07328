"""check_layers.py finds what breaks the architecture, and leaves what does not."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import check_layers  # noqa: E402


class CheckLayers(unittest.TestCase):
    def faults(self, **files):
        """Faults of a tree of files, given as path (with __ for /, _h or _cpp at the end) = text."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                stem, _, ending = name.rpartition("_")
                path = root / f"{stem.replace('__', '/')}.{ending}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return [what for _, _, what in check_layers.faults(root)]

    def header_faults(self, included_layer):
        return self.faults(
            include__styletransfer__model_h='// Layer 2: networks\n#include "styletransfer/other.h"\n',
            include__styletransfer__other_h=f"// Layer {included_layer}: other\n",
        )

    def test_a_header_may_include_lower_layers(self):
        self.assertEqual(self.header_faults(1), [])

    def test_a_header_may_not_include_its_own_or_a_higher_layer(self):
        for layer in (2, 3):
            self.assertIn("only lower layers", self.header_faults(layer)[0])

    def test_a_header_states_its_layer(self):
        self.assertIn("Layer N", self.faults(include__styletransfer__model_h="#pragma once\n")[0])

    def test_the_library_includes_no_command_line_or_log(self):
        for included in ("CLI/CLI.hpp", "spdlog/spdlog.h"):
            self.assertEqual(len(self.faults(src__pass_cpp=f"#include <{included}>\n")), 1)
            self.assertEqual(self.faults(src__cli__options_cpp=f"#include <{included}>\n"), [])

    def test_the_library_prints_nothing_and_ends_no_process(self):
        for statement in ("std::cout << 1;", "printf(text);", "std::exit(1);", "abort();"):
            self.assertEqual(len(self.faults(src__pass_cpp=f"void f() {{ {statement} }}\n")), 1, statement)

    def test_words_in_comments_and_strings_are_not_code(self):
        text = '// printf(x)\n/* std::exit(1) */\nconst char* kText = "std::cout exit(1)";\nint snprintf_like(int);\n'
        self.assertEqual(self.faults(src__pass_cpp=text), [])

    def test_opencv_stays_in_the_picture_files(self):
        text = "#include <opencv2/core.hpp>\n"
        self.assertEqual(len(self.faults(src__pass_cpp=text)), 1)
        self.assertEqual(self.faults(src__images__decoder_cpp=text, src__image_io_cpp=text), [])

    def test_tensors_stay_out_of_the_picture_files(self):
        self.assertEqual(len(self.faults(src__images__decoder_cpp="#include <ATen/ATen.h>\n")), 1)

    def test_the_base_includes_nothing_of_the_project_but_itself_and_errors(self):
        for included in ("ATen/ATen.h", "opencv2/core.hpp", "detail/run.h", "styletransfer/image.h"):
            self.assertNotEqual(self.faults(src__base__cgroup_cpp=f'#include "{included}"\n'), [])
        text = '#include "base/cgroup.h"\n#include "styletransfer/error.h"\n#include <sys/resource.h>\n#include <string>\n'
        self.assertEqual(self.faults(src__base__memory_info_cpp=text), [])

    def test_a_long_file_is_a_fault(self):
        self.assertEqual(self.faults(src__pass_cpp="\n" * 400), [])
        self.assertEqual(len(self.faults(src__pass_cpp="\n" * 401)), 1)


if __name__ == "__main__":
    unittest.main()
