// The Pitaya client for C and C++. It is written by cbindgen from client-ffi/src/c_abi; client-ffi/README.md shows how it is used.
//
// Functions return PITAYA_OK, or a negative number and then pitaya_last_error has the reason. Every function may be called from any thread.
// None blocks but pitaya_destroy, for as long as it is told. No thread of the library ever calls into the program.
//
// Functions in front of which stands that something can be read or written read or write it only until they return.


#ifndef PITAYA_CLIENT_H
#define PITAYA_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Longest time that `pitaya_destroy` blocks, in milliseconds.
#define PITAYA_DESTROY_MAX_MS 5000

// The version of this ABI. A program compares it with `pitaya_abi_version`: another number is another layout.
#define PITAYA_ABI_VERSION 1

// Done.
#define PITAYA_OK 0

// A pointer is null that must not be.
#define PITAYA_NULL_POINTER -1

// The handle is 0, was never given out, or its object was destroyed.
#define PITAYA_INVALID_HANDLE -2

// The handle is of another kind, or the client is: one that owns its sockets was asked for what the host does, or the other way round.
#define PITAYA_WRONG_KIND -3

// A text is not UTF-8.
#define PITAYA_INVALID_UTF8 -4

// An argument or a setting makes no sense; `pitaya_last_error` says which.
#define PITAYA_INVALID_ARGUMENT -5

// Another thread still reads the events of its last poll.
#define PITAYA_BUSY -6

// A fault of this library. The object should be destroyed; the process can go on.
#define PITAYA_PANIC -7

// The host answered what it was not asked.
#define PITAYA_NOT_ASKED -8

// The buffer is too small; how much is needed was written.
#define PITAYA_BUFFER_TOO_SMALL -9

// The server answered with an error: `name` is its code, `text` its message, `detail` its metadata as JSON.
#define PITAYA_ERROR_SERVER 1

// No answer came in time; `time_us` is the time that was allowed.
#define PITAYA_ERROR_TIMEOUT 2

// The connection ended first; `code`, `origin` and `text` say how.
#define PITAYA_ERROR_DISCONNECTED 3

// There is no connection, and the call does not wait for one or there never will be one.
#define PITAYA_ERROR_NOT_CONNECTED 4

// Too many calls are in flight or wait, or too much was not polled.
#define PITAYA_ERROR_QUEUE_FULL 5

// It waited for a connection for as long as its policy allows.
#define PITAYA_ERROR_EXPIRED 6

// A newer call with the same route and key took its place.
#define PITAYA_ERROR_SUPERSEDED 7

// It is larger than a packet can be.
#define PITAYA_ERROR_TOO_LARGE 8

// The route is malformed.
#define PITAYA_ERROR_ROUTE 9

// The payload cannot be written in the connection's serializer. The layers above use it; bodies are bytes here.
#define PITAYA_ERROR_ENCODE 10

// The application cancelled it.
#define PITAYA_ERROR_CANCELLED 11

// The answer cannot be inflated, or not within `max_inflated`.
#define PITAYA_ERROR_INFLATE 12

// The answer is not what was expected. The layers above use it; bodies are bytes here.
#define PITAYA_ERROR_DECODE 13

// Connecting: no server was reached: no network, no such name, nobody listens there, or not within `connect_timeout_ms`.
#define PITAYA_ERROR_UNREACHABLE 14

// Connecting: what listens there does not speak WebSocket, or does not want to.
#define PITAYA_ERROR_UPGRADE 15

// Connecting: the TLS handshake failed, but not for the server's certificate.
#define PITAYA_ERROR_TLS 16

// Connecting: the server's certificate is not trusted: its issuer, its name or its dates.
#define PITAYA_ERROR_CERTIFICATE 17

// Connecting: the server's certificate is trusted, but its public key is none of `tls_pins`.
#define PITAYA_ERROR_PIN 18

