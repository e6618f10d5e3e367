#include "bed.h"

#include <string.h>

/* How a client ends that the peer sends away around the ack. */
static Seen *ending(int port)
{
  App *app = app_new(port);
  app_start(app);
  return next_state(app, PITAYA_STATE_CLOSED);
}

static void leaves(uint32_t code)
{
  CHECK(ending(0)->is.code == code);
}

static void connect_(void)
{
  App *app = app_connected(0);
  uint32_t serializer = 0;
  OK(pitaya_serializer(app->client, &serializer));
  CHECK(serializer == PITAYA_SERIALIZER_JSON);
  OK(pitaya_disconnect(app->client));
  CHECK(next_state(app, PITAYA_STATE_CLOSED)->is.origin == PITAYA_ORIGIN_LOCAL);
  app_free(app);
}

static void serializer_by_handshake(void)
{
  int i;
  for (i = 0; i < 2; i++) {
    App *app = app_new(i);
    uint32_t serializer = 0;
    Seen *error;
    app->options.serializers = PITAYA_SERIALIZER_JSON | PITAYA_SERIALIZER_PROTOBUF;
    app_start(app);
    next_state(app, PITAYA_STATE_CONNECTED);
    OK(pitaya_serializer(app->client, &serializer));
    CHECK(serializer == (i ? PITAYA_SERIALIZER_PROTOBUF : PITAYA_SERIALIZER_JSON));
    error = end_of(app, request(app, "connector.nowhere", ""));
    CHECK(error->is.status == PITAYA_ERROR_SERVER);
    CHECK(strcmp(error->name, "PIT-404") == 0);
    CHECK(ask(app, "connector.getsessiondata", "")->is.serializer == serializer);
    app_free(app);
  }
}

static void serializer_mismatch(void)
{
  Seen *end = ending(0);
  CHECK(end->is.code == 404 && !(end->is.flags & PITAYA_FLAG_RETRYABLE));
  CHECK(strstr(end->text, "protobuf"));
}

static void user_data(void)
{
  App *app = app_new(0);
  Seen *said;
  app->options.user_json = pitaya_text("{\"age\":30}");
  app->options.app_version = pitaya_text("1.2.3");
  app->options.app_build = pitaya_text("45");
  app->options.platform = pitaya_text("console");
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  said = ask(app, "mock.handshake", "");
  CHECK(strstr(said->body, "\"age\":30"));
  CHECK(strstr(said->body, "\"clientVersion\":\"1.2.3\""));
  CHECK(strstr(said->body, "\"clientBuildNumber\":\"45\""));
  CHECK(strstr(said->body, "\"platform\":\"console\""));
  app_free(app);
}

static void user_anew(void)
{
  App *app = app_new(0);
  app->options.user_json = pitaya_text("{\"token\":\"one\"}");
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  CHECK(strstr(ask(app, "mock.handshake", "")->body, "\"one\""));
  OK(pitaya_set_user(app->client, pitaya_text("{\"token\":\"two\"}")));
  lose(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  CHECK(strstr(ask(app, "mock.handshake", "")->body, "\"two\""));
  CHECK(pitaya_set_user(app->client, pitaya_text("[1]")) == PITAYA_INVALID_ARGUMENT);
  app_free(app);
}

static void unreachable(void)
{
  Seen *end = ending(0);
  CHECK(end->is.origin == PITAYA_ORIGIN_TRANSPORT);
  CHECK(end->is.flags & PITAYA_FLAG_RETRYABLE);
  CHECK(end->is.status == PITAYA_ERROR_UNREACHABLE);
  if (!host_layer) CHECK(strstr(end->text, "127.0.0.1"));
}

static void first_attempt_repeated(void)
{
  App *app = app_new(0);
  app->options.retry_first = 1;
  app->options.reconnect_attempts = 2;
  app_start(app);
  CHECK(next_state(app, PITAYA_STATE_CLOSED)->is.flags & PITAYA_FLAG_EXHAUSTED);
  app_free(app);
}

static void connect_aborted(void)
{
  App *app = app_new(0);
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTING);
  run_for(app, 100);
  OK(pitaya_disconnect(app->client));
  CHECK(next_state(app, PITAYA_STATE_CLOSED)->is.origin == PITAYA_ORIGIN_LOCAL);
  app_free(app);
}

