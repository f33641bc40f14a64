"""Rows of Level 4 tables, from whatever file into arrays: block by block, by all cores, in bounded memory."""

from htan_kit.io.tables._header import SUFFIXES, format_of, header_of

__all__ = ["SUFFIXES", "format_of", "header_of"]
