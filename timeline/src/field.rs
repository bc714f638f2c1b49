//! The field table: every ECS name that parsers fill and detectors read, written once.
//!
//! Code uses the constants. Names that evidence itself brings (`winlog.event_data.…`,
//! `winlog.user_data.…`) are not in the table; they get a [`Field`] from [`Names`].

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

/// What a field holds. It is fixed for each field, in memory, in Parquet and in EQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, compared as a whole.
    Keyword,
    /// A 64-bit integer.
    Integer,
    /// A floating-point number; no table field has it, foreign events may.
    Double,
    /// True or false.
    Boolean,
    /// An address, as text; EQL compares it as an address.
    Ip,
    /// A time, in ticks.
    Date,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 6] = [
        Self::Keyword,
        Self::Integer,
        Self::Double,
        Self::Boolean,
        Self::Ip,
        Self::Date,
    ];
}

/// How many values a field can have in one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// None or one.
    One,
    /// Any number.
    Many,
}

/// One row of the field table.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// The dotted ECS name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// How many values it can have.
    pub arity: Arity,
    /// What the value means.
    pub meaning: &'static str,
}

/// A field of an event: a row of the table, or a name that evidence brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field(u32);

impl Field {
    /// The field's number: its place in the table, or beyond the table for an evidence's own name.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Its row, unless the name came from evidence.
    #[must_use]
    pub fn info(self) -> Option<&'static FieldInfo> {
        FIELDS.get(self.index())
    }
}

macro_rules! fields {
    ($($constant:ident $name:literal $kind:ident $arity:ident $meaning:literal;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u32)]
        enum Index { $($constant),* }

        $(#[doc = concat!("`", $name, "`: ", $meaning)]
        pub const $constant: Field = Field(Index::$constant as u32);)*

        /// Every field of the table, in its order.
        pub const FIELDS: &[FieldInfo] = &[$(FieldInfo {
            name: $name,
            kind: Kind::$kind,
            arity: Arity::$arity,
            meaning: $meaning,
        }),*];
    };
}

