"""Reads a knowledge folder: files → texts → a `Plant`, or every problem of the folder at once."""

from knowledge.reading.assembly import load_plant, read_plant
from knowledge.reading.folder import read_folder

__all__ = ["load_plant", "read_folder", "read_plant"]
