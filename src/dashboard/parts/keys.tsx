// Owns: the page's keys, and the list of them. A view adds its own in `views.ts`, and handles them itself.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** A key, or several, and what it does. */
export type KeyWords = readonly [keys: string, what: string];

const isListOpen = signal(false);

export function showKeys(): void {
  isListOpen.value = true;
}

/** Whether what is typed goes into a field. */
function isTyping({ target }: Event): boolean {
  return (
    target instanceof HTMLElement && target.closest("input:not([type=range]), textarea, select") !== null
  );
}

/** Calls back for each key that is pressed by itself outside of fields; `true` says that it was used. */
export function useKeys(pressed: (key: string, event: KeyboardEvent) => boolean): void {
  const latest = useRef(pressed);
  latest.current = pressed;
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const isOther = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented;
      if (isOther || isTyping(event) || isListOpen.peek()) return;
      if (latest.current(event.key, event)) event.preventDefault();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

/** Puts the cursor into the view's search field; false where it has none. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("main input[type=search]");
  field?.focus();
  field?.select();
  return field !== null;
}

export function KeyList({ keys }: { readonly keys: readonly KeyWords[] }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isListOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  if (!isOpen) return null;
  const close = (): void => {
    isListOpen.value = false;
  };
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={close}>
      <div class="head">
        <h2 id="keys-title">Keys</h2>
        <button type="button" class="plain" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <dl class="keys">
        {keys.map(([names, what]) => (
          <>
            <dt>
              {names.split(" ").map((name) => (
                <>
                  <kbd>{name}</kbd>{" "}
                </>
              ))}
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </dialog>
  );
}
