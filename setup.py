"""Joins settings.ini (what we need) with requirements.lock (which version of it)."""
from configparser import ConfigParser
from pathlib import Path
import re
from setuptools import find_packages, setup

here = Path(__file__).parent
config = ConfigParser()
config.read(here / "settings.ini")
meta = config["DEFAULT"]
version = re.search(r'__version__ = "(.+)"', (here / "slr_tiny/__init__.py").read_text())[1]
plain = lambda name: name.lower().replace("_", "-")
lock = (line.split("#")[0].strip().split("==")
        for line in (here / "requirements.lock").read_text().split("\n") if "==" in line)
pins = {plain(name): pin for name, pin in lock}
pinned = lambda names: [f"{name}=={pins[plain(name)]}" for name in names.split()]

setup(
    name=meta["name"], version=version, author=meta["author"], license=meta["license"],
    keywords=meta["keywords"].split(),
    python_requires=meta["python_requires"], install_requires=pinned(meta["requirements"]),
    extras_require={"dev": pinned(meta["dev_requirements"])},
    packages=[*find_packages(include=["slr_tiny", "slr_tiny.*"]), "slr_tiny.data"],
    package_dir={"slr_tiny.data": "data"},
    package_data={"slr_tiny.data": ["*.json", "*.yaml"]},
    entry_points={"console_scripts": [meta["console_scripts"]],
                  "nbdev": ["slr_tiny=slr_tiny._modidx:d"]},
)
