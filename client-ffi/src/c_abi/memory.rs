//! Memory of the caller, and memory that is lent or given to it.

#![expect(
    unsafe_code,
    reason = "this is where foreign pointers are read and written"
)]

use std::ptr;
use std::slice;
use std::str;

use super::fault::Fault;
use super::numbers::{PITAYA_INVALID_ARGUMENT, PITAYA_INVALID_UTF8, PITAYA_NULL_POINTER};

/// Bytes somewhere: `len` of them at `data`. A text is UTF-8 without an end mark. `data` may be null where `len` is 0.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PitayaBytes {
    /// Where they start.
    pub data: *const u8,
    /// How many there are.
    pub len: usize,
}

impl PitayaBytes {
    pub(crate) const EMPTY: Self = Self {
        data: ptr::null(),
        len: 0,
    };

    /// Lends bytes to the caller, who gets a null pointer for none.
    pub(crate) fn lend(bytes: &[u8]) -> Self {
        match bytes {
            [] => Self::EMPTY,
            bytes => Self {
                data: bytes.as_ptr(),
                len: bytes.len(),
            },
        }
    }

    /// The bytes of the caller.
    ///
    /// # Safety
    /// Where `data` is not null, `len` bytes at it can be read and nobody writes to them for as long as the result is used.
    pub(crate) unsafe fn bytes<'a>(self) -> Result<&'a [u8], Fault> {
        if self.len == 0 {
            return Ok(&[]);
        }
        if self.data.is_null() {
            let text = format!("{} bytes at a null pointer", self.len);
            return Err(Fault::new(PITAYA_NULL_POINTER, text));
        }
        if isize::try_from(self.len).is_err() {
            return Err(Fault::new(PITAYA_INVALID_ARGUMENT, "a length is negative"));
        }
        // SAFETY: not null, of a length that a slice can have, and readable by this function's own contract.
        Ok(unsafe { slice::from_raw_parts(self.data, self.len) })
    }

    /// A text of the caller.
    ///
    /// # Safety
    /// As [`bytes`](Self::bytes).
    pub(crate) unsafe fn text<'a>(self) -> Result<&'a str, Fault> {
        // SAFETY: handed on to the caller of this function.
        let bytes = unsafe { self.bytes()? };
        str::from_utf8(bytes).map_err(|error| Fault::new(PITAYA_INVALID_UTF8, error.to_string()))
    }
}

/// A struct that the caller hands over.
///
/// # Safety
/// Where `at` is not null it points to a whole `T` that nobody writes to for as long as the result is used.
pub(crate) unsafe fn read<'a, T>(at: *const T) -> Result<&'a T, Fault> {
    if !at.is_aligned() {
        return Err(Fault::new(
            PITAYA_INVALID_ARGUMENT,
            "a pointer is not aligned",
        ));
    }
    // SAFETY: aligned, and null or whole by this function's own contract.
    unsafe { at.as_ref() }.ok_or_else(null)
}

/// Writes a result to where the caller wants it.
///
/// # Safety
/// Where `at` is not null a `T` can be written to it.
pub(crate) unsafe fn write<T>(at: *mut T, value: T) -> Result<(), Fault> {
    if at.is_null() {
        return Err(null());
    }
    // SAFETY: not null, and writable by this function's own contract; nothing is asked of its alignment or content.
    unsafe { at.write_unaligned(value) };
    Ok(())
}

/// Room that the caller gives for `len` values.
///
/// # Safety
/// Where `at` is not null, `len` values can be written to it, and nobody else touches them for as long as the result is used. What was there
/// before has been initialised, or `T` is only written.
pub(crate) unsafe fn room<'a, T>(
    at: *mut T,
    len: usize,
) -> Result<&'a mut [std::mem::MaybeUninit<T>], Fault> {
    if len == 0 {
        return Ok(&mut []);
    }
    if at.is_null() {
        return Err(null());
    }
    let fits = len
        .checked_mul(size_of::<T>())
        .is_some_and(|bytes| isize::try_from(bytes).is_ok());
    if !at.is_aligned() || !fits {
        return Err(Fault::new(
            PITAYA_INVALID_ARGUMENT,
            "a pointer is not aligned, or a length is negative",
        ));
    }
    // SAFETY: not null, aligned, of a size that a slice can have, and writable by this function's own contract; values need not be initialised.
    Ok(unsafe { slice::from_raw_parts_mut(at.cast(), len) })
}

fn null() -> Fault {
    Fault::new(PITAYA_NULL_POINTER, "a pointer is null")
}

/// Bytes that the caller owns, until `pitaya_buffer_free`.
#[repr(C)]
#[derive(Debug)]
pub struct PitayaBuffer {
    /// Where they start; null where there are none.
    pub data: *mut u8,
    /// How many there are.
    pub len: usize,
}

impl PitayaBuffer {
    pub(crate) fn give(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self {
                data: ptr::null_mut(),
                len: 0,
            };
        }
        let len = bytes.len();
        let data = Box::into_raw(Box::<[u8]>::from(bytes)).cast();
        Self { data, len }
    }
}

/// Gives back what `pitaya_take_body` has given, and empties the buffer: a second call does nothing.
///
/// # Safety
/// `buffer` is null or points to a buffer that this library has filled and nobody has changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_buffer_free(buffer: *mut PitayaBuffer) -> i32 {
    super::fault::guard(|| {
        // SAFETY: null or a buffer, by this function's own contract.
        let buffer = unsafe { buffer.as_mut() }.ok_or_else(null)?;
        let PitayaBuffer { data, len } = std::mem::replace(buffer, PitayaBuffer::give(&[]));
        if !data.is_null() {
            // SAFETY: `give` made it from a box of this length, and the buffer has forgotten it.
            drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(data, len)) });
        }
        Ok(())
    })
}
