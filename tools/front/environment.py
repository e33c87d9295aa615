# SPDX-License-Identifier: MIT OR Apache-2.0
"""Sets the project up and builds it: packages, the private environment with
what pip gets, the crates, the build folders. What is there is left alone."""

import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import needs
from needs import VENV, output, version_of
from steps import ROOT, TOOLS, Steps, Stopped, run, say
from turns import BUILD, unwritable

REQUIREMENTS = "tools/requirements.txt"
INTEROP = "tests/interop/requirements.txt"
ONCE = "This needs a network, this once."


# --- Rust and its crates -----------------------------------------------------

def cargo_home():
    """Where Cargo keeps what it fetches: None if that is not known. A home
    that is not known is not a home at /."""
    if os.environ.get("CARGO_HOME"):
        return Path(os.environ["CARGO_HOME"])
    home = os.environ.get("HOME")
    return Path(home) / ".cargo" if home else None


def find_cargo():
    if not shutil.which("cargo") and cargo_home():
        os.environ["PATH"] += f":{cargo_home()}/bin"


def rust_help(why):
    return Stopped(f"""Rust {needs.RUST_LEAST} or later is needed, and {why}.
   Install it with rustup (https://rustup.rs), and open a new shell:

     curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh

   Distributions' own packages are fine if they are new enough.""")


def set_up_rust():
    find_cargo()
    if not shutil.which("cargo"):
        raise rust_help("there is no cargo")
    found = version_of("rustc")
    if not found:
        said = subprocess.run(
            ["sh", "-c", "exec rustc --version 2>&1"], check=False, text=True,
            stdout=subprocess.PIPE).stdout.splitlines()
        raise rust_help(f"rustc does not run: {said[0] if said else ''}")
    if not needs.at_least(found, needs.RUST_LEAST):
        raise rust_help(f"rustc is {found}")


def set_up_cargo_home():
    """Where Cargo's home cannot be written, it gets one in .tools, with the
    same settings."""
    home = cargo_home()
    if home is None:
        return
    at = home if home.exists() else home.parent
    if os.access(at, os.W_OK) or crates_are_there():
        return
    ours = TOOLS / "cargo"
    ours.mkdir(parents=True, exist_ok=True)
    os.environ["CARGO_HOME"] = str(ours)
    for name in ("config.toml", "config"):
        if (home / name).is_file():
            (ours / name).unlink(missing_ok=True)
            (ours / name).symlink_to(home / name)


def fetch_crates(*options):
    """The command for those of Cargo.lock, for this kind of machine."""
    host = re.search("^host: (.*)$", output("rustc", "-vV"), re.M)
    return ["cargo", "fetch", "--locked", "--manifest-path",
            ROOT / "Cargo.toml", "--target", host[1] if host else "",
            *options]


def quietly(*words):
    """Whether a program ends with 0; what it says is not shown."""
    return run(*words, stdout=subprocess.DEVNULL,
               stderr=subprocess.DEVNULL) == 0


def crates_are_there():
    return quietly(*fetch_crates("--offline"))


# --- The private environment -------------------------------------------------

def venv_is_here():
    """A copy of the folder at another place would still use the old one."""
    try:
        made_for = (VENV / "x-root").read_text(encoding="utf-8").strip()
    except OSError:
        return False
    return made_for == str(ROOT) and quietly(
        VENV / "bin/python", "-m", "pip", "--version")


def pip_install(level, *options):
    more = [] if level == "build" else ["-r", ROOT / INTEROP]
    return [VENV / "bin/python", "-m", "pip", "install",
            "--disable-pip-version-check", "-r", ROOT / REQUIREMENTS,
            *more, *options]


def make_venv(job, level):
    if not venv_is_here():
        if not job.run("python3", "-m", "venv", "--clear", VENV):
            return False
        (VENV / "x-root").write_text(f"{ROOT}\n", encoding="utf-8")
    return job.run(*pip_install(level))


# --- Meson's wraps -----------------------------------------------------------

def wraps_are_there():
    """Whether what Meson fetches lies unpacked below subprojects/."""
    folder = ROOT / "subprojects"
    return all((folder / re.search("^directory = (.*)$", wrap.read_text(
        encoding="utf-8"), re.M)[1]).is_dir() for wrap in folder.glob("*.wrap"))


