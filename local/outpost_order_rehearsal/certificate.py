"""A certificate for localhost, so that TLS verification stays on everywhere."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FOR = timedelta(days=1)


@dataclass(frozen=True)
class CertificateFiles:
    """The files of a certificate, its key, and a bundle of all trusted roots with it."""

    certificate: Path
    key: Path
    bundle: Path


def write_localhost_certificate(folder: Path) -> CertificateFiles:
    """Make a self-signed certificate for localhost and store it in a private folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = _localhost_certificate(key).public_bytes(serialization.Encoding.PEM)
    files = CertificateFiles(
        folder / "localhost.pem", folder / "localhost.key", folder / "roots.pem"
    )
    files.certificate.write_bytes(pem)
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    # The bundle replaces the default roots where it is used, so it holds them too.
    files.bundle.write_bytes(Path(certifi.where()).read_bytes() + b"\n" + pem)
    return files


def _localhost_certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    subject_key = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID_FOR)
        .add_extension(subject_key, critical=False)
    )
    for extension, critical in _extensions(subject_key):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, hashes.SHA256())


def _extensions(
    subject_key: x509.SubjectKeyIdentifier,
) -> list[tuple[x509.ExtensionType, bool]]:
    """List what strict verification (the default since Python 3.13) asks of a trusted root."""
    unused = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    return [
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(digital_signature=True, key_cert_sign=True, **unused), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_key), False),
    ]
