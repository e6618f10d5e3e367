/* What a foreign program can do wrong ends in a number: misuse PORT, of a peer that obeys. */
#define _POSIX_C_SOURCE 200809L
#include "pitaya_client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1); \
    } \
  } while (0)
#define OK(call) CHECK((call) == PITAYA_OK)

static char address[64];
static int rounds;

/* Allocations of the whole program, the library's included: the linker sends them here. */
static unsigned long allocations;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
int __real_posix_memalign(void **to, size_t alignment, size_t size);
void *__wrap_malloc(size_t size) { __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED); return __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED); return __real_calloc(count, size); }
void *__wrap_realloc(void *old, size_t size) { __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED); return __real_realloc(old, size); }
int __wrap_posix_memalign(void **to, size_t alignment, size_t size)
{
  __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
  return __real_posix_memalign(to, alignment, size);
}

static PitayaClient made(int host)
{
  PitayaOptions options;
  PitayaClient client = 0;
  OK(pitaya_options_init(&options));
  options.endpoints = pitaya_text(address);
  OK(host ? pitaya_host_create(&options, &client) : pitaya_create(&options, &client));
  CHECK(client != 0);
  return client;
}

static void frame(void)
{
  struct timespec time = {0, 1000000};
  nanosleep(&time, NULL);
}

static void wait_for(PitayaClient client, uint32_t wanted)
{
  PitayaEvent event;
  for (;;) {
    int32_t count = pitaya_poll(client, &event, 1, 0);
    CHECK(count >= 0);
    if (count && event.kind == PITAYA_EVENT_STATE && event.state == wanted) return;
    if (!count) frame();
  }
}

static void handles(PitayaClient bad, int32_t expected)
{
  PitayaEvent event;
  PitayaCall call;
  PitayaBuffer buffer;
  uint64_t number;
  uint32_t small;
  size_t len;
  PitayaBytes text = pitaya_text("a.b");
  OK(pitaya_call_init(&call));
  CHECK(pitaya_connect(bad) == expected);
  CHECK(pitaya_disconnect(bad) == expected);
  CHECK(pitaya_pause(bad) == expected);
  CHECK(pitaya_resume(bad) == expected);
  CHECK(pitaya_set_online(bad, 1) == expected);
  CHECK(pitaya_release(bad) == expected);
  CHECK(pitaya_destroy(bad, 0) == expected);
  CHECK(pitaya_subscribe(bad, text) == expected);
  CHECK(pitaya_unsubscribe(bad, text) == expected);
  CHECK(pitaya_set_user(bad, text) == expected);
  CHECK(pitaya_request(bad, &call, &number) == expected);
  CHECK(pitaya_notify(bad, &call, &number) == expected);
  CHECK(pitaya_cancel(bad, 1) == expected);
  CHECK(pitaya_poll(bad, &event, 1, 0) == expected);
  CHECK(pitaya_events_done(bad) == expected);
  CHECK(pitaya_take_body(bad, 0, &buffer) == expected);
  CHECK(pitaya_state(bad, &small) == expected);
  CHECK(pitaya_rtt(bad, &number, &small) == expected);
  CHECK(pitaya_serializer(bad, &small) == expected);
  CHECK(pitaya_host_tick(bad, 0) == expected);
  CHECK(pitaya_host_deadline(bad, &number) == expected);
  CHECK(pitaya_host_opened(bad, 0, PITAYA_TRANSPORT_STREAM) == expected);
  CHECK(pitaya_host_failed(bad, 0, text, 1) == expected);
  CHECK(pitaya_host_feed(bad, 0, text) == expected);
  CHECK(pitaya_host_transmit(bad, NULL, 0, &len) == expected);
  CHECK(pitaya_host_wants_bytes(bad, &small) == expected);
  CHECK(pitaya_host_ended(bad, 0) == expected);
  CHECK(pitaya_host_closed(bad, 0, 1000, text) == expected);
  CHECK(pitaya_host_lost(bad, 0, text) == expected);
}

