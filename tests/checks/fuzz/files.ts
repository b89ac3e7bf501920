import { coded, irot, makeAvif, nclx } from "@thumbsmith/testing/avif";
import { makeHeic } from "@thumbsmith/testing/heic";
import { laden, SECRET } from "@thumbsmith/testing/metadata";
import { sample } from "@thumbsmith/testing/pixels";
import { chunk, withChunks } from "@thumbsmith/testing/png";
import sharp, { type Sharp } from "sharp";

const exif = { IFD0: { Copyright: SECRET }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "45/1 30/1 0/1" } };

/** Small photographs of 0.5 to 10 kB, with metadata, in every kind of every format that is read. */
export async function makeFiles(): Promise<[Buffer, ...Buffer[]]> {
  const photo = await sharp(await sample("paint-brushes-display-p3.jpg"))
    .resize(48, 40)
    .png()
    .toBuffer();
  const fig = await sharp(await sample("fig-in-bowl-alpha.png"))
    .resize(48)
    .png()
    .toBuffer();
  const animation = await sharp(await sample("dandelion-zoom.gif"), { pages: 4 })
    .resize(40)
    .gif()
    .toBuffer();
  const frames = () => sharp(animation, { animated: true });
  const [open, openFig] = [photo, fig].map((bytes) => () => sharp(bytes).withExif(exif)) as [
    () => Sharp,
    () => Sharp,
  ];
  return await Promise.all([
    open().withMetadata({ orientation: 6 }).jpeg({ progressive: false }).toBuffer(),
    open().jpeg({ progressive: true }).toBuffer(),
    open().withIccProfile("p3").jpeg({ chromaSubsampling: "4:4:4" }).toBuffer(),
    open().toColourspace("cmyk").jpeg().toBuffer(),
    open().greyscale().jpeg({ progressive: true }).toBuffer(),
    open().png().toBuffer(),
    openFig().png({ progressive: true }).toBuffer(),
    openFig().png({ palette: true }).toBuffer(),
    open().toColourspace("rgb16").png().toBuffer(),
    open().webp().toBuffer(),
    openFig().webp({ quality: 60 }).toBuffer(),
    openFig().webp({ lossless: true }).toBuffer(),
    frames().webp().toBuffer(),
    Promise.resolve(animation),
    openFig().gif().toBuffer(),
    open().avif({ effort: 0 }).toBuffer(),
    openFig().avif({ effort: 0, chromaSubsampling: "4:4:4" }).toBuffer(),
    open().avif({ effort: 0, bitdepth: 10 }).toBuffer(),
    restatedAvif(openFig()),
    Promise.resolve(withChunks(photo, chunk("cICP", Uint8Array.of(12, 13, 0, 1)))),
    open().tiff({ compression: "none" }).toBuffer(),
    open().tiff({ compression: "lzw", predictor: "horizontal" }).toBuffer(),
    open().tiff({ compression: "jpeg" }).toBuffer(),
    openFig().tiff({ compression: "deflate", tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
    open().threshold().toColourspace("b-w").tiff({ compression: "ccittfax4", bitdepth: 1 }).toBuffer(),
    open().tiff({ compression: "packbits", pyramid: true, tile: true }).toBuffer(),
    laden.jpeg(),
    laden["jpeg with a thumbnail in its EXIF"](),
    laden.png(),
    laden.heic(),
    Promise.resolve(
      makeHeic({ tiles: ["deepRed"], alpha: "halves", properties: [irot(1), nclx(12, 13, 6)] }),
    ),
  ] as const);
}

/** An AVIF that needs every correction of `restateAvif`. */
async function restatedAvif(image: Sharp): Promise<Buffer> {
  const { width, height } = await image.metadata();
  const properties = [nclx(12, 13, 6), irot(1)];
  const brands = ["mif1", "avif", "miaf"];
  return makeAvif({ width, height, ...(await coded(image)), brands, properties, isPremultiplied: true });
}
