"""What the figures were measured on, and which of the other tools are there."""

import os
import platform
import re
import shutil
import subprocess

# What is compared with, and what installs it on Debian.
PEERS = {
    "openssl": (["openssl", "version"], "openssl"),
    "sha256sum": (["sha256sum", "--version"], "coreutils"),
    "ffprobe": (["ffprobe", "-version"], "ffmpeg"),
    "ffmpeg": (["ffmpeg", "-version"], "ffmpeg"),
    "hashdeep": (["hashdeep", "-V"], "hashdeep"),
    "mediainfo": (["mediainfo", "--Version"], "mediainfo"),
    "rclone": (["rclone", "version"], "rclone"),
}


def present():
    return {name for name in PEERS if shutil.which(name)}


def missing():
    return [f"{name} (`apt-get install {PEERS[name][1]}`)" for name in PEERS if name not in present()]


def version(name):
    done = subprocess.run(PEERS[name][0], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = re.search(r"v?(\d+(?:\.\d+)+[\w.]*)", done.stdout)
    return found.group(1) if found else "unknown"


def describe(reelproof):
    """Lines that say what this machine is."""
    said = subprocess.run([reelproof, "--version"], stdout=subprocess.PIPE, text=True).stdout.strip()
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = os.cpu_count()
    tools = ", ".join(f"{name} {version(name)}" for name in PEERS if name in present())
    sha = "with" if re.search(r"\bsha_ni\b", cpuinfo()) else "without"
    return [
        f"Processor: {model()}, {cores} {'core' if cores == 1 else 'cores'}, {sha} SHA instructions; memory: {memory_gb:.0f} GB",
        f"Linux {platform.release()}, {pretty_name()}",
        f"{said}; {tools}",
    ]


def cpuinfo():
    try:
        with open("/proc/cpuinfo") as file:
            return file.read()
    except OSError:
        return ""


def model():
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo(), re.M)
    family = re.search(r"^cpu family\s*:\s*(.+)$", cpuinfo(), re.M)
    if not found:
        return platform.machine()
    return found.group(1) + (f" (family {family.group(1)})" if family else "")


def pretty_name():
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return platform.system()
