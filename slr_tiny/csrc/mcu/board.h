/* What a program asks of the board, real or emulated. */
#ifndef SLR_BOARD_H
#define SLR_BOARD_H
#include <stdint.h>

/* Files and text of the computer that debugs or emulates the board ("semihosting"). */
int32_t open_file(const char *name, int write);          /* negative: it cannot be opened */
int32_t read_file(int32_t file, void *to, int32_t bytes); /* how many were read */
void write_file(int32_t file, const void *from, int32_t bytes);
void print(const char *text);
void print_number(const char *name, uint32_t value); /* a line */
/* four lines, the last of them the stack */
void print_results(uint32_t answers, uint32_t least_ticks, uint32_t most_ticks);
void leave(int32_t status) __attribute__((noreturn));

void clock_start(void);
/* ticks since clock_start; the emulator counts one for every 40 instructions */
uint32_t clock_ticks(void);
uint32_t stack_bytes(void); /* the deepest the stack has been */
#endif
