/* One scenario in one process: scenarios host|native tcp|ws NAME PORT...; or --list. */
#define _POSIX_C_SOURCE 200809L
#include "bed.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int host_layer, websocket, port_count;
uint16_t ports[8];

static const Scenario *const all[] = {connecting, messages, staying, beyond};

static int threads(void)
{
  int count = 0;
  struct dirent *entry;
  DIR *tasks = opendir("/proc/self/task");
  if (!tasks) return 1;
  while ((entry = readdir(tasks)) != NULL) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

int main(int argc, char **argv)
{
  size_t part;
  const Scenario *scenario;
  int i, list = argc == 2 && strcmp(argv[1], "--list") == 0;
  CHECK(pitaya_abi_version() == PITAYA_ABI_VERSION);
  if (!list) CHECK(argc >= 4);
  for (part = 0; part < sizeof all / sizeof *all; part++)
    for (scenario = all[part]; scenario->name; scenario++) {
      if (list) {
        printf("%s %s\n", scenario->name, scenario->peers);
      } else if (strcmp(scenario->name, argv[3]) == 0) {
        host_layer = strcmp(argv[1], "host") == 0;
        websocket = strcmp(argv[2], "ws") == 0;
        for (i = 4; i < argc && port_count < 8; i++) ports[port_count++] = (uint16_t)atoi(argv[i]);
        scenario->run();
        /* A host that owns its sockets has no thread of ours. */
        if (host_layer) CHECK(threads() == 1);
        return 0;
      }
    }
  return list ? 0 : 2;
}
