//! Every misuse has its error. `scripts/bless.sh` renews what the compiler says; read it as a user would.

#[test]
fn misuse() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}
