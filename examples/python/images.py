#!/usr/bin/env python3
"""Print every image that Dockerfiles pull, with the line that names it.

python3 images.py [--build-arg NAME=VALUE] Dockerfile...
"""

import argparse

import libdockerfile


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    args = dict(arg.partition("=")[::2] for arg in options.build_arg)

    for path in options.files:
        doc = libdockerfile.parse_file(path)
        for edge in libdockerfile.Model(doc, args).edges:
            if edge.image is None:
                continue
            line = doc.position(edge.range.start).line + 1
            note = "" if edge.known else "  (depends on a build argument)"
            print(f"{path}:{line}: {edge.image}{note}")


if __name__ == "__main__":
    main()
