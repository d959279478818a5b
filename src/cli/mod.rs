//! Arguments, one short function a subcommand, exit statuses.
