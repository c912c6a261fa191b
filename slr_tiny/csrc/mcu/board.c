/* The emulated board: everything before main, and how to speak with the computer around it. */
#include "board.h"
#include "startup.h"

enum { PAINT = 0x5AA5F00D }; /* unused stack holds this number */

static int32_t ask_host(int32_t what, const void *about) {
  register int32_t r0 __asm__("r0") = what;
  register const void *r1 __asm__("r1") = about;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

int32_t open_file(const char *name, int write) {
  int32_t length = 0;
  while (name[length]) length++;
  const uint32_t about[3] = {(uint32_t)name, write ? 5 : 1, (uint32_t)length}; /* "wb", "rb" */
  return ask_host(0x01, about);
}
int32_t read_file(int32_t file, void *to, int32_t bytes) {
  const uint32_t about[3] = {(uint32_t)file, (uint32_t)to, (uint32_t)bytes};
  return bytes - ask_host(0x06, about);
}
void write_file(int32_t file, const void *from, int32_t bytes) {
  const uint32_t about[3] = {(uint32_t)file, (uint32_t)from, (uint32_t)bytes};
  ask_host(0x05, about);
}
void print(const char *text) { ask_host(0x04, text); }
void print_number(const char *name, uint32_t value) {
  char digits[12] = "\n", *first = digits + 10;
  digits[10] = '\n', digits[11] = 0;
  do *--first = (char)('0' + value % 10);
  while (value /= 10);
  print(name), print(" "), print(first);
}
void print_results(uint32_t answers, uint32_t least_ticks, uint32_t most_ticks) {
  print_number("answers", answers);
  print_number("least_ticks", least_ticks);
  print_number("most_ticks", most_ticks);
  print_number("stack", stack_bytes());
}
void leave(int32_t status) {
  const uint32_t about[2] = {0x20026, (uint32_t)status}; /* the program has ended */
  ask_host(0x20, about);
  for (;;) {}
}

static void fault(void) {
  print("fault\n");
  leave(3);
}

void reset(void) {
  prepare_memory();
  uint32_t *top;
  __asm__ volatile("mov %0, sp" : "=r"(top));
  for (uint32_t *to = &bss_end; to < top - 16; to++) *to = PAINT;
  leave(main());
}
uint32_t stack_bytes(void) {
  const uint32_t *p = &bss_end;
  while (*p == PAINT) p++;
  return (uint32_t)((const char *)&stack_end - (const char *)p);
}

/* SysTick, a counter of 24 bits that every Cortex-M has, counting down */
static volatile uint32_t *const systick = (volatile uint32_t *)0xE000E010;
void clock_start(void) {
  systick[1] = 0xFFFFFF;
  systick[2] = 0;
  systick[0] = 5;
}
uint32_t clock_ticks(void) {
  return 0xFFFFFF - systick[2];
}
