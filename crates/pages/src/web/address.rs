//! Which addresses of the Internet Protocol belong to the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses of version 4 that are not public, each range by its first address and how many bits of it count.
const FORBIDDEN_V4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "a carrier's network"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "a cloud's metadata"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "the local link, where clouds have their metadata"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relays"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::BROADCAST, 32, "broadcast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// The addresses of version 6 that are not public; what is in none of these ranges and not in `2000::/3` is not
/// public either.
const FORBIDDEN_V6: &[(Ipv6Addr, u32, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "no address at all"),
    (Ipv6Addr::LOCALHOST, 128, "this machine"),
    (Ipv6Addr::UNSPECIFIED, 96, "an address of version 4 in an old spelling"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "an address of version 4 in disguise"),
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, "an address of version 4, translated"),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, "an address of version 4, translated"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "an address of version 4, translated locally"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discarded"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "a Teredo tunnel"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocol assignments"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "a 6to4 tunnel"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "a private network"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "the local link"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "a private network"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

/// What an address belongs to where it is not public.
pub(crate) fn forbidden(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => forbidden_v4(address),
        IpAddr::V6(address) => forbidden_v6(address),
    }
}

fn forbidden_v4(address: Ipv4Addr) -> Option<&'static str> {
    let same = |range: &&(Ipv4Addr, u32, _)| (address.to_bits() ^ range.0.to_bits()).leading_zeros() >= range.1;
    FORBIDDEN_V4.iter().find(same).map(|range| range.2)
}

fn forbidden_v6(address: Ipv6Addr) -> Option<&'static str> {
    let same = |range: &&(Ipv6Addr, u32, _)| (address.to_bits() ^ range.0.to_bits()).leading_zeros() >= range.1;
    if let Some(range) = FORBIDDEN_V6.iter().find(same) {
        return Some(range.2);
    }
    let segments = address.segments();
    if segments[0] >> 13 != 1 {
        return Some("reserved");
    }
    // ISATAP hides an address of version 4 in the last half.
    (matches!(segments[4], 0 | 0x200) && segments[5] == 0x5efe).then_some("an ISATAP tunnel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_told_from_all_others() {
        for address in ["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0"] {
            check(address, None);
        }
        for address in ["198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:200::1", "2a00::"] {
            check(address, None);
        }
        check("0.1.2.3", Some("this network"));
        check("10.255.255.255", Some("a private network"));
        check("100.64.0.0", Some("a carrier's network"));
        check("100.100.100.200", Some("a carrier's network"));
        check("127.255.255.254", Some("this machine"));
        check("168.63.129.16", Some("a cloud's metadata"));
        check("169.254.169.254", Some("the local link, where clouds have their metadata"));
        check("172.31.255.255", Some("a private network"));
        check("192.0.0.192", Some("protocol assignments"));
        check("192.168.0.1", Some("a private network"));
        check("198.19.255.255", Some("benchmarks"));
        check("239.255.255.250", Some("multicast"));
        check("240.0.0.1", Some("reserved"));
        check("255.255.255.255", Some("broadcast"));
        check("::", Some("no address at all"));
        check("::1", Some("this machine"));
        check("::127.0.0.1", Some("an address of version 4 in an old spelling"));
        check("::ffff:8.8.8.8", Some("an address of version 4 in disguise"));
        check("::ffff:0:127.0.0.1", Some("an address of version 4, translated"));
        check("64:ff9b::10.0.0.1", Some("an address of version 4, translated"));
        check("64:ff9b:1:ffff::1", Some("an address of version 4, translated locally"));
        check("100::1", Some("discarded"));
        check("2001::1", Some("a Teredo tunnel"));
        check("2001:2::1", Some("protocol assignments"));
        check("2001:20::1", Some("protocol assignments"));
        check("2001:db8::1", Some("documentation"));
        check("2002:7f00:1::", Some("a 6to4 tunnel"));
        check("3fff:fff::1", Some("documentation"));
        check("2606:4700::5efe:7f00:1", Some("an ISATAP tunnel"));
        check("5f00::1", Some("reserved"));
        check("fd00:ec2::254", Some("a private network"));
        check("fe80::1", Some("the local link"));
        check("fec0::1", Some("a private network"));
        check("ff02::1", Some("multicast"));
    }

    fn check(address: &str, expected: Option<&str>) {
        assert_eq!(forbidden(address.parse().unwrap()), expected, "{address}");
    }
}
