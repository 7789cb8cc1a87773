// Owns: Markdown with maths as elements. It is a stranger's: only elements that a text needs stay, nothing of it is run, and
// nothing is loaded from elsewhere.
import createDOMPurify from "dompurify";
import MarkdownIt from "markdown-it";
import { useLayoutEffect, useRef } from "preact/hooks";
import { imageMime } from "../../core/output/pictures.ts";
import { cleanText, recordOf, stringOf } from "../../core/untrusted.ts";
import { addMaths } from "./markdown-maths.ts";
import { loadMaths } from "./maths.ts";

/** Longer texts are shown as they were written. */
const MOST = 300_000;
/** Formulas of one text that are drawn. */
const MOST_FORMULAS = 500;

/** Attachments of a cell: by name, then by mime type, in base64. */
export type Attachments = Readonly<Record<string, Readonly<Record<string, string>>>>;

const TAGS =
  "a abbr b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var x-maths".split(
    " ",
  );
const ATTRIBUTES = "href src alt title width height colspan rowspan align start open display".split(" ");

const markdown = addMaths(new MarkdownIt({ html: true, linkify: false, maxNesting: 40 }));
const plain = new MarkdownIt();
markdown.validateLink = (url) => url.startsWith("attachment:") || plain.validateLink(url);
const drawImage = markdown.renderer.rules.image;
markdown.renderer.rules.image = (tokens, at, options, env, self) => {
  const src = String(tokens[at]?.attrGet("src") ?? "");
  if (src.startsWith("attachment:"))
    tokens[at]?.attrSet("src", attachmentUrl(src.slice("attachment:".length), env?.["attachments"]));
  return drawImage?.(tokens, at, options, env, self) ?? "";
};

/** Empty where there is none of that name, or it is no picture. */
function attachmentUrl(written: string, attachments: unknown): string {
  const name = decodeName(written);
  const all = recordOf(attachments);
  for (const content of Object.values(recordOf(Object.hasOwn(all, name) ? all[name] : null))) {
    const base64 = stringOf(content).replaceAll(/\s+/g, "");
    const mime = imageMime(base64);
    if (mime !== null && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return `data:${mime};base64,${base64}`;
  }
  return "";
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const purifier = createDOMPurify(window);
// A picture from elsewhere would be loaded as soon as its element is made.
purifier.addHook("uponSanitizeAttribute", (_, data) => {
  if (data.attrName === "src" && !/^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i.test(data.attrValue))
    data.keepAttr = false;
  if (data.attrName === "href" && !/^(?:https?:|mailto:)/i.test(data.attrValue)) data.keepAttr = false;
});
const mathsPurifier = createDOMPurify(window);

function elementsOf(text: string, attachments: Attachments): DocumentFragment {
  const html = markdown.render(cleanText(text), { attachments });
  const fragment = purifier.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    CUSTOM_ELEMENT_HANDLING: { tagNameCheck: /^x-maths$/, attributeNameCheck: null },
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of fragment.querySelectorAll("a[href]")) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer");
  }
  for (const image of fragment.querySelectorAll("img")) {
    if (image.hasAttribute("src")) image.loading = "lazy";
    else image.replaceWith(withheldPicture(image.alt));
  }
  for (const table of fragment.querySelectorAll("table")) {
    const frame = document.createElement("div");
    frame.className = "table-frame";
    frame.tabIndex = 0;
    table.replaceWith(frame);
    frame.append(table);
  }
  return fragment;
}

function withheldPicture(alt: string): HTMLElement {
  const note = document.createElement("span");
  note.className = "withheld";
  note.textContent = `${alt === "" ? "A picture" : `The picture "${alt}"`} is not shown: it is not inside the notebook.`;
  return note;
}

async function drawFormulas(into: HTMLElement): Promise<void> {
  const formulas = [...into.querySelectorAll("x-maths")].slice(0, MOST_FORMULAS);
  const draw = formulas.length === 0 ? null : await loadMaths();
  if (draw === null) return;
  for (const formula of formulas) {
    const tex = formula.textContent ?? "";
    const drawn = mathsPurifier.sanitize(draw(tex.slice(0, 10_000), formula.hasAttribute("display")), {
      USE_PROFILES: { mathMl: true },
      FORBID_CONTENTS: ["annotation", "annotation-xml", "script", "style"],
      FORBID_ATTR: ["style", "href", "class", "id"],
      RETURN_DOM_FRAGMENT: true,
    });
    formula.replaceChildren(drawn);
    formula.setAttribute("title", tex);
  }
}

const NONE: Attachments = {};

export function Markdown({
  text,
  attachments = NONE,
}: {
  readonly text: string;
  readonly attachments?: Attachments | undefined;
}) {
  const place = useRef<HTMLDivElement>(null);
  const isLong = text.length > MOST;
  useLayoutEffect(() => {
    if (place.current === null || isLong) return;
    place.current.replaceChildren(elementsOf(text, attachments));
    void drawFormulas(place.current);
  }, [text, attachments, isLong]);
  if (isLong)
    return (
      <>
        <p class="withheld">It is shown as it was written: it is too long to be laid out.</p>
        <pre class="output-text">{cleanText(text).slice(0, MOST)}</pre>
      </>
    );
  return <div class="markdown" ref={place} />;
}
