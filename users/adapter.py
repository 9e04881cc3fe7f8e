"""Where allauth meets the portal: no open sign-up, mails through the outbox."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from colibox.lib import outbox
from users import emails
from users.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's hooks."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation only."""
        return False

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """allauth tells of one thing here: the password was changed, set or reset."""
        outbox.queue(emails.password_changed, key=f"password:{uuid.uuid4()}", user=user.pk)
