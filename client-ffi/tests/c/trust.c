/* Connects once and prints what came of it: trust URL ROOTS PINS CHAIN KEY. All but the URL may be empty; ROOTS, CHAIN and KEY are files. */
#define _POSIX_C_SOURCE 200809L
#include "pitaya_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILE_SIZE 65536

/* A whole file in memory that lasts as long as the program. */
static PitayaBytes content(const char *path)
{
  static uint8_t memory[3][FILE_SIZE];
  static int used;
  PitayaBytes bytes = {NULL, 0};
  FILE *file = *path ? fopen(path, "rb") : NULL;
  if (!file) return bytes;
  bytes.data = memory[used];
  bytes.len = fread(memory[used++], 1, FILE_SIZE, file);
  fclose(file);
  return bytes;
}

int main(int argc, char **argv)
{
  const struct timespec frame = {0, 1000000};
  PitayaOptions options;
  PitayaClient client;
  int32_t status;
  if (argc != 6) return 2;
  pitaya_options_init(&options);
  options.endpoints = pitaya_text(argv[1]);
  options.tls_roots_pem = content(argv[2]);
  options.tls_pins = pitaya_text(argv[3]);
  options.tls_identity_chain_pem = content(argv[4]);
  options.tls_identity_key_pem = content(argv[5]);
  /* What is worth trying again comes as RECONNECTING, what is final as CLOSED. */
  options.retry_first = 1;
  status = pitaya_create(&options, &client);
  if (status == PITAYA_OK) status = pitaya_connect(client);
  if (status != PITAYA_OK) {
    printf("unusable %d\n", status);
    return 0;
  }
  for (;;) {
    PitayaEvent event;
    while (pitaya_poll(client, &event, 1, 0) == 0) nanosleep(&frame, NULL);
    if (event.kind != PITAYA_EVENT_STATE || event.state == PITAYA_STATE_CONNECTING) continue;
    if (event.state == PITAYA_STATE_CONNECTED)
      printf("connected\n");
    else
      printf("%s %d origin %u %s\n", event.state == PITAYA_STATE_CLOSED ? "closed" : "again", event.status, event.origin,
             event.flags & PITAYA_FLAG_RETRYABLE ? "retryable" : "final");
    fprintf(stderr, "%.*s\n", (int)event.text.len, (const char *)event.text.data);
    pitaya_destroy(client, 1000);
    return 0;
  }
}
