/**
 * A white ring of 32 × 32 pixels, four fifths opaque. It is part of the code, so it is available wherever the configuration
 * is read. `node -p 'fs.readFileSync("mark.png", "base64")'` prints a PNG like this.
 */
export const mark = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgBAMAAACBVGfHAAAAIVBMVEX///9MaXH///////////////////////////////////+zsAL3AAAAC3RSTlPMAJkiRKoziFW7d4JGydEAAAAJcEhZcwAAA+gAAAPoAbV7UmsAAACtSURBVCiRfZE9DoJAEIU/8S9Y+YIQSmoruAFWttpYa2FPwQW4AUcwntTsrhsThjjVzJfMzJt5aBLMg+I9psfHD5QXgPUQQVa5GpLmC9pQwyqAQ6zh5EEN9E12BpYeVHBz456QOFDCNkjoYBDK4RpA7jJ0hyBJBWyEXrFD6tgJVX69j5ZEaHTLQtSkQrCIYA9zYJy2mKFmrRFmpJvjzPn2QeaF5snWBmOUtfKv+x9esijHiv3f3wAAAABJRU5ErkJggg==",
  "base64",
);
