//! TXT records to publish, as the tools that publish them take them. Every one of them says that
//! other TXT records of the name stay: a tool that sets a name's records as a whole would remove
//! them, SPF for one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Who takes the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsFormat {
    /// A zone file (RFC 1035 section 5).
    Bind,
    /// octoDNS: the YAML of a zone.
    Octodns,
    /// DNSControl: JavaScript.
    Dnscontrol,
    /// Terraform: `aws_route53_record`, the resource most used for it.
    Terraform,
}

/// One record to publish.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TxtToPublish {
    /// The zone it goes into, without the last dot.
    pub zone: String,
    /// The name it is for, without the last dot: in the zone.
    pub name: String,
    /// Its text.
    pub value: String,
}

/// How long answers may be kept, in seconds.
const TTL: u32 = 3600;
/// How long one character-string may be, in bytes (RFC 1035 section 3.3).
const STRING: usize = 255;

impl TxtToPublish {
    /// The name relative to its zone; empty at the zone's apex.
    fn label(&self) -> &str {
        self.name
            .strip_suffix(&self.zone)
            .map_or(self.name.as_str(), |rest| rest.strip_suffix('.').unwrap_or(rest))
    }
}

/// These records, by zone and name.
#[must_use]
pub fn dns_records(records: &[TxtToPublish], format: DnsFormat) -> String {
    let mut sorted: Vec<&TxtToPublish> = records.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut zones: BTreeMap<&str, Vec<&TxtToPublish>> = BTreeMap::new();
    for record in sorted {
        zones.entry(&record.zone).or_default().push(record);
    }
    let one = match format {
        DnsFormat::Bind => bind,
        DnsFormat::Octodns => octodns,
        DnsFormat::Dnscontrol => dnscontrol,
        DnsFormat::Terraform => terraform,
    };
    let blocks: Vec<String> = zones.into_iter().map(|(zone, some)| one(zone, &some)).collect();
    blocks.join("\n")
}

fn bind(zone: &str, records: &[&TxtToPublish]) -> String {
    let zone = comment(zone);
    let mut out = format!("; {zone}: add to the records of the same name, and raise the serial\n");
    for record in records {
        let strings = strings(&record.value).iter().map(|one| quoted(one)).collect::<Vec<_>>();
        let name = master_name(&record.name);
        let _ = writeln!(out, "{name}.\t{TTL}\tIN\tTXT\t{}", strings.join(" "));
    }
    out
}

fn octodns(zone: &str, records: &[&TxtToPublish]) -> String {
    let zone = comment(zone);
    let mut out =
        format!("# {zone}.yaml: one TXT entry a name, so join its values to those there\n");
    for record in records {
        // octoDNS takes a semicolon in a value only behind a backslash.
        let value = record.value.replace(';', "\\;");
        let (label, value) = (single_quoted(record.label()), single_quoted(&value));
        let _ = writeln!(out, "{label}:\n  type: TXT\n  ttl: {TTL}\n  values:\n  - {value}");
    }
    out
}

fn dnscontrol(zone: &str, records: &[&TxtToPublish]) -> String {
    let mut out = format!("// Adds to the zone that `D({}, ...)` declares.\n", json(zone));
    let _ = writeln!(out, "D_EXTEND({},", json(zone));
    for record in records {
        let label = if record.label().is_empty() { "@" } else { record.label() };
        let _ = writeln!(out, "  TXT({}, {}, TTL({TTL})),", json(label), json(&record.value));
    }
    out.push_str(");\n");
    out
}

fn terraform(zone: &str, records: &[&TxtToPublish]) -> String {
    let id = identifier(zone);
    let zone_text = hcl(&format!("{zone}."));
    let mut out = format!("data \"aws_route53_zone\" \"{id}\" {{\n  name = {zone_text}\n}}\n");
    for record in records {
        // One resource holds all TXT records of a name.
        out.push_str(
            "\n# A name has one TXT resource: add to `records` of the one that is there.\n",
        );
        let _ = writeln!(
            out,
            "resource \"aws_route53_record\" \"greenlake_{}\" {{",
            identifier(&record.name)
        );
        let _ = writeln!(out, "  zone_id = data.aws_route53_zone.{id}.zone_id");
        let _ = writeln!(out, "  name    = {}", hcl(&record.name));
        let _ = writeln!(out, "  type    = \"TXT\"\n  ttl     = {TTL}");
        // The provider joins strings by `" "` when it writes quotes of its own around the whole.
        let value = strings(&record.value)
            .iter()
            .map(|one| String::from_utf8_lossy(one).into_owned())
            .collect::<Vec<_>>()
            .join("\"\"");
        let _ = writeln!(out, "  records = [{}]\n}}", hcl(&value));
    }
    out
}

