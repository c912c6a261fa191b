/* Everything before main on the chip itself: no emulator, no debugger needed. The clock stays at
 * the 16 MHz that the chip begins with; whoever wants 216 MHz sets RCC and the wait states of the
 * flash here, as the reference manual RM0385 describes it. */
#include "startup.h"

static void fault(void) {
  for (;;) {}
}

void reset(void) {
  prepare_memory();
  main();
  fault();
}
