"""The deployment files: valid by their tools' rules, about commands and settings that exist."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.main import get_command

from lettershop.app.settings import PREFIX
from lettershop.cli.main import app
from lettershop.model.settings import Settings

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
BESIDE_SETTINGS = {"LETTERSHOP_SECRET_KEY", "LETTERSHOP_SECRET_KEY_FILE"}


def objects() -> Iterator[dict[str, Any]]:
    for path in MANIFESTS:
        yield from yaml.safe_load_all(path.read_text())


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())
    return found


def containers() -> Iterator[tuple[str, dict[str, Any]]]:
    """Those of pods: (kind/name, container)."""
    for found in objects():
        pod = found.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get("containers", []):
            yield f"{found['kind']}/{found['metadata']['name']}", container


def programs() -> Iterator[tuple[str, list[str]]]:
    """Every command line of ours in any file: (where, words after `lettershop`)."""
    for unit in UNITS:
        line = re.search(r"^ExecStart=\S+/lettershop (.*)$", unit.read_text(), re.M)
        assert line is not None
        yield unit.name, line[1].split()
    for name, container in containers():
        yield name, container["args"]
    for name, service in compose()["services"].items():
        if service.get("image") == "lettershop":
            yield f"compose/{name}", service["command"]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_kubernetes_takes_the_manifests(path: Path) -> None:
    for found in yaml.safe_load_all(path.read_text()):
        kubernetes_validate.validate(found, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None and os.environ.get("CI") != "true",
    reason="systemd is not on this machine",
)
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_units(unit: Path, tmp_path: Path) -> None:
    there = tmp_path / unit.name
    text = unit.read_text().replace("/opt/lettershop/.venv/bin/lettershop", sys.executable)
    there.write_text(text)
    asked = ["systemd-analyze", "verify", "--man=no", str(there)]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    about_it = [line for line in said.stderr.splitlines() if unit.name in line]
    assert about_it == [] and said.returncode == 0, said.stderr


@pytest.mark.parametrize(("where", "words"), [*programs()], ids=[name for name, _ in programs()])
def test_commands_and_options_exist(where: str, words: list[str]) -> None:
    group: Any = get_command(app)
    command = group.get_command(None, words[0])
    assert command is not None, where
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, where


def test_environment_variables_are_settings() -> None:
    text = "\n".join(p.read_text() for p in DEPLOY.rglob("*") if p.is_file())
    said = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text))
    known = {PREFIX + name.upper() for name in Settings.__struct_fields__} | BESIDE_SETTINGS
    assert said and said <= known


def test_containers_may_do_nothing_they_do_not_need() -> None:
    found = dict(containers())
    assert len(found) == 3
    for name, container in found.items():
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] and not rights["allowPrivilegeEscalation"], name
        assert rights["capabilities"] == {"drop": ["ALL"]}, name
        mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
        data = "/srv/lettershop/data"
        assert mounted - {f"{data}/dkim"} == {data, "/tmp"}, name  # noqa: S108


def test_compose_refers_to_what_it_declares() -> None:
    said = compose()
    services, volumes = said["services"], said["volumes"]
    for name, service in services.items():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert source.startswith("./") or source in volumes, (name, mount)
        assert set(service.get("depends_on", {})) <= set(services), name
        assert set(service.get("secrets", [])) <= set(said["secrets"]), name
        if service.get("image") == "lettershop":
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name
    assert {"loader-a", "loader-b", "web-a", "web-b", "worker-a", "worker-b"} <= set(services)


def test_the_image_is_made_of_files_that_exist() -> None:
    text = (DEPLOY / "image/Dockerfile").read_text()
    copied = set(re.findall(r"^COPY ([a-z.]\S*) ", text, re.M))
    run = set(re.findall(r"\bsh (\S+\.sh)", text))
    assert copied == {".", "requirements.lock"} and run == {"tools/setup.sh"}
    assert all((ROOT / name).exists() for name in copied | run)
