import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ConfigView, RuleView } from "../view.ts";
import { chosenFiles, droppedFiles, type GivenFile, pastedFiles } from "./files.ts";
import { focusOn } from "./focus.ts";
import { type Uploads, useUploads } from "./uploads.ts";

interface Props {
  config: ConfigView;
  /** Whether there are no sources yet. */
  empty: boolean;
}

/** Uploads images that are dropped anywhere on the page, pasted, or chosen. */
export function DropZone({ config, empty }: Props) {
  const uploads = useUploads();
  const [chosen, choose] = useState<string>();
  const rule = config.rules.find(({ prefix }) => prefix === chosen) ?? config.rules[0];
  const give = (files: GivenFile[]) => rule && files.length > 0 && uploads.begin(files, rule);
  const dragging = useFilesOfPage(give);
  if (!rule) return null;

  return (
    <section class="drop-zone" data-empty={empty} data-dragging={dragging} aria-labelledby="drop-heading">
      <div>
        <h2 id="drop-heading" tabIndex={-1}>
          {dragging ? "Drop to upload" : "Drop images or a folder here"}
        </h2>
        <p class="soft">
          Or paste or choose them. Each goes to the local S3 by a presigned request, as it would go from a
          browser to AWS. Nothing leaves this machine.
        </p>
      </div>
      <div class="choices">
        <FileButton label="Choose images" primary accept={rule.suffixes.join()} give={give} />
        <FileButton label="Choose a folder" folder give={give} />
        {config.rules.length > 1 && <RuleChoice rules={config.rules} prefix={rule.prefix} choose={choose} />}
      </div>
      <RuleSummary file={config.file} rule={rule} />
      <UploadProgress uploads={uploads} />
    </section>
  );
}

/** Files that are dropped on the page, or pasted into it. */
function useFilesOfPage(give: (files: GivenFile[]) => void): boolean {
  const [dragging, setDragging] = useState(false);
  const latest = useRef(give);
  latest.current = give;
  useEffect(() => {
    const listening = new AbortController();
    const on = <Name extends keyof DocumentEventMap>(
      name: Name,
      listener: (event: DocumentEventMap[Name]) => void,
    ) => document.addEventListener(name, listener, { signal: listening.signal });
    on("dragover", (event) => {
      event.preventDefault();
      setDragging(true);
    });
    on("dragleave", (event) => {
      // It fires for every element that is left. Only when the page itself is left is there no related target.
      if (!event.relatedTarget) setDragging(false);
    });
    on("drop", (event) => {
      event.preventDefault();
      setDragging(false);
      if (event.dataTransfer) void droppedFiles(event.dataTransfer).then((files) => latest.current(files));
    });
    on("paste", (event) => {
      if (event.clipboardData) latest.current(pastedFiles(event.clipboardData));
    });
    return () => listening.abort();
  }, []);
  return dragging;
}

interface FileButtonProps {
  label: string;
  primary?: boolean;
  accept?: string;
  folder?: boolean;
  give: (files: GivenFile[]) => void;
}

function FileButton({ label, primary, accept, folder = false, give }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const ask = () => {
    if (!input.current) return;
    input.current.webkitdirectory = folder;
    input.current.click();
  };
  const take = () => {
    const { current } = input;
    if (current?.files) give(chosenFiles(current.files));
    // Lets the same file be chosen again.
    if (current) current.value = "";
  };
  return (
    <>
      <button type="button" class={primary ? "primary" : ""} onClick={ask}>
        {label}
      </button>
      <input ref={input} type="file" hidden multiple accept={accept} aria-label={label} onChange={take} />
    </>
  );
}

function RuleChoice(props: { rules: RuleView[]; prefix: string; choose: (prefix: string) => void }) {
  const id = useId();
  return (
    <label for={id}>
      Upload to{" "}
      <select
        id={id}
        value={props.prefix}
        onChange={({ currentTarget }) => props.choose(currentTarget.value)}
      >
        {props.rules.map(({ prefix }) => (
          <option key={prefix}>{prefix}</option>
        ))}
      </select>
    </label>
  );
}

function RuleSummary({ file, rule }: { file: string; rule: RuleView }) {
  const variants = rule.variants.map(({ prefix, width, height }) =>
    width && height
      ? `${prefix} ${width} × ${height}`
      : `${prefix} ${width ? `${width} wide` : `${height} high`}`,
  );
  return (
    <p class="rule">
      <code>{rule.prefix}</code> → <code>{variants.join(", ")}</code>
      <br />
      Edit and save <code>{file}</code>: thumbnails that change are made again.
    </p>
  );
}

function UploadProgress({ uploads: { total, done, errors, dismissErrors } }: { uploads: Uploads }) {
  const dismiss = () => {
    focusOn("drop-heading");
    dismissErrors();
  };
  return (
    <>
      {done < total && (
        <p class="progress">
          <progress value={done} max={total} aria-label="Uploading" /> Uploading: {done} of {total}
        </p>
      )}
      <div class="upload-errors" role="alert">
        {errors.length > 0 && (
          <>
            <ul>
              {errors.map((error) => (
                <li key={error}>{error}</li>
              ))}
            </ul>
            <button type="button" onClick={dismiss}>
              Dismiss
            </button>
          </>
        )}
      </div>
    </>
  );
}
