#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void silent_server(void)
{
  App *app = app_connected(0);
  uint64_t begin = now_us();
  Seen *cause = lost(app);
  CHECK(now_us() - begin > 1900000);
  CHECK(cause->is.code == 102 && cause->is.origin == PITAYA_ORIGIN_FAULT);
  next_state(app, PITAYA_STATE_CONNECTED);
  app_free(app);
}

static void heartbeats_are_life(void)
{
  App *app = app_connected(0);
  run_for(app, 5000);
  CHECK(state_of(app) == PITAYA_STATE_CONNECTED);
  app_free(app);
}

static Seen *kicked(uint32_t capabilities, uint32_t code)
{
  App *app = app_new(0);
  Seen *end;
  app->options.capabilities = capabilities;
  app_start(app);
  end = next_state(app, PITAYA_STATE_CLOSED);
  CHECK(end->is.code == code && end->is.origin == PITAYA_ORIGIN_PEER);
  CHECK(end->is.flags == PITAYA_FLAG_KICKED);
  return end;
}

static void kick(void) { kicked(15, 500); }
static void kick_pomelo(void) { CHECK(strcmp(kicked(0, 500)->text, "kicked by the script") == 0); }
static void kick_reason(void) { CHECK(strcmp(kicked(15, 501)->text, "kicked by the script") == 0); }

static void kick_unknown(void)
{
  App *app = app_connected(0);
  notify(app, "mock.kick", "{\"code\":777,\"reason\":\"unheard of\"}");
  CHECK(next_state(app, PITAYA_STATE_CLOSED)->is.code == 777);
  app_free(app);
}

static void close_unknown(void)
{
  App *app = app_connected(0);
  Seen *cause;
  notify(app, "mock.kick", "{\"code\":377,\"reason\":\"unheard of\"}");
  cause = lost(app);
  CHECK(cause->is.code == 377 && strcmp(cause->text, "unheard of") == 0);
  next_state(app, PITAYA_STATE_CONNECTED);
  app_free(app);
}

static void close_with_advice(void)
{
  App *app = app_connected(0), *other;
  char body[200], address[64];
  uint64_t begin = now_us();
  Seen *cause;
  snprintf(address, sizeof address, "%s://127.0.0.1:%u", websocket ? "ws" : "tcp", ports[1]);
  snprintf(body, sizeof body, "{\"code\":110,\"reason\":\"moving\",\"retry_after_ms\":300,\"endpoint\":\"%s\"}", address);
  notify(app, "mock.kick", body);
  cause = lost(app);
  CHECK(cause->is.code == 110 && cause->is.retry_after_us == 300000);
  CHECK(strcmp(cause->detail, address) == 0);
  next_state(app, PITAYA_STATE_CONNECTED);
  CHECK(now_us() - begin >= 299000);
  /* Only the other listener has this connection. */
  other = app_connected(1);
  ask(other, "a.b", "1");
  app_free(other);
  while (strlen(ask(app, "mock.ends", "")->body) < 4) {
  }
  app_free(app);
}

static void garbage(void)
{
  App *app = app_new(0);
  Seen *end;
  app_start(app);
  end = next_state(app, PITAYA_STATE_CLOSED);
  CHECK(end->is.code == 400 && end->is.origin == PITAYA_ORIGIN_FAULT);
  app_free(app);
}

static void half_frame(void)
{
  App *app;
  if (websocket) {
    garbage();
    return;
  }
  app = app_new(0);
  app->options.retry_first = 1;
  app_start(app);
  CHECK(lost(app)->is.code == 100);
  app_free(app);
}

static uint32_t lost_in_flight(const char *order)
{
  App *app = app_connected(0);
  uint64_t id = request(app, "mock.silent", "");
  Seen *end;
  uint32_t code;
  ask(app, "a.b", "1");
  notify(app, order, "");
  end = end_of(app, id);
  CHECK(end->is.status == PITAYA_ERROR_DISCONNECTED);
  CHECK(end->is.flags == (PITAYA_FLAG_SENT | PITAYA_FLAG_RETRYABLE));
  code = end->is.code;
  next_state(app, PITAYA_STATE_CONNECTED);
  ask(app, "a.b", "2");
  app_free(app);
  return code;
}

static void lost_connection(void)
{
  uint32_t code = lost_in_flight("mock.drop");
  CHECK(code == 100 || code == 101);
}

static void ended_stream(void) { CHECK(lost_in_flight("mock.end") == 100); }

