//! Values that look right and could never be meant: said where they are written, with a remedy that
//! works when it is followed to the letter.

use super::folder::Folder;

const PROJECT: &str = "organization: acme\n\
    target: { provider: sandbox, state: state.json }\n\
    manage:\n\
    \x20 users: { domains: [example.com], onRemove: report }\n\
    \x20 groups: { names: ['team-*'], except: ['team-x*'], onRemove: report }\n";

fn folder(files: &str) -> Folder {
    Folder::with(&[("muster.yaml", PROJECT), ("identity.yaml", files)])
}

#[test]
fn what_is_not_managed_is_taken_in_by_the_printed_edit_and_by_nothing_wider() {
    // What is declared, what is advised, and the edit of the file that follows the advice.
    let cases: [(&str, &str, (&str, &str)); 6] = [
        (
            "users: { eve@other.example: {} }\n",
            "add `other.example` to `manage.users.domains`",
            ("domains: [example.com]", "domains: [example.com, other.example]"),
        ),
        (
            "users: { eve@123: {} }\n",
            "add `'123'` to `manage.users.domains`",
            ("domains: [example.com]", "domains: [example.com, '123']"),
        ),
        (
            "groups: { ops: {} }\n",
            "add `ops` to `manage.groups.names`",
            ("'team-*'", "'team-*', ops"),
        ),
        (
            "groups: { 'a*b: c': {} }\n",
            "add `'a\\*b: c'` to `manage.groups.names`",
            ("'team-*'", "'team-*', 'a\\*b: c'"),
        ),
        (
            "groups: { 007-desk: {} }\n",
            "add `007-desk` to `manage.groups.names`",
            ("'team-*'", "'team-*', 007-desk"),
        ),
        (
            "groups: { team-xy: {} }\n",
            "take what matches it out of `manage.groups.except`",
            (", except: ['team-x*']", ""),
        ),
    ];
    for (files, advice, (old, new)) in cases {
        let folder = folder(files);
        folder.muster(&["check"]).run().exits(1).says(advice);
        folder.write("muster.yaml", PROJECT.replace(old, new));
        let ended = folder.muster(&["check"]).run();
        assert!(!ended.err.contains("outside-jurisdiction"), "{advice}\n{}", ended.err);
        folder.write(
            "identity.yaml",
            "users: { mallory@third.example: {} }\ngroups: { others: {} }\n",
        );
        let wide = folder.muster(&["check"]).run().exits(1);
        assert_eq!(wide.err.matches("outside-jurisdiction").count(), 2, "{advice}\n{}", wide.err);
    }
}

#[test]
fn a_name_without_a_domain_is_completed_and_nobody_else_taken_in() {
    for (name, whole) in [("ada", "ada@example.com"), ("'ada@'", "ada@example.com")] {
        let folder = folder(&format!("users: {{ {name}: {{}} }}\n"));
        let ended = folder.muster(&["check"]).run().exits(1);
        assert!(ended.err.contains(&format!("such as `{whole}`")), "{}", ended.err);
        assert!(!ended.err.contains("`*`") && !ended.err.contains("add `"), "{}", ended.err);
        folder.write("identity.yaml", format!("users: {{ {whole}: {{}} }}\n"));
        folder.muster(&["check"]).run().exits(0);
    }
}

#[test]
fn where_a_kind_is_not_managed_the_printed_section_manages_it() {
    let alone = "organization: acme\ntarget: { provider: sandbox, state: state.json }\n";
    for (files, section) in [
        ("users: { eve@other.example: {} }\n", "manage: { users: { domains: [other.example] } }"),
        ("groups: { 'all: of, us': {} }\n", "manage: { groups: { names: ['all: of, us'] } }"),
    ] {
        let folder = Folder::with(&[("muster.yaml", alone), ("identity.yaml", files)]);
        folder.muster(&["check"]).run().exits(1).says(&format!("add `{section}`"));
        folder.write("muster.yaml", format!("{alone}{section}\n"));
        let ended = folder.muster(&["check"]).run();
        assert!(!ended.err.contains("outside-jurisdiction"), "{}", ended.err);
    }
}

