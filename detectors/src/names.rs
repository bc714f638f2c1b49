//! What several readers of events call alike.

/// The provider of the Security log.
pub(crate) const SECURITY: &str = "Microsoft-Windows-Security-Auditing";
/// The provider of Sysmon's log.
pub(crate) const SYSMON: &str = "Microsoft-Windows-Sysmon";

/// `DOMAIN\name`, or the name alone where there is no domain.
pub(crate) fn qualified(domain: &str, name: &str) -> String {
    if domain.is_empty() || name.is_empty() {
        name.to_owned()
    } else {
        format!("{domain}\\{name}")
    }
}

/// The name of a user without its domain, in lower case: what is left where one log gives the domain, and another does not.
pub(crate) fn bare(user: &str) -> String {
    let name = user.rsplit('\\').next().unwrap_or_default();
    name.to_lowercase()
}

/// Whether a GUID is one: not that of nobody.
pub(crate) fn is_guid(text: &str) -> bool {
    text.bytes()
        .any(|byte| byte.is_ascii_hexdigit() && byte != b'0')
}
