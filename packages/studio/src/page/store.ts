import { useEffect, useRef, useState } from "preact/hooks";
import { type Change, MOST_DELIVERIES, MOST_SOURCES, type View } from "../view.ts";

export interface Store {
  /** Not set until the server has sent it. */
  view: View | undefined;
  connected: boolean;
  /** How often it has connected. Requests in between may have failed only because the server was down. */
  connections: number;
}

const NOT_CONNECTED: Store = { view: undefined, connected: false, connections: 0 };

/**
 * The server's state, live. The browser reconnects by itself, and then gets the whole state again.
 * @param onChange called with each change, with the view before it
 */
export function useStore(onChange: (change: Change, before: View | undefined) => void): Store {
  const [store, setStore] = useState<Store>(NOT_CONNECTED);
  const listener = useRef(onChange);
  listener.current = onChange;
  useEffect(() => {
    let latest = NOT_CONNECTED;
    let drawing = false;
    const set = (change: Partial<Store>) => {
      latest = { ...latest, ...change };
      // A burst of changes is drawn once.
      if (drawing) return;
      drawing = true;
      requestAnimationFrame(() => {
        drawing = false;
        setStore(latest);
      });
    };
    const events = new EventSource("/events");
    events.onopen = () => set({ connected: true, connections: latest.connections + 1 });
    events.onerror = () => set({ connected: false });
    events.onmessage = ({ data }: MessageEvent<string>) => {
      const change: Change = JSON.parse(data);
      const before = latest.view;
      set({ view: apply(before, change) });
      listener.current(change, before);
    };
    return () => events.close();
  }, []);
  return store;
}

function apply(view: View | undefined, change: Change): View | undefined {
  if (change.type === "view") return change.view;
  if (!view) return view;
  switch (change.type) {
    case "config":
      return { ...view, config: change.config };
    case "deadLetters":
      return { ...view, deadLetters: change.deadLetters };
    case "delivery":
      return {
        ...view,
        deliveries: replace(view.deliveries, change.delivery, "id").slice(0, MOST_DELIVERIES),
      };
    case "source": {
      const sources = replace(view.sources, change.source, "key");
      return { ...view, sources: sources.sort((a, b) => b.uploadedAt - a.uploadedAt).slice(0, MOST_SOURCES) };
    }
  }
}

/** A copy with the item in place of the old one, or at the front. */
function replace<T>(items: readonly T[], item: T, id: keyof T): T[] {
  const at = items.findIndex((other) => other[id] === item[id]);
  return at < 0 ? [item, ...items] : items.with(at, item);
}
