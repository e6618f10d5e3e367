/* The round trip of a request through the C ABI, and what a poll costs that finds nothing: round_trip HOST PORT COUNT. */
#define _POSIX_C_SOURCE 200809L
#include "pitaya_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define IDLE 1000000

static double now_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/* Polls until this happens; the only wait of a program that measures. */
static void wait_for(PitayaClient client, uint32_t kind, uint32_t state)
{
  PitayaEvent event;
  for (;;) {
    int32_t count = pitaya_poll(client, &event, 1, 0);
    if (count < 0 || (count && (event.status != PITAYA_OK || event.state == PITAYA_STATE_CLOSED))) exit(1);
    if (count && event.kind == kind && (kind != PITAYA_EVENT_STATE || event.state == state)) return;
  }
}

int main(int argc, char **argv)
{
  PitayaOptions options;
  PitayaClient client;
  PitayaCall call;
  PitayaEvent event;
  uint64_t id;
  char url[128];
  double begin, idle, *times;
  int i, count;
  if (argc != 4) return 2;
  count = atoi(argv[3]);
  if (count < 1 || !(times = calloc((size_t)count, sizeof *times))) return 2;
  snprintf(url, sizeof url, "tcp://%s:%s", argv[1], argv[2]);
  pitaya_options_init(&options);
  options.endpoints = pitaya_text(url);
  if (pitaya_create(&options, &client) != PITAYA_OK || pitaya_connect(client) != PITAYA_OK) return 1;
  wait_for(client, PITAYA_EVENT_STATE, PITAYA_STATE_CONNECTED);
  pitaya_call_init(&call);
  call.route = pitaya_text("connector.getsessiondata");
  for (i = 0; i < count; i++) {
    begin = now_us();
    if (pitaya_request(client, &call, &id) != PITAYA_OK) return 1;
    wait_for(client, PITAYA_EVENT_ANSWER, 0);
    times[i] = now_us() - begin;
  }
  begin = now_us();
  for (i = 0; i < IDLE; i++) pitaya_poll(client, &event, 1, 0);
  idle = (now_us() - begin) * 1000 / IDLE;
  pitaya_destroy(client, 1000);
  qsort(times, (size_t)count, sizeof *times, by_size);
  printf("{\"language\":\"c\",\"median_us\":%.1f,\"p99_us\":%.1f,\"idle_poll_ns\":%.0f}\n", times[count / 2],
         times[(size_t)count * 99 / 100], idle);
  return 0;
}
