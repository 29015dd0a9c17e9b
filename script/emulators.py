"""Programs of other platforms are run here: linux/arm64 by qemu-user, windows/amd64 by wine.

Go programs on Windows ask bcryptprimitives.dll for ProcessPrng when they start (runtime/os_windows.go, Go 1.26), which
Debian's wine 8 does not have: a DLL of ours, compiled by mingw, gives it what SystemFunction036 of advapi32 gives. wine
works in a prefix of its own, which is made when it is first needed and goes with the process that made it.
"""

import atexit
import functools
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

import links

PROCESS_PRNG = """
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(PVOID buffer, ULONG size);

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *data, SIZE_T size) {
  while (size > 0) {
    ULONG part = size > 1u << 30 ? 1u << 30 : (ULONG)size;
    if (!SystemFunction036(data, part)) return FALSE;
    data += part;
    size -= part;
  }
  return TRUE;
}
"""


class NoEmulator(Exception):
    """Programs of a platform cannot be run here; the text says why."""


class Emulator:
    """The command that runs a program of one platform, and what has to be in its environment."""

    def __init__(self, command, env=()):
        self.command, self.env = command, dict(env)

    def output(self, image, *arguments, timeout=300):
        """What the program prints; with status and stderr if it does not end well. With Go's newlines, which are \\n."""
        with tempfile.TemporaryDirectory(prefix="dovetail-emulated-") as folder:
            image.chmod(0o755)
            env = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder, **self.env}
            done = links.run([*self.command, str(image), *arguments], env, cwd=folder, timeout=timeout)
        bad = f"status {done.status}: {done.stderr[-300:]!r}: " if done.status else ""
        return bad + done.stdout.decode(errors="replace")


@functools.lru_cache(maxsize=None)
def emulator(goos, goarch):
    """What runs programs of this platform. Raises NoEmulator."""
    if (goos, goarch) == ("windows", "amd64"):
        return wine()
    if goos == "linux" and {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine()) == goarch:
        return Emulator([])
    if (goos, goarch) != ("linux", "arm64"):
        raise NoEmulator(f"nothing here runs programs of {goos}/{goarch}")
    # Position-independent executables name an interpreter, which the second package has: a dynamic loader for arm64.
    install(["qemu-user", "libc6-arm64-cross"])
    return Emulator(["/usr/bin/qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"])


def install(packages):
    """Installs Debian packages as script/setup does, whose business is only what most tests need."""
    installed = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}\n", *packages], capture_output=True, text=True)
    if installed.stdout.split() == ["installed"] * len(packages):
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        try:
            done = subprocess.run([*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *words], capture_output=True,
                                  text=True)
        except FileNotFoundError as error:
            raise NoEmulator(f"{' '.join(packages)}: not installed, and cannot be: {error}") from error
        if done.returncode:
            raise NoEmulator(f"{' '.join(packages)}: apt-get {words[0]}: {' '.join(done.stderr.split())[-200:]}")


def wine():
    install(["wine64", "gcc-mingw-w64-x86-64"])
    tools = pathlib.Path("/usr/lib/wine")  # where Debian has them; wine64 brings no command on the PATH
    home = pathlib.Path(tempfile.mkdtemp(prefix="wine-", dir=links.cache_directory()))
    # Nothing is shown, and nothing asked: neither by a debugger nor whether Mono and Gecko be downloaded.
    changes = {"HOME": str(home), "WINEPREFIX": str(home / "prefix"), "WINEDEBUG": "-all",
               "WINEDLLOVERRIDES": "mscoree,mshtml,winedbg.exe="}
    env = {k: v for k, v in os.environ.items() if k != "DISPLAY"} | changes
    server = str(tools / "wineserver")

    def end():  # the server of this prefix, and what runs on it
        for flag in ("-k", "-w"):
            subprocess.run([server, flag], env=env, stderr=subprocess.DEVNULL)
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(end)
    source, library = home / "process_prng.c", home / "bcryptprimitives.dll"
    source.write_text(PROCESS_PRNG)
    # From now on the server stays (-p) until it is ended, and no program waits for one.
    for command in (["x86_64-w64-mingw32-gcc", "-O1", "-shared", "-o", str(library), str(source), "-ladvapi32"],
                    [str(tools / "wine64"), "wineboot", "--init"], [server, "-w"], [server, "-p"]):
        with open(home / "messages", "w+", errors="replace") as messages:  # no pipe: the server would keep it open
            status = subprocess.run(command, env=env, stdout=messages, stderr=messages, timeout=600).returncode
        if status:
            raise NoEmulator(f"{' '.join(command[:2])}: status {status}: {(home / 'messages').read_text()[-200:]}")
    shutil.copy(library, home / "prefix" / "drive_c" / "windows" / "system32")
    return Emulator([str(tools / "wine64")], changes)
