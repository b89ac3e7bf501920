import { useRef, useState } from "preact/hooks";
import type { Change, View } from "../view.ts";
import { counted, ending, nameOf } from "./words.ts";

interface Announcement {
  id: number;
  text: string;
}

/** Announcements within this many milliseconds are read together; more images than this are only counted. */
const TOGETHER = 500;
const MOST_AT_ONCE = 4;
/** Announcements that stay, to be read again. */
const KEPT = 8;

/** What a screen reader announces: the result of each image, and whether the configuration was reloaded. */
export function useAnnouncements(): [Announcement[], (change: Change, before: View | undefined) => void] {
  const [spoken, setSpoken] = useState<Announcement[]>([]);
  const waiting = useRef<{ text: string; ofImage: boolean }[]>([]);
  const count = useRef(0);
  const flush = () => {
    const others = waiting.current.filter(({ ofImage }) => !ofImage);
    const ended = waiting.current.filter(({ ofImage }) => ofImage);
    const said =
      ended.length > MOST_AT_ONCE
        ? [...others.map(({ text }) => text), `${counted(ended.length, "image")} are done`]
        : waiting.current.map(({ text }) => text);
    waiting.current = [];
    const news = said.map((text) => ({ id: count.current++, text }));
    setSpoken((before) => [...before, ...news].slice(-KEPT));
  };
  const announce = (change: Change, before: View | undefined) => {
    const text = sentence(change, before);
    if (!text) return;
    if (waiting.current.length === 0) setTimeout(flush, TOGETHER);
    waiting.current.push({ text, ofImage: change.type === "source" });
  };
  return [spoken, announce];
}

function sentence(change: Change, before: View | undefined): string | undefined {
  if (!before) return undefined;
  const { file } = before.config;
  if (change.type === "view") return `${file} was reloaded: checking every image`;
  if (change.type === "config") return change.config.error && `${file} has a mistake and is not in use`;
  if (change.type === "deadLetters") {
    const { length } = change.deadLetters;
    return length === before.deadLetters.length ? undefined : counted(length, "dead letter");
  }
  if (change.type !== "source") return undefined;
  const known = before.sources.find(({ key }) => key === change.source.key);
  // A duplicate event changes nothing, so it is not announced.
  if (known?.status === change.source.status) return undefined;
  return ending(nameOf(before.config.rules, change.source.key), change.source);
}
