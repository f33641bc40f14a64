"""Which row of the channel table, which plane of the image and which column of the cell table are one channel."""

from __future__ import annotations

from htan_kit.channels._proposed import proposed
from htan_kit.channels._reconcile import reconcile
from htan_kit.io._antigen import Antigen, antigen
from htan_kit.io._channel_role import role

__all__ = ["Antigen", "antigen", "proposed", "reconcile", "role"]
