"""The mailbox as the environment describes it: all of it or nothing, and no password in the clear."""

from __future__ import annotations

import pytest

from relevo.email_settings import EmailSettings, MailServer
from relevo.errors import ConfigurationError
from relevo.settings import Settings

SOUND = {
    "EMAIL_ADDRESS": "care@example.com",
    "EMAIL_PASSWORD": "a secret",
    "EMAIL_IMAP_URL": "imaps://mail.example.com",
    "EMAIL_SMTP_URL": "smtp://relay%40example.com@mail.example.com:2525",
}


def read(monkeypatch: pytest.MonkeyPatch, **changed: str) -> EmailSettings | None:
    for name, value in {**SOUND, **changed}.items():
        monkeypatch.setenv(name, value)
    return EmailSettings.from_environment()


def test_servers_are_read_from_their_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch)
    assert settings
    assert settings.imap == MailServer("mail.example.com", 993, "care@example.com", is_tls=True)
    assert settings.smtp == MailServer("mail.example.com", 2525, "relay@example.com", is_tls=False)
    assert "a secret" not in repr(settings)


def test_folder_other_than_the_inbox_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, EMAIL_IMAP_URL="imaps://mail.example.com/Customer%20care")
    assert settings and settings.imap.folder == "Customer care"


def test_without_any_of_it_there_is_no_email(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, **dict.fromkeys(SOUND, "")) is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"EMAIL_PASSWORD": ""}, "half set up; set EMAIL_PASSWORD too"),
        ({"EMAIL_ADDRESS": "care"}, "EMAIL_ADDRESS must be an address"),
        ({"EMAIL_IMAP_URL": "https://mail.example.com"}, "EMAIL_IMAP_URL must be .* imaps://"),
        ({"EMAIL_SMTP_URL": "smtps://"}, "EMAIL_SMTP_URL must be .* smtps://"),
        ({"EMAIL_SMTP_URL": "smtps://mail.example.com:x"}, "EMAIL_SMTP_URL must be"),
        ({"EMAIL_IMAP_URL": 'imaps://mail.example.com/"'}, "EMAIL_IMAP_URL must be"),
        ({"EMAIL_SMTP_URL": "smtps://me:secret@mail.example.com"}, "must not hold the password"),
    ],
)
def test_mistake_is_told_without_telling_the_password(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        read(monkeypatch, **changed)
    assert "secret" not in str(caught.value)


def test_only_on_this_machine_may_a_password_go_unencrypted() -> None:
    assert MailServer("127.0.0.1", 25, "me", is_tls=False).is_local
    assert not MailServer("127.0.0.1.example.com", 25, "me", is_tls=False).is_local


def test_process_that_only_promises_letters_needs_the_address_alone_and_the_one_that_sends_needs_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read(monkeypatch, **{name: "" for name in SOUND if name != "EMAIL_ADDRESS"}) is None
    settings = Settings.from_environment()
    assert settings.email_address == "care@example.com"
    with pytest.raises(ConfigurationError, match="half set up"):
        settings.require_whole_email()