def fetch_wraps(job):
    """Fetch libdeflate. libsgz works without it, so its absence ends
    nothing. Wraps are named: for Meson, each crate of Cargo.lock is one."""
    names = [wrap.stem for wrap in (ROOT / "subprojects").glob("*.wrap")]
    job.run(VENV / "bin/meson", "subprojects", "download", "--sourcedir", ROOT,
            *names)
    if not wraps_are_there():
        say(f"""libdeflate could not be fetched ({job.log} has the reason),
   or Zydis could not. Without libdeflate libsgz is built with zlib alone,
   which is slower; without Zydis `ferrule audit` refuses programs with an
   allocator of their own. To try again, run ./x clean, then the same
   command.""")
    return True


# --- The network -------------------------------------------------------------

def pip_setting(name):
    """A setting of pip that says where it fetches from; "" if it has none."""
    home = os.environ.get("HOME", "")
    config = os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    found = ""
    for path in ("/etc/pip.conf", f"{home}/.pip/pip.conf",
                 os.environ.get("PIP_CONFIG_FILE", ""),
                 f"{config}/pip/pip.conf"):
        try:
            text = Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for m in re.finditer(rf"^ *{name} *[=:] *(.*)$", text, re.M):
            found = m[1]
    return found


def index():
    return (os.environ.get("PIP_INDEX_URL") or pip_setting("index-url")
            or "https://pypi.org/simple")