static void restart(void)
{
  App *app = app_new(0);
  uint64_t id;
  subscribe(app, "onPush");
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  id = request(app, "mock.silent", "");
  ask(app, "a.b", "1");
  harness("stop 0");
  CHECK(end_of(app, id)->is.status == PITAYA_ERROR_DISCONNECTED);
  harness("start 0");
  next_state(app, PITAYA_STATE_CONNECTED);
  ask(app, "mock.push", "7");
  CHECK(strcmp(push_on(app, "onPush")->body, "7") == 0);
  app_free(app);
}

static void reconnect_off(void)
{
  App *app = app_new(0);
  app->options.reconnect_attempts = 0;
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  notify(app, "mock.drop", "");
  next_state(app, PITAYA_STATE_CLOSED);
  CHECK(end_of(app, request(app, "a.b", "1"))->is.status == PITAYA_ERROR_NOT_CONNECTED);
  app_free(app);
}

static void attempts_exhausted(void)
{
  App *app = app_new(0);
  app->options.reconnect_attempts = 2;
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  harness("stop 0");
  CHECK(next_state(app, PITAYA_STATE_CLOSED)->is.flags & PITAYA_FLAG_EXHAUSTED);
  app_free(app);
}

static void reconnect_now(void)
{
  App *app = app_new(0);
  app->options.reconnect_base_ms = app->options.reconnect_max_ms = 25000;
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  lose(app);
  OK(pitaya_connect(app->client));
  next_state(app, PITAYA_STATE_CONNECTED);
  CHECK(now_us() - app->made < 20000000);
  app_free(app);
}

static void put_off(int by_pause)
{
  App *app = app_connected(0);
  OK(by_pause ? pitaya_pause(app->client) : pitaya_set_online(app->client, 0));
  lose(app);
  run_for(app, 300);
  CHECK(state_of(app) == PITAYA_STATE_RECONNECTING);
  OK(by_pause ? pitaya_resume(app->client) : pitaya_set_online(app->client, 1));
  next_state(app, PITAYA_STATE_CONNECTED);
  app_free(app);
}

static void pause_(void) { put_off(1); }
static void network_change(void) { put_off(0); }

/* A client that has lost its connection, and makes no attempt before it is resumed. */
static App *stranded(uint32_t hold)
{
  App *app = app_new(0);
  app->options.hold_queue = hold;
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  OK(pitaya_pause(app->client));
  lose(app);
  return app;
}

static uint64_t queued(App *app, int is_request, const char *route, const char *body, uint32_t queue, const char *key)
{
  PitayaCall call = call_of(route, body);
  call.queue = queue;
  call.key = pitaya_text(key);
  return send_call(app, is_request, call);
}

static void queue_fail(void)
{
  App *app = stranded(0);
  Seen *end = end_of(app, request(app, "a.b", "1"));
  CHECK(end->is.status == PITAYA_ERROR_NOT_CONNECTED && end->is.flags == PITAYA_FLAG_RETRYABLE);
  end = end_of(app, notify(app, "a.b", "1"));
  CHECK(end->is.status == PITAYA_ERROR_NOT_CONNECTED);
  app_free(app);
}

static void in_order(const char *all, const char *first, const char *second)
{
  CHECK(strstr(all, first) && strstr(all, second) && strstr(all, first) < strstr(all, second));
}

static void queue_wait(void)
{
  App *app = stranded(0);
  uint64_t one = queued(app, 0, "a.one", "1", PITAYA_QUEUE_WAIT, "");
  uint64_t two = queued(app, 1, "a.two", "2", PITAYA_QUEUE_WAIT, "");
  uint64_t three = queued(app, 0, "a.three", "3", PITAYA_QUEUE_WAIT, "");
  const char *all;
  OK(pitaya_resume(app->client));
  CHECK(end_of(app, one)->is.status == PITAYA_OK);
  CHECK(strcmp(end_of(app, two)->body, "2") == 0);
  CHECK(end_of(app, three)->is.status == PITAYA_OK);
  all = received(app);
  in_order(all, "a.one", "a.two");
  in_order(all, "a.two", "a.three");
  app_free(app);
}

