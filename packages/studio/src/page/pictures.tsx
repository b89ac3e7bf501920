import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { thumbHashToRGBA } from "thumbhash";
import type { Output, Source } from "../view.ts";
import type { Size } from "./places.ts";
import { facts } from "./words.ts";

/** An image larger than this, in CSS pixels, scrolls within its frame. */
const FRAME = { width: 280, height: 480 };
/** Formats that no browser shows in an `img`. */
const NOT_SHOWN = ["tiff"];

/** The source, as the browser shows it, scaled down to fit. */
export function Original({
  source: { key, etag, bytes, image },
  onShown,
}: {
  source: Source;
  onShown: (size: Size) => void;
}) {
  const [failed, setFailed] = useState(false);
  const format = image?.format ?? (/\.tiff?$/i.test(key) ? "tiff" : undefined);
  const why =
    format && NOT_SHOWN.includes(format) ? `Browsers cannot show ${format.toUpperCase()}.` : undefined;
  return (
    <figure class="original">
      {why || failed ? (
        <p class="not-shown">{why ?? "The browser cannot decode this file."}</p>
      ) : (
        <img
          src={address("uploads", key, etag)}
          alt={`Original: ${key}`}
          loading="lazy"
          onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
            onShown({ width, height })
          }
          onError={() => setFailed(true)}
        />
      )}
      <Caption title="Original" facts={facts({ ...image, bytes })} />
    </figure>
  );
}

interface ThumbnailProps {
  output: Output;
  /** The variant's prefix. */
  prefix: string;
  hash: string | undefined;
}

/** An output at its true size. */
export function Thumbnail({ output, prefix, hash }: ThumbnailProps) {
  const [loaded, setLoaded] = useState(false);
  const { key, etag, width, height } = output;
  return (
    <figure>
      <Frame width={width} height={height} label={key}>
        {!loaded && <Blur hash={hash} />}
        <img
          class={loaded ? "" : "loading"}
          src={address("thumbnails", key, etag)}
          width={width}
          height={height}
          alt={`Thumbnail: ${key}`}
          onLoad={() => setLoaded(true)}
        />
      </Frame>
      <Caption title={prefix} facts={facts(output)} />
    </figure>
  );
}

interface Box {
  prefix: string;
  width: number;
  height: number;
}

/** Holds the space of an output that does not exist yet. */
export function Placeholder({
  variant: { prefix, width, height },
  hash,
}: {
  variant: Box;
  hash: string | undefined;
}) {
  return (
    <figure inert>
      <Frame width={width} height={height} label={prefix}>
        <div class="placeholder" style={{ width: `${width}px`, height: `${height}px` }}>
          <Blur hash={hash} />
        </div>
      </Frame>
      <Caption title={prefix} facts={facts({ width, height })} />
    </figure>
  );
}

function Frame(props: { width: number; height: number; label: string; children: ComponentChildren }) {
  const scrolls = props.width > FRAME.width || props.height > FRAME.height;
  const access = scrolls ? ({ tabIndex: 0, role: "group", "aria-label": props.label } as const) : {};
  return (
    <div class="frame" {...access}>
      {props.children}
    </div>
  );
}

function Caption({ title, facts }: { title: string; facts: string[] }) {
  return (
    <figcaption>
      <strong>{title}</strong>
      <p class="facts">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
    </figcaption>
  );
}

/** The ThumbHash of the last manifest, as the blur that a web page would show until the thumbnail has loaded. */
function Blur({ hash }: { hash: string | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!hash || !canvas.current) return;
    const { w, h, rgba } = thumbHashToRGBA(
      Uint8Array.from(atob(hash), (character) => character.charCodeAt(0)),
    );
    canvas.current.width = w;
    canvas.current.height = h;
    canvas.current.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
  }, [hash]);
  return hash ? <canvas ref={canvas} class="blur" /> : null;
}

/** With the ETag, each upload has an address of its own. */
function address(bucket: "uploads" | "thumbnails", key: string, etag: string): string {
  return `/images/${bucket}?${new URLSearchParams({ key, etag })}`;
}
