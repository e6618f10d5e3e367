//! The native client in each language: generated, built, tested. One file per language; each adds its line to [`Language`] and its steps.

mod android;
mod bindings;
pub(crate) mod c;
pub(crate) mod csharp;
pub(crate) mod kotlin;
pub(crate) mod python;
mod swift;
pub(crate) mod webgl;

use crate::runner::Step;

/// A language that the native library is made for.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Language {
    /// The C ABI: its header, its libraries, hosts in C and C++
    C,
    /// The asyncio client: its types, its scenarios, its wheel
    Python,
    /// The client for C# and Unity: its scenarios under Mono, what Unity compiles
    Csharp,
    /// The coroutine client on the JVM: its scenarios, its jar
    Kotlin,
    /// The library for Unity's programs in browsers, and a host in C with its bridge in Chromium and Node
    Webgl,
    /// The native libraries of the coroutine client for Android; needs its NDK, and is not part of the tests
    Android,
    /// The client for Apple's systems: its bindings, its scenarios where Swift is, and on macOS its XCFramework
    Swift,
}

impl Language {
    const ALL: [Self; 6] = [
        Self::C,
        Self::Csharp,
        Self::Python,
        Self::Kotlin,
        Self::Webgl,
        Self::Swift,
    ];

    fn steps(self) -> Vec<Step> {
        match self {
            Self::C => c::steps(),
            Self::Csharp => csharp::steps(),
            Self::Python => python::steps(),
            Self::Kotlin => kotlin::steps(),
            Self::Webgl => webgl::steps(),
            Self::Android => android::steps(),
            Self::Swift => swift::steps(),
        }
    }
}

/// The steps of one language, or of all.
pub(crate) fn steps(language: Option<Language>) -> Vec<Step> {
    let languages = language.map_or_else(|| Language::ALL.to_vec(), |language| vec![language]);
    languages.into_iter().flat_map(Language::steps).collect()
}
