#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void request_(void)
{
  App *app = app_connected(0);
  Seen *set = ask(app, "connector.setsessiondata", "{\"Data\":{\"list\":[1,2.5,null],\"name\":\"a \xF0\x9F\x98\x80 b\"}}");
  CHECK(strcmp(set->body, "{\"Code\":200,\"Msg\":\"success\"}") == 0);
  CHECK(set->is.serializer == PITAYA_SERIALIZER_JSON);
  CHECK(strstr(ask(app, "connector.getsessiondata", "")->body, "\xF0\x9F\x98\x80"));
  app_free(app);
}

static void many_requests(void)
{
  App *app = app_connected(0);
  uint64_t ids[100];
  char body[8];
  int i;
  for (i = 0; i < 100; i++) {
    snprintf(body, sizeof body, "%d", i);
    ids[i] = request(app, "a.b", body);
  }
  for (i = 0; i < 100; i++) CHECK(atoi(end_of(app, ids[i])->body) == i);
  app_free(app);
}

static void server_error(void)
{
  App *app = app_connected(0);
  Seen *end = end_of(app, request(app, "mock.fail", "{\"code\":\"ROOM-1\",\"msg\":\"no such room\",\"metadata\":{\"room\":\"7\"}}"));
  CHECK(end->is.status == PITAYA_ERROR_SERVER);
  CHECK(strcmp(end->name, "ROOM-1") == 0);
  CHECK(strcmp(end->text, "no such room") == 0);
  CHECK(strcmp(end->detail, "{\"room\":\"7\"}") == 0);
  ask(app, "a.b", "1");
  app_free(app);
}

static void unknown_route(void)
{
  App *app = app_connected(0);
  Seen *end = end_of(app, request(app, "connector.nowhere", "{}"));
  CHECK(end->is.status == PITAYA_ERROR_SERVER && strcmp(end->name, "PIT-404") == 0);
  ask(app, "connector.getsessiondata", "");
  app_free(app);
}

static void notify_(void)
{
  App *app = app_connected(0);
  const char *all;
  notify(app, "a.one", "1");
  notify(app, "a.two", "2");
  all = received(app);
  CHECK(strstr(all, "a.one") && strstr(all, "a.two") && strstr(all, "a.one") < strstr(all, "a.two"));
  app_free(app);
}

static void notify_to_nowhere(void)
{
  App *app = app_connected(0);
  CHECK(end_of(app, notify(app, "connector.nowhere", "{}"))->is.status == PITAYA_OK);
  ask(app, "connector.getsessiondata", "");
  app_free(app);
}

static void notify_unsent(void)
{
  App *app = app_connected(0);
  OK(pitaya_disconnect(app->client));
  next_state(app, PITAYA_STATE_CLOSED);
  CHECK(end_of(app, notify(app, "a.b", "1"))->is.status == PITAYA_ERROR_NOT_CONNECTED);
  app_free(app);
}

static void push_then_answer(void)
{
  App *app = app_new(0);
  uint64_t id;
  Seen *push, *answer;
  subscribe(app, "some.push.route");
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  id = request(app, "connector.sendpush", "");
  push = push_on(app, "some.push.route");
  CHECK(strcmp(push->body, "{\"key1\":10,\"key2\":true}") == 0);
  answer = end_of(app, id);
  CHECK(answer->is.status == PITAYA_OK && push < answer);
  app_free(app);
}

static void push_to_nobody(void)
{
  App *app = app_connected(0);
  ask(app, "mock.push", "1");
  CHECK(strcmp(next_of(app, PITAYA_EVENT_UNHANDLED)->name, "onPush") == 0);
  ask(app, "a.b", "1");
  app_free(app);
}

static void push_overflow(void)
{
  App *app = app_new(0);
  uint64_t ids[10], end;
  char body[8];
  int i;
  app->options.push_items = 4;
  subscribe(app, "onPush");
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  for (i = 0; i < 10; i++) {
    snprintf(body, sizeof body, "%d", i);
    ids[i] = request(app, "mock.push", body);
  }
  /* Nobody polls; bytes move all the same. */
  end = now_us() + 500000;
  while (now_us() < end) {
    if (host_layer) net_step(app);
  }
  for (i = 6; i < 10; i++) {
    Seen *push = push_on(app, "onPush");
    CHECK(atoi(push->body) == i && push->is.missed == (i == 6 ? 6 : 0));
  }
  for (i = 0; i < 10; i++) CHECK(end_of(app, ids[i])->is.status == PITAYA_OK);
  app_free(app);
}

