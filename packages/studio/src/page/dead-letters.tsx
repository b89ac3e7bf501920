import { useState } from "preact/hooks";
import type { DeadLetter, RuleView } from "../view.ts";
import { focusOn } from "./focus.ts";
import { post } from "./requests.ts";
import { Why } from "./why.tsx";
import { counted, nameOf } from "./words.ts";

/** What failed for good, why, and a button to retry it. */
export function DeadLetters({ letters, rules }: { letters: DeadLetter[]; rules: RuleView[] }) {
  const [error, setError] = useState<string>();
  if (letters.length === 0) return null;
  const redrive = () =>
    post("/redrives", {}).then(
      () => focusOn("drop-heading"),
      (e: Error) => setError(e.message),
    );
  return (
    <section class="alert" aria-labelledby="dead-letters">
      <div class="split">
        <h2 id="dead-letters">{counted(letters.length, "dead letter")}</h2>
        <button type="button" class="primary" onClick={redrive}>
          Redrive
        </button>
      </div>
      <p>These messages failed too often. Fix the cause, then redrive them: they go back into the queue.</p>
      {error && <p role="alert">{error}</p>}
      <ul class="letters">
        {letters.map(({ id, keys, event, attempts, reason }) => (
          <li key={id}>
            <h3>{keys.map((key) => nameOf(rules, key)).join(", ") || event}</h3>
            <Why reason={reason} />
            <p class="soft">Tried {counted(attempts, "time")}.</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
