//! An authority of a test's own, which vouches for its servers.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// An authority; its files lie in a folder.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: PathBuf,
    /// PEM file with its certificate.
    pub certificate: PathBuf,
}

/// A certificate and its key, as PEM.
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
    /// The file that the certificate stands in.
    pub certificate_file: PathBuf,
    /// The file that the key stands in.
    pub key_file: PathBuf,
}

impl Authority {
    /// A new one, called `name`, with its files in `folder`.
    pub fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("a certificate");
        let certificate = folder.join(format!("{name}.pem"));
        std::fs::write(&certificate, made.pem()).expect("the folder can be written to");
        Self { issuer: Issuer::new(params, key), folder: folder.to_owned(), certificate }
    }

    /// Vouches for whoever is at these addresses.
    pub fn vouch(&self, name: &str, addresses: &[IpAddr]) -> Identity {
        let names: Vec<String> =
            addresses.iter().map(ToString::to_string).chain(["localhost".to_owned()]).collect();
        let mut params = CertificateParams::new(names).expect("addresses");
        params.distinguished_name.push(DnType::CommonName, name);
        params.use_authority_key_identifier_extension = true;
        let pair = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&pair, &self.issuer).expect("a certificate").pem();
        let key = pair.serialize_pem();
        let [certificate_file, key_file] = [("crt", &certificate), ("key", &key)].map(|(kind, text)| {
            let path = self.folder.join(format!("{name}.{kind}"));
            std::fs::write(&path, text).expect("the folder can be written to");
            path
        });
        Identity { certificate, key, certificate_file, key_file }
    }
}
