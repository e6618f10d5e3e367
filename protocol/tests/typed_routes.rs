//! A malformed route constant is a compile error in our words. The compiler says it with a look into the standard library where it has its sources, so
//! that only our words are compared and not its whole report.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

const MANIFEST: &str = "[package]\nname = \"malformed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
     pitaya-protocol = { path = 'PROTOCOL', default-features = false }\n";

const PARTS: &str = "it needs two or three parts, `service.method` or `server.service.method`";

#[test]
fn malformed_constants_do_not_compile() {
    let long = format!("room.{}", "x".repeat(251));
    let cases = [
        (
            "blank_part",
            "Notify<()>",
            "room. ",
            "a part between the dots is empty",
        ),
        (
            "empty_part",
            "Notify<()>",
            "room..join",
            "a part between the dots is empty",
        ),
        ("empty_push", "Push<()>", "", "it is empty"),
        ("empty_route", "Request<(), ()>", "", PARTS),
        ("four_parts", "Notify<()>", "a.b.c.d", PARTS),
        ("one_part", "Request<(), ()>", "room", PARTS),
        (
            "push_too_long",
            "Push<()>",
            &long,
            "it is longer than 255 bytes",
        ),
        (
            "too_long",
            "Request<(), ()>",
            &long,
            "it is longer than 255 bytes",
        ),
    ];
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("malformed-routes");
    let _absent = fs::remove_dir_all(package.join("src"));
    fs::create_dir_all(package.join("src/bin")).expect("a folder");
    let protocol = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = MANIFEST.replace("PROTOCOL", &protocol.display().to_string());
    fs::write(package.join("Cargo.toml"), manifest).expect("a manifest");
    let lock = package.join("Cargo.lock");
    fs::copy(protocol.join("../Cargo.lock"), lock).expect("the workspace's lock file");
    for (name, kind, route, _) in cases {
        let program = format!(
            "const ROUTE: pitaya_protocol::{kind} = <pitaya_protocol::{kind}>::new({route:?});\nfn main() {{ println!(\"{{ROUTE:?}}\"); }}\n"
        );
        fs::write(package.join(format!("src/bin/{name}.rs")), program).expect("a program");
    }
    let output = Command::new(env!("CARGO"))
        .args([
            "check",
            "--offline",
            "--keep-going",
            "--color=never",
            "--message-format=short",
        ])
        .current_dir(&package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .output()
        .expect("cargo runs");
    let report = String::from_utf8_lossy(&output.stderr);
    for (name, _, _, words) in cases {
        let place = format!("{name}.rs:1:");
        let said = report.lines().any(|line| {
            line.contains(&place) && line.contains(&format!("malformed route: {words}"))
        });
        assert!(said, "nothing says `{words}` of {name}:\n{report}");
    }
}
