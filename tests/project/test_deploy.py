"""What an operator copies: files that cannot be run here fit together, and the pages' commands exist."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from traitlets.config.loader import PyFileConfigLoader

from autograder.cli import main
from autograder.core.errors import CourseError
from autograder.course.course_toml import Course
from autograder.publishing import hub_links

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PAGES = [
    ROOT / "docs" / f"{name}.md" for name in ("jupyterhub", "containers", "kubernetes", "littlest-jupyterhub")
]
TOOLS = ROOT / "build" / "tools" / "bin"
DOCKERFILE = (DEPLOY / "containers" / "Dockerfile").read_text()
VALUES = yaml.safe_load((DEPLOY / "kubernetes" / "values.yaml").read_text())
PODS = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "grader.yaml").read_text()))
CLASS = tomllib.loads((DEPLOY / "jupyterhub" / "class.toml").read_text())


def tool(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([str(TOOLS), os.environ["PATH"]]))
    return found or pytest.skip(f"no {name}. Run: make tools")


def config(path: Path, **known: Any) -> Any:
    """A configuration file as JupyterHub reads it, after what is `known` already."""
    loader = PyFileConfigLoader(path.name, path=str(path.parent))
    loader.config.JupyterHub.update(known)
    loader.clear = lambda: None  # type: ignore[method-assign]
    return loader.load_config()


def pinned(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", path.read_text(), re.M))


def test_the_containers_lock_is_a_part_of_the_lock() -> None:
    small, big = pinned(DEPLOY / "containers" / "requirements.lock"), (ROOT / "requirements.lock").read_text()
    assert len(small) > 100 and not {"pytest", "sphinx", "playwright", "anki"} & set(small)
    assert {"jupyterhub", "nbgrader", "jupyterlab", "nbgitpuller"} <= set(small)
    assert [name for name, version in small.items() if f"\n{name}=={version} " not in f"\n{big}"] == []
    text = (DEPLOY / "containers" / "requirements.lock").read_text()
    assert "://" not in text and text.count("--hash=") > len(small)


def test_the_dockerfile_copies_what_exists_and_is_sent() -> None:
    sent = [
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    copied = [
        path
        for line in DOCKERFILE.splitlines()
        if line.startswith("COPY") and "--from" not in line
        for path in [word for word in line.split()[1:] if not word.startswith("--")][:-1]
    ]
    assert len(copied) > 6
    for path in copied:
        assert (ROOT / path).exists(), path
        assert path.split("/")[0] in sent, f"{path} is kept from the builder by .dockerignore"
    assert "source" not in sent  # the answers
    assert re.findall(r"^FROM .* AS (\w+)", DOCKERFILE, re.M) == ["environment", "base", "learner", "grader"]
    assert re.search(r"UV_VERSION := (\S+)", (ROOT / "Makefile").read_text())[1] in DOCKERFILE


def test_hadolint_finds_nothing() -> None:
    said = subprocess.run(
        [tool("hadolint"), DEPLOY / "containers" / "Dockerfile"], capture_output=True, text=True
    )
    assert (said.returncode, said.stdout) == (0, "")


@pytest.mark.slow
def test_repo2docker_reads_the_binder_folder() -> None:
    asked = [tool("jupyter-repo2docker"), "--no-build", "--debug", "."]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert 'pip install --no-cache-dir -r ".binder/requirements.txt"' in said.stdout + said.stderr
    assert "RUN ./.binder/postBuild" in said.stdout + said.stderr


def test_the_binder_folder_names_files_that_exist() -> None:
    (line,) = re.findall(r"^-r (.*)$", (ROOT / ".binder" / "requirements.txt").read_text(), re.M)
    assert (ROOT / ".binder" / line).resolve() == DEPLOY / "containers" / "requirements.lock"
    assert os.access(ROOT / ".binder" / "postBuild", os.X_OK)


def test_devcontainer_has_known_keys_and_a_command_that_exists() -> None:
    about = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert set(about) == {
        *("name", "image", "postCreateCommand", "forwardPorts", "portsAttributes"),
        *("customizations", "remoteUser"),
    }
    assert about["postCreateCommand"].removeprefix("make ") + ":" in (ROOT / "Makefile").read_text()


def container(name: str) -> dict[str, Any]:
    (pod,) = [one for one in PODS if one["kind"] == "Deployment" and one["metadata"]["name"] == name]
    return {**pod["spec"]["template"]["spec"], "labels": pod["spec"]["template"]["metadata"]["labels"]}


def test_kubernetes_pods_fit_together() -> None:
    claims = {one["metadata"]["name"] for one in PODS if one["kind"] == "PersistentVolumeClaim"}
    services = {one["metadata"]["name"]: one["spec"] for one in PODS if one["kind"] == "Service"}
    for name in ("formgrader", "dask-scheduler", "dask-worker"):
        pod = container(name)
        (main_,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 1001
        assert main_["image"].startswith("registry.example/course-grader:") and main_["resources"]["limits"]
        mounts = {one["name"] for one in main_.get("volumeMounts", [])}
        assert mounts == {one["name"] for one in pod.get("volumes", [])}
        assert {one["persistentVolumeClaim"]["claimName"] for one in pod.get("volumes", [])} <= claims
        if name in services:
            assert services[name]["selector"].items() <= pod["labels"].items()
            assert services[name]["ports"][0]["port"] == main_["ports"][0]["containerPort"]
    assert "volumes" not in container("dask-worker")
    address = "tcp://dask-scheduler:8786"
    assert address in container("dask-worker")["containers"][0]["command"]
    assert f"--scheduler {address}" in (ROOT / "docs" / "kubernetes.md").read_text()
    for policy in [one for one in PODS if one["kind"] == "NetworkPolicy"]:
        assert (
            policy["spec"]["podSelector"]["matchLabels"].items()
            <= container(policy["metadata"]["name"])["labels"].items()
        )


def test_kubernetes_hub_and_formgrader_agree() -> None:
    (name,) = VALUES["hub"]["services"]
    formgrader = container("formgrader")["containers"][0]
    environment = {one["name"]: one.get("value", one.get("valueFrom")) for one in formgrader["env"]}
    assert environment["JUPYTERHUB_SERVICE_NAME"] == name == CLASS["courses"][0]["id"]
    assert environment["JUPYTERHUB_CLIENT_ID"] == f"service-{name}"
    assert environment["JUPYTERHUB_API_TOKEN"]["secretKeyRef"]["key"] == f"hub.services.{name}.apiToken"
    assert VALUES["hub"]["services"][name]["url"] == "http://formgrader:8888"
    assert environment["NBGRADER_EXCHANGE"] == CLASS["exchange"]
    (mount,) = VALUES["singleuser"]["storage"]["extraVolumeMounts"]
    assert mount["mountPath"] == CLASS["exchange"]
    assert VALUES["singleuser"]["image"]["name"].endswith("course-learner")
    assert f"USER {VALUES['singleuser']['uid']}\n" in DOCKERFILE
    assert set(VALUES) == {"singleuser", "hub", "proxy", "cull", "prePuller"}


def test_kubernetes_roles_are_those_of_the_hub() -> None:
    """The chart wants its own form of the same: groups, roles and scopes, compared one by one."""
    ours = {
        role["name"]: role
        for role in config(DEPLOY / "jupyterhub" / "courses.py").JupyterHub.load_roles.get_value([])
    }
    theirs = VALUES["hub"]["loadRoles"]
    assert set(ours) == set(theirs)
    for name, role in theirs.items():
        assert sorted(role["scopes"]) == sorted(ours[name]["scopes"])
        assert role.get("groups") == ours[name].get("groups")
        assert role.get("services") == ours[name].get("services")
    groups = config_text(VALUES["hub"]["extraConfig"]["groups"])
    assert set(groups) == set(config(DEPLOY / "jupyterhub" / "courses.py").JupyterHub.load_groups)


def config_text(text: str) -> Any:
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(f"c = get_config()\n{text}")
        file.flush()
        return config(Path(file.name)).JupyterHub.load_groups


def test_the_littlest_jupyterhub_keeps_its_own_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HUB_SERVERS", "HUB_CLASS"):
        monkeypatch.setenv(name, "")  # put back afterwards
    snippet = (DEPLOY / "tljh" / "course.py").read_text()
    assert 'COURSE = "/opt/course"' in snippet
    (tmp_path / "course.py").write_text(snippet.replace('"/opt/course"', repr(str(ROOT))))
    (tmp_path / "hub.py").write_text(
        'c = get_config()\nc.JupyterHub.services = [{"name": "cull-idle"}]\nload_subconfig("course.py")\n'
    )
    hub = config(tmp_path / "hub.py")
    assert [one["name"] for one in hub.JupyterHub.services] == ["cull-idle", "generative-models"]
    assert hub.JupyterHub.services[1]["command"] == ["/opt/tljh/user/bin/jupyterhub-singleuser"]
    assert "spawner_class" not in hub.JupyterHub and "authenticator_class" not in hub.JupyterHub
    yaml.safe_load((DEPLOY / "tljh" / "tljh-config.yaml").read_text())


def test_the_hub_reads_class_toml() -> None:
    hub = config(DEPLOY / "jupyterhub" / "jupyterhub_config.py")
    (course,) = CLASS["courses"]
    assert hub.Authenticator.allowed_users == {*course["instructors"], *course["learners"], course["grader"]}
    (service,) = hub.JupyterHub.services.get_value([])
    assert service["user"] == course["grader"] and str(course["port"]) in service["url"]
    assert not set(course["learners"]) & set(hub.JupyterHub.load_groups[f"formgrade-{course['id']}"]["users"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_exist(page: Path) -> None:
    """Every autograder verb and option, every file of this repository, every make target."""
    text = page.read_text()
    found = re.findall(
        r"autograder ([a-z]+)((?: [^\n`&|]*)?)", "\n".join(re.findall(r"^ {4,}.*$|`[^`]+`", text, re.M))
    )
    for verb, rest in found:
        command = main.get_command(click.Context(main), verb)
        assert command, f"{page.name}: autograder {verb}"
        options = {one for parameter in command.params for one in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, f"{page.name}: autograder {verb}{rest}"
    for path in re.findall(r"\b(?:deploy|docs)/[\w./-]+[\w/]", text):
        assert (ROOT / path).exists(), f"{page.name}: {path}"
    for path in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (page.parent / path).exists(), f"{page.name}: {path}"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root makes accounts")
@pytest.mark.slow
def test_the_set_up_of_the_page(tmp_path: Path) -> None:
    """The page's own blocks, run as root in another folder and with other names."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "jupyterhub.md").read_text(), re.M | re.S)
    script = "\n".join(blocks)
    mark = f"agtest{os.getpid()}"
    people = ["instructor1", "learner1", "learner2", "learner3"]
    room = Path(tempfile.mkdtemp(prefix="autograder-setup-"))
    room.chmod(0o755)
    script = script.replace("SRV=/srv", f"SRV={room}").replace(
        "GRADER=grader-$COURSE", f"GRADER={mark}-grader"
    )
    for name in people:
        script = script.replace(f" {name}", f" {mark}-{name}")
    script = script.replace("useradd --create-home", f"useradd --base-dir {room}/home --create-home")
    (room / "home").mkdir()
    try:
        subprocess.run(["bash", "-euc", script], cwd=ROOT, check=True)
        course = room / "courses" / CLASS["courses"][0]["id"]
        assert (course / "source").is_dir() and course.owner() == f"{mark}-grader"
        assert course.stat().st_mode & 0o777 == 0o700
        assert (room / "nbgrader" / "exchange").stat().st_mode & 0o777 == 0o777
        for path in (course, room / "home" / f"{mark}-learner2"):
            tried = subprocess.run(
                ["ls", path], user=f"{mark}-learner1", extra_groups=[], capture_output=True, text=True
            )
            assert "Permission denied" in tried.stderr, path
    finally:
        for name in (*people, "grader"):
            with contextlib.suppress(KeyError):
                pwd.getpwnam(f"{mark}-{name}")
                subprocess.run(["userdel", f"{mark}-{name}"], check=False, capture_output=True)
        shutil.rmtree(room)


