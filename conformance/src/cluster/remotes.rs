//! The service `testremotesvc`, which other servers call.

use pitaya_server::protocol::{Remote, SerializerSet};
use pitaya_server::{Error, Functions};

use super::messages::{TestRequest, TestResponse};

/// The methods, whichever serializer clients use. The type in their routes is of no meaning: they are found by service and method.
pub(super) fn remotes<S: SerializerSet>() -> Functions<S> {
    Functions::new("testremotesvc")
        .remote(
            Remote::new("any.testremotesvc.rpctestrawptrreturnsptr"),
            async |_, said: TestRequest| Ok(got(&said)),
        )
        .remote(
            Remote::new("any.testremotesvc.rpctestptrreturnsptr"),
            async |_, said: TestRequest| Ok(got(&said)),
        )
        .remote(
            Remote::new("any.testremotesvc.rpctestreturnserror"),
            async |_, _: TestRequest| {
                let error = Error::new("PIT-433", "test error").with("some", "meta");
                Err::<TestResponse, _>(error)
            },
        )
        .remote(
            Remote::new("any.testremotesvc.rpctestnoargs"),
            async |_, (): ()| Ok(TestResponse::ok("got nothing")),
        )
}

fn got(said: &TestRequest) -> TestResponse {
    TestResponse::ok(format!("got {}", said.msg))
}
