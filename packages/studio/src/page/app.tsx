import { useState } from "preact/hooks";
import { MOST_SOURCES } from "../view.ts";
import { useAnnouncements } from "./announcements.ts";
import { ConfigError } from "./config-error.tsx";
import { DeadLetters } from "./dead-letters.tsx";
import { Deliveries } from "./deliveries.tsx";
import { DropZone } from "./drop-zone.tsx";
import { SourceCard } from "./source-card.tsx";
import { useStore } from "./store.ts";
import { counted } from "./words.ts";

export function App() {
  const [spoken, announce] = useAnnouncements();
  const { view, connected, connections } = useStore(announce);
  const [followed, follow] = useState<string>();

  return (
    <>
      {view?.sources[0] && (
        <a class="skip" href="#images">
          Skip to the images
        </a>
      )}
      <header class="bar">
        <h1>
          <img src="/icon.svg" alt="" width="28" height="28" />
          Thumbsmith <span>studio</span>
        </h1>
        <a class="to-events" href="#events">
          Events
        </a>
        <p class="connection" data-connected={connected}>
          {connected ? "Live" : "Not connected: is pnpm local running?"}
        </p>
      </header>
      {view && (
        <div class="columns">
          <main>
            <ConfigError config={view.config} />
            <DropZone config={view.config} empty={view.sources.length === 0} />
            <DeadLetters letters={view.deadLetters} rules={view.config.rules} />
            {view.sources.length > 0 && (
              <section class="images" id="images" tabIndex={-1} aria-labelledby="images-heading">
                <h2 id="images-heading">
                  {view.sources.length === MOST_SOURCES && "The newest "}
                  {counted(view.sources.length, "image")}
                </h2>
                <div class="cards">
                  {view.sources.map((source) => (
                    <SourceCard
                      key={source.key}
                      source={source}
                      rules={view.config.rules}
                      connections={connections}
                      followed={followed === source.key}
                      follow={(on) => follow(on ? source.key : undefined)}
                    />
                  ))}
                </div>
              </section>
            )}
          </main>
          <Deliveries
            deliveries={view.deliveries}
            rules={view.config.rules}
            followed={followed}
            stopFollowing={() => follow(undefined)}
          />
        </div>
      )}
      <div class="unseen" role="log" aria-label="What happened">
        {spoken.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
    </>
  );
}