// The client is in another state: `state`, and with it `attempt`, `time_us`, `code`, `origin`, `text`, `detail`, `flags`, and where the cause is
// that no connection could be opened also `status`. It comes before the ends of the calls that went with the connection.
#define PITAYA_EVENT_STATE 1

// A request has ended: `call`, `status`, and `body` where that is 0.
#define PITAYA_EVENT_ANSWER 2

// A notify has ended: `call` and `status`; 0 means that it was handed to the transport.
#define PITAYA_EVENT_SENT 3

// A push: `name` is its route, `body` its payload, `missed` how many before it were dropped because nobody polled.
#define PITAYA_EVENT_PUSH 4

// A push came on the route `name`, which was not subscribed to.
#define PITAYA_EVENT_UNHANDLED 5

// An answer came that no request waits for: to one that had ended (`PITAYA_FLAG_LATE`), or to none.
#define PITAYA_EVENT_UNMATCHED 6

// The round trip was measured anew: `time_us` and `source`.
#define PITAYA_EVENT_ROUND_TRIP 7

// Host only: open a transport, then call `pitaya_host_opened` or `pitaya_host_failed`. `name` is where the last server said to go, empty for
// the application's own address. It is the server's word: do not let it lead out of TLS.
#define PITAYA_EVENT_HOST_CONNECT 8

// Host only: send what `pitaya_host_transmit` still gives, then close the transport, or give up opening it. `code` and `text` belong into the
// close frame of a WebSocket.
#define PITAYA_EVENT_HOST_DISCONNECT 9

// No connection was wanted yet.
#define PITAYA_STATE_IDLE 0

// The first connection is being made.
#define PITAYA_STATE_CONNECTING 1

// Messages go both ways.
#define PITAYA_STATE_CONNECTED 2

// The connection was lost and is tried again: `attempt` counts from 1, `time_us` is the time to it, `UINT64_MAX` while it is being made.
#define PITAYA_STATE_RECONNECTING 3

// There is no connection and there will be none until `pitaya_connect` is called again.
#define PITAYA_STATE_CLOSED 4

// This program ended the connection.
#define PITAYA_ORIGIN_LOCAL 0

// The server ended it.
#define PITAYA_ORIGIN_PEER 1

// The server broke the protocol or a limit.
#define PITAYA_ORIGIN_FAULT 2

// The transport failed.
#define PITAYA_ORIGIN_TRANSPORT 3

// The call had been handed to the transport: the server may have acted on it.
#define PITAYA_FLAG_SENT 1

// The same may work later.
#define PITAYA_FLAG_RETRYABLE 2

// The client would have come back and had no attempt left.
#define PITAYA_FLAG_EXHAUSTED 4

// The server has kicked or refused this client.
#define PITAYA_FLAG_KICKED 8

// The request had timed out or was cancelled before its answer came.
#define PITAYA_FLAG_LATE 16

// JSON text.
#define PITAYA_SERIALIZER_JSON 1

// Protocol buffers.
#define PITAYA_SERIALIZER_PROTOBUF 2

// Measured by heartbeats: the network alone.
#define PITAYA_SOURCE_HEARTBEAT 1

// Measured by the fastest of the latest requests.
#define PITAYA_SOURCE_REQUESTS 2

// Without a connection the call fails at once.
#define PITAYA_QUEUE_FAIL 0

// Without a connection the call waits, within its limits.
#define PITAYA_QUEUE_WAIT 1

// Without a connection the call waits, in place of the older one of the same route and `key`.
#define PITAYA_QUEUE_LATEST 2

// The capability `close-reason` (wire 2.6).
#define PITAYA_CAPABILITY_CLOSE_REASON 1

// The capability `push-dict`.
#define PITAYA_CAPABILITY_PUSH_DICT 2

// The capability `many-per-frame`.
#define PITAYA_CAPABILITY_MANY_PER_FRAME 4

