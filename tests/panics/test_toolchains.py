#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which versions of Rust are found and installed, with a stand-in for rustup.
"""

import os
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import toolchains

# A toolchain is a file in RUSTUP_HOME with the version that it answers.
RUSTUP = """#!/bin/sh
echo "$*" >>"$STAND_IN/calls"
case $1 in
--version) echo 'rustup 99.1' ;;
run) mkdir -p "$RUSTUP_HOME" && cat "$RUSTUP_HOME/$2" ;;
check) cat "$STAND_IN/checked"; exit 100 ;;
toolchain)
	[ ! -e "$STAND_IN/no-network" ] || exit 1
	for name; do :; done
	mkdir -p "$RUSTUP_HOME"
	cp "$STAND_IN/newest-$name" "$RUSTUP_HOME/$name" ;;
esac
"""
RUSTC = "#!/bin/sh\necho 'rustc 1.95.0 (a)'\n"


class Toolchains(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="toolchains-")
        self.addCleanup(folder.cleanup)
        self.at = Path(folder.name)
        self.person, self.own = self.at / "person", self.at / "own"
        (self.at / "bin").mkdir()
        self.person.mkdir()
        for name, text in (("rustup", RUSTUP), ("rustc", RUSTC)):
            (self.at / "bin" / name).write_text(text)
            (self.at / "bin" / name).chmod(0o755)
        for name in ("cat", "cp", "mkdir"):  # a system may have its own rustup
            (self.at / "bin" / name).symlink_to(shutil.which(name))
        self.write("newest-1.85.0", "rustc 1.85.0 (b)")
        self.write("newest-stable", "rustc 1.100.0 (c)")
        self.write("checked", "stable-x86 - Update available : 1.95 -> 1.100")
        self.write("calls", "")
        environment = {
            "PATH": f"{self.at}/bin", "STAND_IN": str(self.at),
            "RUSTUP_HOME": str(self.person)}
        for patch in (
                mock.patch.dict(os.environ, environment),
                mock.patch.object(toolchains, "OWN", self.own),
                mock.patch.object(toolchains, "IN_OWN",
                                  {"RUSTUP_HOME": str(self.own)})):
            patch.start()
            self.addCleanup(patch.stop)
        os.environ.pop("RUSTC", None)

    def write(self, name, text):
        (self.at / name).write_text(text + "\n")

    def found(self, install_it=False):
        """The versions, or why there is none."""
        self.said = []
        return {one.name: one.version or one.missing
                for one in toolchains.all_of(install_it, self.said.append)}

    def is_not_installed(self):
        self.assertNotIn("install", (self.at / "calls").read_text())
        self.assertFalse(self.own.exists())

    COMMAND = "rustup toolchain install --profile minimal"

    def test_nothing_is_installed_for_a_person_who_did_not_ask(self):
        self.assertEqual(self.found(), {
            "current": "rustc 1.95.0 (a)",
            "1.85.0": f"it is not installed: {self.COMMAND} 1.85.0",
            "stable": f"it is not installed: {self.COMMAND} stable"})
        self.is_not_installed()

    def test_who_asks(self):
        for ci, arguments, asked in (
                ("", [], False), ("false", [], False), ("true", [], True),
                ("", ["--install"], True)):
            with mock.patch.dict(os.environ, CI=ci):
                self.assertIs(toolchains.may_install(arguments), asked)

    def test_what_a_person_has_is_used(self):
        self.write("person/1.85.0", "rustc 1.85.0 (b)")
        self.write("person/stable", "rustc 1.99.0 (d)")
        self.assertEqual(self.found(), {
            "current": "rustc 1.95.0 (a)", "1.85.0": "rustc 1.85.0 (b)",
            "stable": "rustc 1.99.0 (d)"})
        self.is_not_installed()

    def test_what_is_there_twice_is_found_once(self):
        self.write("person/1.85.0", "rustc 1.85.0 (b)")
        self.write("person/stable", "rustc 1.95.0 (a)")
        self.assertEqual(list(self.found()), ["current", "1.85.0"])
        self.assertEqual(self.said, [
            "stable is rustc 1.95.0 (a), as current is"])

    def test_what_is_installed_goes_to_a_folder_of_its_own(self):
        self.write("person/stable", "rustc 1.95.0 (a)")
        self.assertEqual(self.found(install_it=True), {
            "current": "rustc 1.95.0 (a)", "1.85.0": "rustc 1.85.0 (b)",
            "stable": "rustc 1.100.0 (c)"})
        self.assertEqual([path.name for path in self.person.iterdir()],
                         ["stable"])
        self.assertEqual((self.person / "stable").read_text(),
                         "rustc 1.95.0 (a)\n")
        # and is found there, by whoever does not ask for it; the newer of two
        self.assertEqual(self.found()["stable"], "rustc 1.100.0 (c)")
        self.write("person/stable", "rustc 1.101.0 (e)")
        self.assertEqual(self.found()["stable"], "rustc 1.101.0 (e)")

    def test_what_is_up_to_date_is_not_installed_again(self):
        self.write("person/1.85.0", "rustc 1.85.0 (b)")
        self.write("person/stable", "rustc 1.100.0 (c)")
        for words in ("stable-x86 - Up to date : 1.100",
                      "stable-x86 - up to date: 1.100"):
            self.write("checked", words)
            self.found(install_it=True)
            self.is_not_installed()

    def test_what_cannot_be_installed_is_missing(self):
        self.write("no-network", "")
        self.write("person/stable", "rustc 1.99.0 (d)")
        cannot = f"it cannot be installed here: {self.COMMAND}"
        self.assertEqual(self.found(install_it=True), {
            "current": "rustc 1.95.0 (a)", "1.85.0": f"{cannot} 1.85.0",
            "stable": "rustc 1.99.0 (d)",
            "the newest stable": f"{cannot} stable"})

    def test_without_rustup_the_current_one_is_left(self):
        (self.at / "bin/rustup").unlink()
        none = "there is no rustup: https://rustup.rs installs it"
        for install_it in (False, True):
            self.assertEqual(self.found(install_it), {
                "current": "rustc 1.95.0 (a)", "1.85.0": none,
                "stable": none})

    def test_a_rustc_that_does_not_run_is_missing(self):
        (self.at / "bin/rustc").write_text("#!/bin/sh\nexit 1\n")
        self.assertIn("rustc does not run", self.found()["current"])


if __name__ == "__main__":
    unittest.main()