fields! {
    EVENT_KIND "event.kind" Keyword One "`event`; `state` for what is known to exist but not since when, `alert` for what a security product found";
    EVENT_CODE "event.code" Keyword One "event id, decimal";
    EVENT_PROVIDER "event.provider" Keyword One "provider of the record";
    EVENT_CATEGORY "event.category" Keyword Many "ECS categories; EQL's event category";
    EVENT_TYPE "event.type" Keyword Many "ECS types";
    EVENT_ACTION "event.action" Keyword Many "upstream's action first, aliases after";
    EVENT_OUTCOME "event.outcome" Keyword One "`success`, `failure` or `unknown`";
    EVENT_MODULE "event.module" Keyword Many "upstream's module names";
    EVENT_DATASET "event.dataset" Keyword Many "upstream's data set names";
    DATA_STREAM_DATASET "data_stream.dataset" Keyword Many "data set that Elastic's rules test";
    EVENT_CREATED "event.created" Date One "time the record was written";
    EVENT_END "event.end" Date One "end of what the event tells of: of a lease";
    EVENT_SEQUENCE "event.sequence" Integer One "sequence number that the record itself carries";
    EVENT_REFERENCE "event.reference" Keyword One "link to a description";
    EVENT_EXT_TIME_CONFLICT "event.Ext.time_conflict" Boolean One "the record's own time was not believable beside the time it was written";
    EVENT_EXT_TIMESTAMP_KIND "event.Ext.timestamp_kind" Keyword Many "what @timestamp means; of a file, all of its times that are the same";
    EVENT_EXT_CERTAINTY "event.Ext.certainty" Keyword One "`exact`, `upper_bound` or `lower_bound`; `doubtful` for a creation that NTFS's own copy of the times speaks against";
    EVENT_EXT_RECOVERED "event.Ext.recovered" Keyword One "`slack`, `carved`, `deleted_cell`, `txlog` or `vss`";
    EVENT_EXT_SUPERSEDED "event.Ext.superseded" Boolean One "this was so on disk, and a transaction log that was not applied yet changed or removed it";
    EVENT_EXT_MRU_RANK "event.Ext.mru_rank" Integer One "place in a list of what was used last: 1 is the newest, the only one whose time is known";
    EVENT_EXT_DERIVED_FROM "event.Ext.derived_from" Keyword One "identity of the event that this one was decoded from";
    EVENT_EXT_DUPLICATE_OF "event.Ext.duplicate_of" Keyword One "identity of the Sysmon event that tells of the same process start";
    EVENT_EXT_ASSEMBLED_PARTS "event.Ext.assembled_parts" Integer One "this is a whole script block, put together from so many events, which are there, too";
    EVENT_EXT_DAMAGED "event.Ext.damaged" Boolean One "the end of the record is overwritten: values may be missing or wrong";
    LOG_LEVEL "log.level" Keyword One "level of the record";
    MESSAGE "message" Keyword One "text that the record itself carries";
    RULE_NAME "rule.name" Keyword One "Sysmon's RuleName";
    ERROR_CODE "error.code" Keyword One "error of the logging service";
    HOST_NAME "host.name" Keyword One "Computer, as recorded";
    HOST_HOSTNAME "host.hostname" Keyword One "first label of the host's name";
    HOST_ID "host.id" Keyword One "one value per machine: the join key of most sequences";
    HOST_IP "host.ip" Ip Many "addresses proven to be the host's own at that time";
    HOST_EXT_OLD_NAME "host.Ext.old_name" Keyword One "name that a host had until a change that the record tells of";
    HOST_EXT_NEW_NAME "host.Ext.new_name" Keyword One "name that it has from then on";
    HOST_OS_TYPE "host.os.type" Keyword One "`windows`";
    HOST_OS_FAMILY "host.os.family" Keyword One "`windows`";
    RELATED_USER "related.user" Keyword Many "every user name of the event";
    RELATED_IP "related.ip" Ip Many "every address of the event";
    RELATED_HOSTS "related.hosts" Keyword Many "every host name of the event";
    RELATED_HASH "related.hash" Keyword Many "every hash of the event";
    USER_ID "user.id" Keyword One "SID of the acting user";
    USER_NAME "user.name" Keyword One "name of the acting user";
    USER_DOMAIN "user.domain" Keyword One "domain of the acting user";
    USER_EFFECTIVE_ID "user.effective.id" Keyword One "SID of the user acted as";
    USER_EFFECTIVE_NAME "user.effective.name" Keyword One "name of the user acted as";
    USER_EFFECTIVE_DOMAIN "user.effective.domain" Keyword One "domain of the user acted as";
    USER_TARGET_ID "user.target.id" Keyword One "SID of the account acted upon";
    USER_TARGET_NAME "user.target.name" Keyword One "name of the account acted upon";
    USER_TARGET_DOMAIN "user.target.domain" Keyword One "domain of the account acted upon";
    USER_CHANGES_NAME "user.changes.name" Keyword One "new name of a renamed account";
    GROUP_ID "group.id" Keyword One "SID of the group";
    GROUP_NAME "group.name" Keyword One "name of the group";
    GROUP_EXT_MEMBERS "group.Ext.members" Keyword Many "SIDs of the members of the group";
    GROUP_DOMAIN "group.domain" Keyword One "domain of the group";
    PROCESS_ENTITY_ID "process.entity_id" Keyword One "identity of the process: Sysmon's ProcessGuid, else host, pid and start";
    PROCESS_PID "process.pid" Integer One "process id";
    PROCESS_EXECUTABLE "process.executable" Keyword One "path of the image";
    PROCESS_NAME "process.name" Keyword One "file name of the image";
    PROCESS_COMMAND_LINE "process.command_line" Keyword One "command line";
    PROCESS_ARGS "process.args" Keyword Many "command line, split as Windows does";
    PROCESS_ARGS_COUNT "process.args_count" Integer One "number of arguments";
    PROCESS_WORKING_DIRECTORY "process.working_directory" Keyword One "current directory";
    PROCESS_TITLE "process.title" Keyword One "title of the process";
    PROCESS_EXIT_CODE "process.exit_code" Integer One "exit code";
    PROCESS_UPTIME "process.uptime" Integer One "whole seconds since the process started";
    PROCESS_THREAD_ID "process.thread.id" Integer One "thread that acted";
    PROCESS_HASH_MD5 "process.hash.md5" Keyword One "hash of the image";
    PROCESS_HASH_SHA1 "process.hash.sha1" Keyword One "hash of the image";
    PROCESS_HASH_SHA256 "process.hash.sha256" Keyword One "hash of the image";
    PROCESS_HASH_SHA512 "process.hash.sha512" Keyword One "hash of the image";
    PROCESS_PE_IMPHASH "process.pe.imphash" Keyword One "import hash of the image";
    PROCESS_PE_ORIGINAL_FILE_NAME "process.pe.original_file_name" Keyword One "name in the version resource";
    PROCESS_PE_COMPANY "process.pe.company" Keyword One "company in the version resource";
    PROCESS_PE_DESCRIPTION "process.pe.description" Keyword One "description in the version resource";
    PROCESS_PE_FILE_VERSION "process.pe.file_version" Keyword One "version in the version resource";
    PROCESS_PE_PRODUCT "process.pe.product" Keyword One "product in the version resource";
    PROCESS_CODE_SIGNATURE_EXISTS "process.code_signature.exists" Boolean One "the image is signed";
    PROCESS_CODE_SIGNATURE_TRUSTED "process.code_signature.trusted" Boolean One "the signature is valid and trusted";
    PROCESS_CODE_SIGNATURE_STATUS "process.code_signature.status" Keyword Many "outcome of the signature check";
    PROCESS_CODE_SIGNATURE_SUBJECT_NAME "process.code_signature.subject_name" Keyword One "signer of the image";
    PROCESS_EXT_TOKEN_INTEGRITY_LEVEL_NAME "process.Ext.token.integrity_level_name" Keyword One "integrity level, lower case";
    PROCESS_EXT_TOKEN_ELEVATION_TYPE "process.Ext.token.elevation_type" Keyword One "`default`, `full` or `limited`";
    PROCESS_EXT_AUTHENTICATION_ID "process.Ext.authentication_id" Keyword One "logon id of the process's token";
    PROCESS_EXT_ANCESTRY "process.Ext.ancestry" Keyword Many "on process starts: identities of the parent, its parent, and so on";
    PROCESS_EXT_SESSION_INFO_LOGON_TYPE "process.Ext.session_info.logon_type" Keyword One "how the process's session was logged on";
    PROCESS_EXT_SESSION_INFO_CLIENT_ADDRESS "process.Ext.session_info.client_address" Ip One "where the process's session was logged on from";
    PROCESS_EXT_EXECUTABLE_KEY "process.Ext.executable_key" Keyword One "executable in lower case, prefixes resolved: joins on paths";
    PROCESS_EXT_RUN_COUNT "process.Ext.run_count" Integer One "how often it was started, as a counter tells";
    PROCESS_EXT_DEVICE_PATH "process.Ext.device_path" Keyword One "executable as a device path";
    PROCESS_EXT_CONSUMER_DESTINATION "process.Ext.api.parameters.consumer_destination" Keyword One "command of a WMI consumer";
    PROCESS_EXT_API_NAME "process.Ext.api.name" Keyword One "call that registers a WMI consumer";
    PROCESS_EXT_DEVICE_PRODUCT_ID "process.Ext.device.product_id" Keyword One "product of a device";
    PROCESS_PARENT_ENTITY_ID "process.parent.entity_id" Keyword One "identity of the parent process";
    PROCESS_PARENT_PID "process.parent.pid" Integer One "process id of the parent";
    PROCESS_PARENT_EXECUTABLE "process.parent.executable" Keyword One "path of the parent's image";
    PROCESS_PARENT_NAME "process.parent.name" Keyword One "file name of the parent's image";
    PROCESS_PARENT_COMMAND_LINE "process.parent.command_line" Keyword One "command line of the parent";
    PROCESS_PARENT_ARGS "process.parent.args" Keyword Many "the parent's command line, split";
    PROCESS_PARENT_ARGS_COUNT "process.parent.args_count" Integer One "number of the parent's arguments";
    PROCESS_PARENT_CODE_SIGNATURE_EXISTS "process.parent.code_signature.exists" Boolean One "the parent's image is signed";
    PROCESS_PARENT_CODE_SIGNATURE_TRUSTED "process.parent.code_signature.trusted" Boolean One "its signature is valid and trusted";
    PROCESS_PARENT_CODE_SIGNATURE_STATUS "process.parent.code_signature.status" Keyword Many "outcome of its signature check";
    PROCESS_PARENT_CODE_SIGNATURE_SUBJECT_NAME "process.parent.code_signature.subject_name" Keyword One "signer of the parent's image";
    TARGET_PROCESS_ENTITY_ID "Target.process.entity_id" Keyword One "identity of the process acted upon";
    TARGET_PROCESS_PID "Target.process.pid" Integer One "process id of the process acted upon";
    TARGET_PROCESS_EXECUTABLE "Target.process.executable" Keyword One "image of the process acted upon";
    TARGET_PROCESS_NAME "Target.process.name" Keyword One "image name of the process acted upon";
    FILE_PATH "file.path" Keyword One "full path";
    FILE_NAME "file.name" Keyword One "name; of a pipe, with its backslash";
    FILE_DIRECTORY "file.directory" Keyword One "directory";
    FILE_EXTENSION "file.extension" Keyword One "extension without dot";
    FILE_SIZE "file.size" Integer One "size in bytes";
    FILE_TYPE "file.type" Keyword One "`file` or `dir`";
    FILE_CREATED "file.created" Date One "creation time of the file";
    FILE_MTIME "file.mtime" Date One "when the content of the file last changed";
    FILE_CTIME "file.ctime" Date One "when the file's entry in the table last changed";
    FILE_ACCESSED "file.accessed" Date One "when the file was last accessed, as far as Windows keeps that";
    FILE_ATTRIBUTES "file.attributes" Keyword Many "DOS attributes: `hidden`, `system`, `readonly` …";
    FILE_INODE "file.inode" Keyword One "number of the file's entry in the table";
    FILE_UID "file.uid" Keyword One "SID of the file's owner, who is not proven to have done anything";
    FILE_TARGET_PATH "file.target_path" Keyword One "path as the share names it; what a link leads to";
    FILE_ORIGIN_URL "file.origin_url" Keyword One "where the file was downloaded from";
    FILE_ORIGIN_REFERRER_URL "file.origin_referrer_url" Keyword One "page that linked to the download";
    FILE_HASH_MD5 "file.hash.md5" Keyword One "hash of the file";
    FILE_HASH_SHA1 "file.hash.sha1" Keyword One "hash of the file";
    FILE_HASH_SHA256 "file.hash.sha256" Keyword One "hash of the file";
    FILE_HASH_SHA512 "file.hash.sha512" Keyword One "hash of the file";
    FILE_PE_IMPHASH "file.pe.imphash" Keyword One "import hash";
    FILE_PE_ORIGINAL_FILE_NAME "file.pe.original_file_name" Keyword One "name in the version resource";
    FILE_PE_COMPANY "file.pe.company" Keyword One "company in the version resource";
    FILE_PE_DESCRIPTION "file.pe.description" Keyword One "description in the version resource";
    FILE_PE_FILE_VERSION "file.pe.file_version" Keyword One "version in the version resource";
    FILE_PE_PRODUCT "file.pe.product" Keyword One "product in the version resource";
    FILE_CODE_SIGNATURE_EXISTS "file.code_signature.exists" Boolean One "the file is signed";
    FILE_CODE_SIGNATURE_TRUSTED "file.code_signature.trusted" Boolean One "the signature is valid and trusted";
    FILE_CODE_SIGNATURE_VALID "file.code_signature.valid" Boolean One "the signature is valid";
    FILE_CODE_SIGNATURE_STATUS "file.code_signature.status" Keyword Many "outcome of the signature check";
    FILE_CODE_SIGNATURE_SUBJECT_NAME "file.code_signature.subject_name" Keyword One "signer";
    FILE_X509_SUBJECT_ORGANIZATION "file.x509.subject.organization" Keyword One "organization of the signer";
    FILE_X509_SUBJECT_LOCALITY "file.x509.subject.locality" Keyword One "place of the signer";
    FILE_X509_SUBJECT_STATE "file.x509.subject.state_or_province" Keyword One "state or province of the signer";
    FILE_X509_SUBJECT_COUNTRY "file.x509.subject.country" Keyword One "country of the signer";
    FILE_EXT_PATH_KEY "file.Ext.path_key" Keyword One "path in lower case, prefixes resolved: joins on paths";
    FILE_EXT_STREAM "file.Ext.stream" Keyword Many "alternate data streams";
    FILE_EXT_ARTEFACT "file.Ext.artefact" Keyword Many "what the file is by its place and name: `task-definition`, `startup-item`, `psexec-key`, `command-output`, `event-log`, `user-profile`";
    FILE_EXT_HEADER_BYTES "file.Ext.header_bytes" Keyword One "first 16 bytes of the content, in hexadecimal: of files that the table itself holds";
    FILE_EXT_MFT_ENTRY "file.Ext.mft.entry" Integer One "number of the entry in $MFT";
    FILE_EXT_MFT_SEQUENCE "file.Ext.mft.sequence" Integer One "how often the entry was used";
    FILE_EXT_MFT_PARENT "file.Ext.mft.parent" Keyword One "directory's entry and sequence: `5-5` is the root";
    FILE_EXT_MFT_IN_USE "file.Ext.mft.in_use" Boolean One "false for an entry that is free: its file was deleted";
    FILE_EXT_MFT_SHORT_NAME "file.Ext.mft.short_name" Keyword Many "8.3 name";
    FILE_EXT_MFT_FN_CREATED "file.Ext.mft.fn_created" Date One "creation as $FILE_NAME has it, which tools hardly set, where it differs";
    FILE_EXT_ORIGINAL_NAME "file.Ext.original.name" Keyword One "name before it was renamed";
    FILE_EXT_ORIGINAL_PATH "file.Ext.original.path" Keyword One "path before it was renamed or moved";
    FILE_EXT_ORIGINAL_EXTENSION "file.Ext.original.extension" Keyword One "extension before it was renamed";
    FILE_EXT_REMOTE_CLOCK "file.Ext.remote_clock" Date One "time that stands in the name of a command's output: of the clock of the host that sent the command";
    FILE_EXT_TIME_MARKS "file.Ext.time_marks" Keyword Many "what is odd about the times: `copied-in` (content older than the file), `timestomp-suspected` (created before its own name), `zero-fraction` (set to a whole second)";
    FILE_EXT_USN_REASON "file.Ext.usn.reason" Keyword Many "what had happened since the file was opened, as the change journal says";
    FILE_EXT_USN_SOURCE "file.Ext.usn.source" Keyword Many "that the system did it for its own sake";
    FILE_EXT_ZONE_IDENTIFIER "file.Ext.windows.zone_identifier" Integer One "zone the file came from";
    DLL_PATH "dll.path" Keyword One "path of the library";
    DLL_NAME "dll.name" Keyword One "file name of the library";
    DLL_HASH_MD5 "dll.hash.md5" Keyword One "hash of the library";
    DLL_HASH_SHA1 "dll.hash.sha1" Keyword One "hash of the library";
    DLL_HASH_SHA256 "dll.hash.sha256" Keyword One "hash of the library";
    DLL_HASH_SHA512 "dll.hash.sha512" Keyword One "hash of the library";
    DLL_PE_IMPHASH "dll.pe.imphash" Keyword One "import hash of the library";
    DLL_PE_ORIGINAL_FILE_NAME "dll.pe.original_file_name" Keyword One "name in the library's version resource";
    DLL_PE_COMPANY "dll.pe.company" Keyword One "company in the library's version resource";
    DLL_PE_DESCRIPTION "dll.pe.description" Keyword One "description in the library's version resource";
    DLL_PE_FILE_VERSION "dll.pe.file_version" Keyword One "version in the library's version resource";
    DLL_PE_PRODUCT "dll.pe.product" Keyword One "product in the library's version resource";
    DLL_CODE_SIGNATURE_EXISTS "dll.code_signature.exists" Boolean One "the library is signed";
    DLL_CODE_SIGNATURE_TRUSTED "dll.code_signature.trusted" Boolean One "the signature is valid and trusted";
    DLL_CODE_SIGNATURE_STATUS "dll.code_signature.status" Keyword Many "outcome of the signature check";
    DLL_CODE_SIGNATURE_SUBJECT_NAME "dll.code_signature.subject_name" Keyword One "signer of the library";
    DLL_EXT_PATH_KEY "dll.Ext.path_key" Keyword One "path in lower case, prefixes resolved: joins on paths";
    REGISTRY_HIVE "registry.hive" Keyword Many "hive, short form first";
    REGISTRY_PATH "registry.path" Keyword Many "path with value name, short root first";
    REGISTRY_KEY "registry.key" Keyword Many "path below the root, without and with the value name";
    REGISTRY_VALUE "registry.value" Keyword One "value name";
    REGISTRY_DATA_TYPE "registry.data.type" Keyword Many "type of the data";
    REGISTRY_DATA_STRINGS "registry.data.strings" Keyword Many "data as text";
    REGISTRY_DATA_BYTES "registry.data.bytes" Keyword One "data as base64, of at most 64 KiB";
    REGISTRY_EXT_DATA_SIZE "registry.Ext.data_size" Integer One "bytes of data, where not all of them are in the event";
    REGISTRY_EXT_OWNER_SID "registry.Ext.owner_sid" Keyword One "whose profile the hive is: not who changed it";
    REGISTRY_EXT_KEY_OWNER "registry.Ext.key_owner" Keyword One "SID of the owner in the security descriptor of the key";
    REGISTRY_EXT_KEY_SECURITY "registry.Ext.key_security" Keyword One "security descriptor of the key in SDDL";
    REGISTRY_EXT_KEY "registry.Ext.key" Keyword One "key that an event was decoded from";
    REGISTRY_EXT_AUDITED "registry.Ext.audited" Keyword Many "what the audit policy audits: `Logon: Success and Failure`";
    REGISTRY_EXT_NOT_AUDITED "registry.Ext.not_audited" Keyword Many "subcategories that the audit policy does not audit";
    REGISTRY_EXT_CLASS "registry.Ext.class" Keyword One "class name of the key";
    NETWORK_TRANSPORT "network.transport" Keyword One "`tcp`, `udp` …";
    NETWORK_IANA_NUMBER "network.iana_number" Keyword One "protocol number";
    NETWORK_PROTOCOL "network.protocol" Keyword One "application protocol";
    NETWORK_DIRECTION "network.direction" Keyword Many "`ingress` or `egress`, with WFP's words beside";
    NETWORK_TYPE "network.type" Keyword One "`ipv4` or `ipv6`";
    NETWORK_EXT_SWAPPED "network.Ext.swapped" Keyword One "`true` where source and destination were exchanged, `unknown` where that stayed open";
    SOURCE_IP "source.ip" Ip One "address of the side that opened the connection";
    SOURCE_PORT "source.port" Integer One "its port";
    SOURCE_DOMAIN "source.domain" Keyword One "its host name";
    SOURCE_USER_NAME "source.user.name" Keyword One "account that the other side connected as";
    SOURCE_USER_DOMAIN "source.user.domain" Keyword One "its domain";
    SOURCE_ADDRESS "source.address" Keyword One "its address, or name";
    DESTINATION_IP "destination.ip" Ip One "address of the side that was connected to";
    DESTINATION_PORT "destination.port" Integer One "its port";
    DESTINATION_DOMAIN "destination.domain" Keyword One "its host name";
    DESTINATION_USER_NAME "destination.user.name" Keyword One "account of the side that was connected to";
    DESTINATION_USER_DOMAIN "destination.user.domain" Keyword One "its domain";
    DESTINATION_ADDRESS "destination.address" Keyword One "its address, or name";
    DESTINATION_BYTES "destination.bytes" Integer One "bytes that it sent";
    URL_FULL "url.full" Keyword One "address of a resource, as recorded";
    URL_DOMAIN "url.domain" Keyword One "host in it";
    DNS_QUESTION_NAME "dns.question.name" Keyword One "name that was asked for";
    DNS_QUESTION_REGISTERED_DOMAIN "dns.question.registered_domain" Keyword One "the part of it that somebody registered, by the public suffix list";
    DNS_QUESTION_SUBDOMAIN "dns.question.subdomain" Keyword One "what stands before that";
    DNS_QUESTION_TOP_LEVEL_DOMAIN "dns.question.top_level_domain" Keyword One "the public suffix that it ends in";
    DNS_ANSWERS_TYPE "dns.answers.type" Keyword Many "types of the answers";
    DNS_ANSWERS_DATA "dns.answers.data" Keyword Many "data of the answers";
    DNS_RESOLVED_IP "dns.resolved_ip" Ip Many "addresses in the answers";
    POWERSHELL_SCRIPT_BLOCK_TEXT "powershell.file.script_block_text" Keyword One "text of a script block, or of a part of it";
    POWERSHELL_SCRIPT_BLOCK_ID "powershell.file.script_block_id" Keyword One "script block";
    POWERSHELL_SEQUENCE "powershell.sequence" Integer One "number of the part";
    POWERSHELL_TOTAL "powershell.total" Integer One "how many parts there are";
    POWERSHELL_RUNSPACE_ID "powershell.runspace_id" Keyword One "runspace";
    POWERSHELL_PIPELINE_ID "powershell.pipeline_id" Keyword One "pipeline";
    POWERSHELL_ENGINE_VERSION "powershell.engine.version" Keyword One "version of the engine";
    POWERSHELL_ENGINE_NEW_STATE "powershell.engine.new_state" Keyword One "state of the engine";
    POWERSHELL_ENGINE_PREVIOUS_STATE "powershell.engine.previous_state" Keyword One "its state before";
    POWERSHELL_PROVIDER_NAME "powershell.provider.name" Keyword One "PowerShell provider";
    POWERSHELL_PROVIDER_NEW_STATE "powershell.provider.new_state" Keyword One "state of the provider";
    POWERSHELL_PROCESS_EXECUTABLE_VERSION "powershell.process.executable_version" Keyword One "version of the host program";
    POWERSHELL_COMMAND_VALUE "powershell.command.value" Keyword One "command line in PowerShell";
    POWERSHELL_COMMAND_NAME "powershell.command.name" Keyword One "command";
    POWERSHELL_COMMAND_TYPE "powershell.command.type" Keyword One "kind of command";
    POWERSHELL_COMMAND_PATH "powershell.command.path" Keyword One "where the command is defined";
    POWERSHELL_INVOCATION_TYPE "powershell.command.invocation_details.type" Keyword Many "what was recorded of each call: the call itself, a parameter, an error";
    POWERSHELL_INVOCATION_RELATED_COMMAND "powershell.command.invocation_details.related_command" Keyword Many "the command called";
    POWERSHELL_INVOCATION_NAME "powershell.command.invocation_details.name" Keyword Many "names of the parameters, in their order";
    POWERSHELL_INVOCATION_VALUE "powershell.command.invocation_details.value" Keyword Many "the command, what a parameter was bound to, the error";
    SYSMON_DNS_STATUS "sysmon.dns.status" Keyword One "outcome of the query";
    SYSMON_FILE_ARCHIVED "sysmon.file.archived" Boolean One "Sysmon kept a copy";
    SYSMON_FILE_IS_EXECUTABLE "sysmon.file.is_executable" Boolean One "the file is an executable";
    SERVICE_NAME "service.name" Keyword One "service";
    SERVICE_TYPE "service.type" Keyword One "kind of service";
    SERVICE_STATE "service.state" Keyword One "state of the service";
    SERVICE_EXT_EXECUTABLE "service.Ext.executable" Keyword One "program of an installed service; it did not run yet";
    SERVICE_EXT_EXECUTABLE_KEY "service.Ext.executable_key" Keyword One "the same in lower case, variables and prefixes resolved: joins on paths";
    DEVICE_SERIAL_NUMBER "device.serial_number" Keyword One "serial number of a device";
    THREAT_INDICATOR_NAME "threat.indicator.name" Keyword One "name of what a security product found";
    SCHEDULED_TASK_NAME "winlog.scheduled_task.name" Keyword One "path of the scheduled task";
    SCHEDULED_TASK_URI "winlog.scheduled_task.uri" Keyword One "path of the task in its definition";
    SCHEDULED_TASK_GUID "winlog.scheduled_task.guid" Keyword One "the task in the task cache";
    SCHEDULED_TASK_AUTHOR "winlog.scheduled_task.author" Keyword One "who registered the task, as it says";
    SCHEDULED_TASK_DATE "winlog.scheduled_task.date" Keyword One "when, as it says: local time without a zone";
    SCHEDULED_TASK_RECONCILED "winlog.scheduled_task.reconciled" Keyword One "whether registry and file say the same that the task does: `same`, `differs`, `no_file`, `no_registry`";
    SCHEDULED_TASK_INSTANCE_ID "winlog.scheduled_task.instance_id" Keyword One "one run of the task";
    SCHEDULED_TASK_ACTIONS_TYPE "winlog.scheduled_task.actions.type" Keyword Many "`exec`, `com_handler`, `send_email` or `show_message`";
    SCHEDULED_TASK_ACTIONS_COMMAND "winlog.scheduled_task.actions.command" Keyword Many "programs that the task starts";
    SCHEDULED_TASK_ACTIONS_ARGUMENTS "winlog.scheduled_task.actions.arguments" Keyword Many "their arguments";
    SCHEDULED_TASK_ACTIONS_WORKING_DIRECTORY "winlog.scheduled_task.actions.working_directory" Keyword Many "their working directories";
    SCHEDULED_TASK_ACTIONS_CLASS_ID "winlog.scheduled_task.actions.class_id" Keyword Many "COM classes that the task starts";
    SCHEDULED_TASK_ACTIONS_CONTEXT "winlog.scheduled_task.actions.context" Keyword Many "principal that the actions run as";
    SCHEDULED_TASK_ACTIONS_NUMBER "winlog.scheduled_task.actions.number" Integer One "place of the action among those of its task";
    SCHEDULED_TASK_ACTIONS_ID "winlog.scheduled_task.actions.id" Keyword One "id of the action, mostly none";
    SCHEDULED_TASK_ACTIONS_DECODED "winlog.scheduled_task.actions.decoded" Keyword Many "texts that the arguments have in base64";
    SCHEDULED_TASK_ACTIONS_DATA "winlog.scheduled_task.actions.data" Keyword One "what a COM class is given";
    SCHEDULED_TASK_ACTIONS_CLASS_SERVER "winlog.scheduled_task.actions.class_server" Keyword One "program or library of a COM class";
    SCHEDULED_TASK_ACTIONS_TITLE "winlog.scheduled_task.actions.title" Keyword One "title of a message box, subject of a mail";
    SCHEDULED_TASK_ACTIONS_TEXT "winlog.scheduled_task.actions.text" Keyword One "text of a message box or a mail";
    SCHEDULED_TASK_ACTIONS_MAIL_FROM "winlog.scheduled_task.actions.mail_from" Keyword One "sender of a mail";
    SCHEDULED_TASK_ACTIONS_MAIL_TO "winlog.scheduled_task.actions.mail_to" Keyword Many "those who get a mail";
    SCHEDULED_TASK_ACTIONS_MAIL_SERVER "winlog.scheduled_task.actions.mail_server" Keyword One "server that sends a mail";
    SCHEDULED_TASK_ACTIONS_MAIL_ATTACHMENT "winlog.scheduled_task.actions.mail_attachment" Keyword Many "files that go with a mail";
    SCHEDULED_TASK_ACTIONS_DEFINITION "winlog.scheduled_task.actions.definition" Keyword Many "each action as one text";
    SCHEDULED_TASK_TRIGGERS_TYPE "winlog.scheduled_task.triggers.type" Keyword Many "what starts the task: `logon`, `boot`, `time` ...";
    SCHEDULED_TASK_TRIGGERS_START "winlog.scheduled_task.triggers.start_boundary" Keyword Many "when triggers become active, as written: often local time";
    SCHEDULED_TASK_PRINCIPALS_USER_ID "winlog.scheduled_task.principals.user_id" Keyword Many "accounts that the task runs as";
    SCHEDULED_TASK_PRINCIPALS_NAME "winlog.scheduled_task.principals.name" Keyword Many "names of those accounts";
    SCHEDULED_TASK_PRINCIPALS_GROUP_ID "winlog.scheduled_task.principals.group_id" Keyword Many "groups that the task runs as";
    SCHEDULED_TASK_PRINCIPALS_LOGON_TYPE "winlog.scheduled_task.principals.logon_type" Keyword Many "how they are logged on";
    SCHEDULED_TASK_PRINCIPALS_RUN_LEVEL "winlog.scheduled_task.principals.run_level" Keyword Many "`HighestAvailable` or `LeastPrivilege`";
    SCHEDULED_TASK_SETTINGS_ENABLED "winlog.scheduled_task.settings.enabled" Boolean One "the task is enabled";
    SCHEDULED_TASK_SETTINGS_HIDDEN "winlog.scheduled_task.settings.hidden" Boolean One "the task is hidden";
    WINLOG_CHANNEL "winlog.channel" Keyword One "channel";
    WINLOG_EVENT_ID "winlog.event_id" Keyword One "event id, decimal";
    WINLOG_RECORD_ID "winlog.record_id" Keyword One "EventRecordID";
    WINLOG_COMPUTER_NAME "winlog.computer_name" Keyword One "Computer";
    WINLOG_PROVIDER_NAME "winlog.provider_name" Keyword One "provider";
    WINLOG_PROVIDER_GUID "winlog.provider_guid" Keyword One "GUID of the provider";
    WINLOG_EVENT_SOURCE_NAME "winlog.event_source_name" Keyword One "classic event source";
    WINLOG_VERSION "winlog.version" Integer One "version of the event";
    WINLOG_OPCODE "winlog.opcode" Keyword One "opcode number";
    WINLOG_TASK "winlog.task" Keyword One "task number";
    WINLOG_KEYWORDS "winlog.keywords" Keyword Many "keywords; `Audit Success`, `Audit Failure`, else hexadecimal";
    WINLOG_ACTIVITY_ID "winlog.activity_id" Keyword One "activity";
    WINLOG_RELATED_ACTIVITY_ID "winlog.related_activity_id" Keyword One "related activity";
    WINLOG_PROCESS_PID "winlog.process.pid" Integer One "process that wrote the record, not the actor";
    WINLOG_PROCESS_THREAD_ID "winlog.process.thread.id" Integer One "thread that wrote the record";
    WINLOG_USER_IDENTIFIER "winlog.user.identifier" Keyword One "SID in the record's Security element";
    WINLOG_USER_DATA_XML_NAME "winlog.user_data.xml_name" Keyword One "name of UserData's first element";
    WINLOG_COMPUTER_OBJECT_ID "winlog.computerObject.id" Keyword One "SID of the computer account acted upon";
    WINLOG_COMPUTER_OBJECT_NAME "winlog.computerObject.name" Keyword One "name of the computer account acted upon";
    WINLOG_COMPUTER_OBJECT_DOMAIN "winlog.computerObject.domain" Keyword One "domain of the computer account acted upon";
    WINLOG_LOGON_ID "winlog.logon.id" Keyword One "logon id of the actor; of the new session on 4624";
    WINLOG_LOGON_TYPE "winlog.logon.type" Keyword One "logon type in words";
    WINLOG_LOGON_FAILURE_REASON "winlog.logon.failure.reason" Keyword One "why a logon failed";
    WINLOG_LOGON_FAILURE_STATUS "winlog.logon.failure.status" Keyword One "status of a failed logon";
    WINLOG_LOGON_FAILURE_SUB_STATUS "winlog.logon.failure.sub_status" Keyword One "sub-status of a failed logon";
    DATA_ACCESS_LIST "winlog.event_data.AccessList" Keyword Many "rights, as numbers of Windows's message table";
    DATA_ACCESS_LIST_DESCRIPTION "winlog.event_data.AccessListDescription" Keyword Many "names of those rights";
    DATA_ACCESS_MASK_DESCRIPTION "winlog.event_data.AccessMaskDescription" Keyword Many "names of the rights in an access mask";
    DATA_PRIVILEGE_LIST "winlog.event_data.PrivilegeList" Keyword Many "privileges";
    DATA_NEW_UAC_LIST "winlog.event_data.NewUACList" Keyword Many "flags of an account after a change";
    DATA_USER_ACCOUNT_CONTROL "winlog.event_data.UserAccountControl" Keyword Many "changes of those flags, as numbers of Windows's message table";
    DATA_TICKET_OPTIONS_DESCRIPTION "winlog.event_data.TicketOptionsDescription" Keyword Many "options of a Kerberos ticket";
    DATA_TICKET_ENCRYPTION_TYPE_DESCRIPTION "winlog.event_data.TicketEncryptionTypeDescription" Keyword One "how a Kerberos ticket is encrypted";
    DATA_STATUS_DESCRIPTION "winlog.event_data.StatusDescription" Keyword One "Kerberos's name of a status";
    DATA_CATEGORY "winlog.event_data.Category" Keyword One "category of an audit policy";
    DATA_SUB_CATEGORY "winlog.event_data.SubCategory" Keyword One "subcategory of an audit policy";
    DATA_AUDIT_POLICY_CHANGES_DESCRIPTION "winlog.event_data.AuditPolicyChangesDescription" Keyword Many "what became of it";
    DATA_CLIENT_PROCESS_ID "winlog.event_data.ClientProcessId" Keyword One "process that asked for it, there";
    DATA_CONSUMER "winlog.event_data.Consumer" Keyword One "class and name of a WMI consumer";
    DATA_OPERATION "winlog.event_data.Operation" Keyword One "what was done with it";
    DATA_AUTHENTICATION_PACKAGE_NAME "winlog.event_data.AuthenticationPackageName" Keyword One "protocol that authenticated";
}

