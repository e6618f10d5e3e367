//! Listeners by their settings.

use pitaya_server::{Listener, Tls, TlsError, tcp, tls, ws, wss};

use crate::settings::Listen;

impl Listen {
    /// The certificate, where one is named.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or has no certificate or key in it that fit.
    pub fn certificate(&self) -> Result<Option<Tls>, TlsError> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Tls::from_pem_files(certificate, key).map(Some),
            _ => Ok(None),
        }
    }

    /// All listeners. Those with TLS need a certificate; without one there are none of them.
    #[must_use]
    pub fn listeners(&self, certificate: Option<&Tls>) -> Vec<Listener> {
        let mut listeners = Vec::new();
        for address in &self.tcp {
            listeners.push(tcp(address.clone()).proxy_protocol(self.proxy_packets));
        }
        for address in &self.ws {
            let listener = ws(address.clone()).proxy_protocol(self.proxy_websockets);
            listeners.push(listener.origins(self.origins.clone()));
        }
        if let Some(certificate) = certificate {
            for address in &self.tls {
                let listener = tls(address.clone(), certificate.clone());
                listeners.push(listener.proxy_protocol(self.proxy_packets));
            }
            for address in &self.wss {
                let listener = wss(address.clone(), certificate.clone());
                let listener = listener.proxy_protocol(self.proxy_websockets);
                listeners.push(listener.origins(self.origins.clone()));
            }
        }
        listeners
    }
}
