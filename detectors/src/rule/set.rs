//! The rules of one run.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{Parsed, Rule, RuleError};

macro_rules! builtin {
    ($path:literal) => {
        ($path, include_str!(concat!("../../rules/", $path)))
    };
}

/// The rules that come with the program: file name below `detectors/rules/`, and text.
pub const BUILTIN: &[(&str, &str)] = &[
    builtin!("T1003.001/dump_fetched_from_share.toml"),
    builtin!("T1003.001/lsass_dump_command.toml"),
    builtin!("T1003.001/lsass_dump_file.toml"),
    builtin!("T1003.001/lsass_handle_audited.toml"),
    builtin!("T1003.001/lsass_read_from_nowhere.toml"),
    builtin!("T1003.001/lsass_read_from_outside.toml"),
    builtin!("T1003.002/hive_save_by_remote_registry.toml"),
    builtin!("T1003.002/hive_saves_after_network_logon.toml"),
    builtin!("T1003.002/hive_saves_read_over_share.toml"),
    builtin!("T1003.002/hives_saved.toml"),
    builtin!("T1003.003/domain_database_command.toml"),
    builtin!("T1003.003/domain_database_copied.toml"),
    builtin!("T1003.003/shadow_copy_of_credentials.toml"),
    builtin!("T1003.006/directory_replicated.toml"),
    builtin!("T1012/reg_exe_remote_read.toml"),
    builtin!("T1012/registry_provider_after_network_logon.toml"),
    builtin!("T1012/remote_registry_started_after_network_logon.toml"),
    builtin!("T1012/winreg_pipe_opened.toml"),
    builtin!("T1021.001/explicit_credentials_for_desktop.toml"),
    builtin!("T1021.001/rdp_client_command.toml"),
    builtin!("T1021.001/rdp_client_connection.toml"),
    builtin!("T1021.001/rdp_client_flow.toml"),
    builtin!("T1021.001/rdp_client_target_key.toml"),
    builtin!("T1021.001/rdp_connection_without_session.toml"),
    builtin!("T1021.001/rdp_control_in_odd_place.toml"),
    builtin!("T1021.001/rdp_control_with_target.toml"),
    builtin!("T1021.001/rdp_gateway_client.toml"),
    builtin!("T1021.001/rdp_gateway_target.toml"),
    builtin!("T1021.001/rdp_logon.toml"),
    builtin!("T1021.001/rdp_logon_alone.toml"),
    builtin!("T1021.001/rdp_session_opened.toml"),
    builtin!("T1021.001/rdp_session_processes.toml"),
    builtin!("T1021.001/rdp_session_taken_up.toml"),
    builtin!("T1021.001/rdp_shell_after_connection.toml"),
    builtin!("T1021.001/run_dialog_client.toml"),
    builtin!("T1021.001/sharprdp.toml"),
    builtin!("T1021.001/sharprdp_run_dialog.toml"),
    builtin!("T1021.001/sharprdp_run_dialog_session.toml"),
    builtin!("T1021.001/suspicious_rdp_client.toml"),
    builtin!("T1021.001/tsclient_program.toml"),
    builtin!("T1021.001/tsclient_traces.toml"),
    builtin!("T1021.002/admin_share_opened.toml"),
    builtin!("T1021.002/execution_of_copied_file.toml"),
    builtin!("T1021.002/execution_via_file_share.toml"),
    builtin!("T1021.002/explicit_credentials_for_share.toml"),
    builtin!("T1021.002/hidden_share_connected.toml"),
    builtin!("T1021.002/hidden_share_in_smb_client_log.toml"),
    builtin!("T1021.002/hidden_share_mounted.toml"),
    builtin!("T1021.002/implant_pipe_opened.toml"),
    builtin!("T1021.002/management_pipe_opened.toml"),
    builtin!("T1021.002/share_with_credentials.toml"),
    builtin!("T1021.002/smb_logon_refused.toml"),
    builtin!("T1021.003/activation_refused.toml"),
    builtin!("T1021.003/command_of_dcom_server.toml"),
    builtin!("T1021.003/command_output_to_share.toml"),
    builtin!("T1021.003/dcom_server_of_network_logon.toml"),
    builtin!("T1021.003/dcom_server_starts_shell.toml"),
    builtin!("T1021.003/dcom_server_took_connection.toml"),
    builtin!("T1021.003/explicit_credentials_for_rpc.toml"),
    builtin!("T1021.003/html_application_server.toml"),
    builtin!("T1021.003/powershell_dcom_other_host.toml"),
    builtin!("T1021.003/shell_windows_after_rpc.toml"),
    builtin!("T1021.004/ssh_client_command.toml"),
    builtin!("T1021.004/ssh_client_flow.toml"),
    builtin!("T1021.004/ssh_command.toml"),
    builtin!("T1021.004/ssh_host_key.toml"),
    builtin!("T1021.004/ssh_logon.toml"),
    builtin!("T1021.004/ssh_session_without_address.toml"),
    builtin!("T1021.006/command_of_winrm_host.toml"),
    builtin!("T1021.006/explicit_credentials_for_winrm.toml"),
    builtin!("T1021.006/outbound_winrm.toml"),
    builtin!("T1021.006/powershell_remote_engine.toml"),
    builtin!("T1021.006/powershell_remote_engine_after_network_logon.toml"),
    builtin!("T1021.006/powershell_remoting_command.toml"),
    builtin!("T1021.006/process_after_winrm.toml"),
    builtin!("T1021.006/winrm_client_session.toml"),
    builtin!("T1021.006/winrm_host_of_network_logon.toml"),
    builtin!("T1021.006/winrm_host_process.toml"),
    builtin!("T1021.006/winrm_shell_after_network_logon.toml"),
    builtin!("T1021.006/winrm_shell_and_its_host.toml"),
    builtin!("T1021.006/winrm_shell_created.toml"),
    builtin!("T1021.006/winrs_command.toml"),
    builtin!("T1033/recon_burst.toml"),
    builtin!("T1033/recon_in_network_logon.toml"),
    builtin!("T1033/recon_of_remote_host.toml"),
    builtin!("T1033/recon_under_remote_host.toml"),
    builtin!("T1047/command_output_file.toml"),
    builtin!("T1047/command_output_read_over_share.toml"),
    builtin!("T1047/command_output_to_share.toml"),
    builtin!("T1047/powershell_wmi_other_host.toml"),
    builtin!("T1047/wmi_method_of_other_host.toml"),
    builtin!("T1047/wmi_process_after_network_logon.toml"),
    builtin!("T1047/wmi_process_after_rpc.toml"),
    builtin!("T1047/wmi_process_of_network_logon.toml"),
    builtin!("T1047/wmic_process_call.toml"),
    builtin!("T1053.005/hidden_task.toml"),
    builtin!("T1053.005/network_task_removed.toml"),
    builtin!("T1053.005/outbound_task_scheduler.toml"),
    builtin!("T1053.005/remote_task_taskcache.toml"),
    builtin!("T1053.005/task_after_atsvc_pipe.toml"),
    builtin!("T1053.005/task_and_output_after_network_logon.toml"),
    builtin!("T1053.005/task_by_remote_client.toml"),
    builtin!("T1053.005/task_differs_from_file.toml"),
    builtin!("T1053.005/task_file_after_rpc.toml"),
    builtin!("T1053.005/task_file_short_lived.toml"),
    builtin!("T1053.005/task_of_network_logon.toml"),
    builtin!("T1053.005/task_of_other_author_after_network_logon.toml"),
    builtin!("T1053.005/task_output_read_over_share.toml"),
    builtin!("T1053.005/task_registered_after_network_logon.toml"),
    builtin!("T1053.005/task_short_lived.toml"),
    builtin!("T1059.001/shell_over_pipe.toml"),
    builtin!("T1070.001/log_clear_command.toml"),
    builtin!("T1070.001/log_cleared.toml"),
    builtin!("T1070.001/log_file_deleted.toml"),
    builtin!("T1070.003/command_history_deleted.toml"),
    builtin!("T1070.004/change_journal_deleted.toml"),
    builtin!("T1070.004/copied_program_ran_and_removed.toml"),
    builtin!("T1070.004/files_wiped.toml"),
    builtin!("T1070.004/psexec_key_removed.toml"),
    builtin!("T1070.004/psexec_service_program_removed.toml"),
    builtin!("T1070.004/share_file_removed.toml"),
    builtin!("T1070.004/smb_file_ran_and_removed.toml"),
    builtin!("T1070.004/smb_file_removed.toml"),
    builtin!("T1070.005/share_added_and_removed.toml"),
    builtin!("T1070.009/tool_service_removed.toml"),
    builtin!("T1090.001/portproxy_command.toml"),
    builtin!("T1090.001/portproxy_registry.toml"),
    builtin!("T1098.007/member_of_privileged_group.toml"),
    builtin!("T1098/builtin_account_enabled_and_reset.toml"),
    builtin!("T1098/guest_or_everybody_raised.toml"),
    builtin!("T1105/download_from_inside.toml"),
    builtin!("T1112/lsa_protection_off.toml"),
    builtin!("T1112/rdp_on_in_hive.toml"),
    builtin!("T1112/rdp_settings_changed.toml"),
    builtin!("T1112/reg_exe_remote_change.toml"),
    builtin!("T1112/registry_change_of_network_logon.toml"),
    builtin!("T1112/registry_method_of_other_host.toml"),
    builtin!("T1112/registry_set_by_stdprov_after_rpc.toml"),
    builtin!("T1112/registry_set_through_wmi_after_rpc.toml"),
    builtin!("T1112/remote_registry_change_after_smb.toml"),
    builtin!("T1112/remote_registry_enabled_over_network.toml"),
    builtin!("T1112/remote_registry_service_change.toml"),
    builtin!("T1112/start_up_setting_set_through_wmi.toml"),
    builtin!("T1112/wdigest_passwords.toml"),
    builtin!("T1134.001/getsystem_service.toml"),
    builtin!("T1134.002/runas_netonly.toml"),
    builtin!("T1136.001/account_command.toml"),
    builtin!("T1136/account_created.toml"),
    builtin!("T1136/account_created_and_deleted.toml"),
    builtin!("T1136/account_created_and_raised.toml"),
    builtin!("T1187/coercible_interface_opened.toml"),
    builtin!("T1187/machine_account_with_ntlm.toml"),
    builtin!("T1187/machine_called_back.toml"),
    builtin!("T1187/smb_there_and_back.toml"),
    builtin!("T1197/bits_from_inside.toml"),
    builtin!("T1490/recovery_off.toml"),
    builtin!("T1490/shadow_copies_deleted.toml"),
    builtin!("T1505.001/xp_cmdshell_from_afar.toml"),
    builtin!("T1505.001/xp_cmdshell_on.toml"),
    builtin!("T1543.003/sc_remote_command.toml"),
    builtin!("T1543.003/sc_remote_connection.toml"),
    builtin!("T1543.003/service_after_svcctl_pipe.toml"),
    builtin!("T1543.003/service_command_after_service_rpc.toml"),
    builtin!("T1543.003/service_command_in_hive.toml"),
    builtin!("T1543.003/service_command_swapped.toml"),
    builtin!("T1543.003/service_in_svcctl_session.toml"),
    builtin!("T1543.003/service_is_command.toml"),
    builtin!("T1543.003/service_program_in_staging_folder.toml"),
    builtin!("T1543.003/start_type_after_network_logon.toml"),
    builtin!("T1546.003/wmi_consumer_created.toml"),
    builtin!("T1546.003/wmi_consumer_runs_command.toml"),
    builtin!("T1547.001/startup_folder.toml"),
    builtin!("T1547.001/startup_item_after_network_logon.toml"),
    builtin!("T1547.001/startup_item_of_network_logon.toml"),
    builtin!("T1550.002/administrator_by_ntlm.toml"),
    builtin!("T1550.002/hash_tool_command.toml"),
    builtin!("T1550.002/local_administrator_over_network.toml"),
    builtin!("T1550.002/local_token_filter_off.toml"),
    builtin!("T1550.002/mstsc_without_password.toml"),
    builtin!("T1550.002/new_credentials_and_lsass.toml"),
    builtin!("T1550.002/new_credentials_logon.toml"),
    builtin!("T1550.002/restricted_admin_enabled.toml"),
    builtin!("T1550.002/restricted_admin_logon.toml"),
    builtin!("T1550.002/ticket_downgrade.toml"),
    builtin!("T1550.002/weak_ticket_of_user.toml"),
    builtin!("T1550.002/weak_ticket_then_host.toml"),
    builtin!("T1559/implant_pipe.toml"),
    builtin!("T1560.001/archive_with_password.toml"),
    builtin!("T1562.001/defender_command.toml"),
    builtin!("T1562.001/defender_off.toml"),
    builtin!("T1562.001/defender_registry.toml"),
    builtin!("T1562.001/protection_service_off.toml"),
    builtin!("T1562.002/auditing_off.toml"),
    builtin!("T1562.002/auditing_off_command.toml"),
    builtin!("T1562.002/event_log_service_off.toml"),
    builtin!("T1562.002/eventlog_crashed_from_afar.toml"),
    builtin!("T1562.002/eventlog_pipe_opened.toml"),
    builtin!("T1562.004/firewall_off.toml"),
    builtin!("T1562.004/rdp_firewall_rule.toml"),
    builtin!("T1562.004/rdp_switched_on_command.toml"),
    builtin!("T1563.002/session_switched.toml"),
    builtin!("T1563.002/shadow_client.toml"),
    builtin!("T1563.002/shadow_policy.toml"),
    builtin!("T1563.002/shadow_session.toml"),
    builtin!("T1563.002/tscon_as_system.toml"),
    builtin!("T1563.002/tscon_service.toml"),
    builtin!("T1569.002/execution_pipe_over_smb.toml"),
    builtin!("T1569.002/process_after_service_rpc.toml"),
    builtin!("T1569.002/psexec_command.toml"),
    builtin!("T1569.002/psexec_key.toml"),
    builtin!("T1569.002/psexec_pipe_created.toml"),
    builtin!("T1569.002/psexec_service_and_key.toml"),
    builtin!("T1569.002/psexec_used_here.toml"),
    builtin!("T1569.002/remote_execution_pipe.toml"),
    builtin!("T1569.002/service_after_network_logon.toml"),
    builtin!("T1569.002/service_command_over_smb.toml"),
    builtin!("T1569.002/service_command_ran.toml"),
    builtin!("T1569.002/service_key_and_execution.toml"),
    builtin!("T1569.002/service_key_of_copied_program.toml"),
    builtin!("T1569.002/service_of_copied_file.toml"),
    builtin!("T1569.002/service_of_known_tool.toml"),
    builtin!("T1569.002/service_of_known_tool_ran.toml"),
    builtin!("T1569.002/service_of_network_logon.toml"),
    builtin!("T1569.002/service_of_remote_tool.toml"),
    builtin!("T1569.002/service_of_remote_tool_audited.toml"),
    builtin!("T1569.002/service_of_remote_tool_registry.toml"),
    builtin!("T1569.002/service_of_share_file.toml"),
    builtin!("T1569.002/service_of_smb_file.toml"),
    builtin!("T1569.002/service_random_program.toml"),
    builtin!("T1569.002/service_without_answer.toml"),
    builtin!("T1570/guest_share_refused.toml"),
    builtin!("T1570/hidden_share_copy.toml"),
    builtin!("T1570/hidden_share_copy_script.toml"),
    builtin!("T1570/program_written_in_old_session.toml"),
    builtin!("T1570/program_written_to_share.toml"),
    builtin!("T1570/tool_in_staging_folder.toml"),
    builtin!("T1570/tool_owned_by_network_logon.toml"),
    builtin!("T1570/tool_transfer_smb.toml"),
    builtin!("T1572/loopback_connection_to_rdp.toml"),
    builtin!("T1572/rdp_logon_from_loopback.toml"),
    builtin!("T1572/rdp_port_forward_command.toml"),
    builtin!("T1572/ssh_port_forward_command.toml"),
    builtin!("T1574.001/missing_library_after_network_logon.toml"),
    builtin!("T1574.001/missing_library_loaded.toml"),
    builtin!("T1574.001/missing_library_on_disk.toml"),
    builtin!("T1574.001/missing_library_then_service.toml"),
    builtin!("T1574.001/missing_library_written_over_smb.toml"),
    builtin!("T1574.001/missing_library_written_then_loaded.toml"),
    builtin!("T1574.001/missing_library_written_to_share.toml"),
];

