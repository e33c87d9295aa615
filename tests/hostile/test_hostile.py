# SPDX-License-Identifier: MIT OR Apache-2.0
"""What hostile lanes leave behind, and what a person does to the driver.

    test_hostile.py FERRULE LANES LESSONS [CLASS]
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

FERRULE, LANES, LESSONS = sys.argv[1:4]


def wait_for(what, seconds=20):
    """True once what() is, False if that takes too long."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"


class Case(unittest.TestCase):
    def setUp(self):
        # in memory, if it can be: some write much
        shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.dir = tempfile.mkdtemp(prefix="hostile-", dir=shm)
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.tmp = pathlib.Path(self.dir, "tmp")
        self.tmp.mkdir()
        self.pids = pathlib.Path(self.dir, "pids")

    def command(self, lane, *options, lesson="01"):
        return [
            FERRULE, "compare", "--lanes", LANES, "--lessons", LESSONS,
            "--lane-file", f"{LANES}/hostile_{lane}.so", "--lesson", lesson,
            *options, __file__,
        ]  # fmt: skip

    def start(self, lane, *options, tmp=None, more=(), **how):
        env = dict(os.environ, TMPDIR=str(tmp or self.tmp), **dict(more))
        env["HOSTILE_PIDS"] = str(self.pids)
        process = subprocess.Popen(
            self.command(lane, *options, **how), env=env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def folders(self, tmp=None):
        """The folders of the cells that run now."""
        try:
            return list((tmp or self.tmp).glob("ferrule-*/[0-9]*"))
        except FileNotFoundError:  # one went while it was looked at
            return []

    def daemons(self):
        """The process ids of those that have noted themselves."""
        text = self.pids.read_text() if self.pids.exists() else ""
        return [int(line) for line in text.splitlines(True) if line[-1] == "\n"]

    def assert_nothing_left(self):
        self.assertEqual(list(self.tmp.iterdir()), [])


class Processes(Case):
    """A lesson's processes end with it, whatever they do."""

    def ends(self, lane, code, *options):
        process = self.start(lane, *options)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, code, out + err)
        self.assertTrue(self.daemons())
        self.assertEqual([p for p in self.daemons() if is_alive(p)], [])
        self.assert_nothing_left()

    def test_a_daemon(self):
        self.ends("daemon", 0)

    def test_a_daemon_that_ignores_signals(self):
        self.ends("daemon_stubborn", 0)

    def test_a_daemon_of_a_lesson_that_hangs(self):
        self.ends("daemon_hang", 1, "--timeout", "1")

    def test_a_daemon_from_a_constructor(self):
        self.ends("daemon_load", 0)

    def test_a_daemon_that_outlives_a_driver_which_is_killed(self):
        process = self.start("daemon_hang")
        self.assertTrue(wait_for(self.daemons))
        process.kill()
        process.wait()
        pid = self.daemons()[0]
        self.assertTrue(wait_for(lambda: not is_alive(pid)))
        self.assertTrue(wait_for(lambda: not list(self.tmp.iterdir())))

    def test_a_new_process_for_the_old_one_over_and_over(self):
        process = self.start("daemon_chain")
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        # the last one notes itself, if there comes to be one
        wait_for(self.daemons, 0.7)
        self.assertEqual([p for p in self.daemons() if is_alive(p)], [])
        self.assert_nothing_left()

    @unittest.skipUnless(pathlib.Path(LANES, "no_fork.so").exists(), "ASan")
    def test_no_more_processes_can_be_started(self):
        """Of the lanes, or later of the cells: nobody else is killed."""
        # LD_PRELOAD parts its files at spaces, which a build folder may have
        place = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, place)
        shutil.copy(f"{LANES}/no_fork.so", place)
        for number in range(1, 5):
            with self.subTest(number):
                more = {
                    "LD_PRELOAD": f"{place}/no_fork.so",
                    "NO_FORK": str(number),
                }
                process = self.start("daemon", "--jobs", "1", more=more)
                out, err = process.communicate(timeout=30)
                self.assertEqual(process.returncode, 2, out + err)
                self.assertRegex(err, "cannot (fork|start a process)")
                self.assertNotIn("would kill", err)
                self.assert_nothing_left()


