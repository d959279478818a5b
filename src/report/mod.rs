//! 6. Any of these → text; one file a format; pure.
