"""Recorded links: the store that record, replay, compare, the tests and the full checks share.

A link is a pure function of its arguments, its environment and the archives that it reads, so one that cmd/go
made can be kept and run again, with any linker and any further flags, without cmd/go. The store lies in
${DOVETAIL_CACHE:-$HOME/.cache/dovetail}; deleting it costs time and nothing else:

  links/GROUP/NAME/args            one argument per line as cmd/go passed them; {OUT} stands for the output file
  links/GROUP/NAME/env             the variables that a Go linker reads, one NAME=VALUE per line
  links/GROUP/NAME/importcfg.link  as cmd/go wrote it, pointing into objects/
  links/GROUP/NAME/meta.json       release, path of the stock linker, input size, key
  objects/SHA256.a                 every archive once, whichever links read it
  oracle/KEY.json, oracle/KEY.out  what the stock linker did: exit status, text, SHA-256 and, if small, the image
  dense/HASH/SHA256.a              archives converted by the executable with this hash, and beside them importcfg files
                                   that name them; within a fixed total, and gone when another executable is in use

KEY is the hash of the inputs, the environment, the flags and the Go release, never of paths in the store.
"""

import contextlib
import copy
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
GO_RELEASE = (REPOSITORY / "script" / "go-release").read_text().strip()  # pinned there and nowhere else
# What cmd/link reads: internal/buildcfg/cfg.go and cmd/link/internal/ld/config.go, Go 1.26.
LINK_VARIABLES = ("GOROOT", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "GOFIPS140", "GO_EXTLINK_ENABLED")
KEPT_IMAGE_BYTES = 48 << 20  # larger oracle images are made again when a difference has to be explained
KEPT_TOTAL_BYTES = 3 << 30
KEPT_DENSE_BYTES = 3 << 30
KEPT_DENSE_SECONDS = 3600  # of another executable, since it was last used: somebody may be at work with it
OBJECT_FORMATS = ("goobj", "dense", "mixed")


def cache_directory():
    root = os.environ.get("DOVETAIL_CACHE") or os.path.join(os.path.expanduser("~"), ".cache", "dovetail")
    return pathlib.Path(os.path.abspath(root))


def dovetail_path():
    return os.environ.get("DOVETAIL") or str(REPOSITORY / "build" / "release" / "bin" / "dovetail")


def hash_or_none(path):
    return sha256_file(path) if os.path.isfile(path) else None


