//! The C ABI: `include/pitaya_client.h`.
