"""The only place that fills the AnnData contract: read a sample, quantify one, put several together."""

from htan_kit.assemble._concat import concat
from htan_kit.assemble._described import describe
from htan_kit.assemble._measure import measure
from htan_kit.assemble._quantify import quantify, quantify_table
from htan_kit.assemble._read import read
from htan_kit.assemble._record import miti

__all__ = ["concat", "describe", "measure", "miti", "quantify", "quantify_table", "read"]
