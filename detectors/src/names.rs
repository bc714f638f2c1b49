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
