"""The second half of script/demo: record, link with both in turns, compare, run, print."""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import links

ROUNDS = 3


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "esbuild"
    rows = links.programs()
    if name not in rows:
        links.fail(f"demo: {name} is not one of {', '.join(rows)}")
    path, version, package, argument, _ = rows[name]
    print(f"\n{package} {version}, CGO_ENABLED=0: compiled once and its link recorded ({links.cache_directory()})", flush=True)
    subprocess.run([str(links.REPOSITORY / "script" / "record"), "programs", name], check=True)
    if f"programs/{name}" not in links.all_links():
        links.fail(f"demo: {path}@{version} could not be downloaded")
    link = links.Link(f"programs/{name}")
    runs = {"stock": [], "dovetail": []}
    with tempfile.TemporaryDirectory(prefix="demo-", dir=links.cache_directory()) as folder:
        images = {who: pathlib.Path(folder, who) for who in runs}
        for turn in range(ROUNDS + 1):
            for who, image in images.items():
                result = link.run("stock" if who == "stock" else links.dovetail_path(), image)
                if result.status:
                    links.fail(f"demo: {who} failed with status {result.status}:\n{result.stderr.decode(errors='replace')}")
                if turn:  # the first one fills the page cache
                    runs[who].append(result)
        hashes = {who: links.sha256_file(image) for who, image in images.items()}
        print(f"\n{'linker':<10} {'wall s':>8} {'CPU s':>8} {'peak MB':>9} {'size':>12}  sha256 of the image")
        for who, results in runs.items():
            wall, cpu, rss = (statistics.median(getattr(r, f) for r in results) for f in ("wall", "cpu", "rss"))
            print(f"{who:<10} {wall:8.3f} {cpu:8.3f} {rss / 1e6:9.1f} {images[who].stat().st_size:12,}  {hashes[who][:16]}")
        print(f"(medians of {ROUNDS} runs in turns, {os.cpu_count()} cores, page cache warm)\n")
        same = hashes["stock"] == hashes["dovetail"]
        print("the images are identical" if same else "THE IMAGES DIFFER")
        done = subprocess.run([str(images["dovetail"]), argument], capture_output=True, text=True,
                              env={"HOME": folder, "PATH": os.environ["PATH"]})
        print(f"$ {name} {argument}\n" + "\n".join((done.stdout or done.stderr).splitlines()[:3]))
    return 0 if same and done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
