"""Writes test/fixtures/tls: a certificate of 127.0.0.1 and localhost that signs itself, and its key.

It protects nothing: tests serve HTTPS with it and trust it by NODE_EXTRA_CA_CERTS. Every run makes another key.
"""

from datetime import datetime, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

folder = Path(__file__).parent.parent / "fixtures" / "tls"
folder.mkdir(parents=True, exist_ok=True)
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Limner's tests")])
names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(1)
    .not_valid_before(datetime(2020, 1, 1, tzinfo=timezone.utc))
    .not_valid_after(datetime(2120, 1, 1, tzinfo=timezone.utc))
    .add_extension(x509.SubjectAlternativeName(names), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    .sign(key, hashes.SHA256())
)
(folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
(folder / "key.pem").write_bytes(key.private_bytes(*pem))
