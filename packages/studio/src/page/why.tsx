import type { Reason } from "../view.ts";

/** What went wrong, and what you can do about it. */
export function Why({ reason: { code, message, meaning, action } }: { reason: Reason }) {
  return (
    <>
      <p>
        <strong>
          <Words text={meaning} />
        </strong>
      </p>
      <p>{message}</p>
      <p>
        What to do: <Words text={action.charAt(0).toLowerCase() + action.slice(1)} />
      </p>
      <p class="soft">
        <code>{code}</code>
      </p>
    </>
  );
}

/** Text with code in backticks. */
function Words({ text }: { text: string }) {
  return <>{text.split("`").map((part, i) => (i % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}
