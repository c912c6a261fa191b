/* What comes before main on the emulated board and on the real one. Whoever includes this file
 * says what happens at a fault, and defines `reset`, with which the chip begins. */
#ifndef SLR_STARTUP_H
#define SLR_STARTUP_H
#include <stdint.h>

extern uint32_t stack_end, data_stored, data_begin, data_end, bss_begin, bss_end; /* of link.ld */
int main(void);
void reset(void);
static void fault(void);

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &stack_end, (const void *)reset, (const void *)fault, (const void *)fault,
    (const void *)fault, (const void *)fault, (const void *)fault};

/* the floating-point unit, variables that begin with a value, and those that begin with zero */
static inline void prepare_memory(void) {
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
  __asm__ volatile("dsb\n\tisb");
  const uint32_t *from = &data_stored;
  for (uint32_t *to = &data_begin; to < &data_end; to++) *to = *from++;
  for (uint32_t *to = &bss_begin; to < &bss_end; to++) *to = 0;
}
#endif