#[test]
fn a_day_is_a_day_and_an_instant_has_a_zone() {
    let folder = folder("users: { ada@example.com: {} }\n");
    for at in [
        "2027-01-20T18:00",
        "2027-01-20T18:00:00",
        "2027-01-20 18:00",
        "2027-01-20T18",
        "20270120",
        "2027-1-20",
        "2027-02-29",
        "9999-12-31",
        "2027-01-20T18:00:00[Europe/Oslo]",
        "tomorrow",
        "",
    ] {
        for command in [&["plan", "--at", at][..], &["check", "--at", at]] {
            folder.muster(command).run().exits(64).says("is neither a day nor an instant");
        }
        folder.muster(&["plan"]).env("MUSTER_AT", at).run().exits(64);
    }
    for (at, said) in [
        ("2027-01-20", "2027-01-20,"),
        ("2027-01-20T18:00:00Z", "2027-01-20T18:00:00Z,"),
        ("2027-01-20T18:00:00+02:00", "2027-01-20T16:00:00Z,"),
    ] {
        folder.muster(&["plan", "--at", at]).run().exits(0).says(said);
    }
}

#[test]
fn a_date_for_ever_is_told_from_a_date_that_is_none() {
    let group = |until: &str| {
        format!(
            "users: {{ ada@example.com: {{}} }}\n\
             groups:\n  team-a:\n    members:\n    - {{ user: ada@example.com, until: {until}, reason: r }}\n"
        )
    };
    for until in ["9999-12-31", "2262-01-01", "9999-12-31T23:59:59Z"] {
        let ended = folder(&group(until)).muster(&["check"]).run().exits(1);
        let ended = ended.says("`until` is too far away").says("leave `until` out");
        assert!(ended.err.contains("--> identity.yaml:5:39"), "{}", ended.err);
        assert!(!ended.err.contains("no such day"), "{}", ended.err);
    }
    folder(&group("2027-02-29")).muster(&["check"]).run().exits(1).says("no such day");
    folder(&group("2261-12-31")).muster(&["check"]).run().exits(0);
    // As it is advised.
    folder(&group("2027-01-01").replace(" until: 2027-01-01,", ""))
        .muster(&["check"])
        .run()
        .exits(0);
}

#[test]
fn roles_of_administrators_are_names() {
    for project in
        [PROJECT.to_owned(), PROJECT.replace("sandbox,", "sandbox, personality: greenlake,")]
    {
        for pattern in ["*", "[", "ccs.*", "a?min", "{a,b}"] {
            let roles = format!("{project}administrators:\n  roles:\n  - '{pattern}'\n");
            let folder = Folder::with(&[
                ("muster.yaml", &roles),
                ("identity.yaml", "users: { ada@example.com: {} }\n"),
            ]);
            let ended = folder.muster(&["check"]).run().exits(1);
            let said = format!("`{pattern}` in `administrators.roles` is a pattern");
            assert!(ended.err.contains(&said), "{}", ended.err);
            assert!(ended.err.contains("--> muster.yaml:8:5"), "{}", ended.err);
        }
    }
}

#[test]
fn a_numeric_id_fits_into_a_server() {
    let posix = |key: &str, value: &str| {
        folder(&format!("users: {{ ada@example.com: {{ posix: {{ {key}: {value} }} }} }}\n"))
    };
    for key in ["uid", "gid"] {
        for value in ["-1", "2147483648", "4294967295", "-9223372036854775808"] {
            let ended = posix(key, value).muster(&["check"]).run().exits(1);
            ended.says(&format!("`{key}` is {value}")).says("from 0 to 2147483647");
        }
        for value in ["0", "2147483647"] {
            posix(key, value).muster(&["check"]).run().exits(0);
        }
    }
}

#[test]
fn the_ending_of_a_file_may_be_written_in_capitals() {
    let folder = folder("groups: { team-a: {} }\n");
    for (at, name) in ["a.YAML", "more/b.Yml", "more/c.yAmL"].iter().enumerate() {
        folder.write(name, format!("users: {{ u{at}@example.com: {{}} }}\n"));
    }
    folder.muster(&["check"]).run().exits(0).shows("3 users, 1 group");
    // One that is named, or lies in a folder that is.
    folder.write("muster.yaml", format!("{PROJECT}sources: [a.YAML, more]\n"));
    folder.muster(&["check"]).run().exits(0).shows("3 users");
    folder.write("a.YAML", "users: [");
    folder.muster(&["check"]).run().exits(1).says("--> a.YAML:");
}