class Signals(Case):
    def test_each_leaves_nothing(self):
        names = "HUP INT QUIT TERM PIPE USR1 ALRM XCPU".split()
        running = []
        for name in names:
            tmp = self.tmp / name
            tmp.mkdir()
            running.append((name, tmp, self.start("hang", tmp=tmp)))
        for name, tmp, process in running:
            with self.subTest(name):
                number = signal.Signals[f"SIG{name}"]
                self.assertTrue(wait_for(lambda: self.folders(tmp)))
                process.send_signal(number)
                self.assertEqual(process.wait(20), -number)
                self.assertEqual(list(tmp.iterdir()), [])

    def test_one_that_is_ignored_stays_so(self):
        command = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"]
        env = dict(os.environ, TMPDIR=str(self.tmp))
        process = subprocess.Popen(
            command + self.command("slow"), env=env, stdout=subprocess.PIPE
        )
        self.assertTrue(wait_for(self.folders))
        time.sleep(0.3)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)

    def test_a_signal_ignored_by_who_started_us_reaches_the_lesson(self):
        command = ["sh", "-c", "trap '' ALRM CHLD; exec \"$@\"", "sh"]
        env = dict(os.environ, TMPDIR=str(self.tmp))
        process = subprocess.run(
            command + self.command("alarm", "--timeout", "5"), env=env,
            stdout=subprocess.PIPE, text=True, timeout=30, check=False,
        )  # fmt: skip
        self.assertIn("crashed: SIGALRM", process.stdout)

    def test_a_terminal_that_is_gone(self):
        """Who shows the progress there dies of SIGPIPE."""
        process = self.start("hang")
        self.assertTrue(wait_for(self.folders))
        process.stdout.close()
        process.stderr.close()
        process.send_signal(signal.SIGPIPE)
        self.assertEqual(process.wait(20), -signal.SIGPIPE)
        self.assert_nothing_left()


class Stopped(Case):
    def test_past_every_limit(self):
        """Ctrl-Z, and fg later than any limit."""
        lanes = {
            # who has finished meanwhile, or been loaded, is not late
            "slow": "same",
            "slow_load": "same",
            # who hangs is late all the same
            "hang": "timeout",
        }
        options = ["--timeout", "2.5", "--json", "-"]
        running = {lane: self.start(lane, *options) for lane in lanes}
        time.sleep(0.3)
        for process in running.values():
            process.send_signal(signal.SIGSTOP)
        time.sleep(3)
        for lane, process in running.items():
            process.send_signal(signal.SIGCONT)
        for lane, process in running.items():
            with self.subTest(lane):
                out, err = process.communicate(timeout=30)
                self.assertTrue(out, err)
                verdicts = [c["verdict"] for c in json.loads(out)["cells"]]
                self.assertEqual(verdicts, ["same", lanes[lane]])


class Steps(Case):
    def test_140000_of_them_and_one_more_in_front(self):
        process = self.start("steps_shifted", lesson="03")
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, err)
        self.assertEqual(out.count(" step "), 1, out[:2000])
        self.assertIn('  extra step "more"', out)


class Folder(Case):
    def test_3000_folders_deep(self):
        process = self.start("deep")
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        self.assert_nothing_left()
        self.assertTrue(pathlib.Path("/etc/passwd").exists())

    def on_small_disk(self, mount, lane):
        """Run @lane where TMPDIR is mounted so; nobody else sees it."""
        script = (
            f'mount -t tmpfs -o {mount} tmpfs "$TMPDIR" || exit 77; '
            'exec "$@"'
        )
        how = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        if not shutil.which("unshare"):
            self.skipTest("not run: there is no unshare")
        process = subprocess.run(
            [*how, "sh", "-c", script, "sh", *self.command(lane)],
            env=dict(os.environ, TMPDIR=str(self.tmp)),
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        if process.returncode == 77 or "unshare" in process.stderr:
            self.skipTest("not run: nothing can be mounted here")
        return process

    def test_a_full_disk_is_no_difference(self):
        for mount, lane in [
            ("size=64k", "slow"),  # from the start
            ("nr_inodes=3", "slow"),  # no more files
            ("size=12m", "full"),  # by what a lesson writes
        ]:
            with self.subTest(mount):
                process = self.on_small_disk(mount, lane)
                self.assertEqual(process.returncode, 2, process.stdout)
                self.assertIn("No space left on device", process.stderr)

    def test_a_small_disk_is_enough(self):
        self.assertEqual(self.on_small_disk("size=16m", "slow").returncode, 0)


if __name__ == "__main__":
    # What ignores them, as nohup and the background jobs of a shell do, has
    # what is tested ignore them too.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
