//! The binary format of a module, as far as its custom sections: the stamp that tells a page which module belongs to its JavaScript.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

/// The section that holds the stamp. The JavaScript that was built with the module knows its content.
const STAMP: &str = "pitaya_build";
/// Magic and version.
const HEADER: usize = 8;
/// The number of a section that engines pass over.
const CUSTOM: u8 = 0;

/// A wasm module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Module {
    bytes: Vec<u8>,
}

impl Module {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes =
            std::fs::read(path).with_context(|| format!("no module at {}", path.display()))?;
        if !bytes.starts_with(b"\0asm") || bytes.len() < HEADER {
            bail!("{} is no wasm module", path.display());
        }
        Ok(Self { bytes })
    }

    /// The module with its own hash in the section `pitaya_build`: 8 hexadecimal digits tell two builds apart, nothing more.
    pub(super) fn stamped(mut self) -> Self {
        let digest = Sha256::digest(&self.bytes);
        let stamp: String = digest[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // Both texts are shorter than 128 bytes: a length is one byte.
        self.bytes.extend([
            CUSTOM,
            (1 + STAMP.len() + stamp.len()) as u8,
            STAMP.len() as u8,
        ]);
        self.bytes.extend(STAMP.bytes());
        self.bytes.extend(stamp.bytes());
        self
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        std::fs::write(path, &self.bytes)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(rest: &[u8]) -> Module {
        Module {
            bytes: [b"\0asm\x01\0\0\0", rest].concat(),
        }
    }

    #[test]
    fn the_stamp_is_a_section_at_the_end() {
        let plain = module(&[1, 2, 7, 7]);
        let stamped = module(&[1, 2, 7, 7]).stamped();
        let section = stamped.bytes.strip_prefix(plain.bytes.as_slice());
        let section = section.expect("what was there stays");
        assert_eq!(&section[..3], [0, 21, 12]);
        assert_eq!(&section[3..15], b"pitaya_build");
        assert_eq!(section.len(), 23);
    }

    #[test]
    fn modules_that_differ_have_other_stamps() {
        let stamp = |module: Module| module.stamped().bytes.split_off(8 + 1 + 15);
        assert_eq!(stamp(module(&[1])), stamp(module(&[1])));
        assert_ne!(stamp(module(&[1])), stamp(module(&[2])));
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.wasm");
        for bytes in [b"ELF".as_slice(), b"\0asm"] {
            std::fs::write(&path, bytes).expect("a file");
            assert!(Module::read(&path).is_err());
        }
    }
}
