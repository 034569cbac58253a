"""The body of a request that offers to go on in another protocol, as Java's HttpClient does with HTTP/2."""

from typing import TYPE_CHECKING

import httptools

from lrs.problem import Problem

if TYPE_CHECKING:
    from lrs.protocol.protocol import Protocol


class Content:
    """Takes it from a parser of its own, because httptools ends a request that offers something behind its head."""

    def __init__(self, connection: "Protocol") -> None:
        self._connection = connection
        self._begun = False
        self.on_body = connection.on_body

    def on_message_begin(self) -> None:
        """Take one message."""
        if self._begun:
            raise Problem(400, "what comes behind a request that offers another protocol has to wait for the answer")
        self._begun = True

    def on_message_complete(self) -> None:
        """Have what follows read as requests again."""
        self._connection.parser = httptools.HttpRequestParser(self._connection)
        self._connection.on_message_complete()
