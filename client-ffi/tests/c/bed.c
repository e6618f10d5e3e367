#define _POSIX_C_SOURCE 200809L
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A wait that only a hang can exceed. */
#define LONG_US 30000000u

void fail(const char *file, int line, const char *what)
{
  uint8_t text[256];
  size_t len = pitaya_last_error(text, sizeof text);
  if (len > sizeof text) len = sizeof text;
  fprintf(stderr, "%s:%d: %s (last error: %.*s)\n", file, line, what, (int)len, (const char *)text);
  exit(1);
}

uint64_t now_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

App *app_new(int port)
{
  App *app = calloc(1, sizeof *app);
  CHECK(app);
  app->seen = calloc(LOG, sizeof *app->seen);
  CHECK(app->seen);
  app->socket.fd = -1;
  app->port = ports[port];
  OK(pitaya_options_init(&app->options));
  app->options.reconnect_base_ms = 20;
  app->options.reconnect_max_ms = 80;
  app->options.reconnect_jitter_percent = 0;
  return app;
}

static void create(App *app)
{
  if (app->client) return;
  app->made = now_us();
  if (host_layer) {
    OK(pitaya_host_create(&app->options, &app->client));
  } else {
#ifdef PITAYA_NATIVE
    char address[64];
    snprintf(address, sizeof address, "%s://127.0.0.1:%u", websocket ? "ws" : "tcp", app->port);
    app->options.endpoints = pitaya_text(address);
    OK(pitaya_create(&app->options, &app->client));
#else
    fail(__FILE__, __LINE__, "this library has no sockets");
#endif
  }
}

void app_start(App *app)
{
  create(app);
  if (host_layer) OK(pitaya_host_tick(app->client, now_us()));
  OK(pitaya_connect(app->client));
}

App *app_connected(int port)
{
  App *app = app_new(port);
  app_start(app);
  next_state(app, PITAYA_STATE_CONNECTED);
  return app;
}

void app_free(App *app)
{
  OK(pitaya_destroy(app->client, 1000));
  CHECK(pitaya_connect(app->client) == PITAYA_INVALID_HANDLE);
  net_abort(app);
  free(app->seen);
  free(app);
}

static size_t copy(char *to, PitayaBytes from)
{
  size_t len = from.len < TEXT - 1 ? from.len : TEXT - 1;
  if (len) memcpy(to, from.data, len);
  to[len] = 0;
  return from.len;
}

static void keep(App *app, const PitayaEvent *event)
{
  Seen *seen = &app->seen[app->count];
  CHECK(app->count < LOG);
  app->count++;
  seen->is = *event;
  copy(seen->name, event->name);
  seen->body_len = copy(seen->body, event->body);
  copy(seen->text, event->text);
  copy(seen->detail, event->detail);
  if (event->kind == PITAYA_EVENT_HOST_CONNECT) net_connect(app, seen->name);
  if (event->kind == PITAYA_EVENT_HOST_DISCONNECT) net_disconnect(app, event->code);
}

void step(App *app)
{
  PitayaEvent events[16];
  int32_t count, i;
  if (host_layer) net_step(app);
  count = pitaya_poll(app->client, events, 16, 0);
  CHECK(count >= 0);
  for (i = 0; i < count; i++) keep(app, &events[i]);
  if (!count && !host_layer) {
    /* A frame: this ABI is polled. */
    struct timespec frame = {0, 1000000};
    nanosleep(&frame, NULL);
  }
}

void run_for(App *app, uint64_t millis)
{
  uint64_t end = now_us() + millis * 1000;
  while (now_us() < end) step(app);
}

typedef struct {
  uint32_t kind;
  uint32_t state;
  uint64_t call;
  const char *name;
} Wanted;

static Seen *take(App *app, Wanted wanted)
{
  uint64_t end = now_us() + LONG_US;
  size_t i = 0;
  for (;;) {
    for (; i < app->count; i++) {
      Seen *seen = &app->seen[i];
      const PitayaEvent *is = &seen->is;
      if (seen->taken || (wanted.kind && is->kind != wanted.kind)) continue;
      if (wanted.kind == PITAYA_EVENT_STATE && is->state != wanted.state) continue;
      if (wanted.call && (is->call != wanted.call || (is->kind != PITAYA_EVENT_ANSWER && is->kind != PITAYA_EVENT_SENT)))
        continue;
      if (wanted.name && strcmp(seen->name, wanted.name) != 0) continue;
      seen->taken = 1;
      return seen;
    }
    CHECK(now_us() < end);
    step(app);
  }
}

Seen *next_of(App *app, uint32_t kind)
{
  Wanted wanted = {kind, 0, 0, NULL};
  return take(app, wanted);
}

Seen *next_state(App *app, uint32_t state)
{
  Wanted wanted = {PITAYA_EVENT_STATE, state, 0, NULL};
  return take(app, wanted);
}

Seen *push_on(App *app, const char *route)
{
  Wanted wanted = {PITAYA_EVENT_PUSH, 0, 0, route};
  return take(app, wanted);
}

Seen *end_of(App *app, uint64_t call)
{
  Wanted wanted = {0, 0, call, NULL};
  return take(app, wanted);
}

Seen *lost(App *app)
{
  return next_state(app, PITAYA_STATE_RECONNECTING);
}

void subscribe(App *app, const char *route)
{
  create(app);
  OK(pitaya_subscribe(app->client, pitaya_text(route)));
}

PitayaCall call_of(const char *route, const char *body)
{
  PitayaCall call;
  OK(pitaya_call_init(&call));
  call.route = pitaya_text(route);
  call.body = pitaya_text(body);
  return call;
}

uint64_t send_call(App *app, int is_request, PitayaCall call)
{
  uint64_t id = 0;
  if (host_layer) OK(pitaya_host_tick(app->client, now_us()));
  OK(is_request ? pitaya_request(app->client, &call, &id) : pitaya_notify(app->client, &call, &id));
  CHECK(id);
  return id;
}

uint64_t request(App *app, const char *route, const char *body)
{
  return send_call(app, 1, call_of(route, body));
}

uint64_t notify(App *app, const char *route, const char *body)
{
  return send_call(app, 0, call_of(route, body));
}

Seen *ask(App *app, const char *route, const char *body)
{
  Seen *answer = end_of(app, request(app, route, body));
  CHECK(answer->is.kind == PITAYA_EVENT_ANSWER);
  CHECK(answer->is.status == PITAYA_OK);
  return answer;
}

const char *received(App *app)
{
  return ask(app, "mock.received", "")->body;
}

void lose(App *app)
{
  notify(app, "mock.drop", "");
  lost(app);
}

uint32_t state_of(App *app)
{
  uint32_t state = 99;
  OK(pitaya_state(app->client, &state));
  return state;
}
