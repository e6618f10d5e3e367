/* A client in C: connects, says what it is told, prints what comes back.
 *
 *   cc -DPITAYA_NATIVE -I client-ffi/include examples/native-c/echo.c -lpitaya_client_ffi -o echo
 *   ./echo tcp://127.0.0.1:3251 connector.setsessiondata '{"Data":{"name":"ann"}}'
 */
#define _POSIX_C_SOURCE 200809L
#include <pitaya_client.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void print(const char *label, PitayaBytes text)
{
  printf("%s%.*s\n", label, (int)text.len, (const char *)text.data);
}

static int failed(const char *what)
{
  uint8_t text[256];
  size_t len = pitaya_last_error(text, sizeof text);
  fprintf(stderr, "%s: %.*s\n", what, (int)(len < sizeof text ? len : sizeof text), (const char *)text);
  return EXIT_FAILURE;
}

/* What a game does once per frame. Returns 1 when there is nothing left to wait for. */
static int frame(PitayaClient client, const PitayaCall *call, uint64_t *waiting)
{
  PitayaEvent events[16];
  int32_t count = pitaya_poll(client, events, 16, 0);
  int32_t i;
  for (i = 0; i < count; i++) {
    const PitayaEvent *event = &events[i];
    switch (event->kind) {
    case PITAYA_EVENT_STATE:
      if (event->state == PITAYA_STATE_CONNECTED && pitaya_request(client, call, waiting) != PITAYA_OK) return 1;
      if (event->state == PITAYA_STATE_CLOSED) {
        print("closed: ", event->text);
        return 1;
      }
      break;
    case PITAYA_EVENT_PUSH:
      print("push: ", event->body);
      break;
    case PITAYA_EVENT_ANSWER:
      if (event->call != *waiting) break;
      print(event->status == PITAYA_OK ? "answer: " : "error: ", event->status == PITAYA_OK ? event->body : event->text);
      *waiting = 0;
      pitaya_disconnect(client);
      break;
    default:
      break;
    }
  }
  return count < 0;
}

int main(int argc, char **argv)
{
  PitayaOptions options;
  PitayaClient client;
  PitayaCall call;
  uint64_t waiting = 0;
  struct timespec sixtieth = {0, 16666667};
  if (argc != 4) {
    fprintf(stderr, "usage: %s URL ROUTE BODY\n", argv[0]);
    return EXIT_FAILURE;
  }
  if (pitaya_abi_version() != PITAYA_ABI_VERSION) return failed("the library is of another version");
  pitaya_options_init(&options);
  options.endpoints = pitaya_text(argv[1]);
  options.reconnect_attempts = 0;
  if (pitaya_create(&options, &client) != PITAYA_OK) return failed("settings");
  pitaya_call_init(&call);
  call.route = pitaya_text(argv[2]);
  call.body = pitaya_text(argv[3]);
  pitaya_subscribe(client, pitaya_text("some.push.route"));
  if (pitaya_connect(client) != PITAYA_OK) return failed("connect");
  while (!frame(client, &call, &waiting)) nanosleep(&sixtieth, NULL);
  pitaya_destroy(client, 1000);
  return EXIT_SUCCESS;
}
