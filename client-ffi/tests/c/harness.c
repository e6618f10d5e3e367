/* How the program asks the test around it: a line out, a line back. */
#include "bed.h"

#include <stdio.h>

void harness(const char *order)
{
  char line[64];
  printf("%s\n", order);
  fflush(stdout);
  CHECK(fgets(line, sizeof line, stdin));
}