/// What the names of EventData stand below.
pub const EVENT_DATA: &str = "winlog.event_data.";

/// Looks a name up in the table.
#[must_use]
pub fn by_name(name: &str) -> Option<Field> {
    use std::sync::LazyLock;
    static BY_NAME: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
        (0u32..)
            .zip(FIELDS)
            .map(|(i, info)| (info.name, i))
            .collect()
    });
    BY_NAME.get(name).map(|&index| Field(index))
}

/// The fields that one segment knows: the table, and the names its evidence brought.
#[derive(Clone, Debug, Default)]
pub struct Names {
    own: Vec<Own>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// A name that evidence brought.
#[derive(Clone, Debug)]
struct Own {
    name: Box<str>,
    kind: Kind,
    arity: Arity,
}

impl Names {
    /// The field of that name; one that is not in the table becomes a keyword with one value.
    pub fn field(&mut self, name: &str) -> Field {
        self.field_of_kind(name, Kind::Keyword, Arity::One)
    }

    /// The field of that name; one that is new and not in the table gets this kind.
    pub fn field_of_kind(&mut self, name: &str, kind: Kind, arity: Arity) -> Field {
        if let Some(field) = self.find(name) {
            return field;
        }
        self.add(name.into(), kind, arity)
    }

    /// The field of a name that evidence brought, below one of the open prefixes: a keyword with one
    /// value. Given in two parts, so that nothing is joined for a name that is known.
    ///
    /// Names of EventData that mappings fill, too, are in the table; that of another section is the
    /// table's alone.
    pub fn own_field(&mut self, prefix: &str, name: &str) -> Field {
        if let Some(field) = self.find_own(prefix, name) {
            return field;
        }
        let mut whole = [prefix, name].concat();
        if let Some(field) = by_name(&whole) {
            if prefix == EVENT_DATA {
                return field;
            }
            whole.push_str("_2");
        }
        self.field(&whole)
    }

