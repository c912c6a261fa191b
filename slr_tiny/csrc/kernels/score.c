/* How well a clip is known: the last step of the distance of section 5j of the book. */
#include "kernels.h"
#include "numbers.h"

float known_score(const float *centred, const float *products, uint32_t columns,
                  uint32_t glosses) {
  f4 sums = splat4(0.0f);
  for (uint32_t c = 0; c < columns; c += 4)
    sums = sums + load4(centred + c) * load4(products + c);
  float nearest = products[columns];
  for (uint32_t g = 1; g < glosses; g++) nearest = max1(nearest, products[columns + g]);
  return sum4(sums) + nearest;
}
