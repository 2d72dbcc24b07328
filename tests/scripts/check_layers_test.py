"""check_layers.py reports violations of the architecture and nothing else."""

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

    def test_a_file_may_include_its_own_module_and_those_below(self):
        for included in ("loss/objective.h", "vgg/features.h", "kernels/amx/amx.h", "styletransfer/model.h"):
            self.assertEqual(self.faults(src__loss__objective_cpp=f'#include "{included}"\n'), [], included)

    def test_a_file_may_not_include_a_module_above(self):
        for included in ("engine/run.h", "cli/args/values.h", "styletransfer/transfer.h"):
            self.assertIn("stands above", self.faults(src__loss__objective_cpp=f'#include "{included}"\n')[0], included)

    def test_modules_of_the_command_line_have_an_order_too(self):
        self.assertEqual(self.faults(src__cli__report__page_cpp='#include "cli/args/values.h"\n'), [])
        self.assertEqual(len(self.faults(src__cli__args__values_cpp='#include "cli/report/page.h"\n')), 1)

    def test_a_file_in_no_module_is_a_fault(self):
        self.assertIn("no module", self.faults(src__detail__x_cpp="")[0])
        self.assertIn("no module", self.faults(include__styletransfer__new_h="")[0])

    def test_a_public_header_includes_public_headers_only(self):
        faults = self.faults(
            include__styletransfer__model_h='#include "styletransfer/network_trust.h"\n#include "base/text.h"\n',
            include__styletransfer__network_trust_h="",
            src__base__text_h="",
        )
        self.assertEqual(len(faults), 1)
        self.assertIn("not installed", faults[0])

    def test_a_folder_of_more_than_thirty_files_is_a_fault(self):
        files = {f"src__loss__part{i}_cpp": "" for i in range(30)}
        self.assertEqual(self.faults(**files), [])
        self.assertIn("31 files", self.faults(**files, src__loss__more_cpp="")[0])

    def test_the_library_includes_no_command_line_or_log(self):
        for included in ("CLI/CLI.hpp", "spdlog/spdlog.h"):
            self.assertEqual(len(self.faults(src__engine__pass_cpp=f"#include <{included}>\n")), 1)
            self.assertEqual(self.faults(src__cli__options__options_cpp=f"#include <{included}>\n"), [])

    def test_the_library_prints_nothing_and_ends_no_process(self):
        for statement in ("std::cout << 1;", "printf(text);", "std::exit(1);", "abort();"):
            self.assertEqual(len(self.faults(src__engine__pass_cpp=f"void f() {{ {statement} }}\n")), 1, statement)

    def test_words_in_comments_and_strings_are_not_code(self):
        text = '// printf(x)\n/* std::exit(1) */\nconst char* kText = "std::cout exit(1)";\nint snprintf_like(int);\n'
        self.assertEqual(self.faults(src__engine__pass_cpp=text), [])

    def test_opencv_stays_in_the_image_files(self):
        text = "#include <opencv2/core.hpp>\n"
        self.assertEqual(len(self.faults(src__engine__pass_cpp=text)), 1)
        self.assertEqual(self.faults(src__image__codecs__decoder_cpp=text), [])

    def test_tensors_stay_out_of_the_image_files(self):
        self.assertEqual(len(self.faults(src__image__decoder_cpp="#include <ATen/ATen.h>\n")), 1)

    def test_the_base_includes_nothing_of_the_project_but_itself_and_errors(self):
        for included in ("ATen/ATen.h", "opencv2/core.hpp", "engine/run.h", "styletransfer/image.h"):
            self.assertNotEqual(self.faults(src__base__cgroup_cpp=f'#include "{included}"\n'), [])
        text = '#include "base/system/cgroup.h"\n#include "styletransfer/error.h"\n#include <sys/resource.h>\n#include <string>\n'
        self.assertEqual(self.faults(src__base__memory_info_cpp=text), [])

    def test_a_long_file_is_a_fault(self):
        self.assertEqual(self.faults(src__engine__pass_cpp="\n" * 400), [])
        self.assertEqual(len(self.faults(src__engine__pass_cpp="\n" * 401)), 1)


if __name__ == "__main__":
    unittest.main()