/// The character-strings of a text: as few as hold it, cut between characters.
fn strings(text: &str) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    let mut buffer = [0; 4];
    for c in text.chars() {
        let bytes = c.encode_utf8(&mut buffer).as_bytes();
        match all.last_mut() {
            Some(last) if last.len() + bytes.len() <= STRING => last.extend_from_slice(bytes),
            _ => all.push(bytes.to_vec()),
        }
    }
    all
}

/// A character-string of a zone file (RFC 1035 section 5.1).
fn quoted(string: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in string {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03}");
            }
        }
    }
    out.push('"');
    out
}

/// A name of a zone file: all but letters, digits, `-`, `_` and dots behind a backslash.
fn master_name(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "\\{byte:03}");
            }
        }
    }
    out
}

fn comment(text: &str) -> String {
    super::plain(text)
}

fn single_quoted(text: &str) -> String {
    // A single-quoted scalar has no escape but for its own quote (YAML 1.2 section 7.3.2).
    if text.chars().any(super::is_deceptive) {
        json(text)
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// A JSON string: also one of JavaScript, and a double-quoted scalar of YAML.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A quoted template of HCL, in which nothing is a template.
fn hcl(text: &str) -> String {
    json(text).replace("${", "$${").replace("%{", "%%{")
}

fn identifier(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let id: String = name.chars().map(letter).collect();
    if id.starts_with(|c: char| c.is_ascii_digit()) { format!("_{id}") } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(zone: &str, name: &str, value: &str, format: DnsFormat) -> String {
        let [zone, name, value] = [zone, name, value].map(str::to_owned);
        dns_records(&[TxtToPublish { zone, name, value }], format)
    }

    #[test]
    fn every_tool_gets_its_form() {
        let all = |format| shown("example.com", "mail.example.com", "a=1", format);
        assert!(all(DnsFormat::Bind).ends_with("\nmail.example.com.\t3600\tIN\tTXT\t\"a=1\"\n"));
        assert!(all(DnsFormat::Octodns).contains("\n'mail':\n  type: TXT\n"));
        assert!(all(DnsFormat::Octodns).ends_with("\n  - 'a=1'\n"));
        assert!(
            all(DnsFormat::Dnscontrol)
                .contains("D_EXTEND(\"example.com\",\n  TXT(\"mail\", \"a=1\"")
        );
        assert!(all(DnsFormat::Terraform).contains("  records = [\"a=1\"]\n"));
        assert!(all(DnsFormat::Terraform).contains("\"greenlake_mail_example_com\""));
        let apex = |format| shown("example.com", "example.com", "a=1", format);
        assert!(apex(DnsFormat::Octodns).contains("\n'':\n"));
        assert!(apex(DnsFormat::Dnscontrol).contains("TXT(\"@\","));
    }

    #[test]
    fn nothing_in_a_value_gets_out_of_it() {
        let evil = "a\"; \\ ${x} %{y} 'q' \u{1b}\n;é";
        let all = |format| shown("example.com", "example.com", evil, format);
        let bind = all(DnsFormat::Bind);
        assert!(bind.ends_with("\"a\\\"; \\\\ ${x} %{y} 'q' \\027\\010;\\195\\169\"\n"), "{bind}");
        assert_eq!(bind.lines().count(), 2);
        let octodns = all(DnsFormat::Octodns);
        let read: serde_json::Value = serde_yaml::from_str(&octodns).unwrap_or_default();
        let value = read[""]["values"][0].as_str().map(|value| value.replace("\\;", ";"));
        assert_eq!(value.as_deref(), Some(evil), "{octodns}");
        let terraform = all(DnsFormat::Terraform);
        assert!(terraform.contains("a\\\"; \\\\ $${x} %%{y} 'q' \\u001b\\n;é"), "{terraform}");
        let dnscontrol = all(DnsFormat::Dnscontrol);
        assert!(dnscontrol.contains("\"a\\\"; \\\\ ${x} %{y} 'q' \\u001b\\n;é\""), "{dnscontrol}");
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let long = "é".repeat(200);
        let cut = strings(&long);
        assert_eq!(cut.iter().map(Vec::len).collect::<Vec<_>>(), [254, 146]);
        assert_eq!(cut.concat(), long.as_bytes());
        assert_eq!(
            shown("e.com", "e.com", &"x".repeat(300), DnsFormat::Bind).matches('"').count(),
            4
        );
    }
}