static void handshake_timeout(void)
{
  App *app = app_new(0);
  Seen *end;
  app->options.handshake_timeout_ms = 100;
  app_start(app);
  end = next_state(app, PITAYA_STATE_CLOSED);
  CHECK(end->is.code == 103 && (end->is.flags & PITAYA_FLAG_RETRYABLE));
  app_free(app);
}

static void plain(void)
{
  app_free(app_connected(0));
}

static void drop_on_ack(void)
{
  App *app = app_new(0);
  Seen *end;
  app->options.reconnect_base_ms = 10;
  app->options.reconnect_attempts = 2;
  app->options.retry_first = 1;
  app_start(app);
  end = next_state(app, PITAYA_STATE_CLOSED);
  CHECK((end->is.flags & PITAYA_FLAG_EXHAUSTED) && !(end->is.flags & PITAYA_FLAG_KICKED));
  app_free(app);
}

static void split_frames(void)
{
  App *app = app_connected(0);
  CHECK(strcmp(ask(app, "a.b", "1")->body, "1") == 0);
  CHECK(strcmp(ask(app, "a.b", "two")->body, "two") == 0);
  app_free(app);
}

static void without_sys(void)
{
  App *app = app_connected(0);
  uint32_t serializer = 0;
  OK(pitaya_serializer(app->client, &serializer));
  CHECK(serializer == PITAYA_SERIALIZER_JSON);
  ask(app, "a.b", "1");
  app_free(app);
}

static Seen *refusal(uint32_t capabilities)
{
  App *app = app_new(0);
  Seen *end;
  app->options.capabilities = capabilities;
  app_start(app);
  end = next_state(app, PITAYA_STATE_CLOSED);
  CHECK(end->is.code == 502 && !(end->is.flags & PITAYA_FLAG_RETRYABLE));
  return end;
}

static void refused(void)
{
  CHECK(strstr(refusal(0)->text, "400"));
}

static void refused_with_reason(void)
{
  CHECK(strcmp(refusal(PITAYA_CAPABILITY_CLOSE_REASON)->text, "refused by the script") == 0);
}

static void too_old(void) { leaves(503); }
static void not_json(void) { leaves(404); }
static void bomb(void) { leaves(405); }

static void bad_url(void)
{
  /* A host that owns its sockets knows where to connect. */
#ifdef PITAYA_NATIVE
  App *app;
  PitayaClient client = 1;
  uint8_t text[256];
  size_t len;
  if (host_layer) return;
  app = app_new(0);
  app->options.endpoints = pitaya_text("http://127.0.0.1:1");
  CHECK(pitaya_create(&app->options, &client) == PITAYA_OK || client == 0);
  if (client) CHECK(pitaya_connect(client) == PITAYA_INVALID_ARGUMENT);
  len = pitaya_last_error(text, sizeof text - 1);
  text[len < sizeof text ? len : sizeof text - 1] = 0;
  CHECK(strstr((const char *)text, "http://127.0.0.1:1"));
#endif
}

const Scenario connecting[] = {
  {"connect", "sdk", connect_},
  {"serializer-by-handshake", "sdk sdk-protobuf", serializer_by_handshake},
  {"serializer-mismatch", "sdk-protobuf", serializer_mismatch},
  {"user-data", "on-demand", user_data},
  {"user-anew", "on-demand", user_anew},
  {"bad-url", "nothing", bad_url},
  {"unreachable", "nothing", unreachable},
  {"first-attempt-repeated", "nothing", first_attempt_repeated},
  {"connect-aborted", "slow-handshake:30000", connect_aborted},
  {"handshake-timeout", "slow-handshake:30000", handshake_timeout},
  {"slow-handshake", "slow-handshake:300", plain},
  {"drop-on-ack", "drop-on-ack", drop_on_ack},
  {"split-frames", "split-frames", split_frames},
  {"compressed-handshake", "compressed", plain},
  {"refused", "refused", refused},
  {"refused-with-reason", "refused", refused_with_reason},
  {"too-old", "too-old", too_old},
  {"handshake-not-json", "handshake-not-json", not_json},
  {"handshake-without-sys", "handshake-without-sys", without_sys},
  {"handshake-bomb", "handshake-bomb", bomb},
  {NULL, NULL, NULL},
};
