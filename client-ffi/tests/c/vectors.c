/* A client without a socket, which does what its input says, a line each, and prints what comes of it: its events, what it wants sent, and a dot.
 *
 *   new SERIALIZERS    another client, whose transport is open; SERIALIZERS are PITAYA_SERIALIZER_* added up
 *   feed HEX           these bytes come from the server
 *   request HEX        sends a request to this route
 */
#include "pitaya_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 65536

static PitayaClient client;
/* A clock that stands still but for one tick per order. */
static uint64_t now;

static void must(int32_t status)
{
  uint8_t text[256];
  size_t len;
  if (status == PITAYA_OK) return;
  len = pitaya_last_error(text, sizeof text);
  fprintf(stderr, "%d: %.*s\n", status, (int)(len < sizeof text ? len : sizeof text), (const char *)text);
  exit(1);
}

static void print_hex(const uint8_t *data, size_t len)
{
  size_t i;
  putchar(' ');
  for (i = 0; i < len; i++) printf("%02x", data[i]);
  if (!len) putchar('-');
}

static void print_event(const PitayaEvent *event)
{
  const PitayaBytes texts[] = {event->name, event->body, event->text, event->detail};
  size_t i;
  printf("event %u %d %u %u %u %u %u %llu", event->kind, event->status, event->state, event->code, event->origin, event->flags,
         event->serializer, (unsigned long long)event->retry_after_us);
  for (i = 0; i < sizeof texts / sizeof *texts; i++) print_hex(texts[i].data, texts[i].len);
  putchar('\n');
}

/* Prints everything that has come of an order. */
static void print_all(void)
{
  PitayaEvent events[8];
  uint8_t sent[4096];
  size_t len;
  int32_t count, i;
  do {
    count = pitaya_poll(client, events, 8, 0);
    if (count < 0) must(count);
    for (i = 0; i < count; i++) print_event(&events[i]);
  } while (count);
  do {
    must(pitaya_host_transmit(client, sent, sizeof sent, &len));
    if (len) {
      fputs("sent", stdout);
      print_hex(sent, len);
      putchar('\n');
    }
  } while (len);
  puts(".");
  fflush(stdout);
}

/* Reads hexadecimal digits in place. */
static PitayaBytes unhex(char *text)
{
  PitayaBytes bytes = {(uint8_t *)text, 0};
  char digits[3] = {0};
  for (; text[2 * bytes.len] && text[2 * bytes.len + 1]; bytes.len++) {
    memcpy(digits, text + 2 * bytes.len, 2);
    text[bytes.len] = (char)strtoul(digits, NULL, 16);
  }
  return bytes;
}

static void anew(uint32_t serializers)
{
  PitayaOptions options;
  PitayaEvent events[2];
  if (client) must(pitaya_destroy(client, 0));
  must(pitaya_options_init(&options));
  options.serializers = serializers;
  options.reconnect_base_ms = options.reconnect_max_ms = 60000;
  must(pitaya_host_create(&options, &client));
  must(pitaya_connect(client));
  if (pitaya_poll(client, events, 2, 0) != 2 || events[1].kind != PITAYA_EVENT_HOST_CONNECT) exit(1);
  must(pitaya_host_opened(client, now, PITAYA_TRANSPORT_STREAM));
}

int main(void)
{
  static char line[LINE];
  while (fgets(line, sizeof line, stdin)) {
    char *end = strchr(line, '\n'), *rest = strchr(line, ' ');
    if (!end || !rest) return 1;
    *end = 0;
    *rest++ = 0;
    now++;
    if (strcmp(line, "new") == 0) {
      anew((uint32_t)atoi(rest));
    } else if (strcmp(line, "feed") == 0) {
      must(pitaya_host_feed(client, now, unhex(rest)));
    } else if (strcmp(line, "request") == 0) {
      PitayaCall call;
      uint64_t id;
      must(pitaya_call_init(&call));
      call.route = unhex(rest);
      must(pitaya_request(client, &call, &id));
    } else {
      return 1;
    }
    print_all();
  }
  return client ? pitaya_destroy(client, 0) : 0;
}
