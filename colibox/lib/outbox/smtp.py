"""Django's SMTP backend, quicker, and aware of whether a failed message may have been taken all the same."""

from __future__ import annotations

import smtplib

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from colibox.lib.outbox import wire


class _Attentive(smtplib.SMTP):
    """A session that notices the one moment of doubt: the text was asked for, its receipt not yet said."""

    in_doubt = False

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()  # leaves in_doubt as it is when no reply comes
        self.in_doubt = code == 354
        return code, text


class _AttentiveSSL(_Attentive, smtplib.SMTP_SSL):
    """The same from the first byte over TLS."""


class EmailBackend(smtp.EmailBackend):
    """One session over many messages, as Django's."""

    connection: _Attentive | None

    @property
    def connection_class(self) -> type[_Attentive]:
        return _AttentiveSSL if self.use_ssl else _Attentive

    @property
    def in_doubt(self) -> bool:
        """Whether the last message was cut between its text and the server's answer."""
        return self.connection is not None and self.connection.in_doubt

    def _send(self, email_message: EmailMessage) -> bool:
        assert self.connection is not None
        recipients = [wire.address(one) for one in email_message.recipients()]
        self.connection.sendmail(wire.address(email_message.from_email), recipients, wire.written(email_message))
        return True
