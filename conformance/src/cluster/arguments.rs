//! The flags, which are written as programs in Go take them.

/// How the server is started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arguments {
    /// `-port`: where clients of a frontend connect over TCP; 0 takes a free one. Default 32222.
    pub port: u16,
    /// `-type`: the server's type. Default `connector`.
    pub server_type: String,
    /// `-frontend`: whether clients connect to it. Default true.
    pub frontend: bool,
    /// `-serializer`: `json`, the default, or `protobuf`.
    pub protobuf: bool,
    /// `-sdprefix`: what keys in etcd begin with. Default `pitaya/`.
    pub prefix: String,
    /// `-debug`: accepted, as nothing is logged.
    pub debug: bool,
    /// `-grpc`: gRPC instead of NATS. Default false.
    pub grpc: bool,
    /// `-grpcport`: where other servers connect; 0 takes a free one. Default 3434.
    pub grpc_port: u16,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            port: 32222,
            server_type: "connector".to_owned(),
            frontend: true,
            protobuf: false,
            prefix: "pitaya/".to_owned(),
            debug: false,
            grpc: false,
            grpc_port: 3434,
        }
    }
}

/// What is wrong with the flags.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// There is no such flag.
    #[error(
        "there is no flag `{0}`: -port, -type, -frontend, -serializer, -sdprefix, -debug, -grpc and -grpcport are known"
    )]
    Unknown(String),
    /// A flag has no value.
    #[error("`-{0}` needs a value")]
    Missing(String),
    /// A flag's value is none of its kind.
    #[error("`-{flag}` cannot be `{value}`")]
    Value {
        /// The flag.
        flag: String,
        /// Its value.
        value: String,
    },
}

impl Arguments {
    /// Reads `-flag value`, `-flag=value` and both with two dashes. A switch has its value behind `=`, or none.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] for the first flag that is wrong.
    pub fn parse(given: impl IntoIterator<Item = String>) -> Result<Self, ArgumentError> {
        let mut arguments = Self::default();
        let mut given = given.into_iter();
        while let Some(word) = given.next() {
            let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
            let name = name.ok_or_else(|| ArgumentError::Unknown(word.clone()))?;
            let (flag, value) = match name.split_once('=') {
                Some((flag, value)) => (flag, Some(value.to_owned())),
                None => (name, None),
            };
            if let Some(switch) = arguments.switch(flag) {
                *switch = read(flag, value.as_deref().unwrap_or("true"))?;
                continue;
            }
            if !["port", "type", "serializer", "sdprefix", "grpcport"].contains(&flag) {
                return Err(ArgumentError::Unknown(word.clone()));
            }
            let value = value.or_else(|| given.next());
            let value = value.ok_or_else(|| ArgumentError::Missing(flag.to_owned()))?;
            match flag {
                "port" => arguments.port = read(flag, &value)?,
                "grpcport" => arguments.grpc_port = read(flag, &value)?,
                "type" => arguments.server_type = value,
                "sdprefix" => arguments.prefix = value,
                _ => {
                    arguments.protobuf = match &*value {
                        "json" => false,
                        "protobuf" => true,
                        _ => return Err(wrong(flag, &value)),
                    }
                }
            }
        }
        Ok(arguments)
    }

    fn switch(&mut self, flag: &str) -> Option<&mut bool> {
        match flag {
            "frontend" => Some(&mut self.frontend),
            "debug" => Some(&mut self.debug),
            "grpc" => Some(&mut self.grpc),
            _ => None,
        }
    }
}

fn read<T: std::str::FromStr>(flag: &str, value: &str) -> Result<T, ArgumentError> {
    value.parse().map_err(|_| wrong(flag, value))
}

fn wrong(flag: &str, value: &str) -> ArgumentError {
    ArgumentError::Value {
        flag: flag.to_owned(),
        value: value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, ArgumentError> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_are_those_of_go() {
        assert_eq!(parse(""), Ok(Arguments::default()));
        let expected = Arguments {
            port: 4000,
            server_type: "room".to_owned(),
            frontend: false,
            protobuf: true,
            prefix: "x/".to_owned(),
            debug: true,
            grpc: true,
            grpc_port: 9,
        };
        let line = "-port 4000 --type=room -frontend=false -serializer protobuf --sdprefix x/ -debug -grpc=true -grpcport=9";
        assert_eq!(parse(line), Ok(expected));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, words) in [
            ("-ports 1", "-ports"),
            ("room", "room"),
            ("-port", "needs a value"),
            ("-port x", "`x`"),
            ("-frontend=maybe", "maybe"),
            ("-serializer xml", "xml"),
        ] {
            let error = parse(line).expect_err(line).to_string();
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
