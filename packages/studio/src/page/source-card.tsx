import { ruleAround } from "@thumbsmith/shared/names";
import { useId, useState } from "preact/hooks";
import type { RuleView, Source } from "../view.ts";
import { focusOn } from "./focus.ts";
import { Original, Placeholder, Thumbnail } from "./pictures.tsx";
import { placeOf, type Size } from "./places.ts";
import { post } from "./requests.ts";
import { Why } from "./why.tsx";
import { nameOf, STATUS } from "./words.ts";

interface Props {
  source: Source;
  rules: RuleView[];
  connections: number;
  followed: boolean;
  follow: (on: boolean) => void;
}

/** Thumbnails that are wider than this get the page's whole width. */
const WIDE = 320;

/** One image: the original, its outputs, and its buttons. */
export function SourceCard({ source, rules, connections, followed, follow }: Props) {
  const id = useId();
  const name = nameOf(rules, source.key);
  const { status, outputs, image } = source;
  const [shown, setShown] = useState<Size>();
  const phases = status === "made" ? source.phases : undefined;
  const variants = status === "waiting" ? (ruleAround({ rules }, source.key)?.variants ?? []) : [];
  const places = variants.map((variant) => ({ ...variant, ...placeOf(variant, image ?? shown) }));
  const wide = [...places, ...outputs].some(({ width }) => width > WIDE);
  return (
    <article class="card" data-status={status} data-wide={wide || undefined} aria-labelledby={id}>
      <header>
        <h3 id={id} tabIndex={-1} title={source.key}>
          {name}
        </h3>
        <span class="status">
          {STATUS[status]}
          {phases && ` in ${total(phases)} ms`}
        </span>
      </header>
      {status === "deleted" ? (
        <p class="why">Deleted, together with its thumbnails.</p>
      ) : (
        <Pictures
          source={source}
          rules={rules}
          places={places}
          connections={connections}
          setShown={setShown}
        />
      )}
      {status === "made" &&
        source.notes?.map((note) => (
          <p key={note} class="why">
            {note}
          </p>
        ))}
      {phases && <Phases phases={phases} />}
      <Actions source={source} name={name} heading={id} followed={followed} follow={follow} />
    </article>
  );
}

interface PicturesProps extends Pick<Props, "source" | "rules" | "connections"> {
  /** The sizes of the thumbnails that do not exist yet. */
  places: (Size & { prefix: string })[];
  /** Called with the size of the original, as the browser shows it. */
  setShown: (size: Size) => void;
}

/** The original, next to its thumbnails, their placeholders, or the reason why there are none. */
function Pictures({ source, rules, places, connections, setShown }: PicturesProps) {
  const { etag, status, outputs, reason, thumbHash } = source;
  return (
    <div class="pictures">
      <Original key={`${etag} ${connections}`} source={source} onShown={setShown} />
      {places.map((place) => (
        <Placeholder key={place.prefix} hash={thumbHash} variant={place} />
      ))}
      {status === "made" &&
        outputs.map((output) => (
          <Thumbnail
            key={`${output.key} ${output.etag} ${connections}`}
            output={output}
            prefix={prefixOf(output.key, rules)}
            hash={thumbHash}
          />
        ))}
      {reason && (status === "rejected" || status === "failed") && (
        <div class="why">
          <Why reason={reason} />
        </div>
      )}
    </div>
  );
}

/** The prefix of an output's variant. */
function prefixOf(key: string, rules: readonly RuleView[]): string {
  const variants = rules.flatMap((rule) => rule.variants);
  return variants.find(({ prefix }) => key.startsWith(prefix))?.prefix ?? key;
}

function total(phases: Record<string, number>): number {
  return Math.round(Object.values(phases).reduce((sum, milliseconds) => sum + milliseconds, 0));
}

/** Milliseconds of each phase, as a bar and in figures. */
function Phases({ phases }: { phases: Record<string, number> }) {
  const entries = Object.entries(phases).filter(([, milliseconds]) => milliseconds > 0);
  return (
    <div class="phases">
      <div class="track" aria-hidden="true">
        {entries.map(([phase, milliseconds]) => (
          <span key={phase} data-phase={phase} style={{ flexGrow: milliseconds }} />
        ))}
      </div>
      <p>
        {entries.map(([phase, milliseconds]) => (
          <span key={phase} data-phase={phase}>
            {phase} {Math.round(milliseconds)}
          </span>
        ))}
      </p>
    </div>
  );
}

/** Seconds by which a late event is delayed. */
const LATE = 5;

interface ActionsProps extends Omit<Props, "rules" | "connections"> {
  name: string;
  /** The id of the card's heading. */
  heading: string;
}

function Actions({ source: { key, status }, name, heading, followed, follow }: ActionsProps) {
  const [error, setError] = useState<string>();
  const run = (request: Promise<unknown>) => {
    follow(true);
    request.then(
      () => setError(undefined),
      (e: Error) => setError(e.message),
    );
  };
  const deliver = (copies: number, delaySeconds: number) =>
    run(post("/deliveries", { key, copies, delaySeconds }));
  const remove = () => {
    focusOn(heading);
    run(post("/deletions", { key }));
  };
  return (
    <footer>
      <Action label="Follow" name={name} pressed={followed} act={() => follow(!followed)} />
      {status === "deleted" ? (
        <Action label="Deliver its upload event now" name={name} act={() => deliver(1, 0)} />
      ) : (
        <>
          <Action label="Deliver twice" name={name} act={() => deliver(2, 0)} />
          <Action label="Deliver late" name={name} act={() => deliver(1, LATE)} />
          <Action label="Delete" name={name} danger act={remove} />
        </>
      )}
      {error && <p role="alert">{error}</p>}
    </footer>
  );
}

interface ActionProps {
  label: string;
  name: string;
  pressed?: boolean;
  danger?: boolean;
  act: () => void;
}

/** A button of a card. Its label names the image, because a screen reader may read it out of context. */
function Action({ label, name, pressed, danger, act }: ActionProps) {
  return (
    <button
      type="button"
      class={danger ? "danger" : ""}
      aria-label={`${label}: ${name}`}
      aria-pressed={pressed}
      onClick={act}
    >
      {label}
    </button>
  );
}
