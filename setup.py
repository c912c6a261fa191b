"""What settings.ini says, for setuptools; data and built pages lie beside the package."""
import re
import shutil
import sys
from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

here = Path(__file__).parent
config = ConfigParser()
config.read(here / "settings.ini")
meta = config["DEFAULT"]
version = re.search(r'__version__ = "(.+)"', (here / "slr_tiny/__init__.py").read_text())[1]
beside = {"slr_tiny.data": "data", "slr_tiny.pages": "web_demo/dist"}
if not (here / "web_demo/dist/index.html").exists(): del beside["slr_tiny.pages"]

class Build(build_py):
    def run(self):
        if "slr_tiny.pages" not in beside and not self.editable_mode:
            print("warning: web_demo/dist holds no built pages, so `slr-tiny demo` and `site` will "
                  "have none; run `make web`, and build the package again.", file=sys.stderr)
        # pages of an earlier build have other names, and would stay
        shutil.rmtree(Path(self.build_lib, "slr_tiny/pages"), ignore_errors=True)
        super().run()

def wanted(part):
    return meta[f"{part}requirements"].split()

setup(
    name=meta["name"], version=version, author=meta["author"], license=meta["license"],
    keywords=meta["keywords"].split(), python_requires=meta["python_requires"],
    install_requires=wanted(""),
    extras_require={"train": wanted("train_"), "browser": wanted("browser_"),
                    "dev": [f"{meta['name']}[train,browser]", *wanted("dev_")]},
    packages=[*find_packages(include=["slr_tiny", "slr_tiny.*"]), *beside], package_dir=beside,
    package_data={"slr_tiny": ["csrc/*", "csrc/*/*"], "slr_tiny.data": ["*.json", "*.yaml"],
                  "slr_tiny.pages": ["*", "*/*"]},
    include_package_data=False, cmdclass={"build_py": Build},
    entry_points={"console_scripts": [meta["console_scripts"]],
                  "nbdev": ["slr_tiny=slr_tiny._modidx:d"]},
)
