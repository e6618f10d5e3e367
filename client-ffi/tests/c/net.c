/* TCP and WebSocket of a host that owns its sockets: non-blocking, one connection at a time. */
#define _POSIX_C_SOURCE 200809L
#include "bed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void queue(Socket *s, const void *bytes, size_t len)
{
  CHECK(s->out_len + len <= sizeof s->out);
  memcpy(s->out + s->out_len, bytes, len);
  s->out_len += len;
}

/* A client's frame: masked with zeros, which changes nothing (RFC 6455 section 5.3). */
static void frame(Socket *s, int opcode, const unsigned char *bytes, size_t len)
{
  unsigned char head[14] = {0};
  size_t used = 2;
  head[0] = (unsigned char)(0x80 | opcode);
  if (len < 126) {
    head[1] = (unsigned char)(0x80 | len);
  } else {
    CHECK(len < 65536);
    head[1] = 0x80 | 126;
    head[2] = (unsigned char)(len >> 8);
    head[3] = (unsigned char)len;
    used = 4;
  }
  queue(s, head, used + 4);
  queue(s, bytes, len);
}

/* Sends what is there; 0 when the socket is broken. */
static int flush_out(Socket *s)
{
  while (s->out_len) {
    ssize_t sent = send(s->fd, s->out, s->out_len, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    memmove(s->out, s->out + sent, s->out_len - (size_t)sent);
    s->out_len -= (size_t)sent;
  }
  return 1;
}

static void take_out(App *app)
{
  unsigned char bytes[16384];
  size_t len;
  Socket *s = &app->socket;
  for (;;) {
    if (s->out_len > sizeof s->out / 2) return;
    OK(pitaya_host_transmit(app->client, bytes, sizeof bytes, &len));
    if (!len) return;
    if (websocket)
      frame(s, 2, bytes, len);
    else
      queue(s, bytes, len);
  }
}

void net_abort(App *app)
{
  if (app->socket.fd >= 0) close(app->socket.fd);
  app->socket.fd = -1;
  app->socket.is = NONE;
  app->socket.in_len = app->socket.out_len = 0;
}

void net_disconnect(App *app, uint32_t code)
{
  Socket *s = &app->socket;
  if (s->is == OPEN) {
    unsigned char bytes[2];
    take_out(app);
    bytes[0] = (unsigned char)(code >> 8);
    bytes[1] = (unsigned char)code;
    if (websocket) frame(s, 8, bytes, 2);
    flush_out(s);
    shutdown(s->fd, SHUT_WR);
    /* What has come is read: a socket that is dropped with unread bytes is reset, and a reset overtakes. */
    while (recv(s->fd, s->in, sizeof s->in, 0) > 0) {
    }
  }
  net_abort(app);
}

void net_connect(App *app, const char *address)
{
  struct sockaddr_in to;
  const char *colon = strrchr(address, ':');
  Socket *s = &app->socket;
  net_abort(app);
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(s->fd >= 0);
  CHECK(fcntl(s->fd, F_SETFL, O_NONBLOCK) == 0);
  memset(&to, 0, sizeof to);
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(colon ? (uint16_t)atoi(colon + 1) : app->port);
  s->is = CONNECTING;
  CHECK(connect(s->fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS || errno == ECONNREFUSED);
}

static void lost_socket(App *app, const char *reason)
{
  Socket *s = &app->socket;
  if (s->is == OPEN)
    OK(pitaya_host_lost(app->client, now_us(), pitaya_text(reason)));
  else
    OK(pitaya_host_failed(app->client, now_us(), pitaya_text(reason), 1));
  net_abort(app);
}

static void opened(App *app)
{
  app->socket.is = OPEN;
  OK(pitaya_host_opened(app->client, now_us(), websocket ? PITAYA_TRANSPORT_MESSAGES : PITAYA_TRANSPORT_STREAM));
}

static void upgrade(App *app)
{
  char text[256];
  int len = snprintf(text, sizeof text,
                     "GET / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                     app->port);
  app->socket.is = UPGRADING;
  queue(&app->socket, text, (size_t)len);
}

static void feed(App *app, const unsigned char *data, size_t len)
{
  PitayaBytes bytes;
  bytes.data = data;
  bytes.len = len;
  OK(pitaya_host_feed(app->client, now_us(), bytes));
}

/* Uses up what has come; returns how much. */
static size_t consume(App *app)
{
  Socket *s = &app->socket;
  unsigned char *in = s->in;
  if (s->is == UPGRADING) {
    size_t i;
    for (i = 0; i + 4 <= s->in_len; i++)
      if (memcmp(in + i, "\r\n\r\n", 4) == 0) {
        CHECK(memcmp(in, "HTTP/1.1 101", 12) == 0);
        opened(app);
        return i + 4;
      }
    return 0;
  }
  if (!websocket) {
    feed(app, in, s->in_len);
    return s->in_len;
  }
  if (s->in_len >= 2) {
    size_t len = in[1] & 0x7f, head = 2;
    if (len == 126) {
      if (s->in_len < 4) return 0;
      len = (size_t)in[2] << 8 | in[3];
      head = 4;
    }
    CHECK(len < 65536 && in[1] != 127);
    if (s->in_len < head + len) return 0;
    if ((in[0] & 15) == 8) {
      PitayaBytes reason;
      uint16_t code = len >= 2 ? (uint16_t)(in[head] << 8 | in[head + 1]) : 1005;
      reason.data = in + head + 2;
      reason.len = len > 2 ? len - 2 : 0;
      OK(pitaya_host_closed(app->client, now_us(), code, reason));
      s->in_len = 0;
    } else if ((in[0] & 15) < 3) {
      feed(app, in + head, len);
    }
    return head + len;
  }
  return 0;
}

static void receive(App *app)
{
  Socket *s = &app->socket;
  ssize_t got = recv(s->fd, s->in + s->in_len, sizeof s->in - s->in_len, 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got < 0) {
    lost_socket(app, strerror(errno));
  } else if (got == 0) {
    if (s->is == OPEN) {
      OK(pitaya_host_ended(app->client, now_us()));
      net_abort(app);
    } else {
      lost_socket(app, "the server ended the connection");
    }
  } else {
    s->in_len += (size_t)got;
    while (s->in_len && s->fd >= 0) {
      size_t used = consume(app);
      if (!used) return;
      if (used > s->in_len) used = s->in_len;
      memmove(s->in, s->in + used, s->in_len - used);
      s->in_len -= used;
    }
  }
}

void net_step(App *app)
{
  Socket *s = &app->socket;
  struct pollfd wait;
  uint64_t due = PITAYA_NEVER, now;
  int error = 0, millis = 5;
  socklen_t size = sizeof error;
  if (s->is == OPEN) take_out(app);
  if (s->is >= UPGRADING && !flush_out(s)) s->out_len = 0;
  OK(pitaya_host_deadline(app->client, &due));
  now = now_us();
  if (due <= now + 5000) millis = due > now ? (int)((due - now) / 1000) : 0;
  wait.fd = s->fd;
  wait.events = (short)(POLLIN | (s->is == CONNECTING || s->out_len ? POLLOUT : 0));
  wait.revents = 0;
  poll(&wait, s->fd >= 0 ? 1 : 0, millis);
  OK(pitaya_host_tick(app->client, now_us()));
  if (!wait.revents || s->fd < 0) return;
  if (s->is == CONNECTING) {
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error)
      lost_socket(app, strerror(error));
    else if (websocket)
      upgrade(app);
    else
      opened(app);
  } else if (wait.revents & (POLLIN | POLLHUP | POLLERR)) {
    receive(app);
  }
}
