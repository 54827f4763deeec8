"""Configurations of images: what a stage gives, and what is known of a base image.

Owns ImageConfig and Config. Relies on the library for what instructions make of one.
Never pulls an image: what nobody says of a base image is not known.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from ctypes import c_int32, c_int64, pointer
from dataclasses import dataclass, field
from typing import Any, Optional

from ._constants import ConfigMember
from ._document import Document, Node
from ._native import NO_DEFINITION, Handle, lib
from ._structs import CBaseImage, CImageConfig, Str, bindings, fit, texts

LISTS = ("entrypoint", "cmd", "shell", "exposed_ports", "volumes", "onbuild", "health_test")
TEXTS = ("user", "working_dir", "stop_signal", "author", "os", "architecture", "variant")
ENTRIES = {
    ConfigMember.ENV: "env",
    ConfigMember.LABELS: "labels",
    ConfigMember.VOLUMES: "volumes",
    ConfigMember.EXPOSED_PORTS: "exposed_ports",
    ConfigMember.ONBUILD: "onbuild",
}
NUMBERS = (
    "health_interval",
    "health_timeout",
    "health_start_period",
    "health_start_interval",
    "health_retries",
)


@dataclass(frozen=True)
class ImageConfig:
    """The configuration of an image; durations are nanoseconds.

    None for `entrypoint`, `cmd`, `shell` and `health_test` is none; an empty one is one.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: Optional[Sequence[str]] = None
    cmd: Optional[Sequence[str]] = None
    shell: Optional[Sequence[str]] = None
    exposed_ports: Sequence[str] = ()
    volumes: Sequence[str] = ()
    onbuild: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    health_test: Optional[Sequence[str]] = None
    health_interval: int = 0
    health_timeout: int = 0
    health_start_period: int = 0
    health_start_interval: int = 0
    health_retries: int = 0
    user: str = ""
    working_dir: str = ""
    stop_signal: str = ""
    author: str = ""
    os: str = ""
    architecture: str = ""
    variant: str = ""

    def _native(self) -> CImageConfig:
        config = CImageConfig()
        for name in ("env", "labels"):
            pairs = bindings(getattr(self, name).items())
            setattr(config, name, pairs)
            setattr(config, f"{name}_count", len(pairs))
        for name in LISTS:
            items = texts(getattr(self, name))
            if items is not None:
                setattr(config, name, items)
                setattr(config, f"{name}_count", len(items))
        for name in TEXTS:
            setattr(config, name, Str.of(getattr(self, name)))
        for name in NUMBERS:
            kind = c_int32 if name == "health_retries" else c_int64
            setattr(config, name, fit(getattr(self, name), kind, name))
        return config


@dataclass(frozen=True)
class Config:
    """The configuration of the image that a stage gives.

    `unknown` are the members that are not known (they are then empty in `image`) or, for ENV,
    LABELS, VOLUMES, EXPOSED_PORTS and ONBUILD, to which more may belong. `nodes` are the
    instructions that set members, as far as the file does. `env_definitions` are the numbers in
    `Model.definitions` that the variables come from; `unknown_env` and `unknown_labels` are names
    whose values are not known. `entries` are the instructions that give each entry of ENV, LABELS,
    VOLUMES, EXPOSED_PORTS and ONBUILD, None for one of the base image or of BuildKit.
    """

    image: ImageConfig
    unknown: ConfigMember
    nodes: Mapping[ConfigMember, Node]
    env_definitions: Mapping[str, Optional[int]]
    unknown_env: frozenset[str]
    unknown_labels: frozenset[str]
    entries: Mapping[ConfigMember, Sequence[Optional[Node]]]


def bases_of(bases: Mapping[str, ImageConfig]) -> ctypes.Array[CBaseImage]:
    """An array of dfl_base_image that keeps what it points to alive."""
    items = [
        CBaseImage(reference=Str.of(name), config=pointer(config._native()))
        for name, config in bases.items()
    ]
    return (CBaseImage * len(items))(*items)


def image_of(native: ctypes.Structure) -> ImageConfig:
    values: dict[str, Any] = {}
    for name in ("env", "labels"):
        items, count = getattr(native, name), getattr(native, f"{name}_count")
        values[name] = {str(items[at].name): str(items[at].value) for at in range(count)}
    for name in LISTS:
        items, count = getattr(native, name), getattr(native, f"{name}_count")
        absent = None if name in ("entrypoint", "cmd", "shell", "health_test") else ()
        values[name] = tuple(str(items[at]) for at in range(count)) if items else absent
    values.update((name, str(getattr(native, name))) for name in TEXTS)
    values.update((name, int(getattr(native, name))) for name in NUMBERS)
    return ImageConfig(**values)


def config_of(document: Document, handle: Handle) -> Config:
    image = image_of(lib.dfl_config_values(handle).contents)
    nodes = {member: lib.dfl_config_node(handle, member) for member in ConfigMember}
    definitions = [lib.dfl_config_env_definition(handle, at) for at in range(len(image.env))]
    return Config(
        image=image,
        unknown=ConfigMember(lib.dfl_config_unknown(handle)),
        nodes={member: document.node(node) for member, node in nodes.items() if node},
        env_definitions={
            name: None if number == NO_DEFINITION else number
            for name, number in zip(image.env, definitions)
        },
        unknown_env=frozenset(
            name for at, name in enumerate(image.env) if not lib.dfl_config_env_known(handle, at)
        ),
        unknown_labels=frozenset(
            name
            for at, name in enumerate(image.labels)
            if not lib.dfl_config_label_known(handle, at)
        ),
        entries={
            member: tuple(
                document.node(node) if node else None
                for node in (
                    lib.dfl_config_entry_node(handle, member, at)
                    for at in range(len(getattr(image, name)))
                )
            )
            for member, name in ENTRIES.items()
        },
    )
