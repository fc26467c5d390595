//! Every misuse has its error. `scripts/bless.sh` renews what the compiler says; read it as a user would.

mod compiler;
mod fixtures;
mod gallery;

#[test]
fn misuse() {
    compiler::check();
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}
