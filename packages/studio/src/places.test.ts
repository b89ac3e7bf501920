import { expect, it } from "vitest";
import { placeOf } from "./page/places.ts";

const variant = { prefix: "t/", fit: "cover", withoutEnlargement: true } as const;

it.each([
  ["is not known yet", { width: 1280 }, undefined, [150, 150]],
  ["covers its box", { width: 150, height: 150 }, [400, 300], [150, 150]],
  ["is smaller than the box that it covers", { width: 150, height: 150 }, [100, 400], [100, 100]],
  ["may be enlarged", { width: 150, height: 150, withoutEnlargement: false }, [10, 10], [150, 150]],
  ["is padded", { width: 150, height: 150, fit: "contain" as const }, [10, 10], [150, 150]],
  ["stays inside", { width: 150, height: 150, fit: "inside" as const }, [400, 200], [150, 75]],
  ["has one dimension given", { width: 720 }, [1440, 1000], [720, 500]],
  ["is a single pixel", { width: 1280 }, [1, 1], [1, 1]],
] as const)("sizes the placeholder of an image that %s", (_, fields, shown, [width, height]) => {
  const size = shown && { width: shown[0], height: shown[1] };
  expect(placeOf({ ...variant, ...fields }, size)).toEqual({ width, height });
});
