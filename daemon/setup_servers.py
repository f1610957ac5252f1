"""An address in, the servers of its mailbox out: from a table of providers, else by trying the usual names."""

from __future__ import annotations

import socket
import ssl
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

PATIENCE = 5.0  # seconds for one name
_GREETING = 512  # octets

Protocol = Literal["imap", "smtp"]
TlsName = Literal["implicit", "starttls", "none"]
USUAL_PORTS: Mapping[tuple[Protocol, TlsName], int] = {
    ("imap", "implicit"): 993,
    ("imap", "starttls"): 143,
    ("imap", "none"): 143,
    ("smtp", "implicit"): 465,
    ("smtp", "starttls"): 587,
    ("smtp", "none"): 25,
}
_WELCOMES = {"imap": b"* OK", "smtp": b"220"}  # RFC 9051 7.1.1, RFC 5321 4.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a server is and how the connection is encrypted."""

    host: str
    port: int
    tls: TlsName

    def __str__(self) -> str:
        return f"{self.host}:{self.port} ({self.tls} TLS)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is known of a provider; without `imap` there is no way to its mailboxes."""

    name: str
    imap: Endpoint | None
    smtp: Endpoint | None
    oauth: str | None
    advice: str | None


def domain_of(address: str) -> str:
    """Give the part after the "@", in lower case."""
    return address.rpartition("@")[2].lower()


def known_provider(domain: str) -> Provider | None:
    """Give the provider whose domain it is."""
    table = tomllib.loads(files("daemon").joinpath("providers.toml").read_text("utf-8"))
    return next((_provider(row) for row in table["provider"] if domain in row["domains"]), None)


def _provider(row: Mapping[str, Any]) -> Provider:
    return Provider(
        name=row["name"],
        imap=_endpoint(row, "imap"),
        smtp=_endpoint(row, "smtp"),
        oauth=row.get("oauth"),
        advice=row.get("advice"),
    )


def _endpoint(row: Mapping[str, Any], protocol: Protocol) -> Endpoint | None:
    if protocol not in row:
        return None
    tls: TlsName = row.get(f"{protocol}_tls", "implicit")
    port = row.get(f"{protocol}_port", USUAL_PORTS[protocol, tls])
    return Endpoint(host=row[protocol], port=port, tls=tls)


def guesses(domain: str, protocol: Protocol) -> Iterator[Endpoint]:
    """Give where the servers of a domain usually are, the likeliest first, the better encryption first."""
    for tls in ("implicit", "starttls"):
        for host in (f"{protocol}.{domain}", f"mail.{domain}", domain):
            yield Endpoint(host=host, port=USUAL_PORTS[protocol, tls], tls=tls)


def find_server(domain: str, protocol: Protocol, ca_file: Path | None, tell: Callable[[str], None]) -> Endpoint | None:
    """Try the usual names by connecting, without logging in; `tell` hears of each. None where nobody answers."""
    for candidate in guesses(domain, protocol):
        problem = try_server(candidate, protocol, ca_file)
        tell(f"  {candidate}: {problem or 'yes'}")
        if problem is None:
            return candidate
    return None


def try_server(server: Endpoint, protocol: Protocol, ca_file: Path | None) -> str | None:
    """Connect and read the greeting; give what is wrong. With STARTTLS the certificate is looked at at the login."""
    try:
        with socket.create_connection((server.host, server.port), PATIENCE) as link:
            if server.tls != "implicit":
                return _greeted(link, protocol)
            context = ssl.create_default_context()
            if ca_file is not None:
                context.load_verify_locations(ca_file)
            with context.wrap_socket(link, server_hostname=server.host) as secured:
                return _greeted(secured, protocol)
    except ssl.SSLCertVerificationError as error:
        return f"cannot prove who it is ({error.verify_message})"
    except socket.gaierror:
        return "no such name"
    except TimeoutError:
        return "no answer"
    except (OSError, ValueError) as error:  # ValueError: a name that no host can have
        return f"no ({getattr(error, 'strerror', None) or error})"


def _greeted(link: socket.socket, protocol: Protocol) -> str | None:
    return None if link.recv(_GREETING).startswith(_WELCOMES[protocol]) else f"does not speak {protocol.upper()}"
