//! The address of a client: that of the peer or, behind a trusted proxy, the one that the proxy
//! reports.

use crate::config::ProxyConfig;
use ipnet::{IpNet, Ipv6Net};
use std::net::IpAddr;

/// What is counted as one place: an IPv4 address, or an IPv6 network of 64 bits, which is what one
/// customer is given at the least (RFC 6177).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subnet(IpAddr);

impl Subnet {
    /// The one that an address is of.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                // 64 is a length that a prefix may have.
                let network = Ipv6Net::new(address, 64).map(|net| net.network());
                Self(network.unwrap_or(address).into())
            }
            address => Self(address),
        }
    }
}

impl Subnet {
    /// As a number, the same wherever and whenever it is asked for: of IPv6 the network's 64 bits,
    /// of IPv4 the address's 32, which as a network stand for nothing that connects (RFC 4291,
    /// section 2.4).
    #[must_use]
    pub fn number(self) -> u64 {
        match self.0 {
            IpAddr::V4(address) => u64::from(u32::from(address)),
            IpAddr::V6(network) => u64::try_from(u128::from(network) >> 64).unwrap_or(u64::MAX),
        }
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

/// Whom to believe where a request comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxies {
    /// Networks of proxies.
    pub trusted: Vec<IpNet>,
    /// The header in which they say it; its name in lower case.
    pub header: String,
}

/// A trusted proxy says where a request comes from, and it is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proxy names no address")]
pub struct AddressError;

impl From<&ProxyConfig> for Proxies {
    fn from(config: &ProxyConfig) -> Self {
        Self {
            trusted: config.trusted.clone(),
            header: config.header.to_ascii_lowercase(),
        }
    }
}

impl Proxies {
    /// Whether this address is a trusted proxy's.
    #[must_use]
    pub fn trust(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Where a request comes from whose connection is from `peer`. `said` are the values of the
    /// header, in order: addresses with commas between them, each proxy's at the end of what it was
    /// given. The last one that no trusted proxy has is believed; what stands before it, anybody
    /// may have written.
    ///
    /// # Errors
    /// A trusted proxy has written something else than an address.
    pub fn origin<'a>(
        &self,
        peer: IpAddr,
        said: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Result<IpAddr, AddressError> {
        let mut address = peer.to_canonical();
        if !self.trust(address) {
            return Ok(address);
        }
        for hop in said.rev().flat_map(|value| value.rsplit(',')) {
            address = parse(hop.trim()).ok_or(AddressError)?;
            if !self.trust(address) {
                break;
            }
        }
        Ok(address)
    }
}

/// An address, with or without a port, an IPv6 one with or without brackets.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>();
    let with_port = || text.parse::<std::net::SocketAddr>().map(|at| at.ip());
    address
        .or_else(|_| with_port())
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_what_it_wrote() {
        let proxies = Proxies {
            trusted: vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
            header: "x-forwarded-for".to_owned(),
        };
        for (peer, said, expected) in [
            ("192.0.2.1", &[][..], Ok("192.0.2.1")),
            ("192.0.2.1", &["198.51.100.7"], Ok("192.0.2.1")),
            ("10.0.0.1", &[], Ok("10.0.0.1")),
            ("10.0.0.1", &["198.51.100.7"], Ok("198.51.100.7")),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.7"], Ok("198.51.100.7")),
            (
                "10.0.0.1",
                &["6.6.6.6", "198.51.100.7, 10.0.0.2"],
                Ok("198.51.100.7"),
            ),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], Ok("10.0.0.3")),
            ("::1", &["[2001:db8::1]:4711"], Ok("2001:db8::1")),
            ("::ffff:10.0.0.1", &["198.51.100.7:80"], Ok("198.51.100.7")),
            ("10.0.0.1", &["nonsense"], Err(AddressError)),
            ("10.0.0.1", &["nonsense, 198.51.100.7"], Ok("198.51.100.7")),
            ("10.0.0.1", &[""], Err(AddressError)),
        ] {
            let found = proxies.origin(peer.parse().unwrap(), said.iter().copied());
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(found, expected, "{peer} {said:?}");
        }
    }

    #[test]
    fn a_network_of_64_bits_is_one_place() {
        let subnet = |text: &str| Subnet::of(text.parse().unwrap());
        assert_eq!(subnet("2001:db8::1"), subnet("2001:db8::ffff"));
        assert_ne!(subnet("2001:db8::1"), subnet("2001:db8:0:1::1"));
        assert_eq!(subnet("::ffff:192.0.2.1"), subnet("192.0.2.1"));
        assert_ne!(subnet("192.0.2.1"), subnet("192.0.2.2"));
        assert_eq!(subnet("192.0.2.1").number(), 0xc000_0201);
        assert_eq!(subnet("2001:db8:1:2::3").number(), 0x2001_0db8_0001_0002);
    }
}