def online():
    """Whether somebody answers where pip would fetch from. Where that cannot
    be known beforehand, pip has to find out."""
    if os.environ.get("PIP_NO_INDEX") or os.environ.get("PIP_PROXY") \
            or pip_setting("proxy"):
        return True
    for links in os.environ.get("PIP_FIND_LINKS", "").split():
        if Path(links).is_file() or (Path(links).is_dir()
                                     and any(Path(links).iterdir())):
            return True
    try:  # a program of its own: nothing else ends a name server that hangs
        return subprocess.run([sys.executable, "-B",
                               ROOT / "tools/online.py", index()],
                              check=False, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def set_up_network(level, packages, command):
    """Without a network, say at once what it is needed for: pip and Cargo
    would try for a while, each in its turn."""
    lacks = []
    if packages:
        lacks.append(f"the packages {' '.join(packages)}")
    if not (venv_is_here() and quietly(*pip_install(level, "--no-index"))):
        lacks.append("Meson, Ninja, libclang and others from PyPI, for .tools")
    if not crates_are_there():
        lacks.append("the crates in Cargo.lock, from crates.io")
    if not lacks or online():
        return
    rows = "\n".join(f"     - {text}" for text in lacks)
    raise Stopped(f"""there is no network, and what is missing here has to be \
fetched once:
{rows}
   Nothing answers at {index()}.
   Run ./x {command} again with a network; afterwards it works without one.""")


# --- Packages ----------------------------------------------------------------

def may_install():
    return needs.system() == "debian" and (
        os.geteuid() == 0 or quietly("sudo", "-n", "true"))


def apt_install(job, packages):
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    return job.run(*sudo, "apt-get", "update") and job.run(
        *sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install",
        "-y", "--no-install-recommends", *packages)


# --- All of it ---------------------------------------------------------------

def stamp():
    """What a set-up that was found good is marked with: when the scripts, the
    requirements or the place have changed, it is looked at again."""
    crc = 0
    for path in (ROOT / "x", *sorted((ROOT / "tools/front").glob("*.py")),
                 *sorted(ROOT.glob("subprojects/*.wrap")),
                 ROOT / REQUIREMENTS, ROOT / INTEROP, ROOT / "Cargo.lock"):
        crc = zlib.crc32(path.read_bytes(), crc)
    return f"{ROOT} {crc:08x}\n"


def ready(level):
    """Whether set_up has nothing to do."""
    try:
        marked = (TOOLS / f"ready-{level}").read_text(encoding="utf-8")
    except OSError:
        return False
    return marked == stamp() and os.access(VENV / "bin/meson", os.X_OK)


def set_up(level, command, steps=Steps):
    """Set up for "build", "test" or "bench", with the lock held alone."""
    set_up_rust()
    if not ready(level):
        packages = needs.missing(*{"build": ["build"],
                                   "test": ["build", "test"],
                                   "bench": ["build", "test", "bench"]}[level])
        if packages and not may_install():
            raise Stopped("something is missing. What installs it:\n"
                          f"     {needs.with_sudo(packages)}")
        set_up_cargo_home()
        set_up_network(level, packages, command)
        if packages:
            print(f"Installing Debian packages: {' '.join(packages)}",
                  file=sys.stderr)
            steps.step("install packages",
                       lambda job: apt_install(job, packages), ONCE)
        steps.step("private Python environment",
                   lambda job: make_venv(job, level), ONCE)
        if not crates_are_there():
            steps.step("crates", lambda job: job.run(*fetch_crates()), ONCE)
        if not wraps_are_there():
            steps.step("libdeflate", fetch_wraps)
        (TOOLS / f"ready-{level}").write_text(stamp(), encoding="utf-8")
    use_tools()


def use_tools():
    """What Cargo and bindgen have to know: libclang comes without C's own
    headers."""
    find_cargo()
    if not os.environ["PATH"].startswith(f"{VENV}/bin:"):
        os.environ["PATH"] = f"{VENV}/bin:{os.environ['PATH']}"
    for folder in VENV.glob("lib/python3*/site-packages/clang/native"):
        os.environ["LIBCLANG_PATH"] = str(folder)
    if "BINDGEN_EXTRA_CLANG_ARGS" not in os.environ:
        include = output("cc", "-print-file-name=include").strip()
        os.environ["BINDGEN_EXTRA_CLANG_ARGS"] = f"-I{include}"
    if (TOOLS / "cargo").is_dir():
        os.environ["CARGO_HOME"] = str(TOOLS / "cargo")


# --- Building ----------------------------------------------------------------

def meson():
    """Which Meson is here. Asking itself would take half a second."""
    found = VENV.glob("lib/python3*/site-packages/meson-*.dist-info")
    return " ".join(sorted(path.stem for path in found))


class Folder:
    """A build folder of Meson, with its options."""

    def __init__(self, path, *options):
        self.path = path
        self.options = options
        self.mark = path / "x-configured"
        self.maker = f"{ROOT} {meson()}"

    def wanted(self):
        """What it is configured for. Meson looks for programs, lessons and
        lanes while it configures, and only then; and what it has fetched."""
        reader = [sys.executable, "-B", ROOT / "tools/reader.py"]
        found = [*filter(None, map(shutil.which,
                                   ("c++", "valgrind", "bgzip", "gzip"))),
                 *output(*reader, "list", "c").split(),
                 *output(*reader, "lanes").split(),
                 *sorted(path.name for path in
                         (ROOT / "subprojects").iterdir() if path.is_dir())]
        return " ".join([self.maker, *self.options, *found]) + "\n"

    def found(self):
        try:
            return self.mark.read_text(encoding="utf-8")
        except OSError:
            return ""

    def configured(self):
        return (self.path / "build.ninja").is_file() \
            and self.found() == self.wanted()

    def configure(self, steps=Steps, env=None):
        """Make it so. A folder that was made at another place, or by another
        Meson, is made anew."""
        if self.configured():
            return
        how = []
        if (self.path / "build.ninja").is_file():
            same = self.found().startswith(f"{self.maker} ")
            how = ["--reconfigure" if same else "--wipe"]
        words = ["meson", "setup", *how, self.path, ROOT, *self.options]
        steps.step(f"configure {self.path.name}",
                   lambda job: job.run(*words, env=env))
        self.mark.write_text(self.wanted(), encoding="utf-8")


FUZZ = ROOT / "build-fuzz"


def has_fuzzer():
    """Whether clang is here, with the runtime of libFuzzer."""
    return bool(needs.version_of("libFuzzer"))


def build_fuzz(job):
    folder = Folder(FUZZ, "-Dfuzz=enabled", "-Drust=disabled",
                    "-Ddriver=disabled", "-Dtests=disabled",
                    "-Dtool=disabled", "-Db_lundef=false")
    env = {**os.environ, "CC": "clang"}
    folder.configure(job, env=env)
    return job.run("ninja", "-C", FUZZ, env=env)


def targets(level):
    """Some of what the tests need is made for them alone."""
    return ["all", "meson-test-prereq"] if level == "test" else ["all"]


def fresh(level):
    """Whether all is as new as its sources. Asking writes nothing."""
    said = output("ninja", "-C", BUILD, "-n", *targets(level))
    return re.search("^ninja: no work to do", said, re.M) is not None


def prepare(level, turns, steps=Steps):
    """Set up, build, and go on with the lock shared: until it is released,
    what was built stays as it is."""
    lock = turns.build
    lock.hold(alone=False)
    # How somebody else configured what he built is not looked at.
    writable = unwritable() is None
    if ready(level) or not writable:
        use_tools()
        if (not writable or Folder(BUILD).configured()) and fresh(level):
            return
    lock.hold(alone=True)
    set_up(level, lock.command, steps)
    Folder(BUILD).configure(steps)
    steps.step("build", lambda job: job.run("ninja", "-C", BUILD,
                                            *targets(level)))
    lock.hold(alone=False)