static void queue_latest(void)
{
  App *app = stranded(0);
  uint64_t old = queued(app, 0, "pos.set", "old", PITAYA_QUEUE_LATEST, "me");
  uint64_t pet = queued(app, 0, "pos.set", "pet", PITAYA_QUEUE_LATEST, "pet");
  uint64_t new_one = queued(app, 0, "pos.set", "new", PITAYA_QUEUE_LATEST, "me");
  const char *all;
  CHECK(end_of(app, old)->is.status == PITAYA_ERROR_SUPERSEDED);
  OK(pitaya_resume(app->client));
  CHECK(end_of(app, pet)->is.status == PITAYA_OK);
  CHECK(end_of(app, new_one)->is.status == PITAYA_OK);
  all = received(app);
  CHECK(!strstr(all, "\"old\""));
  in_order(all, "\"pet\"", "\"new\"");
  app_free(app);
}

static uint64_t limited(App *app, size_t length)
{
  char body[128];
  PitayaCall call;
  memset(body, 'x', length);
  body[length] = 0;
  call = call_of("a.b", body);
  call.queue = PITAYA_QUEUE_WAIT;
  call.queue_items = 1;
  call.queue_bytes = 100;
  call.queue_age_ms = 50;
  return send_call(app, 0, call);
}

static void queue_limits(void)
{
  App *app = stranded(0);
  uint64_t first, second;
  CHECK(end_of(app, limited(app, 101))->is.status == PITAYA_ERROR_QUEUE_FULL);
  first = limited(app, 0);
  second = limited(app, 0);
  CHECK(end_of(app, second)->is.status == PITAYA_ERROR_QUEUE_FULL);
  CHECK(end_of(app, first)->is.status == PITAYA_ERROR_EXPIRED);
  app_free(app);
}

static void queue_held(void)
{
  App *app = stranded(1);
  uint64_t said = queued(app, 0, "chat.say", "1", PITAYA_QUEUE_WAIT, "");
  OK(pitaya_resume(app->client));
  next_state(app, PITAYA_STATE_CONNECTED);
  CHECK(end_of(app, notify(app, "room.join", "2"))->is.status == PITAYA_OK);
  OK(pitaya_release(app->client));
  CHECK(end_of(app, said)->is.status == PITAYA_OK);
  in_order(received(app), "room.join", "chat.say");
  app_free(app);
}

static void close_with_calls(void)
{
  App *app = app_connected(0), *other;
  uint64_t id = request(app, "mock.silent", "");
  const char *ends;
  ask(app, "a.b", "1");
  OK(pitaya_disconnect(app->client));
  CHECK(end_of(app, id)->is.status == PITAYA_ERROR_DISCONNECTED);
  CHECK(next_state(app, PITAYA_STATE_CLOSED)->is.origin == PITAYA_ORIGIN_LOCAL);
  run_for(app, 100);
  CHECK(state_of(app) == PITAYA_STATE_CLOSED);
  other = app_connected(0);
  do {
    ends = ask(other, "mock.ends", "")->body;
  } while (strlen(ends) < 4);
  CHECK(strstr(ends, websocket ? "closed 1000" : "ended"));
  app_free(other);
  app_free(app);
}

const Scenario staying[] = {
  {"silent-server", "no-heartbeat@1", silent_server},
  {"heartbeats-are-life", "silent@1", heartbeats_are_life},
  {"kick", "kick", kick},
  {"kick-with-pomelos-reason", "kick-with-reason", kick_pomelo},
  {"kick-with-reason", "kick-with-reason", kick_reason},
  {"kick-with-unknown-code", "on-demand", kick_unknown},
  {"close-with-unknown-code", "on-demand", close_unknown},
  {"close-with-advice", "on-demand on-demand", close_with_advice},
  {"garbage", "garbage", garbage},
  {"half-frame", "half-frame", half_frame},
  {"lost-connection", "on-demand", lost_connection},
  {"ended-stream", "on-demand", ended_stream},
  {"restart", "on-demand", restart},
  {"reconnect-off", "on-demand", reconnect_off},
  {"attempts-exhausted", "on-demand", attempts_exhausted},
  {"reconnect-now", "on-demand", reconnect_now},
  {"pause", "on-demand", pause_},
  {"network-change", "on-demand", network_change},
  {"queue-fail", "on-demand", queue_fail},
  {"queue-wait", "on-demand", queue_wait},
  {"queue-latest", "on-demand", queue_latest},
  {"queue-limits", "on-demand", queue_limits},
  {"queue-held", "on-demand", queue_held},
  {"close-with-calls", "on-demand", close_with_calls},
  {NULL, NULL, NULL},
};