def sha256_file(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@functools.lru_cache(maxsize=None)
def go_settings():
    """What stays as the user has it: where modules come from and where they are kept; and the local release."""
    names = ("GOVERSION", "GOPATH", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GONOPROXY")
    done = subprocess.run(["go", "env", "-json", *names], capture_output=True, text=True,
                          env={**os.environ, "GOTOOLCHAIN": "local"}, cwd="/")
    if done.returncode:
        fail("go env: " + done.stderr.strip())
    return json.loads(done.stdout)


# What is linked across: system, CPU, build mode; and those of them that cmd/go chooses if no mode is said.
PLATFORMS = ("linux-amd64-pie", "linux-arm64-exe", "linux-arm64-pie", "darwin-amd64-exe", "darwin-amd64-pie", "darwin-arm64-exe",
             "darwin-arm64-pie", "windows-amd64-exe", "windows-amd64-pie", "windows-arm64-exe", "windows-arm64-pie")
DEFAULT_PLATFORMS = ("linux-arm64-exe", "darwin-amd64-pie", "darwin-arm64-pie", "windows-amd64-pie", "windows-arm64-pie")


def go_environment(**changes):
    """The environment of every go command here: no cgo, linux/amd64, a private build cache, the pinned release."""
    settings = go_settings()
    env = {k: v for k, v in os.environ.items() if not k.startswith("GO")}
    env.update({k: v for k, v in settings.items() if k != "GOVERSION" and v})
    env.update(CGO_ENABLED="0", GOOS="linux", GOARCH="amd64", GOFLAGS="-buildvcs=false", GOWORK="off",
               GOENV="off", GOTELEMETRY="off", GOCACHE=str(cache_directory() / "go-build"))
    env["GOTOOLCHAIN"] = "local"
    if not re.match(r"go1\.26(\.|$)", settings["GOVERSION"]):
        env["PATH"] = f"{fetched_goroot()}/bin:{env['PATH']}"
    env.update(changes)
    return env


@functools.lru_cache(maxsize=None)
def fetched_goroot():
    """Where GOTOOLCHAIN put the pinned release."""
    done = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, cwd="/",
                          env={**os.environ, "GOTOOLCHAIN": GO_RELEASE})
    if done.returncode:
        fail(f"GOTOOLCHAIN={GO_RELEASE}: {done.stderr.strip()}")
    return done.stdout.strip()


class Link:
    """One recorded link."""

    def __init__(self, name):
        self.name = name
        self.folder = cache_directory() / "links" / name
        if not (self.folder / "args").is_file():
            raise SystemExit(f"no recorded link {name!r}; script/record makes one (script/replay --list)")
        self.args = (self.folder / "args").read_text().splitlines()
        self.env = dict(line.split("=", 1) for line in (self.folder / "env").read_text().splitlines() if line)
        self.meta = json.loads((self.folder / "meta.json").read_text())
        self.moved = ()  # (where archives are, where they were recorded) of those that are elsewhere

    def import_config(self):
        return pathlib.Path(self.args[self.args.index("-importcfg") + 1])

    def packages(self):
        """What it reads: [(import path, archive)], the main package first or last."""
        lines = self.import_config().read_text().splitlines()
        listed = [line[len("packagefile "):].split("=", 1) for line in lines if line.startswith("packagefile ")]
        return listed if any(path == self.args[-1] for _, path in listed) else listed + [["main", self.args[-1]]]

    def with_objects(self, objects, linker):
        """This link, its archives converted by this linker: all of them ("dense") or every second one ("mixed")."""
        if objects == "goobj":
            return self
        folder = dense_directory(tool_of(linker))
        archives = list(dict.fromkeys(path for _, path in self.packages()))
        if objects == "mixed":
            archives = archives[int(self.meta["key"][0], 16) % 2::2]  # with main or without, as the key has it
        paths = {archive: dense_archive(tool_of(linker), folder, archive) for archive in archives}
        bound_files(folder, "*.a", KEPT_DENSE_BYTES, set(paths.values()))
        config = self.import_config()
        lines = config.read_text().splitlines()
        for i, line in enumerate(lines):
            package, _, archive = line.partition("=")
            lines[i] = f"{package}={paths[archive]}" if archive in paths else line
        changed = copy.copy(self)
        rewritten = folder / f"{self.name.replace('/', '.')}.{objects}.importcfg"
        replace_text(rewritten, "".join(line + "\n" for line in lines))
        changed.args = [str(paths.get(a, rewritten if a == str(config) else a)) for a in self.args]
        changed.moved = ((str(folder), os.path.dirname(self.args[-1])),)
        return changed

    def arguments(self, out, flags=()):
        """The linker's arguments: recorded ones, further flags where cmd/go puts those of -ldflags, the main archive."""
        args = self.args[:-1] + list(flags) + self.args[-1:]
        return [arg.replace("{OUT}", str(out)) for arg in args]

    def environment(self, changes=()):
        env = {k: os.environ[k] for k in ("PATH", "HOME", "TMPDIR", "DOVETAIL_FLAGS") if k in os.environ}
        env.update(self.env)
        env.update(changes)
        return env

    def command(self, linker, out, flags=()):
        if linker == "stock":
            return [self.meta["tool"]] + self.arguments(out, flags)
        if os.path.basename(linker) == "link":
            return [linker] + self.arguments(out, flags)
        return [linker, "link"] + self.arguments(out, flags)

    def run(self, linker, out, flags=(), changes=(), timeout=None):
        """Runs it as cmd/go would with our executable in the place of link: under the stock tool's own argv[0]."""
        command = [self.meta["tool"] if linker == "stock" else linker] + self.arguments(out, flags)
        return run(command, self.environment(changes), timeout=timeout, name=self.meta["tool"])

    def oracle_key(self, flags=(), changes=()):
        read = sorted((k, v) for k, v in dict(changes).items() if k in LINK_VARIABLES)
        text = json.dumps([self.meta["key"], list(flags), read])
        return hashlib.sha256(text.encode()).hexdigest()


class NotConverted(Exception):
    """An archive could not be converted; the text says which and why."""


def convert(tool, to, archive, out, *flags):
    done = subprocess.run([tool, "convert", f"--to={to}", *flags, str(archive), str(out)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise NotConverted(f"convert --to={to} {archive}: status {done.returncode}: {done.stderr.strip()[:300]}")


def dense_directory(tool):
    """Where archives converted by this executable are kept; those of others are removed if nobody uses them."""
    root = cache_directory() / "dense"
    folder = root / executable_hash(tool)
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    for other in root.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if time.time() - other.stat().st_mtime > KEPT_DENSE_SECONDS:
                shutil.rmtree(other, ignore_errors=True)
    return folder


@functools.lru_cache(maxsize=None)
def executable_hash(tool):
    return sha256_file(tool)[:32]


def dense_archive(tool, folder, archive):
    """The archive converted; as of now the one that was used last."""
    path = folder / os.path.basename(archive)
    try:
        os.utime(path)
    except FileNotFoundError:
        building = path.with_suffix(f".{os.getpid()}")
        convert(tool, "dense", archive, building)
        os.replace(building, path)
    return path


class Result:
    """What a linker did."""

    def __init__(self, status, stdout, stderr, wall, cpu, rss, faults):
        self.status, self.stdout, self.stderr = status, stdout, stderr
        self.wall, self.cpu, self.rss, self.faults = wall, cpu, rss, faults


@functools.lru_cache(maxsize=None)
def measure_tool():
    """bench/measure.c, compiled once per version of it."""
    source = REPOSITORY / "bench" / "measure.c"
    tool = cache_directory() / ("measure-" + sha256_file(source)[:16])
    if not tool.is_file():
        building = tool.with_name(f"{tool.name}.{os.getpid()}")
        tool.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cc", "-O2", "-o", str(building), str(source)], check=True)
        os.replace(building, tool)
    return str(tool)


def run(command, env, cwd=None, timeout=None, name=None):
    """Runs a command, under another argv[0] if a name is given. After a timeout the status is -9."""
    with tempfile.TemporaryDirectory(prefix="dovetail-run-") as folder:
        report = os.path.join(folder, "report")
        child = subprocess.Popen([measure_tool(), report, name or command[0]] + command, env=env, cwd=cwd,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 start_new_session=True)
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, err = child.communicate()
            return Result(-9, out, err, timeout, 0.0, 0, 0)
        status, wall, user, system, peak, faults = pathlib.Path(report).read_text().split()
    return Result(int(status), out, err, float(wall), float(user) + float(system), int(peak), int(faults))


def all_links(group=None):
    root = cache_directory() / "links"
    # While others record: folders come and go under our eyes, which os.walk bears.
    names = sorted(os.path.relpath(folder, root) for folder, _, files in os.walk(root)
                   if "args" in files and not os.path.basename(folder).startswith("."))
    return [n for n in names if group is None or n == group or n.startswith(group + "/")]


def oracle(link, flags=(), changes=(), need_image=False, keep=False):
    """What stock does with this link: (dict with status, stdout, stderr, sha256, size; image path or None)."""
    folder = cache_directory() / "oracle"
    folder.mkdir(parents=True, exist_ok=True)
    changes = {k: v for k, v in dict(changes).items() if k in LINK_VARIABLES}
    key = link.oracle_key(flags, changes)
    facts_path, image = folder / (key + ".json"), folder / (key + ".out")
    if facts_path.is_file() and (image.is_file() or not need_image):
        os.utime(facts_path)
        facts = json.loads(facts_path.read_text())
        return facts, image if image.is_file() else None
    building = pathlib.Path(tempfile.mkdtemp(prefix="build-", dir=folder))
    try:
        out = building / "a.out"
        result = link.run("stock", out, flags, changes)
        facts = {"link": link.name, "flags": list(flags), "status": result.status, "sha256": None, "size": 0,
                 "stdout": result.stdout.decode("latin1").replace(str(out), "{OUT}"),
                 "stderr": result.stderr.decode("latin1").replace(str(out), "{OUT}"),
                 "fipso": hash_or_none(f"{out}.fipso"),
                 "wall": result.wall, "cpu": result.cpu, "rss": result.rss}
        if out.is_file():
            facts["sha256"], facts["size"] = sha256_file(out), out.stat().st_size
            if need_image or keep or facts["size"] <= KEPT_IMAGE_BYTES:
                os.replace(out, image)
        replace_text(facts_path, json.dumps(facts))
    finally:
        shutil.rmtree(building, ignore_errors=True)
    bound_files(folder, "*.out", KEPT_TOTAL_BYTES, {image})
    return facts, image if image.is_file() else None


def bound_files(folder, pattern, most, newest):
    """Removes the files that were not used for longest, until these are within that many bytes."""
    files = []
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            files.append((stat.st_mtime, stat.st_size, path))
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= most:
            break
        if path not in newest:
            path.unlink(missing_ok=True)
            total -= size


def replace_text(path, text):
    """Writes a file that others see as it was or as it will be."""
    building = path.with_suffix(f".tmp{os.getpid()}")
    building.write_text(text)
    os.replace(building, path)


def tool_of(linker):
    """The dovetail that helps this linker: itself, if it is one."""
    return dovetail_path() if os.path.basename(linker) in ("stock", "link") else linker


def explain(linker, stock, ours):
    """What `dovetail diff` says, or where the first difference is if it says nothing."""
    tool, text = tool_of(linker), ""
    if os.path.isfile(tool):
        done = subprocess.run([tool, "diff", str(stock), str(ours)], capture_output=True, text=True, errors="replace")
        if done.returncode == 1 and done.stdout:
            text = "\n".join(done.stdout.splitlines()[:20])
    if not text:
        done = subprocess.run(["cmp", str(stock), str(ours)], capture_output=True, text=True)
        sizes = f"{os.path.getsize(stock)} and {os.path.getsize(ours)} bytes"
        text = (done.stdout or done.stderr).strip() + f" ({sizes})"
    return "".join(f"      {line}\n" for line in text.splitlines())


def keep_copy(path, keep, link, flags, suffix):
    words = "".join(f.replace("/", "_") for f in flags)
    kept = pathlib.Path(keep, link.name.replace("/", ".") + words + suffix)
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, kept)
    kept.chmod(0o755)
    return kept


def same_text(ours, stock, failed):
    """Of errors the lines may come in another order: stock finds them on several threads and prints them as they come."""
    return ours == stock or failed and sorted(ours.splitlines()) == sorted(stock.splitlines())


def compare(link, linker, flags=(), changes=(), keep=None, text=True, then=None, timeout=None, objects="goobj"):
    """(verdict, details): verdict is "identical", or says what differs. `then` is called with an identical image and
    returns what is wrong with it, if anything. Stock links the recorded archives whatever ours is given (`objects`)."""
    try:
        ours_link = link.with_objects(objects, linker)
    except NotConverted as error:
        return "not converted", f"      {error}\n"
    with tempfile.TemporaryDirectory(prefix="compare-", dir=cache_directory()) as folder:
        out = pathlib.Path(folder, "a.out")
        result = ours_link.run(linker, out, flags, changes, timeout)
        facts, _ = oracle(link, flags, changes)
        seen = {name: getattr(result, name).decode("latin1") for name in ("stdout", "stderr")}
        for old, new in ((str(out), "{OUT}"), *ours_link.moved):
            seen = {name: printed.replace(old, new) for name, printed in seen.items()}
        if result.status != facts["status"]:
            shown = (seen["stderr"].strip() or seen["stdout"].strip()).splitlines()[:8]
            return ("ours failed" if facts["status"] == 0 else "status differs",
                    f"      status {result.status}, stock {facts['status']}\n" + "".join(f"      {l}\n" for l in shown))
        failed, panicked = result.status != 0, facts["stderr"].startswith("panic: ")
        for name in ("stdout", "stderr") if text and not panicked else ():
            if not same_text(seen[name], facts[name], failed):
                return f"{name} differs", f"      ours:  {seen[name][:400]!r}\n      stock: {facts[name][:400]!r}\n"
        if failed:  # stock leaves half an image behind when it panics or ends by log.Fatal; ours never does
            if os.path.exists(out) or not (seen["stderr"] + seen["stdout"]).strip():
                return "fails badly", f"      there is an image: {os.path.exists(out)}; text: {seen['stderr'][:400]!r}\n"
            return "identical", ""
        ours, fipso = hash_or_none(out), hash_or_none(f"{out}.fipso")
        if fipso != facts["fipso"]:
            return "fipso differs", f"      sha256 of the file: ours {fipso}, stock {facts['fipso']}\n"
        if ours == facts["sha256"]:
            if keep and ours:
                keep_copy(out, keep, link, flags, "")
            wrong = then(out) if then and ours else ""
            return ("does not run", f"      {wrong}\n") if wrong else ("identical", "")
        if ours is None or facts["sha256"] is None:
            return "differs", f"      there is an image: ours {ours is not None}, stock {facts['sha256'] is not None}\n"
        _, image = oracle(link, flags, changes, need_image=True)
        details = explain(linker, image, out)
        if keep:
            kept = [str(keep_copy(f, keep, link, flags, x)) for f, x in ((image, ".stock"), (out, ".ours"))]
            details += f"      {' '.join(kept)}\n"
        if image.stat().st_size > KEPT_IMAGE_BYTES:
            image.unlink()
        return "differs", details


def programs():
    """Rows of testdata/programs.txt: {name: (module, version, package, argument it runs with, replaces)}."""
    rows = {}
    for line in (REPOSITORY / "testdata" / "programs.txt").read_text().splitlines():
        fields = line.split()
        if fields and not fields[0].startswith("#"):
            path, version = fields[1].split("@")
            rows[fields[0]] = (path, version, fields[2], fields[3], [r.split("=>") for r in fields[4:]])
    return rows


def fail(message):
    sys.stderr.write(message + "\n")
    raise SystemExit(1)
