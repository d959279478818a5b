//! What the twin chose where HPE's prose and OpenAPI disagree, or say nothing.

/// Each choice as a subject and what the twin does.
pub const CHOICES: [(&str, &str); 23] = [
    ("ids", "a user's id is 32 digits, every other id has hyphens; either form is taken"),
    ("principals", "`hpe_principal` and `principal` have hyphens"),
    ("POST /Users", "attributes that HPE does not have (`externalId`, …) are ignored"),
    ("PATCH /Users", "answers 200 with the user; `userName` cannot change, nor be removed"),
    ("active", "can be written; a new user that is active is `ACTIVE`, else `STAGED`"),
    ("DELETE /Users", "at once: the user leaves all groups and loses all role assignments"),
    ("DELETE /Groups", "the group's role assignments go with it"),
    ("PATCH /Groups", "all operations or none; an unknown user is 400; always answers 200"),
    ("rename to a taken name", "400, for PATCH has no 409"),
    ("filters", "only `sw`, `eq`, `co` joined by `or`; anything else is 400"),
    ("inactive organization", "every group operation is 400"),
    ("tenant's token", "403 for the directory, which is the MSP's"),
    ("quotas", "400; 412 for the 51st role assignment of a principal"),
    ("role assignments", "one for each principal and role in a workspace: 409 otherwise"),
    ("scope", "a scope twice is 400; ids in GRNs compare in either form"),
    ("scope groups' filter", "400 where it is wrong, as the prose says; the OpenAPI has no 400"),
    ("scopes", "adding and deleting are not atomic, as the OpenAPI says and the changelog denies"),
    ("msp-tenants", "`offset` counts pages, as HPE's words say; what is wrong is 422"),
    ("unknown workspace", "403, for there is no 404"),
    ("token endpoint", "RFC 6749 bodies; a client of another workspace is 400"),
    ("rate limits", "fixed windows, each endpoint its own; PATCH of a user is 1000 a minute"),
    ("authentication policies", "`Configuring` and `Deleting` take five seconds each"),
    ("audit log", "the actor is the client's user, or the client's id"),
];
