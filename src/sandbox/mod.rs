//! The twin of a target as a pure model: (state, request, now) → (state, response); faults too.
