//! The terminal: lines come in, what happens goes out above the line that is being typed.

use std::io::{BufRead, IsTerminal, stdin, stdout};
use std::sync::{Arc, Mutex, PoisonError};

use anstyle::{AnsiColor, Style};
use chat::contract::Line;
use rustyline::error::ReadlineError;
use rustyline::{DefaultEditor, ExternalPrinter};
use tokio::sync::mpsc;

/// Lines that may wait to be handled; typing is slower.
const LINES: usize = 16;

/// Where text is shown. A cheap handle.
#[derive(Clone)]
pub(crate) struct Screen(Arc<Mutex<Out>>);

enum Out {
    /// Above the line that is being typed.
    Editor(Box<dyn ExternalPrinter + Send>),
    /// Into a pipe or a file, or a terminal without an editor.
    Plain,
}

impl Screen {
    /// Opens the terminal. The lines that are typed come out of the channel, which ends with the input.
    pub(crate) fn open() -> (Self, mpsc::Receiver<String>) {
        let (send, lines) = mpsc::channel(LINES);
        let editor = (stdin().is_terminal() && stdout().is_terminal()).then(DefaultEditor::new);
        let out = match editor {
            Some(Ok(mut editor)) => match editor.create_external_printer() {
                Ok(printer) => {
                    std::thread::spawn(move || edit(&mut editor, &send));
                    Out::Editor(Box::new(printer))
                }
                Err(_) => {
                    std::thread::spawn(move || read(&send));
                    Out::Plain
                }
            },
            _ => {
                std::thread::spawn(move || read(&send));
                Out::Plain
            }
        };
        (Self(Arc::new(Mutex::new(out))), lines)
    }

    /// What somebody said.
    pub(crate) fn line(&self, line: &Line) {
        let Line { from, text, .. } = line;
        let (name, aside) = (AnsiColor::Cyan.on_default().bold(), Style::new().dimmed());
        let server = line.server.as_ref();
        let server = server.map(|server| format!("  {aside}({server}){aside:#}"));
        let server = server.unwrap_or_default();
        self.print(&format!("{name}{from}{name:#}: {text}{server}"));
    }

    /// Something that happened.
    pub(crate) fn note(&self, text: &str) {
        self.print_in(Style::new().dimmed(), "* ", text);
    }

    /// Something that went wrong.
    pub(crate) fn problem(&self, text: &str) {
        self.print_in(AnsiColor::Red.on_default(), "! ", text);
    }

    fn print_in(&self, style: Style, mark: &str, text: &str) {
        for line in text.lines() {
            self.print(&format!("{style}{mark}{line}{style:#}"));
        }
    }

    fn print(&self, text: &str) {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let printed = match &mut *out {
            Out::Editor(printer) => printer.print(format!("{text}\n")).is_ok(),
            Out::Plain => false,
        };
        if !printed {
            // Colours are left out where they would be noise.
            anstream::println!("{text}");
        }
    }
}

/// Reads lines with an editor: arrows, history, Ctrl-D and Ctrl-C to end.
fn edit(editor: &mut DefaultEditor, send: &mpsc::Sender<String>) {
    loop {
        match editor.readline("> ") {
            Ok(line) => {
                // A history that does not take a line is no reason to lose it.
                let _ = editor.add_history_entry(&line);
                if send.blocking_send(line).is_err() {
                    return;
                }
            }
            Err(ReadlineError::Interrupted | ReadlineError::Eof) => return,
            Err(error) => {
                anstream::eprintln!("the terminal cannot be read: {error}");
                return;
            }
        }
    }
}

/// Reads lines from a pipe.
fn read(send: &mpsc::Sender<String>) {
    for line in stdin().lock().lines().map_while(Result::ok) {
        if send.blocking_send(line).is_err() {
            return;
        }
    }
}
