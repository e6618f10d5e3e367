//! Compiles `proto/*.proto` with protox, so that no protoc is needed.

fn main() {
    #[cfg(feature = "protobuf")]
    {
        println!("cargo::rerun-if-changed=proto");
        let files = protox::compile(["proto/error.proto"], ["proto"])
            .expect("the protobuf files of this crate compile");
        prost_build::Config::new()
            .btree_map(["."])
            .compile_fds(files)
            .expect("prost writes what protox has compiled");
    }
}
