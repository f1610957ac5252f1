"""Thunderbird itself opens our draft, saves it edited and sends it; each of the three is understood."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.process.clients.marionette import Marionette

THUNDERBIRD = Path("/usr/lib/thunderbird/thunderbird")
ADVICE = "apt-get install --no-install-recommends thunderbird xvfb"


class Post:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.delivered: list[tuple[list[str], Message]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        assert isinstance(envelope.content, bytes)
        self.delivered.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    handler = Post()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def preferences(seat: Any, smtp_port: int) -> str:
    """Write what the account wizard would have written, and that nothing of the start page and its like appears."""
    folder = f"imap://{quote(seat.user, safe='')}@{seat.server.host}"
    values: dict[str, str | int | bool] = {
        "mail.accountmanager.accounts": "account1,account2",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.accountmanager.localfoldersserver": "server2",
        "mail.account.account1.server": "server1",
        "mail.account.account1.identities": "id1",
        "mail.account.account2.server": "server2",
        "mail.identity.id1.fullName": "Noor Haddad",
        "mail.identity.id1.useremail": seat.user,
        "mail.identity.id1.valid": True,
        "mail.identity.id1.smtpServer": "smtp1",
        "mail.identity.id1.compose_html": False,
        "mail.identity.id1.drafts_folder_picker_mode": "1",
        "mail.identity.id1.draft_folder": f"{folder}/Drafts",
        "mail.identity.id1.fcc_folder_picker_mode": "1",
        "mail.identity.id1.fcc_folder": f"{folder}/Sent",
        "mail.server.server1.type": "imap",
        "mail.server.server1.hostname": seat.server.host,
        "mail.server.server1.port": seat.server.port,
        "mail.server.server1.socketType": 0,
        "mail.server.server1.userName": seat.user,
        "mail.server.server1.authMethod": 3,
        "mail.server.server1.login_at_startup": False,
        "mail.server.server2.type": "none",
        "mail.server.server2.hostname": "Local Folders",
        "mail.server.server2.userName": "nobody",
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.hostname": "127.0.0.1",
        "mail.smtpserver.smtp1.port": smtp_port,
        "mail.smtpserver.smtp1.authMethod": 1,
        "mail.smtpserver.smtp1.try_ssl": 0,
        "mail.provider.suppress_dialog_on_startup": True,
        "mail.spotlight.firstRunDone": True,
        "mailnews.start_page.enabled": False,
        "app.donation.eoy.version.viewed": 999,
        "mail.rights.version": 1,
        "mail.shell.checkDefaultClient": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "app.update.enabled": False,
        "network.captive-portal-service.enabled": False,
        "services.settings.server": "data:,#remote-settings-dummy/v1",
        "mail.SpellCheckBeforeSend": False,
        "mail.compose.attachment_reminder": False,
        "marionette.port": 0,
    }
    return "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in values.items())


@pytest.fixture
def thunderbird(
    waiting: Any, post: tuple[Post, int], tmp_path: Path, wait_until: Callable[[Callable[[], Any], str], Any]
) -> Iterator[Marionette]:
    """Give a Thunderbird that shows the person's INBOX on a screen of its own."""
    assert THUNDERBIRD.exists(), ADVICE
    assert shutil.which("Xvfb"), ADVICE
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(preferences(waiting.seat, post[1]), "utf-8")
    display = ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(display, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert screen.stdout
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DISPLAY": f":{screen.stdout.readline().decode().strip()}",
        "MOZ_CRASHREPORTER_DISABLE": "1",
    }
    command = [str(THUNDERBIRD), "--no-remote", "--profile", str(profile), "--marionette"]
    with (tmp_path / "thunderbird.log").open("wb") as log:
        client = subprocess.Popen(
            [*command, "--remote-allow-system-access"], env=environ, stdout=log, stderr=log, start_new_session=True
        )
    try:
        with closing(wait_until(lambda: connected(profile), "Thunderbird's remote control")) as remote:
            remote.run(SET_UP, waiting.seat.server.host, waiting.seat.user, waiting.seat.server.password)
            yield remote
    finally:
        os.killpg(client.pid, signal.SIGKILL)
        client.wait(timeout=10)
        screen.terminate()
        screen.wait(timeout=10)
        screen.stdout.close()


def connected(profile: Path) -> Marionette | None:
    """Connect to the port that Thunderbird says it listens at; None while it does not."""
    try:
        return Marionette(int((profile / "MarionetteActivePort").read_text()))
    except (OSError, ValueError):
        return None


