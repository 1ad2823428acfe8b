# SPDX-License-Identifier: Apache-2.0
"""Copies the built page to where it is installed: install.py DIST FOLDER, FOLDER below the prefix."""
import os
import shutil
import sys


def main():
    dist, folder = sys.argv[1:]
    target = os.path.join(os.environ["MESON_INSTALL_DESTDIR_PREFIX"], folder)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(dist, target, copy_function=shutil.copyfile)
    for base, _, names in os.walk(target):
        os.chmod(base, 0o755)
        for name in names:
            os.chmod(os.path.join(base, name), 0o644)


if __name__ == "__main__":
    main()
