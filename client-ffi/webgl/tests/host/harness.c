/* How a host in a page asks the test around it. */
#include "bed.h"

#include <emscripten.h>

EM_ASYNC_JS(void, ask_runner, (const char *order), {
  await Module.harness(UTF8ToString(order));
});

void harness(const char *order)
{
  ask_runner(order);
}
