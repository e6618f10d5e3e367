/* The transport of a host in a browser: WebSockets by pitaya_sockets.jslib, one connection at a time. */
#include "bed.h"

#include <emscripten.h>
#include <stdio.h>
#include <string.h>

int pitaya_socket_open(const char *url);
int pitaya_socket_state(int id);
int pitaya_socket_next(int id);
int pitaya_socket_read(int id, uint8_t *into, int capacity);
int pitaya_socket_send(int id, const uint8_t *bytes, int length);
int pitaya_socket_buffered(int id);
int pitaya_socket_close_code(int id);
void pitaya_socket_close(int id);

/* No more is handed to a socket that holds this many bytes: the library counts what waits there, a socket does not. */
#define MOST_BUFFERED 65536

enum { SOCKET_CONNECTING, SOCKET_OPEN, SOCKET_CLOSED };
/* "It broke" (RFC 6455 section 7.4.1). */
#define BROKEN 1006

void net_abort(App *app)
{
  Socket *s = &app->socket;
  if (s->fd > 0) {
    int id = s->fd;
    pitaya_socket_close(id);
    CHECK(pitaya_socket_state(id) == SOCKET_CLOSED);
    CHECK(pitaya_socket_next(id) == -1);
    CHECK(pitaya_socket_read(id, s->in, sizeof s->in) == -1);
    CHECK(pitaya_socket_send(id, s->out, 1) == 0);
    CHECK(pitaya_socket_buffered(id) == 0 && pitaya_socket_close_code(id) == 0);
  }
  s->fd = -1;
  s->is = NONE;
}

void net_connect(App *app, const char *address)
{
  char url[64];
  net_abort(app);
  if (!*address) {
    snprintf(url, sizeof url, "ws://127.0.0.1:%u", (unsigned)app->port);
    address = url;
  }
  CHECK(pitaya_socket_open("ws://[no address") == 0);
  CHECK(pitaya_socket_open("http://127.0.0.1:1") == 0);
  app->socket.fd = pitaya_socket_open(address);
  CHECK(app->socket.fd > 0);
  CHECK(pitaya_socket_state(app->socket.fd) == SOCKET_CONNECTING);
  CHECK(pitaya_socket_send(app->socket.fd, app->socket.out, 1) == 0);
  app->socket.is = CONNECTING;
}

static void take_out(App *app)
{
  Socket *s = &app->socket;
  size_t len;
  while (s->is == OPEN && pitaya_socket_buffered(s->fd) < MOST_BUFFERED) {
    OK(pitaya_host_transmit(app->client, s->out, sizeof s->out, &len));
    /* A socket that takes no more says in the next step that it has ended. */
    if (!len || !pitaya_socket_send(s->fd, s->out, (int)len)) return;
  }
}

void net_disconnect(App *app, uint32_t code)
{
  /* A page may close with few codes, and the bridge closes in order always. */
  (void)code;
  take_out(app);
  net_abort(app);
}

/* Hands over a frame that came; 0 when there is none, or the client wants none now. */
static int feed(App *app)
{
  Socket *s = &app->socket;
  uint32_t wants;
  PitayaBytes bytes;
  int len;
  OK(pitaya_host_wants_bytes(app->client, &wants));
  len = pitaya_socket_next(s->fd);
  if (!wants || len < 0) return 0;
  CHECK(len <= (int)sizeof s->in);
  CHECK(!len || pitaya_socket_read(s->fd, s->in, len - 1) == -1);
  CHECK(pitaya_socket_read(s->fd, s->in, sizeof s->in) == len);
  bytes.data = s->in;
  bytes.len = (size_t)len;
  OK(pitaya_host_feed(app->client, now_us(), bytes));
  return 1;
}

static void ended(App *app)
{
  int code = pitaya_socket_close_code(app->socket.fd);
  CHECK(code);
  if (app->socket.is == CONNECTING)
    OK(pitaya_host_failed(app->client, now_us(), pitaya_text("cannot be reached"), 1));
  else if (code == BROKEN)
    OK(pitaya_host_lost(app->client, now_us(), pitaya_text("the connection broke")));
  else
    OK(pitaya_host_closed(app->client, now_us(), (uint16_t)code, pitaya_text("")));
  net_abort(app);
}

void net_step(App *app)
{
  Socket *s = &app->socket;
  int state;
  OK(pitaya_host_tick(app->client, now_us()));
  take_out(app);
  /* A frame of the page: its events come in between. */
  emscripten_sleep(1);
  OK(pitaya_host_tick(app->client, now_us()));
  if (s->is == NONE) return;
  state = pitaya_socket_state(s->fd);
  if (s->is == CONNECTING && (state == SOCKET_OPEN || pitaya_socket_next(s->fd) >= 0)) {
    s->is = OPEN;
    OK(pitaya_host_opened(app->client, now_us(), PITAYA_TRANSPORT_MESSAGES));
    take_out(app);
  }
  while (s->is == OPEN && feed(app)) {
  }
  /* What came before the end is read first. */
  if (state == SOCKET_CLOSED && pitaya_socket_next(s->fd) < 0) ended(app);
}
