"""Put into an environment by test_packaging: of another folder of packages, it shows those that
shown.json names."""
import json
import re
import sys
from importlib.machinery import PathFinder
from importlib.metadata import DistributionFinder, MetadataPathFinder
from pathlib import Path


class Shown(DistributionFinder):
    "Finds modules and metadata in a folder; what is not named is not there."
    told = json.loads(Path(__file__).with_suffix(".json").read_text())

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if path is not None or name not in cls.told["modules"]: return None
        return PathFinder.find_spec(name, [cls.told["folder"]])

    @classmethod
    def find_distributions(cls, context):
        inside = DistributionFinder.Context(name=context.name, path=[cls.told["folder"]])
        for found in MetadataPathFinder.find_distributions(inside):
            if re.sub(r"[-_.]+", "-", found.name).lower() in cls.told["distributions"]: yield found


sys.meta_path.append(Shown)
