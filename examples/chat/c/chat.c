/* The chat's client in C: `chat URL NAME [ROOM]`. Type a line to say it; /who; /join ROOM; the end of the input leaves. */
#include <jansson.h>
#include <pitaya_client.h>
#include <poll.h>

static PitayaClient client;
static json_t *user; /* who and where we are and what we have seen: each handshake says it, so that the server tells us the rest */
static void show(const char *who, const char *what, const char *text) {
  char line[4096], *at = line;
  snprintf(line, sizeof line, "%s%s%s", who, what, text);
  for (; *at; at++) /* nobody else's text may steer the terminal */
    if ((unsigned char)*at < ' ' || *at == 0x7f || (*at == '\xc2' && (unsigned char)at[1] < 0xa0)) *at = ' ';
  puts(line);
}
static void remember(const char *name, const char *value) {
  char *text = json_object_set_new(user, name, json_string(value)) ? NULL : json_dumps(user, 0);
  pitaya_set_user(client, pitaya_text(text)), free(text);
}
static void ask(const char *route, json_t *body) {
  char *text = json_dumps(body, 0);
  PitayaCall call;
  uint64_t id;
  pitaya_call_init(&call);
  call.route = pitaya_text(route), call.body = pitaya_text(text), call.queue = PITAYA_QUEUE_WAIT;
  if (pitaya_request(client, &call, &id) != PITAYA_OK) show("! ", "that is too much at once", "");
  free(text), json_decref(body);
}
static void see(const PitayaEvent *event) {
  const char *at = "", *from = "", *text = "", *room = "", *name = "";
  json_t *reason = json_stringn((const char *)event->text.data, event->text.len), *names = NULL, *here = NULL;
  json_t *body = json_loadb((const char *)event->body.data, event->body.len, 0, NULL);
  json_unpack(body, "{s?s,s?s,s?s,s?s,s?s,s?o,s?o}", "at", &at, "from", &from, "text", &text, "room", &room, "name", &name, "here",
              &here, "names", &names);
  if (*at) remember("seen", at);
  if (*from) show(from, ": ", text);
  if (*name) show("* ", name, json_is_true(here) ? " is here" : " has left");
  if (names) remember("room", room), show(room, ": ", text = json_dumps(names, 0)), free((void *)text);
  if (event->kind == PITAYA_EVENT_STATE && event->state == PITAYA_STATE_CONNECTED) ask("room.who", json_object());
  if (event->text.len) show("! ", json_string_value(reason), "");
  json_decref(body), json_decref(reason);
}
int main(int argc, char **argv) {
  PitayaOptions options;
  PitayaEvent event = {0};
  char line[2048];
  pitaya_options_init(&options), options.endpoints = pitaya_text(argv[1]);
  if (argc < 3 || pitaya_create(&options, &client) != PITAYA_OK) return fputs("usage: chat URL NAME [ROOM]\n", stderr);
  setvbuf(stdin, NULL, _IONBF, 0), setvbuf(stdout, NULL, _IOLBF, 0);
  user = json_object(), remember("name", argv[2]), remember("room", argc > 3 ? argv[3] : "lobby");
  pitaya_subscribe(client, pitaya_text("onLine")), pitaya_subscribe(client, pitaya_text("onMember"));
  for (pitaya_connect(client); event.state != PITAYA_STATE_CLOSED;) {
    if (pitaya_poll(client, &event, 1, 0) == 1) see(&event);
    else if (poll(&(struct pollfd){0, POLLIN, 0}, 1, 16) == 1) {
      if (!fgets(line, sizeof line, stdin)) return pitaya_destroy(client, 1000);
      line[strcspn(line, "\n")] = 0;
      if (strncmp(line, "/join ", 6) == 0) ask("room.join", json_pack("{s:s}", "room", line + 6));
      else ask(*line && strcmp(line, "/who") ? "room.say" : "room.who", json_pack("{s:s}", "text", line));
    }
  }
}
