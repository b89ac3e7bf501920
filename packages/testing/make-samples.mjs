// Makes the photographs of samples/ again from the originals in a Debian package.
//
//   apt-get download lomiri-wallpapers-16.04
//   dpkg -x lomiri-wallpapers-16.04_*.deb unpacked
//   node packages/testing/make-samples.mjs unpacked/usr/share/backgrounds
//
// Authors, licences and what is changed: samples/README.md.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const originals = process.argv[2];
if (!originals) throw new Error("usage: make-samples.mjs <folder of the unpacked originals>");
const samples = fileURLToPath(new URL("../../samples/", import.meta.url));

const open = (name) => sharp(join(originals, name));
const credit = (Artist, Copyright = "CC BY 4.0") => ({ IFD0: { Artist, Copyright } });
const baseline = (quality) => ({ quality, progressive: false, optimiseScans: false });

async function save(image, name) {
  const { width, height, size } = await image.toFile(join(samples, name));
  console.log(`${name}  ${width}x${height}  ${size} bytes`);
}

// A portrait stored sideways, as phones do. The camera and the GPS position (at sea) are invented.
const date = "2018:05:12 16:24:08";
const camera = credit("Aitzol Berasategi");
Object.assign(camera.IFD0, { Make: "Examplar", Model: "EX-100", DateTime: date });
camera.IFD2 = { DateTimeOriginal: date, ExposureTime: "1/250", FNumber: "56/10", ISOSpeedRatings: "200" };
const [GPSLatitude, GPSLongitude] = ["45/1 30/1 0/1", "4/1 30/1 0/1"];
camera.IFD3 = { GPSLatitudeRef: "N", GPSLatitude, GPSLongitudeRef: "W", GPSLongitude };
const friends = open("friends_by_Aitzol_Berasategi.jpg").rotate(270).withMetadata({ orientation: 6 });
await save(friends.withExif(camera).jpeg(baseline(74)), "two-spaniels-exif-rotated.jpg");

const jpegs = [
  ["Wine_by_Jakkub_Mede.jpg", "Jakub Mede", 2000, 74, "a b+\u00e9.JPG"],
  ["aitzgorri_by_Aitzol_Berasategi.jpg", "Aitzol Berasategi", 2400, 68, "autumn-meadow-baseline.jpg"],
  ["sunset_by_Aitzol_Berasategi.jpg", "Aitzol Berasategi", 3000, 72, "mountain-sunset-baseline.jpg"],
];
for (const [from, artist, width, quality, to] of jpegs)
  await save(open(from).resize(width).withExif(credit(artist)).jpeg(baseline(quality)), to);

const dandelion = "seeding_by_Clements_Engelhardt.jpg";
const large = open(dandelion).resize(4624).withExif(credit("Clemens Engelhardt", "CC0 1.0"));
await save(large.jpeg({ quality: 72, progressive: true }), "dandelion-12mp-progressive.jpg");

const brushes = open("Picture_1A_by_freespace.jpg").withIccProfile("p3");
await save(brushes.withExif(credit('Trevor "Freespace"')).jpeg(baseline(80)), "paint-brushes-display-p3.jpg");

const stream = open("life_by_Aitzol_Berasategi.jpg").resize(2000).withExif(credit("Aitzol Berasategi"));
await save(stream.webp({ quality: 58, effort: 6 }), "forest-stream.webp");
const trail = open("picosdeeuropa_by_Aitzol_Berasategi.jpg").withExif(credit("Aitzol Berasategi"));
await save(trail.resize(2400).avif({ quality: 48, effort: 6 }), "mountain-trail.avif");

// The bowl is cut out along its rim; the blur softens the edge of the mask.
const rim = `M290 432C352 331 540 117 860 115C1108 115 1269 300 1270 490
  C1270 688 1093 858 890 858C642 858 462 698 304 492Z`;
const shape = Buffer.from(`<svg width="1286" height="870"><path d="${rim}" fill="#fff"/></svg>`);
const mask = await sharp(shape).blur(2).png().toBuffer();
const bowl = open("Picture_0B_by_freespace.jpg").resize(1286, 870).ensureAlpha();
bowl.composite([{ input: mask, blend: "dest-in" }]);
const fig = sharp(await bowl.png().toBuffer())
  .extract({ left: 270, top: 95, width: 1016, height: 775 })
  .resize(640);
await save(fig.withExif(credit('Trevor "Freespace"')).png({ compressionLevel: 9 }), "fig-in-bowl-alpha.png");

const still = await open(dandelion).resize(1600, 900).png().toBuffer();
const frames = Array.from({ length: 14 }, (_, i) => {
  const zoom = (1 - Math.cos((i / 7) * Math.PI)) / 2;
  const width = Math.round(1600 - 800 * zoom);
  const area = { left: Math.round(60 * zoom), top: Math.round(20 * zoom), width, height: (width * 9) >> 4 };
  return sharp(still).extract(area).resize(256, 144).png().toBuffer();
});
const animation = sharp(await Promise.all(frames), { join: { animated: true } });
const gif = { dither: 0, interFrameMaxError: 8, delay: Array(14).fill(110), loop: 0 };
await save(animation.gif(gif), "dandelion-zoom.gif");

const text = "This is plain text named like a photo: it is here to show how such an upload is rejected.";
await writeFile(join(samples, "not-an-image.jpg"), `${text}\n`);
