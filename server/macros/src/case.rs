//! How names in routes are made from names in Rust.

use syn::LitStr;

/// A rule of `rename_all`.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Lower,
    Snake,
    Camel,
    Pascal,
}

impl Case {
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        match text.value().as_str() {
            "lowercase" => Ok(Self::Lower),
            "snake_case" => Ok(Self::Snake),
            "camelCase" => Ok(Self::Camel),
            "PascalCase" => Ok(Self::Pascal),
            _ => Err(syn::Error::new(
                text.span(),
                "`rename_all` is one of `lowercase`, `snake_case`, `camelCase`, `PascalCase`",
            )),
        }
    }

    /// `name`, written in Rust's case for methods or types, in this one.
    pub(crate) fn apply(self, name: &str) -> String {
        let words = words(name);
        match self {
            Self::Lower => words.concat(),
            Self::Snake => words.join("_"),
            Self::Pascal => words.iter().map(|word| capital(word)).collect(),
            Self::Camel => {
                let mut words = words.iter();
                let first = words.next().cloned().unwrap_or_default();
                words.fold(first, |name, word| name + &capital(word))
            }
        }
    }
}

/// The words of a name in lower case. `HTTPRoom2` is `http`, `room2`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let letters: Vec<char> = name.chars().collect();
    for (at, &letter) in letters.iter().enumerate() {
        let after_small = at > 0 && !letters[at - 1].is_uppercase();
        let before_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter == '_' || letter.is_uppercase() && (after_small || before_small) {
            words.push(String::new());
        }
        if letter != '_' {
            let word = words.last_mut().expect("there is a first word");
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn names_are_written_in_every_case() {
        for (name, lower, snake, camel, pascal) in [
            ("join", "join", "join", "join", "Join"),
            (
                "find_match",
                "findmatch",
                "find_match",
                "findMatch",
                "FindMatch",
            ),
            ("GameRoom", "gameroom", "game_room", "gameRoom", "GameRoom"),
            (
                "HTTPRoom2",
                "httproom2",
                "http_room2",
                "httpRoom2",
                "HttpRoom2",
            ),
            ("_private", "private", "private", "private", "Private"),
        ] {
            let all =
                [Case::Lower, Case::Snake, Case::Camel, Case::Pascal].map(|case| case.apply(name));
            assert_eq!(all, [lower, snake, camel, pascal]);
        }
    }
}
