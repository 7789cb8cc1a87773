// Owns: the script that draws maths, which is loaded once a text has some: it is larger than all the rest of the page.

/** TeX as MathML. Never throws: what is no TeX is shown as it was written. */
export type DrawMaths = (tex: string, isBlock: boolean) => string;

declare global {
  interface Window {
    /** Set by `maths-script.ts`, which is a script of its own. */
    nbevolveMaths?: DrawMaths;
  }
}

let loading: Promise<DrawMaths | null> | null = null;

/** Null where the script cannot be had: maths is then shown as it was written. */
export function loadMaths(): Promise<DrawMaths | null> {
  loading ??= new Promise((resolve) => {
    const done = (): void => resolve(window.nbevolveMaths ?? null);
    // A report has the script inside it, or does without.
    if (window.nbevolveMaths !== undefined || location.protocol === "file:") return done();
    const script = document.createElement("script");
    script.src = "maths.js";
    script.addEventListener("load", done);
    script.addEventListener("error", done);
    document.head.append(script);
  });
  return loading;
}
