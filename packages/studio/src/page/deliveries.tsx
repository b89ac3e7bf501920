import type { Delivery, End, RuleView } from "../view.ts";
import { focusOn } from "./focus.ts";
import { clock, nameOf, standing } from "./words.ts";

interface Props {
  deliveries: Delivery[];
  rules: RuleView[];
  /** If set, only this key's deliveries are shown. */
  followed: string | undefined;
  stopFollowing: () => void;
}

/** Each message, from its event to its result. */
export function Deliveries({ deliveries, rules, followed, stopFollowing }: Props) {
  const shown = followed ? deliveries.filter(({ keys }) => keys.includes(followed)) : deliveries;
  const stop = () => {
    focusOn("events");
    stopFollowing();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which must work without a mouse
    <aside aria-labelledby="events" tabIndex={0} data-following={followed !== undefined}>
      <div class="split">
        <h2 id="events" tabIndex={-1}>
          Events
        </h2>
        {followed && (
          <button type="button" onClick={stop}>
            Stop following
          </button>
        )}
      </div>
      {followed && <p class="soft following">Following {nameOf(rules, followed)}</p>}
      {shown.length === 0 && (
        <p class="soft">
          {followed
            ? "It has had no event since you started the studio."
            : "Drop an image, and follow its event through the queue to its manifest."}
        </p>
      )}
      <ol class="deliveries">
        {shown.map((delivery) => (
          <li key={delivery.id}>
            <DeliverySteps
              delivery={delivery}
              name={delivery.keys.map((key) => nameOf(rules, key)).join(", ")}
            />
          </li>
        ))}
      </ol>
    </aside>
  );
}

function DeliverySteps({ delivery, name }: { delivery: Delivery; name: string }) {
  return (
    <>
      <div class="split">
        <h3>{name || delivery.event}</h3>
        <time dateTime={new Date(delivery.sentAt).toISOString()}>{clock(delivery.sentAt)}</time>
      </div>
      <p class="soft">{delivery.event}</p>
      <ol class="steps">
        {stepsOf(delivery).map(({ label, state }) => (
          <li key={label} data-state={state}>
            {label}
            <span class="unseen">: {state}</span>
          </li>
        ))}
      </ol>
      <p>{standing(delivery)}</p>
    </>
  );
}

type StepState = "done" | "now" | "pending" | "failed";

/** The label of the last step for each result. */
const LAST: Record<End["result"], string> = {
  made: "Manifest",
  rejected: "Manifest",
  failed: "Manifest",
  removed: "Removed",
  current: "No change",
  ignored: "No change",
};

function stepsOf({ stage, attempts, end }: Delivery): { label: string; state: StepState }[] {
  const failed = end?.result === "failed";
  const attempt = attempts > 1 ? `Attempt ${attempts}` : "Attempt";
  const last = stage === "dead" ? "Dead letters" : LAST[end?.result ?? "made"];
  const queue = stage === "waiting" ? "now" : "done";
  const tried = stage === "attempt" ? "now" : failed ? "failed" : stage === "waiting" ? "pending" : "done";
  const ended = stage === "dead" ? "failed" : stage === "answered" ? "done" : "pending";
  return [
    { label: "Event", state: "done" },
    { label: "Queue", state: queue },
    { label: attempt, state: tried },
    { label: last, state: ended },
  ];
}