/// Rules in the order of their ids, and what they were read from.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The rules.
    pub rules: Vec<Rule>,
    /// How many files hold a rule of each other type.
    pub others: BTreeMap<String, usize>,
    /// Files that hold no rule.
    pub no_rules: Vec<String>,
    texts: BTreeSet<String>,
}

impl RuleSet {
    /// Reads rule files, given as name and text. All that is wrong with any of them comes at once.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<RuleError>> {
        let (set, errors) = Self::read_all(files);
        if errors.is_empty() {
            Ok(set)
        } else {
            Err(errors)
        }
    }

    /// The rules that can run, and what is wrong with the other files.
    pub fn read_all<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Self, Vec<RuleError>) {
        let mut set = Self::default();
        let mut errors = Vec::new();
        for (source, text) in files {
            set.texts.insert(text.to_owned());
            match Rule::of_file(source, text) {
                Ok(Parsed::Eql(rule)) => set.rules.push(*rule),
                Ok(Parsed::OtherType(kind)) => *set.others.entry(kind).or_default() += 1,
                Ok(Parsed::NoRule) => set.no_rules.push(source.to_owned()),
                Err(error) => errors.push(error),
            }
        }
        set.rules
            .sort_by(|a, b| (&a.id, &a.source).cmp(&(&b.id, &b.source)));
        errors.extend(
            set.rules
                .windows(2)
                .filter_map(|pair| same_id(&pair[0], &pair[1])),
        );
        (set, errors)
    }

    /// A set of rules at hand.
    #[must_use]
    pub fn of_rules(rules: Vec<Rule>) -> Self {
        Self {
            texts: rules.iter().map(|rule| rule.text.clone()).collect(),
            rules,
            ..Self::default()
        }
    }

    /// The set of one query.
    pub fn of_query(text: &str) -> Result<Self, Vec<String>> {
        Ok(Self::of_rules(vec![Rule::of_query("query", text)?]))
    }

    /// SHA-256 over the texts of all rule files, in the order of the texts, for the manifest: the same
    /// rules have the same hash, wherever they lie.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for text in &self.texts {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        timeline::hex(&hash.finalize())
    }
}

fn same_id(a: &Rule, b: &Rule) -> Option<RuleError> {
    if a.id != b.id {
        return None;
    }
    // Blamed is the one that was brought.
    let (ours, other) = if is_builtin(b) { (b, a) } else { (a, b) };
    let from = if is_builtin(ours) {
        ", which comes with the program"
    } else {
        ""
    };
    Some(RuleError {
        source_name: other.source.clone(),
        problems: vec![format!("rule_id {} is that of {}{from}", a.id, ours.source)],
    })
}

fn is_builtin(rule: &Rule) -> bool {
    BUILTIN.iter().any(|(source, _)| *source == rule.source)
}