// The capability `heartbeat-echo`.
#define PITAYA_CAPABILITY_HEARTBEAT_ECHO 8

// A stream of bytes, such as TCP or TLS.
#define PITAYA_TRANSPORT_STREAM 1

// Messages, such as WebSocket.
#define PITAYA_TRANSPORT_MESSAGES 2

// Every step.
#define PITAYA_LOG_TRACE 1

// Connections and states.
#define PITAYA_LOG_DEBUG 2

// What happens rarely.
#define PITAYA_LOG_INFO 3

// What may be wrong.
#define PITAYA_LOG_WARN 4

// What is wrong.
#define PITAYA_LOG_ERROR 5

// A time that never comes, or that nobody gave.
#define PITAYA_NEVER UINT64_MAX

// A client. 0 is none. A handle of a client that was destroyed is known as such, also when another client has taken its place.
typedef uint64_t PitayaClient;

// Bytes somewhere: `len` of them at `data`. A text is UTF-8 without an end mark. `data` may be null where `len` is 0.
typedef struct {
  // Where they start.
  const uint8_t *data;
  // How many there are.
  size_t len;
} PitayaBytes;

// A request or a notify, as a host writes it down. Fill it with `pitaya_call_init`.
typedef struct {
  // Where it goes.
  PitayaBytes route;
  // Its payload.
  PitayaBytes body;
  // `PITAYA_QUEUE_LATEST`: tells the values of one route apart.
  PitayaBytes key;
  // Time for the answer, with the time that it may wait for a connection. Default: 0, which is `request_timeout_ms`. A notify has none.
  uint64_t timeout_ms;
  // `PITAYA_QUEUE_WAIT`: how long it may wait. Default: 30,000.
  uint64_t queue_age_ms;
  // `PITAYA_QUEUE_WAIT`: it is refused where this many calls wait. Default: 64.
  uint32_t queue_items;
  // `PITAYA_QUEUE_WAIT`: it is refused where more than this many bytes would wait. Default: 65,536.
  uint32_t queue_bytes;
  // What becomes of it while there is no connection: one of `PITAYA_QUEUE_*`. Default: `PITAYA_QUEUE_FAIL`.
  uint32_t queue;
  // Leave it 0.
  uint32_t reserved;
} PitayaCall;

// Something that happened. `kind` says which of the members mean something; the others are 0 or empty.
//
// What it points to belongs to the client, and lasts until the same thread polls this client again, `pitaya_events_done`, or
// `pitaya_destroy`.
typedef struct {
  // One of `PITAYA_EVENT_*`.
  uint32_t kind;
  // How a call has ended, or why no connection could be opened: `PITAYA_OK` or one of `PITAYA_ERROR_*`.
  int32_t status;
  // Which call has ended.
  uint64_t call;
  // One of `PITAYA_STATE_*`.
  uint32_t state;
  // Which attempt to come back this is, from 1.
  uint32_t attempt;
  // Why a connection ended: the number of a close (wire 5).
  uint32_t code;
  // Who ended it: one of `PITAYA_ORIGIN_*`.
  uint32_t origin;
  // `PITAYA_FLAG_*`.
  uint32_t flags;
  // What `body` is written in: one of `PITAYA_SERIALIZER_*`, 0 for none. Of a round trip: one of `PITAYA_SOURCE_*`.
  uint32_t serializer;
  // A length of time in microseconds, as `kind` and `status` say; `PITAYA_NEVER` for none.
  uint64_t time_us;
  // How long the server asked to stay away, in microseconds; `PITAYA_NEVER` where it did not.
  uint64_t retry_after_us;
  // How many events of this sort, all older than this one, were dropped because nobody polled.
  uint64_t missed;
  // A route, a server's error code, or an address.
  PitayaBytes name;
  // A payload.
  PitayaBytes body;
  // For people: a reason or a message.
  PitayaBytes text;
  // An error's metadata as a JSON object, or the address that the server said to come back to.
  PitayaBytes detail;
} PitayaEvent;

