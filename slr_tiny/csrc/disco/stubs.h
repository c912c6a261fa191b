/* The two things that a board has to do. */
#ifndef STUBS_H
#define STUBS_H
#include <stdint.h>
/* the newest image of the camera, already cut to a square and reduced */
void camera_image(uint8_t *rgb, int32_t bytes);
/* a letter on the display; the logit says how sure the network is */
void show_letter(const char *letter, float logit);
#endif