static void other_kinds(void)
{
  PitayaLog log = 0;
  PitayaClient client = made(0);
  uint32_t level;
  uint64_t missed;
  size_t len;
  uint8_t text[64];
  OK(pitaya_log_open(PITAYA_LOG_DEBUG, &log));
  handles(log, PITAYA_WRONG_KIND);
  CHECK(pitaya_log_next(client, &level, text, sizeof text, &len, &missed) == PITAYA_WRONG_KIND);
  CHECK(pitaya_log_close(client) == PITAYA_WRONG_KIND);
  CHECK(pitaya_host_tick(client, 0) == PITAYA_WRONG_KIND);
  CHECK(pitaya_host_opened(client, 0, PITAYA_TRANSPORT_STREAM) == PITAYA_WRONG_KIND);
  OK(pitaya_connect(client));
  wait_for(client, PITAYA_STATE_CONNECTED);
  CHECK(pitaya_log_next(log, &level, text, sizeof text, &len, &missed) == 1 && len > 0);
  OK(pitaya_log_close(log));
  CHECK(pitaya_log_close(log) == PITAYA_INVALID_HANDLE);
  CHECK(pitaya_log_open(99, &log) == PITAYA_INVALID_ARGUMENT && log == 0);
  OK(pitaya_destroy(client, 1000));
}

static void arguments(void)
{
  PitayaOptions options;
  PitayaClient client = made(1), none = 7;
  PitayaCall call;
  PitayaBytes bad;
  uint64_t id = 7;
  size_t len;
  uint8_t text[8];
  static const uint8_t no_text[] = {0xff, 0xfe};
  CHECK(pitaya_options_init(NULL) == PITAYA_NULL_POINTER);
  CHECK(pitaya_call_init(NULL) == PITAYA_NULL_POINTER);
  CHECK(pitaya_create(NULL, &none) == PITAYA_NULL_POINTER && none == 0);
  OK(pitaya_options_init(&options));
  CHECK(pitaya_create(&options, NULL) == PITAYA_NULL_POINTER);
  CHECK(pitaya_host_create(&options, NULL) == PITAYA_NULL_POINTER);
  options.serializers = 64;
  CHECK(pitaya_host_create(&options, &none) == PITAYA_INVALID_ARGUMENT);
  OK(pitaya_options_init(&options));
  options.user_json = pitaya_text("[1]");
  CHECK(pitaya_host_create(&options, &none) == PITAYA_INVALID_ARGUMENT);
  OK(pitaya_options_init(&options));
  options.tls_pins = pitaya_text("no pin");
  options.endpoints = pitaya_text(address);
  CHECK(pitaya_create(&options, &none) == PITAYA_INVALID_ARGUMENT);
  CHECK(pitaya_poll(client, NULL, 1, 0) == PITAYA_NULL_POINTER);
  CHECK(pitaya_poll(client, NULL, 0, 0) == 0);
  CHECK(pitaya_poll(client, (PitayaEvent *)text, SIZE_MAX, 0) == PITAYA_INVALID_ARGUMENT);
  CHECK(pitaya_state(client, NULL) == PITAYA_NULL_POINTER);
  CHECK(pitaya_request(client, NULL, &id) == PITAYA_NULL_POINTER && id == 0);
  OK(pitaya_call_init(&call));
  CHECK(pitaya_request(client, &call, NULL) == PITAYA_NULL_POINTER);
  bad.data = no_text;
  bad.len = 2;
  call.route = bad;
  CHECK(pitaya_request(client, &call, &id) == PITAYA_INVALID_UTF8);
  CHECK(pitaya_subscribe(client, bad) == PITAYA_INVALID_UTF8);
  bad.data = NULL;
  CHECK(pitaya_subscribe(client, bad) == PITAYA_NULL_POINTER);
  bad.data = no_text;
  bad.len = SIZE_MAX;
  CHECK(pitaya_subscribe(client, bad) == PITAYA_INVALID_ARGUMENT);
  bad.len = 0;
  CHECK(pitaya_subscribe(client, bad) == PITAYA_INVALID_ARGUMENT);
  call.route = pitaya_text("a.b");
  call.queue = 9;
  CHECK(pitaya_request(client, &call, &id) == PITAYA_INVALID_ARGUMENT);
  CHECK(pitaya_host_opened(client, 0, PITAYA_TRANSPORT_STREAM) == PITAYA_NOT_ASKED);
  CHECK(pitaya_host_opened(client, 0, 9) == PITAYA_INVALID_ARGUMENT);
  CHECK(pitaya_host_failed(client, 0, pitaya_text(""), 1) == PITAYA_NOT_ASKED);
  OK(pitaya_host_feed(client, 0, pitaya_text("bytes of no connection")));
  CHECK(pitaya_last_error(NULL, 0) > 0);
  CHECK(pitaya_last_error(text, 1) > 1);
  /* One message of a handshake into too little room. */
  OK(pitaya_connect(client));
  OK(pitaya_host_opened(client, 1, PITAYA_TRANSPORT_MESSAGES));
  CHECK(pitaya_host_transmit(client, text, sizeof text, &len) == PITAYA_BUFFER_TOO_SMALL && len > sizeof text);
  CHECK(pitaya_buffer_free(NULL) == PITAYA_NULL_POINTER);
  OK(pitaya_destroy(client, 0));
}

