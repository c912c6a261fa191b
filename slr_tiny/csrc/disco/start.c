/* Everything before main on the chip itself: no emulator, no debugger needed. The clock stays at
 * the 16 MHz that the chip begins with; whoever wants 216 MHz sets RCC and the wait states of the
 * flash here, as the reference manual RM0385 describes it. */
#include <stdint.h>

extern uint32_t stack_end, data_stored, data_begin, data_end, bss_begin, bss_end; /* of link.ld */
int main(void);
void reset(void);

static void fault(void) {
  for (;;) {}
}
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &stack_end, (const void *)reset, (const void *)fault, (const void *)fault,
    (const void *)fault, (const void *)fault, (const void *)fault};

void reset(void) {
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* the floating-point unit may be used */
  __asm__ volatile("dsb\n\tisb");
  const uint32_t *from = &data_stored;
  for (uint32_t *to = &data_begin; to < &data_end; to++) *to = *from++;
  for (uint32_t *to = &bss_begin; to < &bss_end; to++) *to = 0;
  main();
  fault();
}
