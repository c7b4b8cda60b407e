"""The program and the tracer's extensions go where `make install PREFIX=` puts them: below the
environment that the wheel is installed to. They are the same for every python."""
import os

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel


class Wheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


def below(place):
    return [(folder, [os.path.join(folder, name) for name in names]) for folder, _, names in os.walk(place) if names]


setup(cmdclass={"bdist_wheel": Wheel}, data_files=below("bin") + below("libexec"))
