//! What `#[component]` accepts, and the words with which it and the compiler refuse the rest.

#[test]
fn components_compile() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

#[test]
fn mistakes_are_named() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}