    fn add(&mut self, name: Box<str>, kind: Kind, arity: Arity) -> Field {
        let place = u32::try_from(self.own.len()).expect("names are bounded by the segment's size");
        let hash = hash_of(&self.hasher, "", &name);
        self.own.push(Own { name, kind, arity });
        let Self {
            own,
            places,
            hasher,
        } = self;
        places.insert_unique(hash, place, |&place| {
            hash_of(hasher, "", &own[place as usize].name)
        });
        Self::own_at(place)
    }

    fn own_at(place: u32) -> Field {
        let table = u32::try_from(FIELDS.len()).expect("the table is short");
        Field(table + place)
    }

    fn find_own(&self, prefix: &str, name: &str) -> Option<Field> {
        let is_it = |&place: &u32| {
            let own = self.own[place as usize].name.strip_prefix(prefix);
            own == Some(name)
        };
        let place = self
            .places
            .find(hash_of(&self.hasher, prefix, name), is_it)?;
        Some(Self::own_at(*place))
    }

    /// The field of that name, if the segment has it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Field> {
        self.find_own("", name).or_else(|| by_name(name))
    }

    /// The name of a field.
    #[must_use]
    pub fn name(&self, field: Field) -> &str {
        match field.info() {
            Some(info) => info.name,
            None => &self.own[field.index() - FIELDS.len()].name,
        }
    }