static void bodies(void)
{
  PitayaClient client = made(0);
  PitayaEvent event;
  PitayaBuffer buffer;
  PitayaCall call;
  uint64_t id;
  OK(pitaya_connect(client));
  wait_for(client, PITAYA_STATE_CONNECTED);
  OK(pitaya_call_init(&call));
  call.route = pitaya_text("a.b");
  call.body = pitaya_text("kept");
  OK(pitaya_request(client, &call, &id));
  while (pitaya_poll(client, &event, 1, 0) == 0 || event.kind != PITAYA_EVENT_ANSWER) frame();
  CHECK(event.call == id && event.body.len == 4);
  OK(pitaya_take_body(client, 0, &buffer));
  CHECK(pitaya_poll(client, &event, 1, 0) >= 0);
  CHECK(buffer.len == 4 && memcmp(buffer.data, "kept", 4) == 0);
  OK(pitaya_buffer_free(&buffer));
  CHECK(buffer.data == NULL);
  OK(pitaya_buffer_free(&buffer));
  CHECK(pitaya_take_body(client, 99, &buffer) == PITAYA_INVALID_ARGUMENT && buffer.data == NULL);
  OK(pitaya_disconnect(client));
  wait_for(client, PITAYA_STATE_CLOSED);
  /* After the end calls fail, and another connect is another connection. */
  OK(pitaya_request(client, &call, &id));
  while (pitaya_poll(client, &event, 1, 0) == 0 || event.kind != PITAYA_EVENT_ANSWER) frame();
  CHECK(event.status == PITAYA_ERROR_NOT_CONNECTED);
  OK(pitaya_disconnect(client));
  OK(pitaya_connect(client));
  wait_for(client, PITAYA_STATE_CONNECTED);
  /* Dropped with requests in flight. */
  call.route = pitaya_text("mock.silent");
  for (id = 0; id < 100;) {
    uint64_t number;
    OK(pitaya_request(client, &call, &number));
    id++;
  }
  OK(pitaya_destroy(client, 1000));
  handles(client, PITAYA_INVALID_HANDLE);
}

static PitayaClient shared;
static int over;

