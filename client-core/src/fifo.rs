//! First in, first out.

/// A list that is read from the front and forgotten when it has been read: the code for that is small, as a browser's client has to be.
#[derive(Debug)]
pub(crate) struct Fifo<T> {
    items: Vec<Option<T>>,
    /// How many have been taken.
    taken: usize,
}

impl<T> Fifo<T> {
    pub(crate) const fn new() -> Self {
        Self {
            items: Vec::new(),
            taken: 0,
        }
    }

    pub(crate) fn push(&mut self, item: T) {
        self.items.push(Some(item));
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        let Some(item) = self.items.get_mut(self.taken) else {
            self.items.clear();
            self.taken = 0;
            return None;
        };
        self.taken += 1;
        item.take()
    }
}
