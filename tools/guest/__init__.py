"""Guest machines with a stock Linux kernel, for tests and demonstrations."""

from .guest import Guest, GuestError, Result

__all__ = ["Guest", "GuestError", "Result"]