# The password is stored as if it had been typed once; then the INBOX is shown, which makes the folders known.
SET_UP = """
    const [host, user, password] = arguments;
    const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
    const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
    const pause = () => new Promise(done => setTimeout(done, 200));
    while (Services.wm.getMostRecentWindow("mail:3pane")?.document.readyState != "complete") await pause();
    await Services.logins.initializationPromise;
    const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
    login.init("imap://" + host, null, "imap://" + host, user, password, "", "");
    await Services.logins.addLoginAsync(login);
    const root = MailServices.accounts.getAccount("account1").incomingServer.rootFolder;
    while (!root.getChildNamed("Drafts")) {
        const inbox = root.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
        if (inbox) inbox.updateFolder(null);
        else root.server.performExpand(null);
        await pause();
    }
    return true;
"""

# The person opens the one draft for editing. Gives what they see.
OPEN = """
    const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
    const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
    const account = MailServices.accounts.getAccount("account1");
    const drafts = account.incomingServer.rootFolder.getChildNamed("Drafts");
    const pause = () => new Promise(done => setTimeout(done, 200));
    let header = null;
    for (let tries = 0; tries < 200 && !header; tries++) {
        drafts.updateFolder(null);
        await pause();
        const found = [...drafts.messages];
        if (found.length == 1) header = found[0];
    }
    if (!header) throw "no draft is shown";
    MailServices.compose.OpenComposeWindow(null, header, drafts.getUriForMsg(header), Ci.nsIMsgCompType.Draft,
        Ci.nsIMsgCompFormat.Default, account.defaultIdentity, null, null);
    for (let tries = 0; tries < 200; tries++) {
        const window = Services.wm.getMostRecentWindow("msgcompose");
        const body = window?.document.getElementById("messageEditor")?.contentDocument?.body;
        if (window?.gMsgCompose?.compFields?.to && body?.textContent.includes("Noor Haddad")) {
            const fields = window.gMsgCompose.compFields;
            return {to: fields.to, subject: fields.subject, from: fields.from, references: fields.references,
                    text: body.innerText, plain: !window.gMsgCompose.composeHTML};
        }
        await pause();
    }
    throw "the composer does not show the draft";
"""

# The person writes a line into the open draft and saves it.
EDIT_AND_SAVE = """
    const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
    const window = Services.wm.getMostRecentWindow("msgcompose");
    window.GetCurrentEditor().beginningOfDocument();
    window.GetCurrentEditor().insertText(arguments[0]);
    await window.GenericSendMessage(Ci.nsIMsgCompDeliverMode.SaveAsDraft);
    for (let tries = 0; tries < 200 && window.gSendOperationInProgress; tries++)
        await new Promise(done => setTimeout(done, 100));
    return true;
"""

SEND = """
    const window = Services.wm.getMostRecentWindow("msgcompose");
    window.GenericSendMessage(Ci.nsIMsgCompDeliverMode.Now);
    return true;
"""


def test_thunderbird_shows_saves_and_sends_our_draft(
    waiting: Any,
    thunderbird: Marionette,
    post: tuple[Post, int],
    wait_until: Callable[[Callable[[], Any], str], Any],
) -> None:
    ours = waiting.draft()
    seen = thunderbird.run(OPEN)
    assert seen["to"] == "Dana Lee <dana.lee@northwind.example>"
    assert seen["subject"] == ours["Subject"]
    assert seen["from"] == f"Noor Haddad <{waiting.seat.user}>"
    assert seen["references"].split()[-1] == ours["In-Reply-To"]
    assert seen["plain"]
    assert seen["text"].split() == ours.get_content().split()

    thunderbird.run(EDIT_AND_SAVE, "One more line of mine. ")
    # It stores the new one first and then removes the old one.
    wait_until(lambda: ["One more line of mine" in text for text in texts(waiting)] == [True], "the saved draft alone")
    saved = waiting.draft()
    assert saved["Message-ID"] != ours["Message-ID"], "Thunderbird saves a draft as a new message: what we live with"
    assert waiting.state() == "taken-over"

    thunderbird.run(SEND)
    server, _ = post
    wait_until(lambda: server.delivered and waiting.seat.messages("Sent"), "the sent letter")
    ((recipients, sent),) = server.delivered
    assert recipients == ["dana.lee@northwind.example"]
    assert sent["In-Reply-To"] == ours["In-Reply-To"]
    assert waiting.state() == "sent"
    assert not waiting.seat.messages("Drafts")


def texts(waiting: Any) -> list[str]:
    """Give each message in Drafts, as it is written there."""
    return [message.decode("utf-8", "replace") for _, message in waiting.seat.messages("Drafts")]
