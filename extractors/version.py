"""The version of the engine: part of every result, and of the key under which page readings are kept."""

from importlib.metadata import version

ENGINE_VERSION = version("nianbao")