// Bytes that the caller owns, until `pitaya_buffer_free`.
typedef struct {
  // Where they start; null where there are none.
  uint8_t *data;
  // How many there are.
  size_t len;
} PitayaBuffer;

// Settings of a client. Fill it with `pitaya_options_init`, then change what should be different: all members have their default then, and
// texts are empty. Nothing of it is kept after the call that takes it.
//
// Lists are texts with one entry a line. Times are milliseconds; `PITAYA_NEVER` never comes.
typedef struct {
  // Where the server is, in order of preference, one URL a line: `tcp://`, `tls://`, `ws://` or `wss://`. A host that owns its sockets knows
  // itself and leaves it empty.
  PitayaBytes endpoints;
  // The `user` object of the handshake, as JSON; empty stands for an empty one. See `pitaya_set_user`.
  PitayaBytes user_json;
  // What the handshake says of the application's version.
  PitayaBytes app_version;
  // What the handshake says of the application's build.
  PitayaBytes app_build;
  // What the handshake says of the platform. Empty: the operating system.
  PitayaBytes platform;
  // Headers of the HTTP request of `ws://` and `wss://`, one `Name: value` a line.
  PitayaBytes headers;
  // Whom to trust over `tls://` and `wss://`: certificates as PEM. Empty: whom the operating system trusts.
  PitayaBytes tls_roots_pem;
  // Also demands that the server's public key is one of these, one a line: `sha256/` and 44 characters of base64.
  PitayaBytes tls_pins;
  // A certificate chain for servers that ask for one, the own first, as PEM.
  PitayaBytes tls_identity_chain_pem;
  // The private key of `tls_identity_chain_pem`, as PEM.
  PitayaBytes tls_identity_key_pem;
  // Time for one attempt to open a connection. Default: 10,000.
  uint64_t connect_timeout_ms;
  // Head start of each endpoint over the next. Default: 1,500.
  uint64_t race_ms;
  // Time from the open connection to the server's handshake response. Default: 10,000.
  uint64_t handshake_timeout_ms;
  // Time for an answer where a request says none. Default: 10,000.
  uint64_t request_timeout_ms;
  // Most time before the first attempt to come back, which is doubled for each further one. Default: 500.
  uint64_t reconnect_base_ms;
  // Most time before any attempt. Default: 30,000.
  uint64_t reconnect_max_ms;
  // How long a connection must have been open for attempts to count anew. Default: 10,000.
  uint64_t reconnect_stable_ms;
  // Attempts in a row; 0 never comes back. Default: `UINT32_MAX`, without end.
  uint32_t reconnect_attempts;
  // Share of the time that is random, in percent. Default: 100.
  uint32_t reconnect_jitter_percent;
  // Not 0: also tries again when the first connection fails. Default: 0.
  uint32_t retry_first;
  // Not 0: calls that waited for a connection go out only at `pitaya_release`. Default: 0.
  uint32_t hold_queue;
  // Which serializers the application's payloads have: `PITAYA_SERIALIZER_*` added up. Default: JSON.
  uint32_t serializers;
  // One of `PITAYA_SERIALIZER_*`, taken for granted whatever the server says. Default: 0, none.
  uint32_t pinned_serializer;
  // The wire's extensions that are offered: `PITAYA_CAPABILITY_*` added up. Default: all.
  uint32_t capabilities;
  // Most requests without an answer. Default: 1,024.
  uint32_t max_in_flight;
  // Most calls that wait for a connection. Default: 1,024. Together with `max_in_flight` it also bounds the calls whose end was not polled.
  uint32_t queue_items;
  // Most bytes of calls that wait for a connection. Default: 262,144.
  uint32_t queue_bytes;
  // Longest packet body that is taken from the server. Default: 16,777,215, the most that the wire can say.
  uint32_t max_packet;
  // Longest inflated body that is taken from the server. Default: 4,194,304.
  uint32_t max_inflated;
  // Most pushes that wait to be polled; the oldest are dropped and counted. Default: 1,024.
  uint32_t push_items;
  // Most bytes of them. Default: 4,194,304. A larger push is held alone.
  uint32_t push_bytes;
} PitayaOptions;

