//! HPE GreenLake: the directory by way of [`super::scim`], and what is GreenLake's own.

mod words;

pub(in crate::target) use words::HpeError;
