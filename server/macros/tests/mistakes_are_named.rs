//! The words with which `#[component]` and the compiler refuse what is no component.

#[test]
fn mistakes_are_named() {
    trybuild::TestCases::new().compile_fail("tests/mistakes/*.rs");
}