static void request_timeout(void)
{
  App *app = app_connected(0);
  PitayaCall call = call_of("a.b", "");
  uint64_t begin = now_us();
  Seen *end;
  call.timeout_ms = 100;
  end = end_of(app, send_call(app, 1, call));
  CHECK(now_us() - begin >= 99000);
  CHECK(end->is.status == PITAYA_ERROR_TIMEOUT && end->is.time_us == 100000);
  CHECK(end->is.flags == (PITAYA_FLAG_SENT | PITAYA_FLAG_RETRYABLE));
  CHECK(state_of(app) == PITAYA_STATE_CONNECTED);
  app_free(app);
}

static void late_response(void)
{
  App *app = app_connected(0);
  PitayaCall call = call_of("a.b", "early");
  call.timeout_ms = 50;
  CHECK(end_of(app, send_call(app, 1, call))->is.status == PITAYA_ERROR_TIMEOUT);
  CHECK(strcmp(ask(app, "a.b", "patient")->body, "patient") == 0);
  CHECK(next_of(app, PITAYA_EVENT_UNMATCHED)->is.flags & PITAYA_FLAG_LATE);
  app_free(app);
}

static void cancel(void)
{
  App *app = app_connected(0);
  uint64_t id = request(app, "a.b", "1");
  run_for(app, 20);
  OK(pitaya_cancel(app->client, id));
  CHECK(end_of(app, id)->is.status == PITAYA_ERROR_CANCELLED);
  OK(pitaya_cancel(app->client, id));
  ask(app, "a.b", "3");
  CHECK(next_of(app, PITAYA_EVENT_UNMATCHED)->is.flags & PITAYA_FLAG_LATE);
  app_free(app);
}

static void compressed(void)
{
  App *app = app_new(0);
  Seen *push, *answer;
  subscribe(app, "onCompressed");
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  answer = ask(app, "a.b", "1");
  push = push_on(app, "onCompressed");
  CHECK(strstr(answer->body, "isCompressed") && push < answer);
  CHECK(strcmp(push->body, "{\"key1\":10,\"key2\":true}") == 0);
  app_free(app);
}

static void leaves_over(uint32_t code, const char *route)
{
  App *app = app_new(0);
  subscribe(app, route);
  app_start(app);
  CHECK(next_state(app, PITAYA_STATE_CLOSED)->is.code == code);
  app_free(app);
}

static void push_bomb(void) { leaves_over(405, "onBomb"); }
static void unknown_code(void) { leaves_over(402, "onNothing"); }

static void corrupt_body(void)
{
  App *app = app_connected(0);
  CHECK(end_of(app, request(app, "a.b", "1"))->is.status == PITAYA_ERROR_INFLATE);
  CHECK(next_state(app, PITAYA_STATE_CLOSED)->is.code == 405);
  app_free(app);
}

static void dictionary_pushes(void)
{
  App *app = app_new(0);
  subscribe(app, "some.push.route");
  subscribe(app, "onHigh");
  subscribe(app, "onHighest");
  app_start(app);
  CHECK(strcmp(next_of(app, PITAYA_EVENT_PUSH)->name, "some.push.route") == 0);
  CHECK(strcmp(next_of(app, PITAYA_EVENT_PUSH)->name, "onHigh") == 0);
  CHECK(strcmp(next_of(app, PITAYA_EVENT_PUSH)->name, "onHighest") == 0);
  app_free(app);
}

static void dictionary_request(void)
{
  App *app = app_connected(0);
  CHECK(strstr(ask(app, "connector.echo", "")->body, "\"byCode\":true"));
  CHECK(strstr(ask(app, "connector.other", "")->body, "\"byCode\":false"));
  app_free(app);
}

static void unknown_answer(void)
{
  App *app = app_connected(0);
  CHECK(!(next_of(app, PITAYA_EVENT_UNMATCHED)->is.flags & PITAYA_FLAG_LATE));
  ask(app, "a.b", "1");
  app_free(app);
}

static void many_packets(void)
{
  App *app = app_new(0);
  Seen *first, *last, *answer;
  subscribe(app, "onFirst");
  subscribe(app, "onLast");
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  push_on(app, "onFirst");
  push_on(app, "onLast");
  answer = ask(app, "a.b", "1");
  first = push_on(app, "onFirst");
  last = push_on(app, "onLast");
  CHECK(first < answer && answer < last);
  app_free(app);
}

