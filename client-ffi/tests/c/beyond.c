/* What a program that polls may rely on, beside the scenarios of all clients. */
#include "bed.h"

#include <stdio.h>
#include <string.h>

/* The place of an event among all that were polled. */
static size_t place(const App *app, const Seen *seen)
{
  return (size_t)(seen - app->seen);
}

static void state_before_ends(void)
{
  App *app = app_connected(0);
  uint64_t first = request(app, "mock.silent", ""), last = request(app, "mock.silent", "");
  Seen *state, *end;
  ask(app, "a.b", "1");
  notify(app, "mock.drop", "");
  state = lost(app);
  end = end_of(app, first);
  CHECK(end->is.status == PITAYA_ERROR_DISCONNECTED);
  CHECK(place(app, state) < place(app, end) && place(app, end) < place(app, end_of(app, last)));
  app_free(app);
}

static void closed_before_ends(void)
{
  App *app = app_connected(0);
  uint64_t id = request(app, "mock.silent", "");
  Seen *state, *end;
  OK(pitaya_disconnect(app->client));
  state = next_state(app, PITAYA_STATE_CLOSED);
  end = end_of(app, id);
  CHECK(end->is.status == PITAYA_ERROR_DISCONNECTED);
  CHECK(place(app, state) < place(app, end));
  app_free(app);
}

/* The server pushes as soon as it can, and what is pushed is subscribed to last. */
static void first_push(void)
{
  int round, route;
  for (round = 0; round < 20; round++) {
    App *app = app_new(0);
    for (route = 0; route < 2000; route++) {
      char name[32];
      snprintf(name, sizeof name, "on%d", route);
      subscribe(app, name);
    }
    subscribe(app, "onFirst");
    subscribe(app, "onLast");
    app_start(app);
    push_on(app, "onFirst");
    push_on(app, "onLast");
    /* A client that comes back by the application's word has its subscriptions. */
    OK(pitaya_disconnect(app->client));
    next_state(app, PITAYA_STATE_CLOSED);
    OK(pitaya_connect(app->client));
    push_on(app, "onFirst");
    app_free(app);
  }
}

static void final_failure(void)
{
  PitayaOptions options;
  PitayaClient client = 0;
  PitayaEvent events[4];
  if (!host_layer) return; /* whose own failures are those of its sockets */
  OK(pitaya_options_init(&options));
  options.retry_first = 1;
  OK(pitaya_host_create(&options, &client));
  OK(pitaya_connect(client));
  CHECK(pitaya_poll(client, events, 4, 0) == 2 && events[1].kind == PITAYA_EVENT_HOST_CONNECT);
  OK(pitaya_host_failed(client, 1, pitaya_text("no network"), 1));
  CHECK(pitaya_poll(client, events, 4, 0) == 1 && events[0].state == PITAYA_STATE_RECONNECTING);
  CHECK(events[0].status == PITAYA_ERROR_UNREACHABLE && events[0].flags == PITAYA_FLAG_RETRYABLE);
  OK(pitaya_connect(client));
  CHECK(pitaya_poll(client, events, 4, 0) == 2 && events[1].kind == PITAYA_EVENT_HOST_CONNECT);
  CHECK(events[0].status == PITAYA_OK);
  OK(pitaya_host_failed(client, 2, pitaya_text("not our certificate"), 0));
  CHECK(pitaya_poll(client, events, 4, 0) == 1 && events[0].state == PITAYA_STATE_CLOSED);
  CHECK(events[0].status == PITAYA_ERROR_UNREACHABLE && events[0].flags == 0);
  CHECK(events[0].text.len == strlen("not our certificate"));
  OK(pitaya_destroy(client, 0));
}

const Scenario beyond[] = {
  {"state-before-ends", "on-demand", state_before_ends},
  {"closed-before-ends", "on-demand", closed_before_ends},
  {"first-push", "many-packets-per-frame", first_push},
  {"final-failure", "nothing", final_failure},
  {NULL, NULL, NULL},
};