#if defined(PITAYA_NATIVE)
// Lines for a log. 0 is none.
typedef uint64_t PitayaLog;
#endif

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

#if (defined(__ANDROID__) && defined(PITAYA_NATIVE))
// Android only: makes the system's trust known, before the first connection over TLS. `env` is the thread's `JNIEnv *` and `context` a reference to
// the application's `Context`. Once is enough, more often is as good. Without it `tls://` and `wss://` cannot be used with the system's trust.
//
// # Safety
// Both are what they are said to be, or null.
int32_t pitaya_android_init(void *env,
                            void *context);
#endif

// The version of the ABI that the library has; compare it with `PITAYA_ABI_VERSION`.
uint32_t pitaya_abi_version(void);

// Writes why the last function that this thread called has failed, as UTF-8 without an end mark, at most `capacity` bytes of it. Returns
// how long the text is.
//
// # Safety
// `capacity` bytes can be written to `buffer`.
size_t pitaya_last_error(uint8_t *buffer,
                         size_t capacity);

// Wants a connection. While one is waited for it is tried now; otherwise it changes nothing unless the client is idle or closed. What comes of
// it is told by events.
int32_t pitaya_connect(PitayaClient client);

// Closes the connection: calls that go on fail, and the state becomes closed. Does not block. `pitaya_connect` connects anew.
int32_t pitaya_disconnect(PitayaClient client);

// Says that the application goes to the background: the server's silence does not count, and no connection is tried.
int32_t pitaya_pause(PitayaClient client);

// Says that the application is back: a connection is checked, as it may have died unnoticed, and a lost one is tried at once.
int32_t pitaya_resume(PitayaClient client);

// Says whether there is a network (not 0) or none (0), and that it has changed: without one no connection is tried, with one the connection is
// checked as by `pitaya_resume`.
int32_t pitaya_set_online(PitayaClient client,
                          uint32_t online);

// Lets the calls go that waited for this connection; only with `hold_queue`.
int32_t pitaya_release(PitayaClient client);

// Ends a client. Its handle is invalid from now on, and what its events pointed to is gone. Calls that go on end without an event.
//
// This is the one function that may block: for `wait_ms` milliseconds, at most `PITAYA_DESTROY_MAX_MS`, until the server has taken what was
// sent. With 0 it does not block, and the connection is closed in the background. A host's own sockets are the host's to close.
int32_t pitaya_destroy(PitayaClient client,
                       uint32_t wait_ms);

// Makes pushes of a route events, from now on. Best called before `pitaya_connect`. It outlives connections; twice is as good as once.
//
// # Safety
// `route` can be read.
int32_t pitaya_subscribe(PitayaClient client,
                         PitayaBytes route);

// Takes a `pitaya_subscribe` back.
//
// # Safety
// `route` can be read.
int32_t pitaya_unsubscribe(PitayaClient client, PitayaBytes route);

// Sets the `user` object of the handshake, as JSON, for the attempts that come: for example with a new token after each
// `PITAYA_STATE_RECONNECTING`.
//
// # Safety
// `json` can be read.
int32_t pitaya_set_user(PitayaClient client, PitayaBytes json);

// Sends a request. Writes its number, with which it ends: there is exactly one `PITAYA_EVENT_ANSWER` for it, unless this function fails or the
// client is destroyed.
//
// Returns `PITAYA_ERROR_QUEUE_FULL`, and no number, where `max_in_flight` and `queue_items` calls go on or were not polled, or 16 MiB of their
// answers were not.
//
// # Safety
// `call` and what it points to can be read, and `id` can be written to.
int32_t pitaya_request(PitayaClient client,
                       const PitayaCall *call,
                       uint64_t *id);

