//! Session data: JSON values by key, for as long as the session.

use std::collections::HashMap;

use pitaya_server::Server;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{Rig, Via};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Hero {
    name: String,
    level: u32,
}

#[tokio::test]
async fn values_are_kept_by_key() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let _client = rig.client().await;
    let session = rig.session(1).expect("a session");
    let hero = Hero {
        name: "ann".into(),
        level: 3,
    };
    session.set("hero", &hero).expect("JSON");
    session.set("gold", &1).expect("JSON");
    session.set("gold", &2).expect("JSON");
    assert_eq!(session.get("hero").expect("a hero"), Some(hero));
    assert_eq!(session.get("gold").expect("a number"), Some(2));
    assert_eq!(session.get::<u32>("silver").expect("nothing"), None);
    assert!(session.remove("gold") && !session.remove("gold"));
    let all = json!({"hero": {"name": "ann", "level": 3}, "ipversion": "ipv4"});
    assert_eq!(json!(session.data()), all);

    let replaced = json!({"ipversion": "ipv6", "mana": 9});
    session.replace_data(replaced.as_object().expect("an object").clone());
    assert_eq!(json!(session.data()), replaced);
    assert_eq!(session.get::<Hero>("hero").expect("nothing"), None);
}

#[tokio::test]
async fn what_has_no_json_form_or_another_type_is_an_error_that_names_the_key() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let _client = rig.client().await;
    let session = rig.session(1).expect("a session");
    let error = session.set("map", &HashMap::from([((1, 2), 3)]));
    let error = error.expect_err("keys are no texts").to_string();
    assert!(error.contains("`map`"), "{error}");
    session.set("gold", &"much").expect("JSON");
    let error = session
        .get::<u32>("gold")
        .expect_err("no number")
        .to_string();
    assert!(error.contains("`gold`"), "{error}");
    assert_eq!(
        session.get("gold").expect("a text"),
        Some("much".to_owned())
    );
}
