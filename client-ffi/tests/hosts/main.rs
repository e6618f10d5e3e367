//! Programs in C and C++ against this library: what they can do, what they can do wrong, and the example.

mod cc;
mod chat;
mod example;
mod misuse;
mod peers;
mod scenarios;
mod tls;
mod vectors;
