//! Variables: every flag has one, but for those that write or loosen.
//!
//! A variable is set once for many commands, by somebody who may not think of all of them. What
//! writes is asked for where it happens; a variable that looks like one for it is named and ignored.

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::exit::{Exit, Failure};
use crate::edge::{environment, terminal};

/// Flags that write or loosen: the command, the flag, and the variable that it does not have.
pub(super) const BY_HAND: &[(&str, &str, &str)] = &[
    ("apply", "revocations-only", "MUSTER_REVOCATIONS_ONLY"),
    ("apply", "yes", "MUSTER_YES"),
    ("import", "out", "MUSTER_OUT"),
    ("plan", "out", "MUSTER_OUT"),
    ("sandbox serve", "state", "MUSTER_SANDBOX_STATE"),
];

/// The command that was typed, all its words, and what it was given.
fn command(matches: &ArgMatches) -> (String, &ArgMatches) {
    let (mut words, mut inner) = (Vec::new(), matches);
    while let Some((word, below)) = inner.subcommand() {
        words.push(word);
        inner = below;
    }
    (words.join(" "), inner)
}

/// Whether somebody typed this flag.
fn is_typed(matches: &ArgMatches, flag: &str) -> bool {
    let source = matches.try_contains_id(flag).ok().and_then(|_| matches.value_source(flag));
    source == Some(ValueSource::CommandLine)
}

/// Says which variables are ignored, and refuses a typed format that the command has not: a
/// variable with one is for the commands that have it.
pub(super) fn look_at(matches: &ArgMatches) -> Result<(), Failure> {
    let (command, given) = command(matches);
    for (of, flag, variable) in BY_HAND.iter().filter(|(of, _, _)| *of == command) {
        let value = environment::variable(variable).filter(|_| !is_typed(given, flag));
        if value.is_some() {
            terminal::note(&format!(
                "warning: `{variable}` is ignored: `--{flag}` is taken from the command line alone, \
                 because it decides what is written; type it: muster {of} --{flag}\n"
            ));
        }
    }
    if command != "plan" && is_typed(given, "format") {
        let typed = given.get_raw("format").and_then(|mut raw| raw.next_back());
        if typed.is_some_and(|typed| typed == super::flags::OF_PLANS) {
            let what = format!("`muster {command}` has no format `{}`", super::flags::OF_PLANS);
            return Err(Failure::new(Exit::Usage, &what, "write text or json"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::{Arg, Command, CommandFactory as _};

    use super::*;
    use crate::cli::args::Cli;

    /// Every flag of every command, those that are hidden and those for all among them.
    fn flags(command: &Command, path: &str, found: &mut Vec<(String, Arg)>) {
        for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
            let name = arg.get_long().unwrap_or_default();
            // Clap's own.
            if !["help", "version"].contains(&name) {
                found.push((path.to_owned(), arg.clone()));
            }
        }
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let path = format!("{path} {}", below.get_name());
            flags(below, path.trim_start(), found);
        }
    }

    fn all() -> Vec<(String, Arg)> {
        let mut found = Vec::new();
        let mut cli = Cli::command();
        cli.build();
        flags(&cli, "", &mut found);
        assert!(found.len() > 40, "{}", found.len());
        found
    }

    fn long(arg: &Arg) -> &str {
        arg.get_long().unwrap_or_else(|| panic!("{arg}: a flag has a long name"))
    }

    #[test]
    fn a_flag_has_a_variable_unless_it_writes_or_loosens() {
        for (command, arg) in all() {
            let flag = long(&arg);
            let variable = arg.get_env().map(|name| name.to_str().unwrap().to_owned());
            let by_hand = BY_HAND.iter().find(|(of, name, _)| (*of, *name) == (&command, flag));
            match (by_hand, variable) {
                (None, Some(variable)) => {
                    let ending = flag.replace('-', "_").to_uppercase();
                    let named = variable.starts_with("MUSTER_") && variable.ends_with(&ending);
                    assert!(named, "{command} --{flag}: {variable}");
                }
                (Some((_, _, named)), None) => {
                    assert!(named.starts_with("MUSTER_"), "{command} --{flag}");
                }
                other => panic!("{command} --{flag}: {other:?}"),
            }
        }
    }

    #[test]
    fn every_flag_of_the_list_is_there() {
        let all = all();
        for (command, flag, variable) in BY_HAND {
            let is_it = |(of, arg): &&(String, Arg)| of == command && long(arg) == *flag;
            assert!(all.iter().any(|one| is_it(&one)), "{command} --{flag}");
            let of_another = all.iter().find(|(_, arg)| {
                arg.get_env().is_some_and(|name| name.to_str() == Some(*variable))
            });
            assert!(of_another.is_none(), "{variable} is another flag's: {of_another:?}");
        }
    }

    #[test]
    fn a_variable_means_the_same_to_all_commands() {
        let mut known: BTreeMap<String, (String, String, Vec<String>)> = BTreeMap::new();
        for (command, arg) in all() {
            let Some(variable) = arg.get_env() else { continue };
            let variable = variable.to_str().unwrap().to_owned();
            let values = arg.get_possible_values();
            let mut values: Vec<String> =
                values.iter().map(|one| one.get_name().to_owned()).collect();
            values.sort();
            let takes = format!("{:?} {:?}", arg.get_value_names(), arg.get_action());
            let meant = (long(&arg).to_owned(), takes, values);
            let before = known.entry(variable.clone()).or_insert_with(|| meant.clone());
            assert_eq!(*before, meant, "{variable} of `{command}`");
        }
    }
}
