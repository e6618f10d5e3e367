//! Compiles `proto/*.proto` with protox, so that no protoc is needed.

fn main() {
    #[cfg(feature = "protobuf")]
    {
        println!("cargo::rerun-if-changed=proto");
        let mut files = vec!["proto/error.proto"];
        if cfg!(feature = "cluster") {
            files.push("proto/cluster.proto");
        }
        let files =
            protox::compile(files, ["proto"]).expect("the protobuf files of this crate compile");
        prost_build::Config::new()
            .btree_map(["."])
            .bytes(["."])
            .compile_fds(files)
            .expect("prost writes what protox has compiled");
    }
}
