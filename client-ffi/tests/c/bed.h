/* What the scenarios are written with: a client of either layer, its events, and words for what is expected. */
#ifndef BED_H
#define BED_H

#include "pitaya_client.h"

#include <stddef.h>
#include <stdint.h>

#define TEXT 512
#define LOG 1024

/* An event with copies of its texts. */
typedef struct {
  PitayaEvent is;
  char name[TEXT], body[TEXT], text[TEXT], detail[TEXT];
  size_t body_len;
  int taken;
} Seen;

/* A socket of a host that owns its sockets. */
typedef struct {
  int fd;
  enum { NONE, CONNECTING, UPGRADING, OPEN } is;
  unsigned char in[65536], out[131072];
  size_t in_len, out_len;
} Socket;

typedef struct {
  PitayaClient client;
  PitayaOptions options;
  uint16_t port;
  Socket socket;
  Seen *seen;
  size_t count;
  uint64_t made; /* when it was made, in microseconds */
} App;

/* What the command line says. */
extern int host_layer, websocket;
extern uint16_t ports[8];
extern int port_count;

/* bed.c */
#define CHECK(condition) \
  do { \
    if (!(condition)) fail(__FILE__, __LINE__, #condition); \
  } while (0)
#define OK(call) CHECK((call) == PITAYA_OK)

void fail(const char *file, int line, const char *what);
uint64_t now_us(void);
App *app_new(int port);          /* settings that come back without a wait worth speaking of */
void app_start(App *app);        /* makes the client and connects */
App *app_connected(int port);    /* and waits until it is connected */
void app_free(App *app);
void step(App *app);             /* one frame */
void run_for(App *app, uint64_t millis);
void subscribe(App *app, const char *route);
Seen *next_state(App *app, uint32_t state);   /* the next one, whatever comes between */
Seen *next_of(App *app, uint32_t kind);
Seen *push_on(App *app, const char *route);
Seen *end_of(App *app, uint64_t call);
Seen *lost(App *app);                         /* the first RECONNECTING */
PitayaCall call_of(const char *route, const char *body);
uint64_t request(App *app, const char *route, const char *body);
uint64_t notify(App *app, const char *route, const char *body);
uint64_t send_call(App *app, int is_request, PitayaCall call);
Seen *ask(App *app, const char *route, const char *body); /* a request that succeeds */
const char *received(App *app);
void lose(App *app);
uint32_t state_of(App *app);
/* harness.c. Asks the test around this program: "stop 0", "start 0". */
void harness(const char *order);

/* net.c: the transport of a host that owns its sockets. */
void net_connect(App *app, const char *address);
void net_disconnect(App *app, uint32_t code);
void net_step(App *app);
void net_abort(App *app);

typedef struct {
  const char *name;
  const char *peers; /* what the test starts: NAME[:DELAY_MS][@HEARTBEAT_S], several with blanks between; "nothing" is a port without a server */
  void (*run)(void);
} Scenario;

extern const Scenario connecting[], messages[], staying[], beyond[];

#endif
