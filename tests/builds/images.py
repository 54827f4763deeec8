"""Base images made here, of Debian's packages, under the names that Dockerfiles use.

Relies on buildah and mmdebstrap as root. Each image is made once and kept in the store.
Never pulls: what the catalog says of an image is made true here as far as the cases need it.
"""

import json
import os
import pathlib
import shutil
import subprocess

MIRROR = os.environ.get("MIRROR", "http://deb.debian.org/debian")
# The host's certificates, so that a build reaches what the host reaches; no package owns the place.
HOST_CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
HOST_ZONES = pathlib.Path("/usr/share/zoneinfo")
CERTIFICATES = "/usr/local/share/host-certificates.crt"
TRUST = [f"{name}={CERTIFICATES}" for name in
         ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "CARGO_HTTP_CAINFO")]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# What Docker's Debian images set, in the names that they set it in.
ARCHIVES = "/var/cache/apt/archives"
REMOVE = f"rm -f {ARCHIVES}/*.deb {ARCHIVES}/partial/*.deb /var/cache/apt/*.bin || true"
APT_CONFIGURATION = {
    "docker-autoremove-suggests": 'Apt::AutoRemove::SuggestsImportant "false";\n',
    "docker-clean": f'DPkg::Post-Invoke {{ "{REMOVE}"; }};\n'
                    f'APT::Update::Post-Invoke {{ "{REMOVE}"; }};\n'
                    'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n',
    "docker-gzip-indexes": 'Acquire::GzipIndexes "true";\n',
    "docker-no-languages": 'Acquire::Languages "none";\n',
}
INSTALL = ("apt-get update -qq && DEBIAN_FRONTEND=noninteractive "
           "apt-get install -qq -y --no-install-recommends ")
TIDY = " && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log"

# name: what it is made of. `packages` are Debian's; `run` lays them out as the real image has them.
IMAGES = {
    "docker.io/library/debian:bookworm": {
        "suite": "bookworm",
        "config": ["--env", f"PATH={PATH}", "--cmd", '["bash"]'],
    },
    "docker.io/library/python:3.11-slim-bookworm": {
        "of": "docker.io/library/debian:bookworm",
        "packages": "python3 python3-pip python3-venv",
        # The real image has a Python of its own at /usr/local, which Debian's would not serve:
        # with --prefix its pip installs into folders that only Debian's Python looks at.
        "run": "rm /usr/lib/python3*/EXTERNALLY-MANAGED && "
               "python3 -m venv --system-site-packages /usr/local",
        "config": ["--env", "LANG=C.UTF-8", "--cmd", '["python3"]'],
    },
    "docker.io/library/node:18-bookworm": {
        "of": "docker.io/library/debian:bookworm",
        "packages": "nodejs npm",
        "run": "useradd --uid 1000 --create-home --shell /bin/bash node",
        "config": ["--cmd", '["node"]'],
    },
    "docker.io/library/node:18-bookworm-slim": {"alias": "docker.io/library/node:18-bookworm"},
    "docker.io/library/golang:1.19-bookworm": {
        "of": "docker.io/library/debian:bookworm",
        "packages": "golang-1.19-go",
        "run": "ln -s /usr/lib/go-1.19 /usr/local/go && mkdir -p -m 1777 /go/src /go/bin",
        "config": ["--env", "GOPATH=/go", "--env", f"PATH=/go/bin:/usr/local/go/bin:{PATH}",
                   "--workingdir", "/go", "--cmd", '["bash"]'],
    },
    "docker.io/library/rust:1-bookworm": {
        "of": "docker.io/library/debian:bookworm",
        "packages": "cargo-web rustc-web gcc libc6-dev",
        "run": "mkdir -p /usr/local/cargo/bin && chmod -R a+w /usr/local/cargo",
        "config": ["--env", "CARGO_HOME=/usr/local/cargo",
                   "--env", f"PATH=/usr/local/cargo/bin:{PATH}", "--cmd", '["bash"]'],
    },
    # Distroless is Debian's packages unpacked, with no shell and no package manager.
    "gcr.io/distroless/static-debian13:nonroot": {
        "suite": "trixie",
        "bare": "netbase",
    },
    "gcr.io/distroless/cc-debian13:nonroot": {
        "suite": "trixie",
        "bare": "libc6,libgcc-s1,libssl3t64",
    },
}


def full_name(image):
    """With the registry and the folder that a short name leaves out."""
    return image if "/" in image else f"docker.io/library/{image}"


