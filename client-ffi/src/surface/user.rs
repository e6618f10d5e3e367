//! The application's part of each handshake, made when it is asked for.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use super::cancel::CancelHandle;
use super::error::PitayaError;

type Answer = Result<Value, String>;

/// The questions of a client with `user_on_demand`: one for each attempt to connect, from the first on.
///
/// It does not keep the client alive.
#[derive(Debug, uniffi::Object)]
pub struct UserQuestions {
    questions: AsyncMutex<mpsc::Receiver<oneshot::Sender<Answer>>>,
    stopped: CancelHandle,
}

#[uniffi::export]
impl UserQuestions {
    /// The next question; nothing when the client is closed or asks none, or after [`stop`](Self::stop).
    pub async fn next(&self) -> Option<Arc<UserQuestion>> {
        let next = async { self.questions.lock().await.recv().await };
        let asked = self.stopped.unless(next).await.flatten()?;
        Some(Arc::new(UserQuestion {
            asked: Mutex::new(Some(asked)),
        }))
    }

    /// Answers no more questions: attempts fail when their time is over.
    pub fn stop(&self) {
        self.stopped.cancel();
    }
}

/// What the server shall know of the user in the attempt that is being made.
///
/// The attempt waits for the answer as long as it may connect. Dropping the question without one fails the attempt.
#[derive(Debug, uniffi::Object)]
pub struct UserQuestion {
    asked: Mutex<Option<oneshot::Sender<Answer>>>,
}

#[uniffi::export]
impl UserQuestion {
    /// Answers with a JSON object. Only the first answer counts.
    ///
    /// # Errors
    /// The text is not JSON; the attempt fails as well.
    #[expect(clippy::needless_pass_by_value, reason = "foreign values are owned")]
    pub fn answer(&self, user_json: String) -> Result<(), PitayaError> {
        match serde_json::from_str(&user_json) {
            Ok(user) => {
                self.tell(Ok(user));
                Ok(())
            }
            Err(error) => {
                self.tell(Err(error.to_string()));
                Err(PitayaError::user(&error))
            }
        }
    }

    /// Fails the attempt, with a text for people.
    pub fn fail(&self, message: String) {
        self.tell(Err(message));
    }
}

impl UserQuestion {
    fn tell(&self, answer: Answer) {
        // A panic cannot happen while the lock is held.
        let asked = self
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(asked) = asked {
            // The attempt may be over; then nobody wants to know.
            let _ = asked.send(answer);
        }
    }
}

/// The questions, and the function that asks them; none are asked when the function is dropped.
pub(super) fn questions() -> (Arc<UserQuestions>, impl Fn() -> AnswerFuture + Send + Sync) {
    // One attempt is made at a time.
    let (ask, questions) = mpsc::channel::<oneshot::Sender<Answer>>(1);
    let questions = Arc::new(UserQuestions {
        questions: AsyncMutex::new(questions),
        stopped: CancelHandle::default(),
    });
    let make = move || -> AnswerFuture {
        let ask = ask.clone();
        Box::pin(async move {
            let (asked, answer) = oneshot::channel();
            let nobody = || "nobody makes it".to_owned();
            ask.send(asked).await.map_err(|_| nobody())?;
            answer.await.map_err(|_| nobody())?
        })
    };
    (questions, make)
}

type AnswerFuture = std::pin::Pin<Box<dyn Future<Output = Answer> + Send>>;
