//! The committed header is the one that cbindgen makes of the code. `PITAYA_BLESS=1` takes over a change that was meant.

use std::fs;
use std::path::Path;

#[test]
fn the_header_is_what_the_code_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config =
        cbindgen::Config::from_file(folder.join("cbindgen.toml")).expect("a configuration");
    let builder = cbindgen::Builder::new()
        .with_config(config)
        .with_src(folder.join("src/c_abi/mod.rs"));
    let mut made = Vec::new();
    builder.generate().expect("a header").write(&mut made);
    let made = String::from_utf8(made).expect("text");
    let path = folder.join("include/pitaya_client.h");
    if std::env::var_os("PITAYA_BLESS").is_some() {
        fs::write(&path, &made).expect("the header can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "include/pitaya_client.h is not what the code says; PITAYA_BLESS=1 cargo test -p pitaya-client-ffi --test header"
    );
}
