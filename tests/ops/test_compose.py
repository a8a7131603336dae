"""The Compose file as the real Compose reads it, the schema, and the image's recipe."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent


def compose(repository, *arguments, **environment):
    command = [str(BIN / "docker-compose"), "--file", str(repository / "docker-compose.yml"), *arguments]
    known = {name: value for name, value in os.environ.items() if not name.startswith(("CAMMON_", "COMPOSE_"))}
    return subprocess.run(command, env={**known, **environment}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def config(repository):
    done = compose(repository, "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert not done.stderr.strip()
    return json.loads(done.stdout)


def test_schema_accepts(repository):
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, str(repository / "docker-compose.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_three_services(config):
    assert set(config["services"]) == {"cammon", "prometheus", "alertmanager"}


@pytest.mark.parametrize("name", ["cammon", "prometheus", "alertmanager"])
def test_each_service_is_shut_in(config, name):
    service = config["services"][name]
    user, group = service["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert any(volume["type"] == "volume" for volume in service["volumes"])
    assert all(volume.get("read_only") for volume in service["volumes"] if volume["type"] == "bind")
    assert not any("docker.sock" in volume["source"] for volume in service["volumes"])


@pytest.mark.parametrize("name", ["cammon", "prometheus", "alertmanager"])
def test_nothing_listens_beyond_loopback(config, name):
    service = config["services"][name]
    assert all(port["host_ip"] == "127.0.0.1" for port in service.get("ports", []))
    text = " ".join(service["command"])
    listening = re.findall(r"(?:--web\.listen-address=|--host )(\S+)", text)
    assert listening
    assert all(address.split(":")[0] == "127.0.0.1" for address in listening)
    assert service["healthcheck"]["test"][-1].count("127.0.0.1") == 1


def test_the_folders_that_are_mounted_are_there_and_the_site_can_be_chosen(repository, config, tmp_path):
    binds = [
        volume["source"]
        for service in config["services"].values()
        for volume in service["volumes"]
        if volume["type"] == "bind"
    ]
    assert all(Path(source).is_dir() for source in binds)
    other = json.loads(compose(repository, "config", "--format", "json", CAMMON_SITE=str(tmp_path)).stdout)
    sources = {volume["target"]: volume["source"] for volume in other["services"]["cammon"]["volumes"]}
    assert sources["/site"] == str(tmp_path)


def test_no_password_stands_in_the_file(repository):
    text = (repository / "docker-compose.yml").read_text("utf-8")
    assert not re.search(r"(?i)(password|token|secret)\s*[:=]\s*\S", text)


def test_ports_agree_with_prometheus(repository, config):
    scraped = (repository / "config" / "prometheus" / "prometheus.yml").read_text("utf-8")
    command = " ".join(config["services"]["cammon"]["command"])
    port = re.search(r"--port (\d+)", command)[1]
    assert f"127.0.0.1:{port}" in scraped
    assert "127.0.0.1:9093" in scraped
    assert "--web.listen-address=127.0.0.1:9093" in config["services"]["alertmanager"]["command"]


@pytest.fixture(scope="module")
def recipe(repository):
    text = (repository / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_installs_the_locked_packages_and_does_not_run_as_root(recipe):
    runs = [rest for word, rest in recipe if word == "RUN"]
    assert any("--require-hashes -r /src/locks/run.txt" in run for run in runs)
    users = [rest for word, rest in recipe if word == "USER"]
    assert users
    assert not users[-1].startswith(("0", "root"))


def test_what_the_image_copies_is_in_the_repository_and_not_ignored(repository, recipe):
    allowed = set(re.findall(r"(?m)^!(\S+)", (repository / ".dockerignore").read_text("utf-8")))
    for word, rest in recipe:
        if word == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            for source in sources:
                assert (repository / source).exists()
                assert source in allowed


def test_the_image_takes_no_package_from_a_named_host(repository):
    text = (repository / "Dockerfile").read_text("utf-8")
    assert not re.search(r"https?://(?!127\.0\.0\.1)", text)


def test_versions_agree(repository, config):
    from cammon.version import VERSION

    assert config["services"]["cammon"]["image"] == f"cammon:{VERSION}"
