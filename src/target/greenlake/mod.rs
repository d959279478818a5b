//! HPE GreenLake: how muster speaks to it.

pub mod domains;