static void *polls(void *unused)
{
  PitayaEvent events[4];
  while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
    int32_t count = pitaya_poll(shared, events, 4, 0), i;
    CHECK(count >= 0 || count == PITAYA_BUSY || count == PITAYA_INVALID_HANDLE);
    for (i = 0; i < count; i++) CHECK(events[i].kind != 0);
    if (count > 0) OK(pitaya_events_done(shared));
  }
  return unused;
}

static void *calls(void *unused)
{
  PitayaCall call;
  uint64_t id;
  int i;
  OK(pitaya_call_init(&call));
  call.route = pitaya_text("a.b");
  for (i = 0; i < rounds / 5; i++) {
    int32_t status = pitaya_request(shared, &call, &id);
    CHECK(status == PITAYA_OK || status == PITAYA_ERROR_QUEUE_FULL);
    if (status == PITAYA_OK && i % 3 == 0) OK(pitaya_cancel(shared, id));
    OK(pitaya_subscribe(shared, pitaya_text("onPush")));
    OK(pitaya_unsubscribe(shared, pitaya_text("onPush")));
  }
  return unused;
}

static void threads(void)
{
  pthread_t readers[2], writers[2];
  int i;
  shared = made(0);
  OK(pitaya_connect(shared));
  wait_for(shared, PITAYA_STATE_CONNECTED);
  OK(pitaya_events_done(shared));
  for (i = 0; i < 2; i++) CHECK(pthread_create(&readers[i], NULL, polls, NULL) == 0);
  for (i = 0; i < 2; i++) CHECK(pthread_create(&writers[i], NULL, calls, NULL) == 0);
  for (i = 0; i < 2; i++) CHECK(pthread_join(writers[i], NULL) == 0);
  __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
  for (i = 0; i < 2; i++) CHECK(pthread_join(readers[i], NULL) == 0);
  OK(pitaya_destroy(shared, 1000));
}

static void idle(PitayaClient client)
{
  PitayaEvent events[8];
  unsigned long before;
  int i;
  while (pitaya_poll(client, events, 8, 0) > 0) {
  }
  before = __atomic_load_n(&allocations, __ATOMIC_RELAXED);
  for (i = 0; i < 100000; i++) CHECK(pitaya_poll(client, events, 8, 0) == 0);
  CHECK(__atomic_load_n(&allocations, __ATOMIC_RELAXED) == before);
}

static void idle_polls(void)
{
  PitayaClient client = made(1);
  uint64_t now = 0;
  PitayaEvent events[8];
  unsigned long before;
  int i;
  OK(pitaya_connect(client));
  idle(client);
  before = allocations;
  for (i = 0; i < 1000; i++) {
    OK(pitaya_host_tick(client, now));
    CHECK(pitaya_poll(client, events, 8, 0) == 0);
  }
  CHECK(allocations == before);
  OK(pitaya_destroy(client, 0));
  client = made(0);
  idle(client);
  OK(pitaya_destroy(client, 0));
}

static void cycles(void)
{
  PitayaClient last = 0, client;
  int i;
  for (i = 0; i < rounds; i++) {
    client = made(i & 1);
    CHECK(client != last);
    if (last) CHECK(pitaya_pause(last) == PITAYA_INVALID_HANDLE);
    if (i % 100 == 0) OK(pitaya_connect(client));
    OK(pitaya_destroy(client, 0));
    CHECK(pitaya_destroy(client, 0) == PITAYA_INVALID_HANDLE);
    last = client;
  }
}

int main(int argc, char **argv)
{
  CHECK(argc == 3);
  rounds = atoi(argv[2]);
  snprintf(address, sizeof address, "tcp://127.0.0.1:%s", argv[1]);
  handles(0, PITAYA_INVALID_HANDLE);
  handles(UINT64_MAX, PITAYA_INVALID_HANDLE);
  handles((uint64_t)1 << 32, PITAYA_INVALID_HANDLE);
  arguments();
  other_kinds();
  bodies();
  idle_polls();
  threads();
  cycles();
  return 0;
}
