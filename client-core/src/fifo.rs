//! First in, first out.

/// A queue of two stacks: what is put in lies on one, what is taken out on the other, turned over when it has run out. Everything but the turn is
/// one push or pop, which keeps the code of a browser's client small.
#[derive(Debug)]
pub(crate) struct Fifo<T> {
    pushed: Vec<T>,
    turned: Vec<T>,
}

impl<T> Fifo<T> {
    pub(crate) const fn new() -> Self {
        Self {
            pushed: Vec::new(),
            turned: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, item: T) {
        self.pushed.push(item);
    }

    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.turned.is_empty() {
            std::mem::swap(&mut self.pushed, &mut self.turned);
            self.turned.reverse();
        }
        self.turned.pop()
    }
}