static void text_frame(void)
{
  App *app;
  if (!websocket) return; /* only WebSocket has messages of text */
  app = app_new(0);
  subscribe(app, "onText");
  app_start(app);
  CHECK(strcmp(push_on(app, "onText")->body, "{\"key1\":10,\"key2\":true}") == 0);
  ask(app, "a.b", "1");
  app_free(app);
}

static void route_too_long(void)
{
  App *app = app_connected(0);
  char route[300];
  memset(route, 'a', sizeof route - 1);
  route[100] = '.';
  route[sizeof route - 1] = 0;
  CHECK(end_of(app, request(app, route, ""))->is.status == PITAYA_ERROR_ROUTE);
  CHECK(end_of(app, notify(app, "oneword", ""))->is.status == PITAYA_ERROR_ROUTE);
  ask(app, "a.b", "1");
  app_free(app);
}

static void body_too_large(void)
{
  App *app = app_connected(0);
  PitayaCall call = call_of("a.b", "");
  Seen *end;
  uint8_t *body = calloc(1, 16777216);
  CHECK(body);
  call.body.data = body;
  call.body.len = 16777216;
  end = end_of(app, send_call(app, 1, call));
  CHECK(end->is.status == PITAYA_ERROR_TOO_LARGE && !(end->is.flags & PITAYA_FLAG_SENT));
  free(body);
  ask(app, "a.b", "1");
  app_free(app);
}

static void answer_unreadable(void)
{
  App *app = app_connected(0);
  /* Bodies are bytes here: whoever reads them finds out. */
  CHECK(strcmp(ask(app, "mock.broken", "")->body, "{") == 0);
  ask(app, "a.b", "1");
  app_free(app);
}

static void rtt(App *app, uint32_t source, uint64_t least)
{
  uint64_t time;
  uint32_t measured_by;
  OK(pitaya_rtt(app->client, &time, &measured_by));
  CHECK(measured_by == source && time != PITAYA_NEVER && time >= least);
}

static void rtt_by_heartbeats(void)
{
  App *app = app_connected(0);
  CHECK(next_of(app, PITAYA_EVENT_ROUND_TRIP)->is.serializer == PITAYA_SOURCE_HEARTBEAT);
  rtt(app, PITAYA_SOURCE_HEARTBEAT, 0);
  app_free(app);
}

static void rtt_by_requests(void)
{
  App *app = app_connected(0);
  ask(app, "a.b", "1");
  rtt(app, PITAYA_SOURCE_REQUESTS, 299000);
  app_free(app);
}

const Scenario messages[] = {
  {"request", "sdk", request_},
  {"many-requests", "on-demand", many_requests},
  {"server-error", "on-demand", server_error},
  {"unknown-route", "sdk", unknown_route},
  {"notify", "on-demand", notify_},
  {"notify-to-nowhere", "sdk", notify_to_nowhere},
  {"notify-unsent", "on-demand", notify_unsent},
  {"push-then-answer", "sdk", push_then_answer},
  {"push-to-nobody", "on-demand", push_to_nobody},
  {"push-overflow", "on-demand", push_overflow},
  {"request-timeout", "silent", request_timeout},
  {"late-response", "late-response:300", late_response},
  {"cancel", "late-response:300", cancel},
  {"compressed", "compressed", compressed},
  {"push-bomb", "push-bomb", push_bomb},
  {"corrupt-body", "corrupt-body", corrupt_body},
  {"dictionary-pushes", "dictionary", dictionary_pushes},
  {"dictionary-request", "dictionary", dictionary_request},
  {"unknown-route-code", "unknown-route-code", unknown_code},
  {"unknown-answer", "unknown-answer", unknown_answer},
  {"many-packets-per-frame", "many-packets-per-frame", many_packets},
  {"text-frame", "text-frame", text_frame},
  {"route-too-long", "on-demand", route_too_long},
  {"body-too-large", "on-demand", body_too_large},
  {"answer-unreadable", "on-demand", answer_unreadable},
  {"rtt-by-heartbeats", "sdk@1", rtt_by_heartbeats},
  {"rtt-by-requests", "late-response:300", rtt_by_requests},
  {NULL, NULL, NULL},
};