class Store:
    """buildah with a store of its own below `folder`."""

    def __init__(self, folder):
        self.folder = folder
        self.command = self.using("overlay")
        # vfs works everywhere and copies the whole image for each container.
        if self("from", "--name", "probe", "scratch", check=False).returncode != 0:
            self.command = self.using("vfs")
        self("rm", "--all")

    def using(self, driver):
        folder = self.folder / driver
        return ["buildah", "--root", str(folder / "storage"), "--runroot", str(folder / "run"),
                "--storage-driver", driver]

    def __call__(self, *arguments, environment=None, check=True):
        done = subprocess.run(
            [*self.command, *arguments],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if check and done.returncode != 0:
            output = done.stdout[-3000:] + done.stderr[-3000:]
            raise RuntimeError(f"buildah {' '.join(arguments)}\n{output}")
        return done if not check else done.stdout.strip()

    def has(self, image):
        return self("inspect", "--type", "image", image, check=False).returncode == 0

    def inspect(self, image):
        return json.loads(self("inspect", "--type", "image", image))

    def container(self, image):
        return self("from", "--pull-never", image)

    def remove(self, container):
        self("rm", container)

    def prune(self):
        """Forget images that lost their names."""
        self("rmi", "--prune")


def unpack(*arguments):
    subprocess.run(
        ["mmdebstrap", "--quiet", "--mode=root", *arguments],
        check=True,
        stdin=subprocess.DEVNULL,
    )


def debian(root, suite):
    """A minimal Debian as Docker's: apt configured for images, package lists empty."""
    unpack("--variant=minbase", suite, root, MIRROR)
    for name, text in APT_CONFIGURATION.items():
        pathlib.Path(root, "etc/apt/apt.conf.d", name).write_text(text)
    certificates = pathlib.Path(root + CERTIFICATES)
    certificates.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HOST_CERTIFICATES, certificates)
    shutil.rmtree(root + "/var/log/apt", ignore_errors=True)


def distroless(root, suite, packages):
    """Packages unpacked, not configured; the users, folders and certificates of Distroless."""
    unpack("--variant=extract", f"--include={packages}", suite, root, MIRROR)
    top = pathlib.Path(root)
    for name in ("lib", "lib64", "bin", "sbin"):
        (top / "usr" / name).mkdir(parents=True, exist_ok=True)
        if not (top / name).exists():
            (top / name).symlink_to(f"usr/{name}")
    for name in ("etc/apt", "var/lib/apt", "var/cache/apt"):
        shutil.rmtree(top / name, ignore_errors=True)
    (top / "etc/passwd").write_text("root:x:0:0:root:/root:/sbin/nologin\n"
                                    "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
                                    "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n")
    (top / "etc/group").write_text("root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n")
    (top / "home/nonroot").mkdir(parents=True, exist_ok=True)
    os.chown(top / "home/nonroot", 65532, 65532)
    (top / "root").mkdir(mode=0o700, exist_ok=True)
    (top / "tmp").mkdir(exist_ok=True)
    (top / "tmp").chmod(0o1777)
    (top / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HOST_CERTIFICATES, top / "etc/ssl/certs/ca-certificates.crt")
    # Debian's package of them would bring the C library and perl along.
    if HOST_ZONES.is_dir():
        shutil.copytree(HOST_ZONES, top / "usr/share/zoneinfo", symlinks=True)


def fill(store, container, recipe):
    """Lay a recipe out in a new container."""
    if "of" in recipe:
        shell = INSTALL + recipe["packages"] + TIDY + " && " + recipe["run"]
        store("run", "--isolation", "chroot", container, "--", "sh", "-c", shell)
        return recipe["config"]
    root = store("mount", container)
    if "bare" in recipe:
        distroless(root, recipe["suite"], recipe["bare"])
        config = ["--user", "65532", "--workingdir", "/home/nonroot", "--env", f"PATH={PATH}",
                  "--env", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"]
    else:
        debian(root, recipe["suite"])
        config = recipe["config"] + [word for pair in TRUST for word in ("--env", pair)]
    store("umount", container)
    return config


def make(store, name):
    """The image of that name, made unless the store has it, with those that it is made of."""
    if store.has(name):
        return
    recipe = IMAGES[name]
    if "alias" in recipe:
        make(store, recipe["alias"])
        store("tag", recipe["alias"], name)
        return
    if "of" in recipe:
        make(store, recipe["of"])
    print(f"making {name}", flush=True)
    container = store.container(recipe.get("of", "scratch"))
    try:
        config = fill(store, container, recipe)
        store("config", *config, container)
        store("commit", "--quiet", container, name)
    finally:
        store.remove(container)
