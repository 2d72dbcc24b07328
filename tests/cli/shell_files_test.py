"""Completion scripts and the man page, used by the shells themselves."""

import shutil
import subprocess
import unittest

from harness import CommandTest

# Completes argv as bash would for a line of these words, and prints the replies.
BASH = """
source ./complete.bash
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_styletransfer
printf '%s\\n' "${COMPREPLY[@]}"
"""

# Types a line and two tabs into an interactive zsh and prints what it shows.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; stty cols 200 -echo; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; LISTMAX=0; source ./complete.zsh; echo READY'
read_until() { local chunk all=; while zpty -r shell chunk; do all+=$chunk; [[ $all == *$1* ]] && break; done; print -r -- "$all" }
read_until READY >/dev/null
zpty -n -w shell "$1"$'\t\t\t'
sleep 1
while zpty -rt shell chunk; do print -r -- "$chunk"; done
zpty -d shell
"""


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class Completion(CommandTest):
    def write_script(self, shell):
        result = self.run_program("completions", shell)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        (self.folder / f"complete.{shell}").write_text(result.stdout)

    def shell(self, *command):
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def bash(self, *words):
        self.write_script("bash")
        return self.shell("bash", "-c", BASH, "bash", "styletransfer", *words).split()

    @needs("bash")
    def test_bash_completes_flags_and_subcommands(self):
        self.assertIn("--style-weight", self.bash("--st"))
        self.assertNotIn("--content", self.bash("--st"))
        self.assertEqual(self.bash("mod"), ["model"])
        self.assertEqual(sorted(self.bash("model", "i")), ["import", "info"])
        self.assertIn("--input", self.bash("model", "import", "w.safetensors", "--"))
        self.assertNotIn("--size", self.bash("model", "import", "--"))

    @needs("bash")
    def test_bash_completes_every_flag_of_the_help(self):
        offered = self.bash("--")
        for line in self.run_program("--help").stdout.splitlines():
            if line.startswith("  -"):
                names = line.split()[0].split(",")
                self.assertIn(names[-1], offered)

    @needs("bash")
    def test_bash_completes_choices(self):
        self.assertEqual(self.bash("--loss", "c"), ["classic"])
        self.assertEqual(sorted(self.bash("--optimizer", "=", "")), ["adam", "lbfgs"])
        self.assertEqual(sorted(self.bash("--pooling", "=")), ["average", "max"])
        self.assertEqual(sorted(self.bash("completions", "")), ["bash", "fish", "zsh"])

    @needs("bash")
    def test_bash_completes_files_where_a_flag_takes_one(self):
        shutil.copy(self.folder / "content.png", self.folder / "con tent.png")
        self.write_script("bash")
        shown = self.shell("bash", "-c", BASH, "bash", "styletransfer", "--size", "8", "-c", "con")
        self.assertIn("con tent.png", shown.splitlines())
        self.assertEqual(sorted(self.bash("--init", "con")), sorted(["content", "content.png", "con", "tent.png"]))
        self.assertEqual(self.bash("--size", "con"), ["content"])
        self.assertEqual(sorted(self.bash("--colors", "style")), ["style", "style-chroma", "style-only"])
        self.assertIn("content.png", self.bash("info", "con"))

    @needs("bash")
    def test_bash_completes_folders_where_a_flag_takes_one(self):
        (self.folder / "contents").mkdir()
        self.assertEqual(self.bash("batch", "--output", "con"), ["contents"])

    def make_other_files(self):
        (self.folder / "photo.JPG").write_bytes(b"")
        (self.folder / "notes.txt").write_bytes(b"")
        (self.folder / "folder").mkdir()

    @needs("bash")
    def test_bash_completes_only_images_or_networks_where_a_flag_takes_one(self):
        self.make_other_files()
        images = ["content.png", "folder", "photo.JPG", "style.png"]
        self.assertEqual(sorted(self.bash("--content", "")), images)
        self.assertEqual(sorted(self.bash("batch", "--styles", "")), images)
        networks = ["folder", "tiny.pt"]
        self.assertEqual(sorted(self.bash("--model", "")), networks)
        self.assertEqual(sorted(self.bash("apply", "--network", "")), networks)
        self.assertEqual(sorted(self.bash("model", "info", "")), networks)
        self.assertEqual(self.bash("--config", "no"), ["notes.txt"])

    @needs("bash")
    def test_bash_completes_the_network_of_init(self):
        self.make_other_files()
        self.assertEqual(self.bash("--init", "net"), ["network:"])
        # bash breaks words at colons.
        self.assertEqual(sorted(self.bash("--init", "network", ":")), ["folder", "tiny.pt"])
        self.assertEqual(self.bash("--init", "network", ":", "t"), ["tiny.pt"])
        self.assertEqual(self.bash("--init", "=", "network", ":", "t"), ["tiny.pt"])
        self.assertEqual(self.bash("--device", "cuda", ":"), [])

    @needs("bash")
    def test_a_value_is_not_taken_for_a_subcommand(self):
        self.assertIn("--size", self.bash("--content", "model", "--s"))

    @needs("fish")
    def test_fish_completes_flags_values_and_subcommands(self):
        self.write_script("fish")

        def fish(line):
            shown = self.shell("fish", "-N", "-c", f"source ./complete.fish; complete -C '{line}'")
            return [entry.split("\t")[0] for entry in shown.splitlines()]

        self.assertIn("--style-weight", fish("styletransfer --content a.png --st"))
        self.assertEqual(fish("styletransfer --loss c"), ["classic"])
        self.assertIn("model", fish("styletransfer mo"))
        self.assertIn("content.png", fish("styletransfer --content con"))
        self.make_other_files()
        self.assertEqual(fish("styletransfer --content "), ["content.png", "folder/", "photo.JPG", "style.png"])
        self.assertEqual(fish("styletransfer --model "), ["folder/", "tiny.pt"])
        self.assertIn("network:tiny.pt", fish("styletransfer --init network:"))
        self.assertNotIn("network:content.png", fish("styletransfer --init network:"))
        self.assertEqual(fish("styletransfer --colors content-"), ["content-statistics"])
        self.assertIn("--input", fish("styletransfer model import --in"))
        self.assertNotIn("--size", fish("styletransfer model import --s"))

    @needs("zsh")
    def test_zsh_completes_flags_values_and_subcommands(self):
        self.write_script("zsh")
        self.assertEqual(self.shell("zsh", "-n", "./complete.zsh"), "")

        def zsh(line):
            return self.shell("zsh", "-f", "-c", ZSH, "zsh", line)

        shown = zsh("styletransfer --style-")
        for name in ("--style-weight", "--style-scale", "--style-blend"):
            self.assertIn(name, shown)
        self.assertIn("classic", zsh("styletransfer --loss cl"))
        self.assertIn("import", zsh("styletransfer model im"))
        self.assertIn("content.png", zsh("styletransfer --content cont"))
        self.assertIn("tiny.pt", zsh("styletransfer --model ti"))
        self.assertIn("tiny.pt", zsh("styletransfer --init network:ti"))
        self.assertIn("statistics", zsh("styletransfer --colors content-"))


class ManPage(CommandTest):
    def setUp(self):
        super().setUp()
        self.page = self.folder / "styletransfer.1"
        self.page.write_text(self.run_program("man").stdout)

    def test_it_has_every_flag(self):
        text = self.page.read_text().replace("\\-", "-")
        for line in self.run_program("--help").stdout.splitlines():
            if line.startswith("  -"):
                self.assertIn(line.split()[0].split(",")[-1], text)

    @needs("man")
    def test_man_shows_it_without_warnings(self):
        done = subprocess.run(
            ["man", "--warnings", "-E", "UTF-8", "-l", self.page], capture_output=True, text=True, check=True
        )
        self.assertEqual(done.stderr, "")
        self.assertIn("--style-weight", done.stdout)
        self.assertIn("EXIT STATUS", done.stdout)

    @needs("mandoc")
    def test_mandoc_finds_nothing_wrong(self):
        done = subprocess.run(
            ["mandoc", "-T", "lint", "-W", "warning", self.page], capture_output=True, text=True, check=False
        )
        # The page is generated at every build and so has no date.
        lines = [line for line in done.stdout.splitlines() if "missing date" not in line]
        self.assertEqual((lines, done.stderr), ([], ""))


class Refusals(CommandTest):
    def test_a_shell_must_be_named_and_known(self):
        self.assert_refused(self.run_program("completions"), "completions needs a shell")
        self.assert_refused(self.run_program("completions", "fisch"), "did you mean 'fish'")


if __name__ == "__main__":
    unittest.main()
