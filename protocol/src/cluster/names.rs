//! Names of subjects on NATS and of keys in etcd (wire 15, 19, 20).

/// Why something cannot be part of a subject or a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// It is empty.
    #[error("the {what} is empty")]
    Empty {
        /// What it should have named.
        what: &'static str,
    },
    /// It has a character that means something to the bus, so that the name would be another one, or many.
    #[error("the {what} has a {character:?} in it, which cannot be part of a name on the bus")]
    Character {
        /// What it should have named.
        what: &'static str,
        /// The first such character.
        character: char,
    },
}

/// A part of a subject: dots, wild cards and white space would make it another subject; slashes separate the parts.
fn part<'a>(what: &'static str, text: &'a str) -> Result<&'a str, NameError> {
    if text.is_empty() {
        return Err(NameError::Empty { what });
    }
    let means_something =
        |c: char| matches!(c, '/' | '*' | '>') || c.is_whitespace() || c.is_control();
    // One dot makes one more token, two make an empty one, which is no subject.
    let found = text.chars().find(|c| means_something(*c));
    match found.or_else(|| text.contains("..").then_some('.')) {
        Some(character) => Err(NameError::Character { what, character }),
        None => Ok(text),
    }
}

/// Where server `id` of a type takes requests.
///
/// # Errors
///
/// [`NameError`] when one of them cannot be part of a subject.
pub fn server_subject(server_type: &str, id: &str) -> Result<String, NameError> {
    let (server_type, id) = (part("server type", server_type)?, part("server id", id)?);
    // At the end of a subject a dot makes an empty token as well.
    if id.ends_with('.') {
        return Err(NameError::Character {
            what: "server id",
            character: '.',
        });
    }
    Ok(format!("pitaya/servers/{server_type}/{id}"))
}

/// Where the frontend to which a user is bound takes pushes.
///
/// # Errors
///
/// [`NameError`] when the type or the uid cannot be part of a subject.
pub fn user_push_subject(frontend_type: &str, uid: &str) -> Result<String, NameError> {
    user_subject(frontend_type, uid, "push")
}

/// Where the frontend to which a user is bound takes kicks.
///
/// # Errors
///
/// [`NameError`] when the type or the uid cannot be part of a subject.
pub fn user_kick_subject(frontend_type: &str, uid: &str) -> Result<String, NameError> {
    user_subject(frontend_type, uid, "kick")
}

fn user_subject(frontend_type: &str, uid: &str, what: &str) -> Result<String, NameError> {
    let (frontend_type, uid) = (part("frontend type", frontend_type)?, part("uid", uid)?);
    Ok(format!("pitaya/{frontend_type}/user/{uid}/{what}"))
}

/// Where the servers of a type hear which users were bound.
///
/// # Errors
///
/// [`NameError`] when the type cannot be part of a subject.
pub fn bindings_subject(server_type: &str) -> Result<String, NameError> {
    Ok(format!(
        "pitaya/{}/bindings",
        part("server type", server_type)?
    ))
}

/// The key under which a server is entered; `prefix` ends with a slash.
///
/// # Errors
///
/// [`NameError`] when the type or the id cannot be part of a key.
pub fn member_key(prefix: &str, server_type: &str, id: &str) -> Result<String, NameError> {
    let (server_type, id) = (part("server type", server_type)?, part("server id", id)?);
    Ok(format!("{}{server_type}/{id}", members_prefix(prefix)))
}

/// What the keys of all servers begin with; `prefix` ends with a slash.
#[must_use]
pub fn members_prefix(prefix: &str) -> String {
    format!("{prefix}servers/")
}

/// The key under which the frontend of a bound user is entered; `prefix` ends with a slash.
///
/// # Errors
///
/// [`NameError`] when the type or the uid cannot be part of a key.
pub fn binding_key(prefix: &str, frontend_type: &str, uid: &str) -> Result<String, NameError> {
    let (frontend_type, uid) = (part("frontend type", frontend_type)?, part("uid", uid)?);
    Ok(format!("{prefix}bindings/{frontend_type}/{uid}"))
}

/// The key of a group of users; `prefix` ends with a slash. Its members' keys begin with it (wire 20.1).
///
/// # Errors
///
/// [`NameError`] when the name cannot be part of a key.
pub fn group_key(prefix: &str, group: &str) -> Result<String, NameError> {
    Ok(format!("{prefix}groups/{}", part("group", group)?))
}

/// What the keys of all members of a group begin with; `prefix` ends with a slash (wire 20.1).
///
/// # Errors
///
/// [`NameError`] when the name cannot be part of a key.
pub fn group_members_prefix(prefix: &str, group: &str) -> Result<String, NameError> {
    Ok(format!("{}/uids/", group_key(prefix, group)?))
}

/// The key of a user in a group; `prefix` ends with a slash (wire 20.1).
///
/// # Errors
///
/// [`NameError`] when the name or the uid cannot be part of a key.
pub fn group_member_key(prefix: &str, group: &str, uid: &str) -> Result<String, NameError> {
    let members = group_members_prefix(prefix, group)?;
    Ok(format!("{members}{}", part("uid", uid)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_family() {
        let name = |name: Result<String, NameError>| name.expect("a name");
        assert_eq!(name(server_subject("room", "r1")), "pitaya/servers/room/r1");
        assert_eq!(
            name(user_push_subject("connector", "u1")),
            "pitaya/connector/user/u1/push"
        );
        assert_eq!(
            name(user_kick_subject("connector", "u1")),
            "pitaya/connector/user/u1/kick"
        );
        assert_eq!(
            name(bindings_subject("connector")),
            "pitaya/connector/bindings"
        );
        assert_eq!(
            name(member_key("pitaya/", "room", "r1")),
            "pitaya/servers/room/r1"
        );
        assert_eq!(name(group_key("pitaya/", "g1")), "pitaya/groups/g1");
        assert_eq!(
            name(group_member_key("pitaya/", "g1", "u1")),
            "pitaya/groups/g1/uids/u1"
        );
        assert_eq!(
            name(group_members_prefix("pitaya/", "g1")),
            "pitaya/groups/g1/uids/"
        );
        assert_eq!(
            name(binding_key("pitaya/", "connector", "u1")),
            "pitaya/bindings/connector/u1"
        );
        // A dot only makes one more token of the same subject.
        assert_eq!(
            name(user_push_subject("connector", "a@b.c")),
            "pitaya/connector/user/a@b.c/push"
        );
    }

    #[test]
    fn names_that_mean_something_else_are_refused() {
        for uid in ["*", ">", "a>b", "a b", "a/b", "a\tb", "a\u{0}b", "a..b", ""] {
            assert!(user_push_subject("connector", uid).is_err(), "{uid:?}");
        }
        assert!(server_subject("room", "r1.").is_err());
    }
}