// Sends a notify, as `pitaya_request` does; it ends with `PITAYA_EVENT_SENT`.
//
// # Safety
// As `pitaya_request`.
int32_t pitaya_notify(PitayaClient client, const PitayaCall *call, uint64_t *id);

// Gives a call up: it ends as cancelled. The server may still act on it. A call that has ended stays as it ended.
int32_t pitaya_cancel(PitayaClient client, uint64_t call);

// Takes events, oldest first, and returns how many: at most `max`, and no further one once `budget` bytes of them were reached (0: no such
// limit). Call it once per frame; when nothing has happened it costs no allocation.
//
// What the events point to lasts until the same thread polls this client again, calls `pitaya_events_done`, or the client is destroyed. Another
// thread that polls before that is told `PITAYA_BUSY`.
//
// # Safety
// `max` events can be written to `events`.
int32_t pitaya_poll(PitayaClient client,
                    PitayaEvent *events,
                    size_t max,
                    size_t budget);

// Says that everything of the last poll was read: any thread may poll next.
int32_t pitaya_events_done(PitayaClient client);

// Copies the body of an event of the last poll, by its place in it, into memory that the caller keeps until `pitaya_buffer_free`.
//
// # Safety
// `buffer` can be written to. What it held before is not freed.
int32_t pitaya_take_body(PitayaClient client,
                         size_t event,
                         PitayaBuffer *buffer);

// Writes where the client stands: one of `PITAYA_STATE_*`. Events tell the same in order.
//
// # Safety
// `state` can be written to.
int32_t pitaya_state(PitayaClient client, uint32_t *state);

// Writes the smoothed round trip in microseconds and what it was measured with; `PITAYA_NEVER` and 0 before the first measurement.
//
// # Safety
// Both can be written to.
int32_t pitaya_rtt(PitayaClient client,
                   uint64_t *time_us,
                   uint32_t *measured_by);

// Writes which serializer payloads have: one of `PITAYA_SERIALIZER_*`, 0 before the first handshake where there is a choice.
//
// # Safety
// `serializer` can be written to.
int32_t pitaya_serializer(PitayaClient client,
                          uint32_t *serializer);

// Makes an idle client whose host owns sockets and clock. There is no thread, and nothing happens but in a call of the host.
//
// The host says the time with each call that has a `now_us`: microseconds of a clock that never runs backwards. Calls without it happen at the
// last time that was said.
//
// # Safety
// `options` and what it points to can be read, and `client` can be written to.
int32_t pitaya_host_create(const PitayaOptions *options,
                           PitayaClient *client);

// Says the time. Call it once per frame, or when `pitaya_host_deadline` has come: what is due is done now.
int32_t pitaya_host_tick(PitayaClient client, uint64_t now_us);

// Writes when the client wants to hear of the time at the latest; `PITAYA_NEVER` when it does not. Any call may change it.
//
// # Safety
// `at_us` can be written to.
int32_t pitaya_host_deadline(PitayaClient client,
                             uint64_t *at_us);

// Answers `PITAYA_EVENT_HOST_CONNECT`: a transport is open, one of `PITAYA_TRANSPORT_*`. The handshake is ready to be transmitted.
int32_t pitaya_host_opened(PitayaClient client,
                           uint64_t now_us,
                           uint32_t transport);

// Answers `PITAYA_EVENT_HOST_CONNECT`: there will be no transport. `reason` is for people; `retryable` says whether the same may work later
// (not 0), as a certificate that is not trusted will not be trusted in a second (0).
//
// # Safety
// `reason` can be read.
int32_t pitaya_host_failed(PitayaClient client,
                           uint64_t now_us,
                           PitayaBytes reason,
                           uint32_t retryable);

