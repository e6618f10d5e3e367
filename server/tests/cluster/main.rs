//! Servers that are one game together, over the engines of the family. README.md says which file proves what.

mod support;