def test_a_link_for_nbgitpuller(tiny: Course) -> None:
    with pytest.raises(CourseError, match="names no repository"):
        hub_links.git_pull(tiny, "01-coins", "https://hub.example")
    public = dataclasses.replace(tiny, repository="owner/name")
    assert hub_links.git_pull(public, "01-coins", "https://hub.example/", "main") == (
        "https://hub.example/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fowner%2Fname"
        "&branch=main&urlpath=lab%2Ftree%2Fname%2Frelease%2F01-coins%2F01-coins.ipynb"
    )
    with pytest.raises(CourseError, match="no address of a hub"):
        hub_links.git_pull(public, "01-coins", "hub.example")


def test_the_formgraders_servers_alone_may_be_framed() -> None:
    formgrader = DEPLOY / "jupyterhub" / "formgrader" / "jupyter_server_config.json"
    extensions = json.loads(formgrader.read_text())["ServerApp"]["jpserver_extensions"]
    assert extensions["autograder.hub.formgrader_policy"]
    everywhere = [path for path in (DEPLOY / "jupyterhub" / "jupyter").rglob("*") if path.is_file()]
    assert everywhere and not [path for path in everywhere if "frame-ancestors" in path.read_text()]
    assert (
        "formgrader_policy"
        not in (DEPLOY / "jupyterhub" / "jupyter" / "jupyter_server_config.json").read_text()
    )


@pytest.mark.parametrize("page", ["jupyterhub", "littlest-jupyterhub"])
def test_no_page_tells_to_keep_the_answers_where_learners_can_read(page: str) -> None:
    """The clone holds source/ and lessons/; what everybody may read is the package and the hub's settings."""
    text = (ROOT / "docs" / f"{page}.md").read_text()
    assert "only root may read" in text and "clone of the repository that everybody may read" not in text
    shown = [line for line in text.splitlines() if line.startswith("    ") and "/opt/course" in line]
    assert shown and not [line for line in shown if re.search(r"git clone|source|lessons", line)]