    /// What a field holds, and how often.
    #[must_use]
    pub fn kind(&self, field: Field) -> (Kind, Arity) {
        if let Some(info) = field.info() {
            return (info.kind, info.arity);
        }
        let own = &self.own[field.index() - FIELDS.len()];
        (own.kind, own.arity)
    }

    /// How many fields there are, the table's included.
    #[must_use]
    pub fn len(&self) -> usize {
        FIELDS.len() + self.own.len()
    }

    /// How many names evidence brought.
    #[must_use]
    pub fn own(&self) -> usize {
        self.own.len()
    }

    /// Never: the table is not empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Every field, the table's first.
    pub fn iter(&self) -> impl Iterator<Item = Field> + use<> {
        (0..u32::try_from(self.len()).expect("names are bounded by the segment's size")).map(Field)
    }
}

/// The same for a name whole and in two parts: of what stands behind the second dot. Each of the open
/// prefixes ends in it.
fn hash_of(hasher: &DefaultHashBuilder, prefix: &str, name: &str) -> u64 {
    if !prefix.is_empty() {
        debug_assert!(
            prefix.ends_with('.') && prefix.matches('.').count() == 2,
            "{prefix} is not an open prefix"
        );
        return hasher.hash_one(name);
    }
    let start = name.match_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
    hasher.hash_one(&name[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_once() {
        let mut names: Vec<_> = FIELDS.iter().map(|info| info.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn constants_point_at_their_rows() {
        assert_eq!(
            PROCESS_PID.info().map(|info| info.name),
            Some("process.pid")
        );
        assert_eq!(
            by_name("winlog.logon.failure.sub_status"),
            Some(WINLOG_LOGON_FAILURE_SUB_STATUS)
        );
    }

    #[test]
    fn a_name_in_two_parts_is_the_name() {
        let mut names = Names::default();
        let own = names.own_field("winlog.event_data.", "X");
        assert_eq!(names.own_field("winlog.event_data.", "X"), own);
        assert_eq!(names.find("winlog.event_data.X"), Some(own));
        let hidden = names.own_field("winlog.user_data.", "xml_name");
        assert_eq!(names.name(hidden), "winlog.user_data.xml_name_2");
        let both = names.own_field("winlog.event_data.", "PrivilegeList");
        assert_eq!(both, DATA_PRIVILEGE_LIST);
    }

    #[test]
    fn own_names_come_after_the_table() {
        let mut names = Names::default();
        let own = names.field("winlog.event_data.X");
        assert_eq!(names.field("winlog.event_data.X"), own);
        assert_eq!(names.field("process.pid"), PROCESS_PID);
        assert_eq!(names.name(own), "winlog.event_data.X");
        assert_eq!(own.info().map(|info| info.name), None);
    }
}
