"""The only place that fills the AnnData contract: read a sample, quantify one, put several together."""

from htan_kit.assemble._concat import concat
from htan_kit.assemble._read import quantify, read

__all__ = ["concat", "quantify", "read"]
