//! A malformed route constant is a compile error in our words.

#[test]
fn malformed_constants_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}
