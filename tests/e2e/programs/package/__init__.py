"""A package that can be run."""
from .helper import shout