// Hands over what came: bytes of a stream, split anywhere, or one whole message. They are read before this returns.
//
// # Safety
// `bytes` can be read.
int32_t pitaya_host_feed(PitayaClient client, uint64_t now_us, PitayaBytes bytes);

// Takes what is to be sent: of a stream as many bytes as fit, of messages exactly one whole. Writes how many bytes it was, 0 when there is
// nothing. Call it until then after every other call.
//
// Returns `PITAYA_BUFFER_TOO_SMALL` where a message does not fit, and writes its length. Calls wait or fail while 64 KiB were not taken.
//
// # Safety
// `capacity` bytes can be written to `buffer`, and `len` can be written to.
int32_t pitaya_host_transmit(PitayaClient client,
                             uint8_t *buffer,
                             size_t capacity,
                             size_t *len);

// Writes whether the host should read from its transport now (1) or not (0): what is read in the meantime would only pile up.
//
// # Safety
// `wants` can be written to.
int32_t pitaya_host_wants_bytes(PitayaClient client,
                                uint32_t *wants);

// Says that the server has ended its stream in order.
int32_t pitaya_host_ended(PitayaClient client, uint64_t now_us);

// Says that the server has ended its WebSocket with a close frame.
//
// # Safety
// `reason` can be read.
int32_t pitaya_host_closed(PitayaClient client, uint64_t now_us, uint16_t code, PitayaBytes reason);

// Says that the transport has failed; `reason` is for people.
//
// # Safety
// `reason` can be read.
int32_t pitaya_host_lost(PitayaClient client, uint64_t now_us, PitayaBytes reason);

// Gives back what `pitaya_take_body` has given, and empties the buffer: a second call does nothing.
//
// # Safety
// `buffer` is null or points to a buffer that this library has filled and nobody has changed.
int32_t pitaya_buffer_free(PitayaBuffer *buffer);

#if defined(PITAYA_NATIVE)
// Makes an idle client that brings its own sockets and TLS. `pitaya_connect` lets it connect. All clients of the process share one thread of
// this library, which never calls into the host.
//
// # Safety
// `options` and what it points to can be read, and `client` can be written to.
int32_t pitaya_create(const PitayaOptions *options,
                      PitayaClient *client);
#endif

#if defined(PITAYA_NATIVE)
// Wants lines for a log, from now on: of all clients of the process that have their own sockets, of this level (one of `PITAYA_LOG_*`) and
// above. At most 256 lines wait; the oldest are dropped and counted.
//
// # Safety
// `log` can be written to.
int32_t pitaya_log_open(uint32_t level,
                        PitayaLog *log);
#endif

#if defined(PITAYA_NATIVE)
// Takes the next line: returns 1 where there was one and 0 where there is none. Writes its level, its text, which is cut to `capacity` bytes,
// the length that was written, and how many lines before it were dropped.
//
// # Safety
// `capacity` bytes can be written to `buffer`, and the others can be written to.
int32_t pitaya_log_next(PitayaLog log,
                        uint32_t *level,
                        uint8_t *buffer,
                        size_t capacity,
                        size_t *len,
                        uint64_t *missed);
#endif

#if defined(PITAYA_NATIVE)
// Wants no more lines.
int32_t pitaya_log_close(PitayaLog log);
#endif

// Sets every member to its default.
//
// # Safety
// `options` is null or can be written to.
int32_t pitaya_options_init(PitayaOptions *options);

// Sets every member to its default.
//
// # Safety
// `call` is null or can be written to.
int32_t pitaya_call_init(PitayaCall *call);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* PITAYA_CLIENT_H */

#ifndef PITAYA_NO_INLINE
/// A text that ends with a zero, as the functions take it.
static inline PitayaBytes pitaya_text(const char *text)
{
  PitayaBytes bytes;
  bytes.data = (const uint8_t *)text;
  bytes.len = text ? strlen(text) : 0;
  return bytes;
}
#endif
