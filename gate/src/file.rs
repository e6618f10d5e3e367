//! Reading a file: TOML, YAML or JSON, by the end of its name.

use std::path::Path;

use config::{File, FileFormat, Source};

use crate::given::Given;

/// The tables of a file, or why there are none.
pub(crate) fn read(path: &Path) -> Result<Vec<(String, Given)>, String> {
    let end = path
        .extension()
        .and_then(|end| end.to_str())
        .unwrap_or_default();
    let format = match end.to_lowercase().as_str() {
        "toml" => FileFormat::Toml,
        "yaml" | "yml" => FileFormat::Yaml,
        "json" => FileFormat::Json,
        _ => return Err("a configuration file ends with .toml, .yaml, .yml or .json".to_owned()),
    };
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let tables = File::from_str(&text, format)
        .collect()
        .map_err(|error| error.to_string())?;
    let mut tables: Vec<_> = tables
        .into_iter()
        .filter_map(|(key, value)| Some((key, Given::from_file(value)?)))
        .collect();
    tables.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(tables)
}
